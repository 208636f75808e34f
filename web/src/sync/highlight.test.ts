import { expect, it } from "vitest";

import { highlight } from "./highlight";

function kinds(document: string): string[] {
  return highlight(document)
    .filter((part) => part.kind !== "plain")
    .map((part) => `${part.kind} ${part.text}`);
}

it("nothing is lost", () => {
  for (const document of ["", "a = 1", 'x = "unclosed', "<script>alert(1)</script>\n", "''' open", '[[flow]]\nto = "dn"\n# end']) {
    expect(highlight(document).map((part) => part.text).join("")).toBe(document);
  }
});

it("TOML is told apart", () => {
  expect(kinds('# why\n[[flow]]\nto = "dn"\nfrom = \'"CN="+uid\'\ninitial = true\nprecedence = 1')).toEqual([
    "comment # why",
    "heading [[flow]]",
    "key to",
    'string "dn"',
    "key from",
    "string '\"CN=\"+uid'",
    "key initial",
    "number true",
    "key precedence",
    "number 1",
  ]);
});

it("a comment inside a text is none", () => {
  expect(kinds('a = "no # comment" # comment')).toEqual(["key a", 'string "no # comment"', "comment # comment"]);
});

it("JSON is told apart", () => {
  expect(kinds('{"to": "dn", "n": -1.5, "x": null}')).toEqual([
    'key "to"',
    'string "dn"',
    'key "n"',
    "number -1.5",
    'key "x"',
    "number null",
  ]);
});
