// What the next exports will send, by connector. Deletions stand out.

import { Badge, makeStyles } from "@fluentui/react-components";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { connectorsQuery, pendingExportsQuery } from "../api/queries";
import { Choice } from "../ui/Choice";
import { Facts, ObjectLink } from "../ui/Facts";
import { Page } from "../ui/Page";
import { useAddressParameter } from "../ui/SearchField";
import { useSurfaceStyles } from "../ui/styles";
import { PagedTable, type Column } from "../ui/Table";
import { OperationBadge } from "./Badges";
import { Change } from "./Change";
import { ObjectCell } from "./ConnectorPage";
import { text } from "./text";

type PendingExport = Schemas["PendingExport"];

const useStyles = makeStyles({ badges: { display: "flex", flexWrap: "wrap", gap: "4px" } });

const COLUMNS: Column<PendingExport>[] = [
  { label: text.pendingExports.operation, cell: (item) => <Operation item={item} /> },
  { label: text.pendingExports.connector, cell: (item) => <ObjectLink to={paths.connector(item.connector)}>{item.connector}</ObjectLink> },
  { label: text.pendingExports.object, cell: (item) => <ObjectCell connector={item.connector} object={item.object} /> },
  { label: text.pendingExports.values, cell: ({ export: stage }) => <Changes stage={stage} /> },
  { label: text.pendingExports.cause, cell: (item) => item.export.cause },
  { label: text.pendingExports.run, cell: (item) => <ObjectLink to={paths.run(item.export.run)}>{item.export.run}</ObjectLink> },
];

export function PendingExports() {
  const surface = useSurfaceStyles();
  const [connector, setConnector] = useAddressParameter("connector");
  const connectors = useQuery(connectorsQuery);
  const query = useInfiniteQuery(pendingExportsQuery(connector));
  const names = connectors.data?.map(({ name }) => name) ?? [];
  return (
    <Page title={text.pendingExports.title} lead={text.pendingExports.lead}>
      <div className={surface.filters}>
        <Choice
          label={text.pendingExports.connector}
          value={connector}
          onChange={setConnector}
          options={[
            { value: "", label: text.pendingExports.all },
            ...[...new Set([...names, ...(connector ? [connector] : [])])].map((name) => ({ value: name, label: name })),
          ]}
        />
      </div>
      <PagedTable
        query={query}
        label={text.pendingExports.list}
        noun={text.pendingExports.noun}
        columns={COLUMNS}
        keyOf={(item) => `${item.connector} ${item.object.id}`}
        isDanger={(item) => item.export.operation === "delete"}
        empty={{ title: text.pendingExports.empty, lead: text.pendingExports.emptyLead }}
      />
    </Page>
  );
}

function Operation({ item }: { item: PendingExport }) {
  const styles = useStyles();
  return (
    <div className={styles.badges}>
      <OperationBadge operation={item.export.operation} />
      {item.inDoubt && (
        <Badge appearance="tint" color="warning">
          {text.object.inDoubt}
        </Badge>
      )}
    </div>
  );
}

function Changes({ stage }: { stage: Schemas["ExportStage"] }) {
  return (
    <Facts
      facts={[
        stage.newDn !== undefined && { name: text.object.newDn, value: stage.newDn },
        ...stage.changes.map((change) => ({ name: change.attribute, value: <Change change={change} /> })),
      ]}
    />
  );
}
