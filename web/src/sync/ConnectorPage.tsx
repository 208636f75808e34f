// One connector: its counts, and a search of its connector space by scope.

import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { connectorQuery, csObjectsQuery, type Scope } from "../api/queries";
import { Choice } from "../ui/Choice";
import { CardSection, Facts, ObjectLink, Section } from "../ui/Facts";
import { formatCount } from "../ui/format";
import { SearchField, useAddressParameter } from "../ui/SearchField";
import { QueryPage } from "../ui/States";
import { NARROW, useSurfaceStyles } from "../ui/styles";
import { PagedTable, type Column } from "../ui/Table";
import { StageBadges } from "./Badges";
import { ResultBadge } from "./RunBadge";
import { text } from "./text";

type Connector = Schemas["Connector"];
type Summary = Schemas["CsObjectSummary"];

const SCOPES = Object.keys(text.connectors.scopes) as Scope[];
const COUNTS = Object.keys(text.connectors.counts) as (keyof Connector["counts"])[];

const useStyles = makeStyles({
  counts: {
    display: "grid",
    gridTemplateColumns: "repeat(7, minmax(0, 1fr))",
    gap: "10px",
    margin: 0,
    "@media (max-width: 1099px)": { gridTemplateColumns: "repeat(4, minmax(0, 1fr))" },
    [NARROW]: { gridTemplateColumns: "repeat(2, minmax(0, 1fr))" },
  },
  count: {
    display: "flex",
    flexDirection: "column-reverse",
    padding: "10px 12px",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
  },
  number: { margin: 0, fontSize: tokens.fontSizeBase500, lineHeight: tokens.lineHeightBase500, fontVariantNumeric: "tabular-nums" },
  name: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
});

export function ConnectorPage() {
  const { name = "" } = useParams();
  const surface = useSurfaceStyles();
  const query = useQuery(connectorQuery(name));
  return (
    <QueryPage
      query={query}
      title={name}
      lead={query.data?.description}
      crumbs={[{ to: "/sync/connectors", label: text.connectors.title }]}
    >
      {(connector) => (
        <div className={surface.stack}>
          <Counts counts={connector.counts} />
          <CardSection title={text.connectors.facts}>
            <Facts
              facts={[
                { name: text.connectors.type, value: connector.type },
                { name: text.connectors.profiles, value: connector.profiles.join(", ") },
                {
                  name: text.connectors.lastRun,
                  value: connector.lastRun ? (
                    <>
                      <ObjectLink to={paths.run(connector.lastRun.id)}>{connector.lastRun.profile}</ObjectLink>{" "}
                      <ResultBadge run={connector.lastRun} />
                    </>
                  ) : (
                    text.never
                  ),
                },
              ]}
            />
          </CardSection>
          <Space name={name} />
        </div>
      )}
    </QueryPage>
  );
}

function Counts({ counts }: { counts: Connector["counts"] }) {
  const styles = useStyles();
  return (
    <dl className={styles.counts}>
      {COUNTS.map((count) => (
        <div key={count} className={styles.count}>
          <dt className={styles.name}>{text.connectors.counts[count]}</dt>
          <dd className={styles.number}>{formatCount(counts[count])}</dd>
        </div>
      ))}
    </dl>
  );
}

function Space({ name }: { name: string }) {
  const surface = useSurfaceStyles();
  const [search, setSearch] = useAddressParameter("search");
  const [wanted, setScope] = useAddressParameter("scope");
  const scope = SCOPES.find((known) => known === wanted) ?? "all";
  const query = useInfiniteQuery(csObjectsQuery(name, scope, search));
  const columns: Column<Summary>[] = [
    { label: text.object.dn, cell: (object) => <ObjectCell connector={name} object={object} />, isLong: true },
    { label: text.object.type, cell: (object) => object.objectType },
    { label: text.object.state, cell: (object) => text.object.states[object.state] },
    { label: text.object.pending, cell: (object) => <StageBadges object={object} /> },
    {
      label: text.object.metaverse,
      cell: (object) =>
        object.metaverseId !== undefined && (
          <ObjectLink to={paths.mvObject(object.metaverseId)}>{text.object.open}</ObjectLink>
        ),
    },
  ];
  const isNarrowed = search !== "" || scope !== "all";
  return (
    <Section title={text.connectors.space}>
      <search className={surface.filters}>
        <Choice
          label={text.connectors.scope}
          value={scope}
          onChange={(next) => setScope(next === "all" ? "" : next)}
          options={SCOPES.map((value) => ({ value, label: text.connectors.scopes[value] }))}
        />
        <SearchField label={text.connectors.search} value={search} onChange={setSearch} />
      </search>
      <PagedTable
        query={query}
        label={text.connectors.objects}
        noun={text.connectors.noun}
        columns={columns}
        keyOf={(object) => object.id}
        empty={
          isNarrowed
            ? { title: text.connectors.notFound, lead: text.connectors.notFoundLead }
            : { title: text.connectors.noObjects, lead: text.connectors.noObjectsLead }
        }
      />
    </Section>
  );
}

export function ObjectCell({ connector, object }: { connector: string; object: Summary }) {
  const surface = useSurfaceStyles();
  return (
    <>
      <ObjectLink to={paths.csObject(connector, object.id)}>{object.dn}</ObjectLink>
      {object.displayName !== undefined && (
        <Text block size={200} className={surface.muted}>
          {object.displayName}
        </Text>
      )}
    </>
  );
}
