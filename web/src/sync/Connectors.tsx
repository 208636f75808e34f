// All connectors with the seven counts of their connector spaces.

import { Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { connectorsQuery } from "../api/queries";
import { ObjectLink } from "../ui/Facts";
import { formatCount } from "../ui/format";
import { Page } from "../ui/Page";
import { Empty, Query } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { Table, type Column } from "../ui/Table";
import { ResultBadge } from "./RunBadge";
import { text } from "./text";

type Connector = Schemas["Connector"];

const COUNTS = Object.keys(text.connectors.counts) as (keyof Connector["counts"])[];

const COLUMNS: Column<Connector>[] = [
  { label: text.connectors.name, cell: (connector) => <Name connector={connector} /> },
  { label: text.connectors.type, cell: (connector) => connector.type },
  ...COUNTS.map(
    (count): Column<Connector> => ({
      label: text.connectors.counts[count],
      cell: (connector) => formatCount(connector.counts[count]),
      isNumeric: true,
    }),
  ),
  {
    label: text.connectors.lastRun,
    cell: ({ lastRun }) =>
      lastRun ? (
        <>
          <ObjectLink to={paths.run(lastRun.id)}>{lastRun.profile}</ObjectLink> <ResultBadge run={lastRun} />
        </>
      ) : (
        text.never
      ),
  },
];

export function Connectors() {
  const query = useQuery(connectorsQuery);
  return (
    <Page title={text.connectors.title} lead={text.connectors.lead}>
      <Query query={query}>
        {(connectors) =>
          connectors.length === 0 ? (
            <Empty title={text.connectors.empty}>{text.connectors.emptyLead}</Empty>
          ) : (
            <Table label={text.connectors.list} columns={COLUMNS} rows={connectors} keyOf={({ name }) => name} />
          )
        }
      </Query>
    </Page>
  );
}

function Name({ connector }: { connector: Connector }) {
  const surface = useSurfaceStyles();
  return (
    <>
      <ObjectLink to={paths.connector(connector.name)}>{connector.name}</ObjectLink>
      {connector.description && (
        <Text block size={200} className={surface.muted}>
          {connector.description}
        </Text>
      )}
    </>
  );
}
