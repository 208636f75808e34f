import { describe, expect, it } from "vitest";

import { isWorthRetrying, ProblemError, problemOf, toProblem } from "./problem";

const refused = { type: "urn:proxeny:problem:API-0110", title: "Not allowed", status: 403, detail: "this needs the role operator", code: "API-0110" };

describe("a problem", () => {
  it("is taken as the service wrote it", () => {
    expect(toProblem(403, { ...refused, help: "ask an administrator" })).toEqual({ ...refused, help: "ask an administrator" });
  });

  it("has the status of the answer, not of its body", () => {
    expect(toProblem(502, refused).status).toBe(502);
  });

  it("is made up where the body is something else", () => {
    for (const body of ["<html>", undefined, null, 5, { title: "x" }, { ...refused, help: 5 }]) {
      const problem = toProblem(502, body);
      expect(problem.code).toBe("");
      expect(problem.title).toBe("The service failed");
      expect(problem.help).toBeDefined();
    }
    expect(toProblem(418, "").help).toBeUndefined();
  });

  it("is told from what was thrown", () => {
    expect(problemOf(new ProblemError(toProblem(403, refused)))).toEqual(refused);
    expect(problemOf(new TypeError("Failed to fetch")).title).toBe("No connection to the service");
    expect(problemOf(new Error("odd")).detail).toBe("odd");
    expect(problemOf("odd").detail).toBe("odd");
  });
});

it("only what may pass is asked again", () => {
  const failed = (status: number) => new ProblemError(toProblem(status, ""));
  expect([503, 502, 504].map((status) => isWorthRetrying(failed(status)))).toEqual([true, true, true]);
  expect([400, 401, 403, 404, 409, 500].some((status) => isWorthRetrying(failed(status)))).toBe(false);
  expect(isWorthRetrying(new TypeError("Failed to fetch"))).toBe(true);
});
