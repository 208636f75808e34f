// One metaverse object: the flow as a picture, every value with its lineage, what is linked.

import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { mvObjectQuery } from "../api/queries";
import { CardSection, Facts, Moment, ObjectLink, Section, Values } from "../ui/Facts";
import { QueryPage } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { Table, type Column } from "../ui/Table";
import { Flow } from "./Flow";
import { RuleLink } from "./RuleLink";
import { text } from "./text";

type MvObject = Schemas["MvObject"];

export function MvObjectPage() {
  const { id = "" } = useParams();
  const surface = useSurfaceStyles();
  const query = useQuery(mvObjectQuery(id));
  return (
    <QueryPage
      query={query}
      title={query.data ? nameOf(query.data) : id}
      lead={query.data?.type}
      crumbs={[{ to: "/sync/metaverse", label: text.metaverse.title }]}
    >
      {(object) => (
        <div className={surface.stack}>
          <CardSection title={text.metaverse.facts}>
            <Facts
              facts={[
                { name: text.metaverse.id, value: object.id },
                { name: text.metaverse.type, value: object.type },
              ]}
            />
          </CardSection>
          <Flow object={object} name={nameOf(object)} />
          <Section title={text.metaverse.attributes}>
            <Table
              label={text.metaverse.attributes}
              columns={ATTRIBUTES}
              rows={object.attributes}
              keyOf={(attribute) => attribute.name}
            />
          </Section>
          <Section title={text.metaverse.linked}>
            <Table
              label={text.metaverse.linked}
              columns={LINKS}
              rows={object.links}
              keyOf={(link) => `${link.connector} ${link.object}`}
            />
          </Section>
        </div>
      )}
    </QueryPage>
  );
}

const ATTRIBUTES: Column<MvObject["attributes"][number]>[] = [
  { label: text.metaverse.attribute, cell: (attribute) => attribute.name },
  { label: text.metaverse.values, cell: (attribute) => <Values values={attribute.values} />, isLong: true },
  {
    label: text.metaverse.rule,
    cell: ({ lineage }) => <RuleLink name={lineage.rule} />,
  },
  {
    label: text.metaverse.source,
    isLong: true,
    cell: ({ lineage }) => (
      <>
        {lineage.connector}:{" "}
        <ObjectLink to={paths.csObject(lineage.connector, lineage.object)}>{lineage.objectDn ?? lineage.object}</ObjectLink>
      </>
    ),
  },
  {
    label: text.metaverse.run,
    cell: ({ lineage }) => <ObjectLink to={paths.run(lineage.run)}>{lineage.run}</ObjectLink>,
  },
  { label: text.metaverse.when, cell: ({ lineage }) => <Moment at={lineage.at} /> },
];

const LINKS: Column<MvObject["links"][number]>[] = [
  { label: text.metaverse.connector, cell: (link) => <ObjectLink to={paths.connector(link.connector)}>{link.connector}</ObjectLink> },
  { label: text.metaverse.object, cell: (link) => <ObjectLink to={paths.csObject(link.connector, link.object)}>{link.dn}</ObjectLink>, isLong: true },
  { label: text.object.type, cell: (link) => link.objectType },
  { label: text.metaverse.role, cell: (link) => (link.role ? text.metaverse.roles[link.role] : text.metaverse.noFlow) },
  { label: text.metaverse.linkedBy, cell: (link) => link.linkedBy !== undefined && <RuleLink name={link.linkedBy} /> },
];

function nameOf(object: MvObject): string {
  return object.attributes.find(({ name }) => name === "displayName")?.values[0] ?? object.id;
}
