// Plays the interface in the browser, and watches what must never happen in one.

import { AxeBuilder } from "@axe-core/playwright";
import { expect, test as base, type Page, type Route } from "@playwright/test";

import type { components } from "../src/api/schema";
import * as data from "./fixtures";

type Session = components["schemas"]["Session"];
export type State = "data" | "empty" | "error" | "loading";

interface Answers {
  session?: Session | null;
  state?: State;
  /** Answers that differ, by path under `/api/v1/`. */
  other?: Record<string, (route: Route) => Promise<void> | void>;
  /** The stream of events. */
  events?: string;
}

const page = (items: unknown[]) => ({ items, next: null });
const lists = new Map<string, unknown[]>([
  ["people", data.PEOPLE],
  ["connectors/adma/objects", data.CS_OBJECTS],
  ["pending-exports", data.PENDING_EXPORTS],
  ["runs", data.RUNS],
  ["runs/1208/errors", data.RUN_ERRORS],
  ["runs/1210/errors", []],
  ["metaverse/objects", data.MV_OBJECTS],
]);
// The interface gives these whole.
const wholes = new Map<string, unknown[]>([
  ["connectors", data.CONNECTORS],
  ["sequences", data.SEQUENCES],
  ["rules", data.RULES],
]);
const objects = new Map<string, unknown>([
  ["me", data.ME],
  [`people/${data.PERSON.id}`, data.PERSON],
  ["connectors/adma", data.CONNECTORS[0]],
  ["connectors/adma/objects/2:17", data.CS_OBJECT],
  ["runs/1208", data.RUN],
  ["runs/1210", data.RUNS[0]],
  ["metaverse", data.METAVERSE],
  [`metaverse/objects/${data.MV_OBJECT.id}`, data.MV_OBJECT],
  ["rules/IN - B2B Guest", data.RULES[0]],
]);

/** Answers every request of the page for the interface. */
export async function play(browser: Page, answers: Answers = {}): Promise<void> {
  const { session = data.ADMINISTRATOR, state = "data", other = {} } = answers;
  const { events = stream(state === "data" ? data.RUN_EVENTS : []) } = answers;
  await browser.route("**/api/v1/**", async (route) => {
    const path = decodeURIComponent(new URL(route.request().url()).pathname.replace("/api/v1/", ""));
    const special = other[`${route.request().method()} ${path}`] ?? other[path];
    if (special) {
      return special(route);
    }
    if (path === "session") {
      return session ? route.fulfill({ json: session }) : refuse(route, 401, "nobody is signed in");
    }
    if (path === "events") {
      return route.fulfill({ contentType: "text/event-stream", body: events });
    }
    if (state === "error") {
      return route.fulfill({ status: 500, contentType: "application/problem+json", json: data.PROBLEM });
    }
    if (state === "loading") {
      // Never answered; the browser gives it up when the test ends.
      return undefined;
    }
    return answer(route, path, state === "empty");
  });
}

function answer(route: Route, path: string, isEmpty: boolean) {
  const list = lists.get(path);
  if (list) {
    return route.fulfill({ json: page(isEmpty ? [] : list) });
  }
  const whole = wholes.get(path);
  if (whole) {
    return route.fulfill({ json: isEmpty ? [] : whole });
  }
  const object = objects.get(path);
  return object ? route.fulfill({ json: object }) : refuse(route, 404, `there is no ${path}`);
}

export function refuse(route: Route, status: number, detail: string) {
  const problem = { ...data.PROBLEM, title: "Refused", status, detail, code: "API-0101", help: undefined };
  return route.fulfill({ status, contentType: "application/problem+json", json: problem });
}

/** Events as a server sends them; the browser does not come back within a test. */
export function stream(events: components["schemas"]["RunEvent"][], name = "run-progress"): string {
  const lines = events.map((event) => `event: ${name}\ndata: ${JSON.stringify(event)}\n\n`);
  return `retry: 600000\n\n${lines.join("")}`;
}

/** WCAG 2.2, levels A and AA. */
export async function expectAccessible(browser: Page): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await new AxeBuilder({ page: browser })
    .withTags(tags)
    // Stops of the focus that Fluent puts around menus and dialogs; they hand it on at once.
    .exclude("[data-tabster-dummy]")
    // Menus and tooltips are drawn at the end of the page, outside of every landmark.
    .disableRules("region")
    .analyze();
  const found = violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.html.slice(0, 160)} ${node.any.map((check) => check.message).join("; ").slice(0, 240)}`),
  );
  expect(found).toEqual([]);
}

/** Nothing may be refused by the content security policy, and nothing may be thrown. */
export const test = base.extend<{ watch: undefined }>({
  watch: [
    async ({ page: browser }, use) => {
      const bad: string[] = [];
      browser.on("console", (message) => {
        // A page that breaks is tested, too.
        const isExpected = message.text().startsWith("React Router caught");
        if (!isExpected && /content security policy|refused to|react|deprecated/i.test(message.text())) {
          bad.push(message.text());
        }
      });
      browser.on("pageerror", (error) => bad.push(error.message));
      browser.on("dialog", (dialog) => {
        bad.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await use(undefined);
      expect(bad).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
