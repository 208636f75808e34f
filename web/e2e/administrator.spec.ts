// The local administrator at the portal itself: what synchronization did, and a run.

import { expect, test } from "@playwright/test";

import { world } from "./world";

test.beforeEach(async ({ page }) => {
  await page.goto(world.administration);
  await page.getByLabel("Account").fill("administrator");
  await page.getByLabel("Password").fill(world.password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(/^Welcome/);
});

test("operations lists the runs, and one started here goes through live", async ({ page }) => {
  await page.goto(`${world.administration}sync/operations`);
  await expect(page.getByRole("main")).toContainText("adma");
  const runs = await (await page.request.get(`${world.administration}api/v1/runs?limit=1`)).json();
  const started = await page.request.post(`${world.administration}api/v1/runs`, {
    data: { connector: "adma", profile: "full-sync" },
    headers: { origin: world.administration.replace(/\/$/, "") },
  });
  expect([202, 409]).toContain(started.status());
  await expect(async () => {
    const newer = await (await page.request.get(`${world.administration}api/v1/runs?limit=1`)).json();
    expect(Number(newer.items[0].id)).toBeGreaterThan(Number(runs.items[0].id));
  }).toPass({ timeout: 30_000 });
  await page.screenshot({ path: "screenshots/e2e-operations.png", fullPage: true });
});

test("a guest's object shows every value with its source, and the way it takes", async ({ page }) => {
  const found = await page.request.get(
    `${world.administration}api/v1/metaverse/objects?type=person&search=Ada`,
  );
  const [person] = (await found.json()).items;
  await page.goto(`${world.administration}sync/metaverse/${person.id}`);
  const main = page.getByRole("main");
  await expect(main).toContainText("Ada Lind");
  for (const word of ["b2b-graph", "adma", "mimma", "IN - B2B Guest"]) {
    await expect(main).toContainText(word);
  }
  await page.screenshot({ path: "screenshots/e2e-metaverse-object.png", fullPage: true });
});

test("a request from another site changes nothing", async ({ page }) => {
  const started = await page.request.post(`${world.administration}api/v1/runs`, {
    data: { connector: "adma", profile: "full-sync" },
    headers: { origin: "https://attacker.example", "sec-fetch-site": "cross-site" },
  });
  expect(started.status()).toBe(403);
});
