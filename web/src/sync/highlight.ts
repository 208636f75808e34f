// Colours for rule documents, TOML or JSON. Pure: text in, the same text in parts out.

export type Kind = "comment" | "string" | "number" | "key" | "heading" | "plain";

export interface Part {
  kind: Kind;
  text: string;
}

// One alternative for each kind; what none matches is plain. A key is a bare or quoted word before
// `=` or `:`.
const TOKENS =
  /(?<comment>#[^\n]*)|(?<heading>^[ \t]*\[{1,2}[\w."' -]+\]{1,2}[ \t]*$)|(?<key>(?:[A-Za-z_][\w.-]*|"(?:[^"\\\n]|\\.)*")(?=[ \t]*[=:](?!=)))|(?<string>"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')|(?<number>\b(?:true|false|null)\b|(?<![\w.])-?\d[\d_]*(?:\.\d+)?(?![\w.]))/gm;

/** The parts of a document; put together they are the document. */
export function highlight(document: string): Part[] {
  const parts: Part[] = [];
  let place = 0;
  const plain = (until: number) => {
    if (until > place) {
      parts.push({ kind: "plain", text: document.slice(place, until) });
    }
  };
  for (const match of document.matchAll(TOKENS)) {
    plain(match.index);
    const kind = KINDS.find((known) => match.groups?.[known] !== undefined) ?? "plain";
    parts.push({ kind, text: match[0] });
    place = match.index + match[0].length;
  }
  plain(document.length);
  return parts;
}

const KINDS: readonly Kind[] = ["comment", "heading", "key", "string", "number"];
