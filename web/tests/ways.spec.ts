// What people do: signing in and out, the keyboard, starting runs, searching, the colours.

import { ADMINISTRATOR, AUDITOR, EMPLOYEE, GUEST, RUNS } from "./fixtures";
import { expect, expectAccessible, play, refuse, stream, test } from "./mock";

test("whoever is not signed in signs in, and is where they wanted to be", async ({ page }) => {
  let isSignedIn = false;
  await play(page, {
    other: {
      "GET session": (route) => (isSignedIn ? route.fulfill({ json: ADMINISTRATOR }) : refuse(route, 401, "nobody is signed in")),
      "POST session": (route) => {
        const { account, password } = route.request().postDataJSON();
        if (account !== "administrator" || password !== "right") {
          return refuse(route, 401, "the account or the password is wrong");
        }
        isSignedIn = true;
        return route.fulfill({ status: 201, json: ADMINISTRATOR });
      },
    },
  });
  await page.goto("/sync/rules?x=1");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await expectAccessible(page);
  await page.screenshot({ path: "screenshots/sign-in-light-wide.png" });

  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByText("Enter the account and the password.")).toBeVisible();

  await page.getByLabel("Account").fill("administrator");
  await page.getByLabel("Password").fill("wrong");
  await page.keyboard.press("Enter");
  await expect(page.getByText("The account or the password is not right.")).toBeVisible();
  await expect(page.getByLabel("Password")).toHaveValue("");
  await expect(page.getByLabel("Account")).toBeFocused();
  await expectAccessible(page);

  await page.getByLabel("Password").fill("right");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Rules");
  expect(new URL(page.url()).pathname).toBe("/sync/rules");
});

test("signing in looks the same on a phone, in the dark", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 360, height: 740 });
  await play(page, { session: null });
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  await page.screenshot({ path: "screenshots/sign-in-dark-narrow.png" });
  await expectAccessible(page);
});

test("a refused sign-in with too many attempts says what helps", async ({ page }) => {
  await play(page, { session: null, other: { "POST session": (route) => refuse(route, 429, "there were too many failed sign-ins for this account") } });
  await page.goto("/");
  await page.getByLabel("Account").fill("administrator");
  await page.getByLabel("Password").fill("x");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).toContainText("too many failed sign-ins");
});

test("a browser with a ticket signs in by one button", async ({ page }) => {
  await play(page, {
    other: {
      session: (route) =>
        new URL(route.request().url()).searchParams.get("negotiate") === "true"
          ? route.fulfill({ json: EMPLOYEE })
          : refuse(route, 401, "nobody is signed in"),
    },
  });
  await page.goto("/");
  await page.getByRole("button", { name: "Continue with your Windows sign-in" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome, Mia Member");
});

test("a browser without a ticket is told so", async ({ page }) => {
  await play(page, { session: null });
  await page.goto("/");
  await page.getByRole("button", { name: "Continue with your Windows sign-in" }).click();
  await expect(page.getByText("Your browser did not offer a Windows sign-in")).toBeVisible();
});

test("a session that ended leads to the sign-in page, at the same address", async ({ page }) => {
  await play(page, { other: { rules: (route) => refuse(route, 401, "nobody is signed in") } });
  await page.goto("/sync/rules");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  expect(new URL(page.url()).pathname).toBe("/sync/rules");
});

test("a session that ended is noticed by what one starts, too", async ({ page }) => {
  await play(page, { other: { "POST runs": (route) => refuse(route, 401, "nobody is signed in") } });
  await page.goto("/sync/operations");
  await page.getByRole("button", { name: "Start a run" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
});

test("a service that does not answer is not taken for a missing session", async ({ page }) => {
  await play(page, { other: { session: (route) => refuse(route, 500, "the store failed") } });
  await page.goto("/");
  await expect(page.getByRole("alert")).toContainText("The store failed.");
});

test("signing out ends the session", async ({ page }) => {
  let ended = 0;
  await play(page, {
    other: {
      "DELETE session": (route) => {
        ended += 1;
        return route.fulfill({ status: 204 });
      },
    },
  });
  await page.goto("/");
  await page.getByRole("button", { name: "Account of administrator" }).click();
  await expectAccessible(page);
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
  expect(ended).toBe(1);
});

test("signing out behind the gateway goes on there", async ({ page }) => {
  await play(page, { session: GUEST, other: { "DELETE session": (route) => route.fulfill({ status: 204 }) } });
  await page.route("**/.proxeny/sign-out", (route) => route.fulfill({ contentType: "text/plain", body: "bye" }));
  await page.goto("/");
  await page.getByRole("button", { name: "Account of Ada Lind" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL("**/.proxeny/sign-out");
});

test("a sign-out that failed says so", async ({ page }) => {
  await play(page, { other: { "DELETE session": (route) => refuse(route, 503, "the service is about to end") } });
  await page.goto("/");
  await page.getByRole("button", { name: "Account of administrator" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("alert")).toContainText("The service is about to end.");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome, administrator");
});

test("guests find neither people nor synchronization", async ({ page }) => {
  await play(page, { session: GUEST });
  await page.goto("/");
  const navigation = page.getByRole("navigation", { name: "Main" });
  await expect(navigation.getByRole("link")).toHaveText(["Welcome", "My profile"]);
  await page.goto("/people");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not found");
});

test("auditors start nothing", async ({ page }) => {
  await play(page, { session: AUDITOR });
  await page.goto("/sync/operations");
  await expect(page.getByText("completed-export-errors")).toBeVisible();
  await expect(page.getByRole("button", { name: "Start a run" })).toHaveCount(0);
});

test("the keyboard leads everywhere: skip link, navigation, heading", async ({ page }) => {
  await play(page);
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("main")).toBeFocused();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: /^Find people/ })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "People" })).toBeFocused();
  await expect(page).toHaveTitle("People · Contoso");
});

test("a run profile is started after a confirmation, by keyboard alone", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  let asked: unknown;
  await play(page, {
    other: {
      "POST runs": (route) => {
        asked = route.request().postDataJSON();
        return route.fulfill({ status: 202, json: { run: RUNS[0] } });
      },
    },
  });
  await page.goto("/sync/operations");
  await page.getByRole("button", { name: "Start a run" }).press("Enter");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Run profile", { exact: true }).selectOption("export");
  await page.screenshot({ path: "screenshots/start-run-light-wide.png" });
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Continue" }).press("Enter");
  await expect(dialog).toContainText("This starts adma/export. An export writes to the connected system.");
  await expect(dialog.getByRole("button", { name: "Start", exact: true })).toBeFocused();
  await expectAccessible(page);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Run 1210");
  expect(asked).toEqual({ connector: "adma", profile: "export" });
});

test("a sequence shows its runs before it starts; a conflict is said in place", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await page.setViewportSize({ width: 360, height: 740 });
  await play(page, { other: { "POST runs": (route) => refuse(route, 409, "something runs already: b2b-graph/full-import") } });
  await page.goto("/sync/operations");
  await page.getByRole("button", { name: "Start a run" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("radio", { name: "A sequence" }).check();
  await expect(dialog.getByRole("listitem")).toHaveCount(5);
  await dialog.getByRole("button", { name: "Continue" }).click();
  await dialog.getByRole("button", { name: "Start", exact: true }).click();
  await expect(dialog.getByRole("alert")).toContainText("Something runs already: b2b-graph/full-import.");
  await page.screenshot({ path: "screenshots/start-run-conflict-dark-narrow.png" });
  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("a run under way shows how far it is, and what came of it is announced", async ({ page }) => {
  const [running] = RUNS;
  const ended = { ...running, id: "1211", connector: "adma", profile: "export", state: "ended", result: "success", ended: "2026-05-04T08:03:00Z" };
  const events = stream([{ run: running as never, expected: 20000, done: 12400 }]) + stream([{ run: ended as never }], "run-ended");
  await play(page, { events, other: { runs: (route) => route.fulfill({ json: { items: [ended, ...RUNS], next: null } }) } });
  await page.goto("/sync/operations");
  const row = page.getByRole("row", { name: /1210/ });
  await expect(row.getByRole("progressbar")).toHaveAttribute("aria-valuenow", "0.62");
  await expect(row).toContainText("12,400 of about 20,000 objects");
  await expect(page.getByRole("row", { name: /1211/ })).toContainText("success");
  await expect(page.getByRole("status").filter({ hasText: "Run ended: adma, export, success" })).toBeAttached();
});

test("a search is part of the address", async ({ page }) => {
  const searched: (string | null)[] = [];
  await play(page, {
    other: {
      "metaverse/objects": (route) => {
        const { searchParams } = new URL(route.request().url());
        searched.push(searchParams.get("search"));
        return route.fulfill({ json: { items: [], next: null } });
      },
    },
  });
  await page.goto("/sync/metaverse?type=person&search=ad");
  await expect(page.getByLabel("Search the metaverse")).toHaveValue("ad");
  await expect(page.getByText("No such object")).toBeVisible();
  await page.getByLabel("Search the metaverse").fill("ada & <b>");
  await expect.poll(() => new URL(page.url()).searchParams.get("search")).toBe("ada & <b>");
  await expect.poll(() => searched.at(-1)).toBe("ada & <b>");
  await expect(page.getByLabel("Search the metaverse")).toBeFocused();
});

test("a scope narrows the connector space", async ({ page }) => {
  await play(page);
  await page.goto("/sync/connectors/adma");
  const asked = page.waitForRequest((request) => request.url().includes("scope=pending-export"));
  await page.getByLabel("Scope").selectOption("pending-export");
  await asked;
  expect(new URL(page.url()).searchParams.get("scope")).toBe("pending-export");
});

test("the picture of a flow leads to its objects, and says the same as a table", async ({ page }) => {
  await play(page);
  await page.goto("/sync/metaverse/7d9c1c2e-0000-4000-8000-000000000001");
  const target = page.getByRole("link", { name: /^Target adma/ });
  await target.focus();
  await page.screenshot({ path: "screenshots/flow-focus-light-wide.png" });
  await page.getByText("The flow as a table").click();
  const table = page.getByRole("table", { name: "The flow as a table" });
  await expect(table.getByRole("row", { name: /inbound objectSid IN - B2B - AD adma/ })).toBeVisible();
  await expect(table.getByRole("row", { name: /outbound unicodePwd OUT - B2B - AD adma/ })).toBeVisible();
  await expectAccessible(page);
  await target.press("Enter");
  await expect(page).toHaveURL(/\/sync\/connectors\/adma\/objects\/2(%3A|:)17$/);
});

test("secrets are a word, and deletions stand out", async ({ page }) => {
  await play(page);
  await page.goto("/sync/pending-exports");
  const update = page.getByRole("row", { name: /Ada Lind/ }).first();
  await expect(update.getByText("secret", { exact: true })).toBeVisible();
  const deletion = page.getByRole("row", { name: /Bruno Keller/ });
  await expect(deletion.getByText("delete", { exact: true })).toBeVisible();
});

test("the chosen colours stay, and the system's are followed without a choice", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "dark" });
  await play(page);
  await page.goto("/");
  const scheme = () => page.evaluate(() => document.documentElement.style.colorScheme);
  await expect.poll(scheme).toBe("dark");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Light" }).click();
  await expect.poll(scheme).toBe("light");
  await page.reload();
  await expect.poll(scheme).toBe("light");
});

test("colours can be chosen where the browser keeps nothing", async ({ page }) => {
  await page.addInitScript(() => {
    Object.defineProperty(window, "localStorage", {
      get() {
        throw new DOMException("denied", "SecurityError");
      },
    });
  });
  await play(page);
  await page.goto("/");
  await page.getByRole("button", { name: "Theme" }).click();
  await page.getByRole("menuitemradio", { name: "Dark" }).click();
  await expect.poll(() => page.evaluate(() => document.documentElement.style.colorScheme)).toBe("dark");
});

test("on a phone the navigation is a drawer, which closes behind one", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.setViewportSize({ width: 360, height: 740 });
  await play(page);
  await page.goto("/");
  await expect(page.getByRole("navigation", { name: "Main" })).toHaveCount(0);
  await page.getByRole("button", { name: "Open navigation" }).click();
  const drawer = page.getByRole("dialog", { name: "Main" });
  await expect(drawer).toBeVisible();
  await page.screenshot({ path: "screenshots/drawer-light-narrow.png" });
  await expectAccessible(page);
  await drawer.getByRole("link", { name: "Connectors" }).click();
  await expect(drawer).toHaveCount(0);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Connectors");
});
