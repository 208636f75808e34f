// What the interface answers when it refuses or fails: problem details (RFC 9457), and what stands
// in their place when there are none.

import type { Schemas } from "./client";

export type Problem = Schemas["Problem"];

/** A request that was not served. `problem.status` is 0 when no answer came. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** What an answer that is not good says, whatever its body is. */
export function toProblem(status: number, body: unknown): Problem {
  if (isProblem(body)) {
    const { help, ...rest } = body;
    return { ...rest, ...(help ? { help } : {}), status };
  }
  return {
    type: "about:blank",
    title: titleOf(status),
    status,
    detail: status === 0 ? "The service did not answer." : `The service answered with status ${status}.`,
    code: "",
    ...(status === 0 || status >= 500 ? { help: "Try again in a moment." } : {}),
  };
}

/** What was thrown, as a problem; a request that got no answer throws a TypeError. */
export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ProblemError) {
    return thrown.problem;
  }
  if (thrown instanceof TypeError) {
    return toProblem(0, undefined);
  }
  return {
    type: "about:blank",
    title: "Something went wrong on this page",
    status: 0,
    detail: thrown instanceof Error ? thrown.message : String(thrown),
    code: "",
  };
}

/** Whether asking again can help. What was refused is refused again. */
export function isWorthRetrying(thrown: unknown): boolean {
  const { status } = problemOf(thrown);
  return status === 0 || status === 408 || status === 502 || status === 503 || status === 504;
}

function isProblem(body: unknown): body is Problem {
  if (typeof body !== "object" || body === null) {
    return false;
  }
  const { title, detail, code, help } = body as Record<string, unknown>;
  return (
    typeof title === "string" &&
    typeof detail === "string" &&
    typeof code === "string" &&
    (help === undefined || help === null || typeof help === "string")
  );
}

function titleOf(status: number): string {
  switch (status) {
    case 0:
      return "No connection to the service";
    case 401:
      return "Nobody is signed in";
    case 403:
      return "Not allowed";
    case 404:
      return "Not found";
    case 429:
      return "Too many requests";
    default:
      return status >= 500 ? "The service failed" : "The request was refused";
  }
}
