// What runs say about themselves. Pure.

import { present, type Schemas } from "../api/client";
import type { Page } from "../api/queries";

export type Run = Schemas["Run"];
export type RunEvent = Schemas["RunEvent"];

export type Tone = "success" | "warning" | "danger" | "brand" | "informative";

/** The run profile, and where that is one of the connector's own the step of it. */
export function profileOf(run: Run): string {
  const { number, stepType } = run.step;
  return stepType === run.profile ? run.profile : `${run.profile} ${number} ${stepType}`;
}

/** How good a run is. Unknown results are shown neutrally, not as good ones. */
export function toneOf(run: Run): Tone {
  if (run.state === "running") {
    return "brand";
  }
  if (run.state === "interrupted") {
    return "warning";
  }
  const result = run.result ?? "";
  if (result === "success" || result === "completed-no-objects") {
    return "success";
  }
  if (result.startsWith("completed-")) {
    return "warning";
  }
  return result.startsWith("no-start-") || result.startsWith("stopped-") ? "danger" : "informative";
}

export type CounterGroup = "import" | "inbound" | "outbound" | "export" | "sums";

const SUMS: ReadonlySet<string> = new Set([
  "projections",
  "joins",
  "filtered-disconnectors",
  "disconnectors",
  "connectors-with-flow-updates",
  "connectors-without-flow-updates",
  "filtered-connectors",
  "deleted-connectors",
  "metaverse-object-deletes",
  "provisioning-adds",
  "provisioning-renames",
  "provisioning-disconnects",
  "export-attribute-flow",
]);

const GROUPS: readonly CounterGroup[] = ["import", "inbound", "outbound", "export", "sums"];

/** The counters that are not zero, in the order of the pipeline. */
export function groupCounters(counters: Run["counters"]): { group: CounterGroup; counters: [string, number][] }[] {
  const entries = Object.entries(counters).filter(([, count]) => count > 0);
  return GROUPS.map((group) => ({ group, counters: entries.filter(([name]) => groupOf(name) === group) })).filter(
    (part) => part.counters.length > 0,
  );
}

function groupOf(name: string): CounterGroup {
  if (SUMS.has(name)) {
    return "sums";
  }
  if (name.startsWith("stage-") || name === "filtered-deletions") {
    return "import";
  }
  if (name.startsWith("provisioned-") || name.startsWith("outbound-")) {
    return "outbound";
  }
  return name.startsWith("export-") ? "export" : "inbound";
}

// The counters that tell what a run changed, most telling first.
const TELLING: readonly string[] = [
  "stage-failure",
  "flow-failure",
  "export-failure",
  "stage-delete",
  "export-delete",
  "metaverse-object-deletes",
  "stage-add",
  "stage-update",
  "stage-rename",
  "projections",
  "joins",
  "provisioning-adds",
  "connectors-with-flow-updates",
  "export-add",
  "export-update",
  "export-rename",
];
const TELLING_MAX = 3;

/** A run in a few counters, for lists. */
export function summarize(counters: Run["counters"]): [string, number][] {
  return TELLING.map((name): [string, number] => [name, counters[name] ?? 0])
    .filter(([, count]) => count > 0)
    .slice(0, TELLING_MAX);
}

interface RunList {
  pages: Page<Run>[];
  pageParams: unknown[];
}

/** The list with a run as it is now: in its place, or first if it is new and belongs there. */
export function withRun<T extends RunList>(list: T, run: Run, connector: string): T {
  let isKnown = false;
  const pages = list.pages.map((page) => ({
    ...page,
    items: page.items.map((known) => {
      if (known.id !== run.id) {
        return known;
      }
      isKnown = true;
      return run;
    }),
  }));
  const first = pages[0];
  if (!isKnown && first !== undefined && (connector === "" || connector === run.connector)) {
    pages[0] = { ...first, items: [run, ...first.items] };
  }
  return { ...list, pages };
}

/** The data of a server-sent event; undefined for what is none. */
export function decodeRunEvent(data: string): RunEvent | undefined {
  try {
    const event: unknown = JSON.parse(data);
    if (typeof event !== "object" || event === null || !("run" in event)) {
      return undefined;
    }
    const { run } = event;
    const isRun = typeof run === "object" && run !== null && "id" in run && "state" in run && "counters" in run;
    return isRun ? present(event as RunEvent) : undefined;
  } catch {
    return undefined;
  }
}
