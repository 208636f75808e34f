// What pages ask for, and under which key the answers are kept.

import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";

import { client, read, type Schemas } from "./client";
import { ProblemError } from "./problem";

/** Rows that one request for a list brings. */
const PAGE_SIZE = 50;

export interface Page<T> {
  items: T[];
  next: string | null;
}

export type Scope = "all" | "pending-import" | "pending-export" | "unconfirmed" | "disconnectors" | "errors";

/** Who is signed in; `null` when nobody is. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async (): Promise<Schemas["Session"] | null> => {
    try {
      return await read(client.GET("/api/v1/session"));
    } catch (error) {
      if (error instanceof ProblemError && error.problem.status === 401) {
        return null;
      }
      throw error;
    }
  },
  staleTime: 60_000,
});

export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: () => read(client.GET("/api/v1/me")),
});

export const peopleQuery = (search: string) =>
  list(["people", search], (after) =>
    read(client.GET("/api/v1/people", { params: { query: { ...found(search), ...paged(after) } } })),
  );

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: ["person", id],
    queryFn: () => read(client.GET("/api/v1/people/{id}", { params: { path: { id } } })),
  });

export const connectorsQuery = queryOptions({
  queryKey: ["connectors"],
  queryFn: () => read(client.GET("/api/v1/connectors")),
});

export const connectorQuery = (name: string) =>
  queryOptions({
    queryKey: ["connectors", name],
    queryFn: () => read(client.GET("/api/v1/connectors/{name}", { params: { path: { name } } })),
  });

export const csObjectsQuery = (name: string, scope: Scope, search: string) =>
  list(["cs", name, scope, search], (after) =>
    read(
      client.GET("/api/v1/connectors/{name}/objects", {
        // The generated type of the scope is an intersection that no text belongs to.
        params: { path: { name }, query: { scope: scope as never, ...found(search), ...paged(after) } },
      }),
    ),
  );

export const csObjectQuery = (name: string, id: string) =>
  queryOptions({
    queryKey: ["cs-object", name, id],
    queryFn: () => read(client.GET("/api/v1/connectors/{name}/objects/{id}", { params: { path: { name, id } } })),
  });

export const pendingExportsQuery = (connector: string) =>
  list(["pending-exports", connector], (after) =>
    read(
      client.GET("/api/v1/pending-exports", {
        params: { query: { ...(connector ? { connector } : {}), ...paged(after) } },
      }),
    ),
  );

export const sequencesQuery = queryOptions({
  queryKey: ["sequences"],
  queryFn: () => read(client.GET("/api/v1/sequences")),
});

export const runsQuery = (connector: string) =>
  list(["runs", connector], (before) =>
    read(
      client.GET("/api/v1/runs", {
        params: {
          query: { ...(connector ? { connector } : {}), ...(before ? { before } : {}), limit: PAGE_SIZE },
        },
      }),
    ),
  );

export const runQuery = (id: string) =>
  queryOptions({
    queryKey: ["run", id],
    queryFn: () => read(client.GET("/api/v1/runs/{id}", { params: { path: { id } } })),
  });

export const runErrorsQuery = (id: string) =>
  list(["run-errors", id], (after) =>
    read(client.GET("/api/v1/runs/{id}/errors", { params: { path: { id }, query: paged(after) } })),
  );

export const metaverseQuery = queryOptions({
  queryKey: ["metaverse"],
  queryFn: () => read(client.GET("/api/v1/metaverse")),
});

export const mvObjectsQuery = (type: string, search: string) =>
  list(["mv", type, search], (after) =>
    read(
      client.GET("/api/v1/metaverse/objects", {
        params: { query: { ...(type ? { type } : {}), ...found(search), ...paged(after) } },
      }),
    ),
  );

export const mvObjectQuery = (id: string) =>
  queryOptions({
    queryKey: ["mv-object", id],
    queryFn: () => read(client.GET("/api/v1/metaverse/objects/{id}", { params: { path: { id } } })),
  });

export const rulesQuery = queryOptions({
  queryKey: ["rules"],
  queryFn: () => read(client.GET("/api/v1/rules")),
});

export const ruleQuery = (name: string) =>
  queryOptions({
    queryKey: ["rules", name],
    queryFn: () => read(client.GET("/api/v1/rules/{name}", { params: { path: { name } } })),
  });

function list<T>(queryKey: readonly string[], fetchPage: (after: string) => Promise<Page<T>>) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam }) => fetchPage(pageParam),
    initialPageParam: "",
    getNextPageParam: (page: Page<T>) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });
}

function found(search: string): { search?: string } {
  return search ? { search } : {};
}

function paged(after: string): { after?: string; limit: number } {
  return after ? { after, limit: PAGE_SIZE } : { limit: PAGE_SIZE };
}
