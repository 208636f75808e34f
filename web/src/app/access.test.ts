import { expect, it } from "vitest";

import type { Schemas } from "../api/client";
import { canSearchPeople, canSeeSynchronization, canStartRuns } from "./access";

function session(roles: Schemas["RoleName"][], isGuest = false): Schemas["Session"] {
  return { name: "n", roles, isGuest, method: "password", expires: "2026-05-04T08:00:00Z", portal: { name: "Contoso" } };
}

it("guests find nobody, unless a role says more", () => {
  expect(canSearchPeople(session(["person"], true))).toBe(false);
  expect(canSearchPeople(session(["person"]))).toBe(true);
  expect(canSearchPeople(session(["person", "auditor"], true))).toBe(true);
});

it("auditors see synchronization and start nothing", () => {
  expect(canSeeSynchronization(session(["auditor"]))).toBe(true);
  expect(canStartRuns(session(["auditor"]))).toBe(false);
  expect(canStartRuns(session(["operator"]))).toBe(true);
  expect(canSeeSynchronization(session(["person"]))).toBe(false);
});
