// One run: how it stands, what it counted, what failed.

import { MessageBar, MessageBarBody, MessageBarTitle } from "@fluentui/react-components";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { runErrorsQuery, runQuery } from "../api/queries";
import { CardSection, Facts, Moment, ObjectLink, Section } from "../ui/Facts";
import { formatCount, formatDuration } from "../ui/format";
import { QueryPage } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { PagedTable, Table, type Column } from "../ui/Table";
import { useLiveRuns } from "./LiveRuns";
import { RunStanding } from "./RunBadge";
import { groupCounters, profileOf, type CounterGroup, type Run } from "./runs";
import { RuleLink } from "./RuleLink";
import { text } from "./text";

/** How often a run under way is asked for while there is no stream, in milliseconds. */
const WITHOUT_STREAM = 5_000;

export function RunPage() {
  const { id = "" } = useParams();
  const surface = useSurfaceStyles();
  const { isConnected } = useLiveRuns();
  const query = useQuery({
    ...runQuery(id),
    refetchInterval: ({ state }) => (!isConnected && state.data?.state === "running" ? WITHOUT_STREAM : false),
  });
  return (
    <QueryPage
      query={query}
      title={text.run.title(id)}
      lead={query.data && `${query.data.connector}, ${query.data.profile}`}
      crumbs={[{ to: "/sync/operations", label: text.operations.title }]}
    >
      {(run) => (
        <div className={surface.stack}>
          {run.message && (
            <MessageBar intent="warning" layout="multiline">
              <MessageBarBody>
                <MessageBarTitle>{text.run.message}</MessageBarTitle> {run.message}
              </MessageBarBody>
            </MessageBar>
          )}
          <RunFacts run={run} />
          <Counters run={run} />
          <Errors run={run} />
        </div>
      )}
    </QueryPage>
  );
}

function RunFacts({ run }: { run: Run }) {
  return (
    <CardSection title={text.run.facts}>
      <Facts
        facts={[
          { name: text.operations.result, value: <RunStanding run={run} /> },
          { name: text.operations.connector, value: <ObjectLink to={paths.connector(run.connector)}>{run.connector}</ObjectLink> },
          { name: text.operations.profile, value: profileOf(run) },
          run.startedBy !== undefined && { name: text.run.startedBy, value: run.startedBy },
          run.sequence && { name: text.operations.sequence, value: text.run.place(run.sequence.name, run.sequence.place) },
          { name: text.operations.started, value: <Moment at={run.started} /> },
          run.ended !== undefined && { name: text.run.ended, value: <Moment at={run.ended} /> },
          run.ended !== undefined && { name: text.operations.duration, value: formatDuration(run.started, run.ended) },
        ]}
      />
    </CardSection>
  );
}

interface CounterRow {
  group: CounterGroup;
  name: string;
  count: number;
}

function Counters({ run }: { run: Run }) {
  const rows = groupCounters(run.counters).flatMap(({ group, counters }) =>
    counters.map(([name, count]): CounterRow => ({ group, name, count })),
  );
  if (rows.length === 0) {
    return <CardSection title={text.run.counters}>{text.run.noCounters}</CardSection>;
  }
  return (
    <Section title={text.run.counters}>
      <Table
        label={text.run.counters}
        rows={rows}
        keyOf={(row) => row.name}
        columns={[
          { label: text.run.counter, cell: (row) => row.name },
          { label: text.run.step, cell: (row) => text.run.groups[row.group] },
          { label: text.run.count, cell: (row) => formatCount(row.count), isNumeric: true },
        ]}
      />
    </Section>
  );
}

function Errors({ run }: { run: Run }) {
  const query = useInfiniteQuery(runErrorsQuery(run.id));
  const columns: Column<Schemas["RunError"]>[] = [
    {
      label: text.run.object,
      isLong: true,
      cell: (error) =>
        error.object === undefined ? (
          error.name
        ) : (
          <ObjectLink to={paths.csObject(run.connector, error.object)}>{error.name}</ObjectLink>
        ),
    },
    { label: text.run.error, cell: (error) => error.errorType, isNowrap: true },
    { label: text.run.step, cell: (error) => error.step },
    { label: text.run.what, cell: (error) => error.message, isLong: true },
    { label: text.run.code, cell: (error) => error.code ?? "" },
    {
      label: text.run.rule,
      cell: (error) => error.rule !== undefined && <RuleLink name={error.rule} />,
    },
  ];
  return (
    <Section title={text.run.errors}>
      <PagedTable
        query={query}
        label={text.run.errors}
        noun="error"
        columns={columns}
        keyOf={(error) => [error.object, error.name, error.errorType, error.step, error.rule, error.message].join("|")}
        empty={{ title: text.run.noErrors, lead: text.run.noErrorsLead }}
      />
    </Section>
  );
}
