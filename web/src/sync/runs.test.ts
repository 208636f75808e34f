import { describe, expect, it } from "vitest";

import { decodeRunEvent, groupCounters, profileOf, summarize, toneOf, withRun, type Run } from "./runs";

function run(id: string, part: Partial<Run> = {}): Run {
  return {
    id,
    connector: "adma",
    profile: "export",
    step: { number: 1, stepType: "export" },
    started: "2026-05-04T08:00:00Z",
    counters: {},
    state: "ended",
    ...part,
  };
}

it("a step of a connector's own profile is named", () => {
  expect(profileOf(run("1"))).toBe("export");
  expect(profileOf(run("1", { profile: "nightly", step: { number: 2, stepType: "export" } }))).toBe("nightly 2 export");
});

it("a result that nobody knows is not taken for a good one", () => {
  expect(toneOf(run("1", { result: "success" }))).toBe("success");
  expect(toneOf(run("1", { result: "completed-sync-errors" }))).toBe("warning");
  expect(toneOf(run("1", { result: "stopped-connectivity" }))).toBe("danger");
  expect(toneOf(run("1", { result: "no-start-credentials" }))).toBe("danger");
  expect(toneOf(run("1", { result: "something-new" }))).toBe("informative");
  expect(toneOf(run("1"))).toBe("informative");
  expect(toneOf(run("1", { state: "running" }))).toBe("brand");
});

describe("counters", () => {
  it("are grouped in the order of the pipeline, without zeros", () => {
    const groups = groupCounters({
      "export-attribute-flow": 2,
      "export-add": 1,
      "provisioned-add-flow@adma": 2,
      "connector-flow": 3,
      "stage-add": 4,
      "stage-delete": 0,
    });
    expect(groups).toEqual([
      { group: "import", counters: [["stage-add", 4]] },
      { group: "inbound", counters: [["connector-flow", 3]] },
      { group: "outbound", counters: [["provisioned-add-flow@adma", 2]] },
      { group: "export", counters: [["export-add", 1]] },
      { group: "sums", counters: [["export-attribute-flow", 2]] },
    ]);
    expect(groupCounters({})).toEqual([]);
  });

  it("tell failures and deletions first in a summary", () => {
    expect(summarize({ "stage-add": 9, "stage-update": 8, "stage-rename": 7, "stage-delete": 1 })).toEqual([
      ["stage-delete", 1],
      ["stage-add", 9],
      ["stage-update", 8],
    ]);
  });
});

describe("a run that is heard of", () => {
  const list = { pages: [{ items: [run("2"), run("1")], next: null }], pageParams: [""] };

  it("takes its place in the list", () => {
    const after = withRun(list, run("1", { result: "success" }), "");
    expect(after.pages[0]?.items.map((item) => [item.id, item.result])).toEqual([["2", undefined], ["1", "success"]]);
  });

  it("comes first when it is new, and only where it belongs", () => {
    expect(withRun(list, run("3"), "").pages[0]?.items.map((item) => item.id)).toEqual(["3", "2", "1"]);
    expect(withRun(list, run("3"), "b2b-graph").pages[0]?.items.map((item) => item.id)).toEqual(["2", "1"]);
  });

  it("is ignored when it is no run", () => {
    for (const data of ["", "{", "null", "5", "{}", '{"run":5}', '{"run":{"id":"1"}}']) {
      expect(decodeRunEvent(data)).toBeUndefined();
    }
    expect(decodeRunEvent(JSON.stringify({ run: run("1"), done: 5 }))?.done).toBe(5);
  });
});
