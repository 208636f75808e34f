// One connector-space object: what was imported, what is under way, what failed.

import { makeStyles, MessageBar, MessageBarBody, MessageBarTitle, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { csObjectQuery } from "../api/queries";
import { CardSection, Facts, Moment, ObjectLink, Section, Values } from "../ui/Facts";
import { QueryPage } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { Table, type Column } from "../ui/Table";
import { OperationBadge } from "./Badges";
import { Change } from "./Change";
import { RuleLink } from "./RuleLink";
import { text } from "./text";

type CsObject = Schemas["CsObject"];
type ExportStage = Schemas["ExportStage"];

const useStyles = makeStyles({ stage: { display: "flex", flexDirection: "column", rowGap: "12px" } });

export function CsObjectPage() {
  const { name = "", id = "" } = useParams();
  const surface = useSurfaceStyles();
  const query = useQuery(csObjectQuery(name, id));
  return (
    <QueryPage
      query={query}
      title={query.data?.displayName ?? query.data?.dn ?? id}
      lead={text.object.facts}
      crumbs={[
        { to: "/sync/connectors", label: text.connectors.title },
        { to: paths.connector(name), label: name },
      ]}
    >
      {(object) => (
        <div className={surface.stack}>
          <Failure title={text.object.failedImport} error={object.importError} />
          <Failure title={text.object.failedExport} error={object.exportError} />
          <ObjectFacts object={object} />
          <Stages object={object} />
          <Attributes object={object} />
        </div>
      )}
    </QueryPage>
  );
}

function Failure({ title, error }: { title: string; error: Schemas["ObjectError"] | undefined }) {
  if (!error) {
    return null;
  }
  return (
    <MessageBar intent="error" layout="multiline">
      <MessageBarBody>
        <MessageBarTitle>{`${title}: ${error.type}`}</MessageBarTitle> {error.message}
        <Text block size={200}>
          {error.code !== undefined && `${text.run.code} ${error.code}. `}
          {text.object.since} <Moment at={error.firstOccurred} />, {text.object.times(error.count)}.{" "}
          {error.rule !== undefined && <RuleLink name={error.rule} />}
        </Text>
      </MessageBarBody>
    </MessageBar>
  );
}

function ObjectFacts({ object }: { object: CsObject }) {
  return (
    <CardSection title={text.object.facts}>
      <Facts
        facts={[
          { name: text.object.dn, value: object.dn },
          object.anchor !== undefined && { name: text.object.anchor, value: object.anchor },
          { name: text.object.id, value: object.id },
          { name: text.object.type, value: object.objectType },
          { name: text.object.state, value: text.object.states[object.state] },
          object.linkedBy !== undefined && { name: text.object.linkedBy, value: <RuleLink name={object.linkedBy} /> },
          object.metaverseId !== undefined && {
            name: text.object.metaverse,
            value: <ObjectLink to={paths.mvObject(object.metaverseId)}>{object.metaverseId}</ObjectLink>,
          },
        ]}
      />
    </CardSection>
  );
}

function Stages({ object: { stages } }: { object: CsObject }) {
  const styles = useStyles();
  const { pendingImport, pendingExport, escrow, unconfirmed } = stages;
  if (!pendingImport && !pendingExport && !escrow && !unconfirmed) {
    return <CardSection title={text.object.stages}>{text.object.noStages}</CardSection>;
  }
  return (
    <>
      {pendingImport && (
        <CardSection title={text.object.pendingImport}>
          <div className={styles.stage}>
            <Text>{text.object.pendingImportLead}</Text>
            <Facts
              facts={[
                { name: text.object.change, value: <OperationBadge operation={pendingImport.operation} /> },
                pendingImport.dnBefore !== undefined && { name: text.object.dnBefore, value: pendingImport.dnBefore },
                { name: text.object.attributes, value: pendingImport.attributes.join(", ") || text.object.cleared },
                { name: text.object.run, value: <ObjectLink to={paths.run(pendingImport.run)}>{pendingImport.run}</ObjectLink> },
              ]}
            />
          </div>
        </CardSection>
      )}
      <Stage title={text.object.pendingExport} lead={text.object.pendingExportLead} stage={pendingExport} />
      <Stage title={text.object.escrow} lead={text.object.escrowLead} stage={escrow} />
      <Stage title={text.object.unconfirmed} lead={text.object.unconfirmedLead} stage={unconfirmed} />
    </>
  );
}

const CHANGES: Column<ExportStage["changes"][number]>[] = [
  { label: text.object.attribute, cell: (change) => change.attribute },
  { label: text.object.values, cell: (change) => <Change change={change} />, isLong: true },
  { label: text.object.rule, cell: (change) => <RuleLink name={change.rule} /> },
];

function Stage({ title, lead, stage }: { title: string; lead: string; stage: ExportStage | undefined }) {
  const styles = useStyles();
  if (!stage) {
    return null;
  }
  return (
    <CardSection title={title}>
      <div className={styles.stage}>
        <Text>{lead}</Text>
        <Facts
          facts={[
            { name: text.object.change, value: <OperationBadge operation={stage.operation} /> },
            stage.newDn !== undefined && { name: text.object.newDn, value: stage.newDn },
            { name: text.object.cause, value: <RuleLink name={stage.cause} /> },
            { name: text.object.run, value: <ObjectLink to={paths.run(stage.run)}>{stage.run}</ObjectLink> },
          ]}
        />
        {stage.changes.length > 0 && (
          <Table
            label={text.object.changes(title)}
            columns={CHANGES}
            rows={stage.changes}
            keyOf={(change) => change.attribute}
          />
        )}
      </div>
    </CardSection>
  );
}

function Attributes({ object }: { object: CsObject }) {
  if (object.attributes.length === 0) {
    return <CardSection title={text.object.attributes}>{text.object.noAttributes}</CardSection>;
  }
  const columns: Column<CsObject["attributes"][number]>[] = [
    { label: text.object.attribute, cell: (attribute) => attribute.name },
    { label: text.object.values, cell: (attribute) => <Values values={attribute.values} />, isLong: true },
  ];
  if (object.attributes.some((attribute) => attribute.before !== undefined)) {
    columns.push({ label: text.object.before, cell: ({ before }) => before && <Values values={before} />, isLong: true });
  }
  return (
    <Section title={text.object.attributes}>
      <Table label={text.object.attributes} columns={columns} rows={object.attributes} keyOf={({ name }) => name} />
    </Section>
  );
}
