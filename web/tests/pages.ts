// Every page, with what each of its states shows.

import type { components } from "../src/api/schema";
import { ADMINISTRATOR, EMPLOYEE, GUEST, MV_OBJECT, PERSON } from "./fixtures";

export interface KnownPage {
  name: string;
  path: string;
  heading: string;
  /** Something of the content when there is some. */
  shows: string;
  /** What stands there when there is nothing; absent where there is always something. */
  empty?: string;
  /** False where the page needs no answer but the session. */
  asks?: boolean;
  session?: components["schemas"]["Session"];
}

export const PAGES: KnownPage[] = [
  { name: "welcome", path: "/", heading: "Welcome, administrator", shows: "What you can do", asks: false, session: ADMINISTRATOR },
  { name: "welcome-guest", path: "/", heading: "Welcome, Ada Lind", shows: "You are a guest of Contoso", asks: false, session: GUEST },
  { name: "profile", path: "/me", heading: "My profile", shows: "ada@treyresearch.example", session: GUEST },
  { name: "profile-of-nobody", path: "/me", heading: "My profile", shows: "nobody in the portal", asks: false },
  { name: "people", path: "/people", heading: "People", shows: "bruno.keller@treyresearch.example", empty: "Nobody here yet", session: EMPLOYEE },
  { name: "person", path: `/people/${PERSON.id}`, heading: "Ada Lind", shows: "smtp:a.lind@treyresearch.example" },
  { name: "operations", path: "/sync/operations", heading: "Operations", shows: "completed-export-errors", empty: "No runs yet" },
  { name: "run", path: "/sync/operations/1208", heading: "Run 1208", shows: "constraint-violation", empty: "No errors" },
  { name: "connectors", path: "/sync/connectors", heading: "Connectors", shows: "Shadow accounts of guests", empty: "No connectors" },
  { name: "connector", path: "/sync/connectors/adma", heading: "adma", shows: "explicit disconnector", empty: "The connector space is empty" },
  { name: "cs-object", path: "/sync/connectors/adma/objects/2:17", heading: "Ada Lind", shows: "Unconfirmed export" },
  { name: "metaverse", path: "/sync/metaverse", heading: "Metaverse", shows: "Bruno Keller", empty: "The metaverse is empty" },
  { name: "mv-object", path: `/sync/metaverse/${MV_OBJECT.id}`, heading: "Ada Lind", shows: "Attributes and lineage" },
  { name: "rules", path: "/sync/rules", heading: "Rules", shows: "older than the service's", empty: "No rules" },
  { name: "rule", path: "/sync/rules/IN%20-%20B2B%20Guest", heading: "IN - B2B Guest", shows: "ReplaceString" },
  { name: "pending-exports", path: "/sync/pending-exports", heading: "Pending exports", shows: "object deletion rule", empty: "Nothing waits to be exported" },
  { name: "not-found", path: "/nowhere", heading: "Not found", shows: "nothing at this address", asks: false },
  { name: "forbidden", path: "/sync/operations", heading: "Not for your role", shows: "ask an administrator", asks: false, session: EMPLOYEE },
];
