// Every page in every state: what it shows, that it is accessible, and how it looks.

import { ADMINISTRATOR, RUNS } from "./fixtures";
import { expect, expectAccessible, play, refuse, test } from "./mock";
import { PAGES } from "./pages";

const WIDE = { width: 1280, height: 800 };
const NARROW = { width: 360, height: 740 };

for (const known of PAGES) {
  const { name, path, heading, shows, session = ADMINISTRATOR } = known;
  for (const theme of ["light", "dark"] as const) {
    test(`${name} is accessible and fits, ${theme}`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await play(page, { session });
      for (const [width, size] of Object.entries({ wide: WIDE, narrow: NARROW })) {
        await page.setViewportSize(size);
        await page.goto(path);
        await expect(page.getByRole("heading", { level: 1 })).toHaveText(heading);
        await expect(page.getByText(shows).first()).toBeVisible();
        await expect(page).toHaveTitle(`${heading} · Contoso`);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, `${width}: the page scrolls sideways`).toBeLessThanOrEqual(0);
        await page.screenshot({ path: `screenshots/${name}-${theme}-${width}.png`, fullPage: true });
        await expectAccessible(page);
      }
    });
  }

  if (known.asks === false) {
    continue;
  }

  test(`${name} holds its place while it loads`, async ({ page }) => {
    await play(page, { session, state: "loading" });
    await page.goto(path);
    await expect(page.getByRole("status", { name: "Loading" }).first()).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.screenshot({ path: `screenshots/${name}-loading.png` });
    await expectAccessible(page);
  });

  test(`${name} says what failed, and asks again`, async ({ page }) => {
    await play(page, { session, state: "error" });
    await page.goto(path);
    const alert = page.getByRole("alert").first();
    await expect(alert).toContainText("The store failed");
    await expect(alert).toContainText("The database is locked.");
    await expect(alert).toContainText("See the service's log.");
    await expect(alert).toContainText("API-0502");
    await page.screenshot({ path: `screenshots/${name}-error.png` });
    await expectAccessible(page);
    await page.unroute("**/api/v1/**");
    await play(page, { session });
    await alert.getByRole("button", { name: "Try again" }).click();
    await expect(page.getByText(shows).first()).toBeVisible();
  });

  const { empty } = known;
  if (empty !== undefined) {
    test(`${name} says that there is nothing`, async ({ page }) => {
      await play(page, { session, state: "empty" });
      await page.goto(path);
      await expect(page.getByText(empty)).toBeVisible();
      await page.screenshot({ path: `screenshots/${name}-empty.png` });
      await expectAccessible(page);
    });
  }
}

test("an object that is not there is a page of its own", async ({ page }) => {
  await play(page);
  for (const path of ["/people/x", "/sync/operations/9", "/sync/connectors/x", "/sync/metaverse/x", "/sync/rules/x"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not found");
  }
});

test("an object that one may not see is refused", async ({ page }) => {
  await play(page, { other: { "runs/1208": (route) => refuse(route, 403, "this needs the role operator") } });
  await page.goto("/sync/operations/1208");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Not for your role");
});

test("a page that breaks says so, and can be tried again", async ({ page }) => {
  // An answer that is not as described.
  await play(page, { other: { rules: (route) => route.fulfill({ json: [{ name: "x" }] }), "rules/x": (route) => route.fulfill({ json: { name: "x", direction: "inbound" } }) } });
  await page.goto("/sync/rules/x");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("This page failed");
  await expect(page.getByRole("button", { name: "Try again" })).toBeVisible();
  await expectAccessible(page);
});

test("values are text, whatever they hold", async ({ page }) => {
  await play(page);
  await page.goto("/people");
  await expect(page.getByText('<img src=x onerror="alert(1)">')).toBeVisible();
  expect(await page.locator("main img").count()).toBe(0);
});

test("moments are local, with UTC on hover", async ({ page }) => {
  await play(page);
  await page.goto("/sync/operations/1208");
  await expect(page.getByTitle("2026-05-04 08:00:12 UTC")).toHaveText("4 May 2026, 10:00:12");
});

test("a long list comes in pages", async ({ page }) => {
  await play(page, {
    other: {
      runs: (route) => {
        const before = new URL(route.request().url()).searchParams.get("before");
        return route.fulfill({
          json: before === "1207" ? { items: RUNS.slice(4), next: null } : { items: RUNS.slice(0, 4), next: "1207" },
        });
      },
    },
  });
  await page.goto("/sync/operations");
  await expect(page.getByText("First 4 runs")).toBeVisible();
  await page.getByRole("button", { name: "Show more Runs" }).click();
  await expect(page.getByText("6 runs", { exact: true })).toBeVisible();
  await expect(page.getByRole("link", { name: "1205" })).toBeVisible();
});
