// Where the servers are, and what tests do to the tenant behind the pages' back.

import type { APIRequestContext, Page } from "@playwright/test";
import { expect } from "@playwright/test";

function required(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set: these tests are started by the program's own`);
  }
  return value;
}

export const world = {
  /** Where people find the portal, ending with a slash. */
  portal: required("PROXENY_E2E_PORTAL"),
  /** The tenant, with its control endpoints. */
  tenant: required("PROXENY_E2E_TENANT"),
  /** The guest's account name. */
  account: required("PROXENY_E2E_ACCOUNT"),
  /** `kerberos` or `assertion`: how the gateway makes people known. */
  method: required("PROXENY_E2E_METHOD"),
  /** Where the portal itself listens, ending with a slash. */
  administration: required("PROXENY_E2E_ADMINISTRATION"),
  /** The local administrator's password. */
  password: required("PROXENY_E2E_PASSWORD"),
};

/** Says at the tenant who one is. */
export async function signInAs(page: Page, name: string): Promise<void> {
  await expect(page.getByRole("heading", { name: "Sign in to contoso.onmicrosoft.com" })).toBeVisible();
  await page.getByRole("radio", { name: new RegExp(`^${name}`) }).check();
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** Changes a user of the tenant. */
export async function change(
  request: APIRequestContext,
  name: string,
  properties: Record<string, unknown>,
): Promise<void> {
  const users = await (await request.get(`${world.tenant}/_sim/users`)).json();
  const user = users.find((u: { displayName: string }) => u.displayName === name);
  const answer = await request.patch(`${world.tenant}/_sim/users/${user.id}`, { data: properties });
  expect(answer.ok()).toBeTruthy();
}
