import { describe, expect, it } from "vitest";

import type { Schemas } from "../api/client";
import { layoutFlow, shorten } from "./flow-layout";

type MvObject = Schemas["MvObject"];

function attribute(name: string, connector: string, rule: string): MvObject["attributes"][number] {
  return { name, values: ["x"], lineage: { rule, connector, object: `${connector}:1`, run: "1", at: "2026-05-04T08:00:00Z" } };
}

function link(connector: string, receives: string[]): MvObject["links"][number] {
  return { connector, object: `${connector}:1`, dn: `CN=${connector}`, objectType: "user", contributes: [], receives, linkedBy: "OUT" };
}

const guest: MvObject = {
  id: "7d9c1c2e-0000-4000-8000-000000000001",
  type: "person",
  attributes: [attribute("displayName", "graph", "IN A"), attribute("mail", "graph", "IN A"), attribute("objectSid", "ad", "IN B")],
  links: [link("graph", []), link("ad", ["displayName", "dn"])],
};

describe("the picture of a flow", () => {
  const picture = layoutFlow(guest);

  it("has a box for each object on each side it takes part in", () => {
    expect(picture.sources.map((box) => box.connector)).toEqual(["graph", "ad"]);
    expect(picture.targets.map((box) => box.connector)).toEqual(["ad"]);
    expect(picture.sources[0]?.rows.map((row) => row.name)).toEqual(["IN A"]);
  });

  it("has a line for each value and each attribute received", () => {
    expect(picture.lines.map((line) => `${line.attribute} by ${line.rule}`)).toEqual([
      "displayName by IN A",
      "mail by IN A",
      "objectSid by IN B",
      "displayName by OUT",
      "dn by OUT",
    ]);
  });

  it("ends lines at the attribute, or at the head where there is none of that name", () => {
    const { metaverse, lines } = picture;
    const received = lines.filter((line) => line.from === metaverse.key);
    expect(received[0]?.y1).toBe(metaverse.rows[0]?.y);
    expect(received[1]?.y1).toBeLessThan(metaverse.rows[0]?.y ?? 0);
  });

  it("keeps boxes of a column apart and inside the picture", () => {
    for (const column of [picture.sources, [picture.metaverse], picture.targets]) {
      let bottom = 0;
      for (const box of column) {
        expect(box.y).toBeGreaterThan(bottom);
        bottom = box.y + box.height;
        expect(box.rows.every((row) => row.y > box.y && row.y < bottom)).toBe(true);
      }
      expect(bottom).toBeLessThanOrEqual(picture.height);
    }
  });

  it("shows what a value came from though it is not linked any more", () => {
    const gone = layoutFlow({ ...guest, links: [] });
    expect(gone.sources.map((box) => box.isLinked)).toEqual([false, false]);
    expect(gone.targets).toEqual([]);
  });

  it("of an object without anything is one box", () => {
    const bare = layoutFlow({ ...guest, attributes: [], links: [] });
    expect(bare.lines).toEqual([]);
    expect(bare.height).toBeGreaterThan(0);
  });
});

it("long names keep both ends", () => {
  expect(shorten("CN=7d9c1c2e,OU=B2BGuest,DC=contoso,DC=com", 20)).toBe("CN=7d9c1c2e,…,DC=com");
  expect(shorten("CN=a", 20)).toBe("CN=a");
});
