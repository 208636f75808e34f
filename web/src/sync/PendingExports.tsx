// What the next exports will send, by connector. Deletions stand out.

import { Badge, makeStyles, tokens } from "@fluentui/react-components";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { connectorsQuery, pendingExportsQuery } from "../api/queries";
import { Choice } from "../ui/Choice";
import { ObjectLink } from "../ui/Facts";
import { Page } from "../ui/Page";
import { useAddressParameter } from "../ui/SearchField";
import { NARROW, useSurfaceStyles } from "../ui/styles";
import { PagedTable, type Column } from "../ui/Table";
import { OperationBadge } from "./Badges";
import { Change } from "./Change";
import { ObjectCell } from "./ConnectorPage";
import { RuleLink } from "./RuleLink";
import { text } from "./text";

type PendingExport = Schemas["PendingExport"];

const useStyles = makeStyles({
  badges: { display: "flex", flexWrap: "wrap", gap: "4px" },
  changes: { display: "grid", rowGap: "6px", margin: 0, minWidth: "220px", [NARROW]: { minWidth: 0 } },
  attribute: { color: tokens.colorNeutralForeground2, fontSize: tokens.fontSizeBase200 },
  value: { margin: 0 },
});

const COLUMNS: Column<PendingExport>[] = [
  { label: text.pendingExports.operation, cell: (item) => <Operation item={item} /> },
  { label: text.pendingExports.connector, cell: (item) => <ObjectLink to={paths.connector(item.connector)}>{item.connector}</ObjectLink> },
  { label: text.pendingExports.object, cell: (item) => <ObjectCell connector={item.connector} object={item.object} />, isLong: true },
  { label: text.pendingExports.values, cell: ({ export: stage }) => (stage.changes.length > 0 || stage.newDn !== undefined) && <Changes stage={stage} />, isLong: true },
  { label: text.pendingExports.cause, cell: (item) => <RuleLink name={item.export.cause} /> },
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
  const styles = useStyles();
  return (
    <dl className={styles.changes}>
      {stage.newDn !== undefined && (
        <div>
          <dt className={styles.attribute}>{text.object.newDn}</dt>
          <dd className={styles.value}>{stage.newDn}</dd>
        </div>
      )}
      {stage.changes.map((change) => (
        <div key={change.attribute}>
          <dt className={styles.attribute}>{change.attribute}</dt>
          <dd className={styles.value}>
            <Change change={change} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
