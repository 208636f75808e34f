// What a session may see. The service decides; this only hides what it would refuse.

import type { Schemas } from "../api/client";

type Session = Schemas["Session"];
type Role = Schemas["RoleName"];

const READERS: readonly Role[] = ["administrator", "operator", "auditor"];
const RUNNERS: readonly Role[] = ["administrator", "operator"];

export function canSeeSynchronization(session: Session): boolean {
  return session.roles.some((role) => READERS.includes(role));
}

export function canStartRuns(session: Session): boolean {
  return session.roles.some((role) => RUNNERS.includes(role));
}

/** Guests see only themselves, unless a role says more. */
export function canSearchPeople(session: Session): boolean {
  return !session.isGuest || canSeeSynchronization(session);
}

/** Local administrators and tokens are nobody in the portal. */
export function hasProfile(session: Session): boolean {
  return session.personId !== undefined;
}
