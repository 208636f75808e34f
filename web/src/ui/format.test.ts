import { describe, expect, it } from "vitest";

import { formatCount, formatDuration, formatEvery, formatMoment, formatUtc, progressOf } from "./format";

describe("moments", () => {
  it("are written in the reader's zone, and in UTC beside it", () => {
    expect(formatMoment("2026-05-04T22:30:00Z", "en-GB", "Europe/Berlin")).toBe("5 May 2026, 00:30:00");
    expect(formatUtc("2026-05-04T22:30:00.123Z")).toBe("2026-05-04 22:30:00 UTC");
  });

  it("that are none are shown as they came", () => {
    expect(formatMoment("yesterday")).toBe("yesterday");
    expect(formatUtc("")).toBe("");
  });
});

describe("durations", () => {
  const after = (milliseconds: number) =>
    formatDuration("2026-05-04T08:00:00Z", new Date(Date.UTC(2026, 4, 4, 8) + milliseconds).toISOString());

  it("use the units that fit", () => {
    expect(after(0)).toBe("0 ms");
    expect(after(840)).toBe("840 ms");
    expect(after(59_990)).toBe("59.9 s");
    expect(after(185_000)).toBe("3 min 5 s");
    expect(after(7_800_000)).toBe("2 h 10 min");
  });

  it("that run backwards are not shown", () => {
    expect(after(-1)).toBe("");
    expect(formatDuration("x", "y")).toBe("");
  });
});

it("schedules are said in the largest unit that divides them", () => {
  expect(formatEvery(60)).toBe("every minute");
  expect(formatEvery(900)).toBe("every 15 minutes");
  expect(formatEvery(90)).toBe("every 90 seconds");
  expect(formatEvery(86_400)).toBe("every day");
  expect(formatEvery(0)).toBe("every 0 seconds");
});

it("counts have the reader's separators", () => {
  expect(formatCount(1_234_567, "en-GB")).toBe("1,234,567");
});

it("progress never leaves the bar", () => {
  expect(progressOf(5, 10)).toBe(0.5);
  expect(progressOf(15, 10)).toBe(1);
  expect(progressOf(1, 0)).toBeUndefined();
  expect(progressOf(undefined, 10)).toBeUndefined();
});
