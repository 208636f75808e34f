// The whole way of a person: portal, gateway, tenant, and back with an account.

import { expect, test } from "@playwright/test";

import { change, signInAs, world } from "./world";

test.describe.configure({ mode: "serial" });

test("a guest signs in at the tenant and is welcomed by name", async ({ page }) => {
  await page.goto(world.portal);
  await signInAs(page, "Ada Lind");
  await expect(page).toHaveURL(world.portal);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome, Ada Lind");
  await page.screenshot({ path: "screenshots/e2e-welcome.png", fullPage: true });
});

test("the profile shows the account that synchronization made", async ({ page }) => {
  await page.goto(`${world.portal}me`);
  await signInAs(page, "Ada Lind");
  await expect(page).toHaveURL(`${world.portal}me`);
  const main = page.getByRole("main");
  await expect(main).toContainText(world.account);
  await expect(main).toContainText("CONTOSO");
  await expect(main).toContainText("ada@treyresearch.example");
  await page.screenshot({ path: "screenshots/e2e-profile.png", fullPage: true });
  const session = await (await page.request.get(`${world.portal}api/v1/session`)).json();
  expect(session).toMatchObject({ method: world.method, isGuest: true, account: world.account });
});

test("a guest sees nothing of synchronization and of other people", async ({ page }) => {
  await page.goto(world.portal);
  await signInAs(page, "Ada Lind");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome, Ada Lind");
  for (const path of ["people", "connectors", "runs", "metaverse/objects"]) {
    const answer = await page.request.get(`${world.portal}api/v1/${path}`);
    expect(answer.status(), path).toBe(404);
  }
});

test("signing out ends it: at the portal, the gateway and the tenant", async ({ page }) => {
  await page.goto(world.portal);
  await signInAs(page, "Ada Lind");
  await page.getByRole("button", { name: "Account of Ada Lind" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  await page.goto(world.portal);
  await expect(page.getByRole("heading", { name: /^Sign in to contoso/ })).toBeVisible();
});

test("a member without an account is refused with the reason", async ({ page }) => {
  await page.goto(world.portal);
  await signInAs(page, "Mia Member");
  const main = page.getByRole("main");
  await expect(main).toContainText(/no account/i);
  await expect(page.locator("body")).toContainText(/reference/i);
  await page.screenshot({ path: "screenshots/e2e-refused-no-account.png", fullPage: true });
});

test("a guest who is blocked while signed in is refused from then on", async ({ page, request }) => {
  await page.goto(world.portal);
  await signInAs(page, "Bruno Keller");
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Welcome, Bruno Keller");
  await change(request, "Bruno Keller", { accountEnabled: false });
  await expect(async () => {
    await page.goto(world.portal);
    await expect(page.getByRole("main")).toContainText(/disabled|blocked/i, { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  await page.screenshot({ path: "screenshots/e2e-refused-blocked.png", fullPage: true });
  await change(request, "Bruno Keller", { accountEnabled: true });
});

test("a blocked guest does not get past the tenant", async ({ page, request }) => {
  await change(request, "Bruno Keller", { accountEnabled: false });
  await page.goto(world.portal);
  await signInAs(page, "Bruno Keller");
  await expect(page.getByRole("alert")).toContainText("The user account is disabled");
});
