// The typed client. Types come from the service's own description of its interface.

import createClient from "openapi-fetch";

import { ProblemError, toProblem } from "./problem";
import type { components, paths } from "./schema";

// The description allows `null` for what may be absent; here absent is `undefined` and nothing else.
// `null` stays where a member is always there, as a page's `next` is.
type Present<T> = T extends readonly (infer Item)[]
  ? Present<Item>[]
  : T extends object
    ? { [Key in keyof T]: Present<undefined extends T[Key] ? Exclude<T[Key], null> : T[Key]> }
    : T;

export type Schemas = { [Name in keyof components["schemas"]]: Present<components["schemas"][Name]> };

export const client = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? "http://localhost",
  credentials: "same-origin",
  cache: "no-store",
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a good answer. Throws a `ProblemError` for any other. */
export async function read<T>(request: Promise<Answer<T>>): Promise<Present<NonNullable<T>>> {
  const { data, error, response } = await request;
  if (!response.ok || data === undefined || data === null) {
    throw new ProblemError(toProblem(response.status, error));
  }
  return present(data);
}

/** For answers without a body. */
export async function done(request: Promise<Answer<unknown>>): Promise<void> {
  const { error, response } = await request;
  if (!response.ok) {
    throw new ProblemError(toProblem(response.status, error));
  }
}

/** What came, with nothing that is `null` but a page's `next`. */
export function present<T>(value: T): Present<T> {
  return withoutNull(value) as Present<T>;
}

function withoutNull(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutNull);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  const members = Object.entries(value).filter(([name, member]) => member !== null || name === "next");
  return Object.fromEntries(members.map(([name, member]) => [name, withoutNull(member)]));
}
