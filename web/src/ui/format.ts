// How moments, durations and numbers are written. Pure but for the reader's locale and zone.

/** A moment in the reader's zone. What is no moment is shown as it came. */
export function formatMoment(moment: string, locale?: string, timeZone?: string): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) {
    return moment;
  }
  return new Intl.DateTimeFormat(locale, {
    year: "numeric",
    month: "short",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    ...(timeZone ? { timeZone } : {}),
  }).format(date);
}

/** The same moment in UTC, `2026-05-04 08:00:00 UTC`. */
export function formatUtc(moment: string): string {
  const date = new Date(moment);
  if (Number.isNaN(date.getTime())) {
    return moment;
  }
  return `${date.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

/** From one moment to another: `840 ms`, `12.4 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(from: string, to: string): string {
  const milliseconds = new Date(to).getTime() - new Date(from).getTime();
  if (Number.isNaN(milliseconds) || milliseconds < 0) {
    return "";
  }
  if (milliseconds < 1000) {
    return `${milliseconds} ms`;
  }
  const seconds = milliseconds / 1000;
  if (seconds < 60) {
    return `${(Math.floor(seconds * 10) / 10).toFixed(1)} s`;
  }
  const whole = Math.floor(seconds);
  if (whole < 3600) {
    return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  }
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}

/** How often something happens: `every minute`, `every 15 minutes`, `every 90 seconds`. */
export function formatEvery(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  for (const [length, unit] of units) {
    if (seconds >= length && seconds % length === 0) {
      const count = seconds / length;
      return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`;
    }
  }
  return `every ${seconds} seconds`;
}

/** Whole numbers with the reader's separators. */
export function formatCount(count: number, locale?: string): string {
  return new Intl.NumberFormat(locale, { maximumFractionDigits: 0 }).format(count);
}

/** `done` of `expected` between 0 and 1; undefined when there is nothing to measure by. */
export function progressOf(done: number | undefined, expected: number | undefined): number | undefined {
  if (done === undefined || expected === undefined || expected <= 0) {
    return undefined;
  }
  return Math.min(1, Math.max(0, done / expected));
}
