// Where the parts of the picture of a flow go. Pure: a metaverse object in, boxes and lines out.
//
// Three columns: sources, the metaverse object, targets. A connector-space object that gives and
// receives is in both outer columns. Every line ends at a row: at the attribute's own where the box
// has one, else at the box's head. Lengths are in the picture's own units, which are pixels.

import type { Schemas } from "../api/client";

type MvObject = Schemas["MvObject"];

export const ROW = 24;
export const HEAD = 50;
const FOOT = 8;
const GAP = 20;
const TOP = 32;
export const WIDTH = { source: 250, metaverse: 210, target: 250 };
const SPACE = 110;

export interface Row {
  name: string;
  y: number;
}

export interface Box {
  key: string;
  side: "source" | "metaverse" | "target";
  connector: string;
  object: string;
  dn: string;
  /** False for what a value still comes from though it is not linked any more. */
  isLinked: boolean;
  /** Of a target: what linked it. */
  linkedBy?: string;
  rows: Row[];
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Line {
  key: string;
  from: string;
  to: string;
  attribute: string;
  rule: string;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface FlowPicture {
  width: number;
  height: number;
  sources: Box[];
  metaverse: Box;
  targets: Box[];
  lines: Line[];
}

export function layoutFlow(object: MvObject): FlowPicture {
  const columns = {
    source: 0,
    metaverse: WIDTH.source + SPACE,
    target: WIDTH.source + SPACE + WIDTH.metaverse + SPACE,
  };
  const sources = stack(sourcesOf(object), columns.source);
  const targets = stack(targetsOf(object), columns.target);
  const [metaverse] = stack(
    [
      box("metaverse", { connector: "", object: object.id, dn: object.id }, object.attributes.map(({ name }) => name)),
    ],
    columns.metaverse,
  ) as [Box];

  const height = Math.max(...[metaverse, ...sources, ...targets].map((part) => part.y + part.height));
  for (const column of [sources, [metaverse], targets]) {
    center(column, height);
  }
  return {
    width: columns.target + WIDTH.target,
    height: height + FOOT,
    sources,
    metaverse,
    targets,
    lines: [...inbound(object, sources, metaverse), ...outbound(targets, metaverse)],
  };
}

// One box for each object that a value comes from. Its rows are the rules, because one rule usually
// brings many attributes and its name would stand on every line.
function sourcesOf(object: MvObject): Box[] {
  const boxes = new Map<string, Box>();
  for (const { lineage } of object.attributes) {
    const key = `${lineage.connector} ${lineage.object}`;
    let source = boxes.get(key);
    if (!source) {
      const link = object.links.find((known) => known.connector === lineage.connector && known.object === lineage.object);
      source = {
        ...box("source", { connector: lineage.connector, object: lineage.object, dn: link?.dn ?? lineage.objectDn ?? lineage.object }, []),
        isLinked: link !== undefined,
      };
      boxes.set(key, source);
    }
    if (!source.rows.some((row) => row.name === lineage.rule)) {
      source.rows.push({ name: lineage.rule, y: 0 });
    }
  }
  return [...boxes.values()];
}

function targetsOf(object: MvObject): Box[] {
  return object.links
    .filter((link) => link.receives.length > 0)
    .map((link) => ({
      ...box("target", link, link.receives),
      ...(link.linkedBy === undefined ? {} : { linkedBy: link.linkedBy }),
    }));
}

function box(side: Box["side"], part: { connector: string; object: string; dn: string }, rows: string[]): Box {
  const { connector, object, dn } = part;
  return {
    key: `${side} ${connector} ${object}`,
    side,
    connector,
    object,
    dn,
    isLinked: true,
    rows: rows.map((name) => ({ name, y: 0 })),
    x: 0,
    y: 0,
    width: WIDTH[side],
    height: 0,
  };
}

function stack(boxes: Box[], x: number): Box[] {
  let y = TOP;
  for (const part of boxes) {
    part.x = x;
    part.y = y;
    part.height = HEAD + part.rows.length * ROW + FOOT;
    y += part.height + GAP;
  }
  return boxes;
}

// Short columns stand in the middle of the picture, so that lines are short.
function center(column: Box[], height: number) {
  const last = column.at(-1);
  const shift = last ? Math.max(0, (height - (last.y + last.height)) / 2) : 0;
  for (const part of column) {
    part.y += shift;
    for (const [place, row] of part.rows.entries()) {
      row.y = part.y + HEAD + place * ROW + ROW / 2;
    }
  }
}

function inbound(object: MvObject, sources: Box[], metaverse: Box): Line[] {
  return object.attributes.flatMap(({ name, lineage }) => {
    const from = sources.find((part) => part.connector === lineage.connector && part.object === lineage.object);
    return from ? [line(from, lineage.rule, metaverse, name, name, lineage.rule)] : [];
  });
}

// The interface does not say which metaverse attribute a target's attribute is made of, since that
// can be an expression over several. Where the names agree the line begins at the attribute.
function outbound(targets: Box[], metaverse: Box): Line[] {
  return targets.flatMap((target) =>
    target.rows.map(({ name }) => line(metaverse, name, target, name, name, target.linkedBy ?? "")),
  );
}

function line(from: Box, fromRow: string, to: Box, toRow: string, attribute: string, rule: string): Line {
  return {
    key: `${from.key} ${to.key} ${attribute}`,
    from: from.key,
    to: to.key,
    attribute,
    rule,
    x1: from.x + from.width,
    y1: rowOf(from, fromRow),
    x2: to.x,
    y2: rowOf(to, toRow),
  };
}

function rowOf(part: Box, name: string): number {
  const wanted = name.toLowerCase();
  return part.rows.find((row) => row.name.toLowerCase() === wanted)?.y ?? part.y + HEAD / 2;
}

/** Text cut to what fits, with an ellipsis in the middle: both ends of a DN tell something. */
export function shorten(words: string, length: number): string {
  if (words.length <= length) {
    return words;
  }
  const head = Math.ceil((length - 1) * 0.6);
  return `${words.slice(0, head)}…${words.slice(words.length - (length - 1 - head))}`;
}
