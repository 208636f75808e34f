// The session that everything below works for.

import { useQueryClient } from "@tanstack/react-query";
import { createContext, useContext } from "react";

import type { Schemas } from "../api/client";
import { sessionQuery } from "../api/queries";

export const SessionContext = createContext<Schemas["Session"] | null>(null);

/** The session. Only below `SignedIn`. */
export function useSession(): Schemas["Session"] {
  const session = useContext(SessionContext);
  if (session === null) {
    throw new Error("no session here");
  }
  return session;
}

/** Puts another session, or none, in the place of this one. What this one saw is forgotten. */
export function useSessionChange(): (session: Schemas["Session"] | null) => void {
  const queries = useQueryClient();
  return (session) => {
    queries.removeQueries({ predicate: (query) => query.queryKey[0] !== sessionQuery.queryKey[0] });
    queries.setQueryData(sessionQuery.queryKey, session);
  };
}
