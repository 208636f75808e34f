// What runs and ran, live, and how to start something.

import { Badge, makeStyles } from "@fluentui/react-components";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { canStartRuns } from "../app/access";
import { paths } from "../app/paths";
import { useSession } from "../app/session";
import { connectorsQuery, runsQuery, sequencesQuery } from "../api/queries";
import { Choice } from "../ui/Choice";
import { Moment, ObjectLink, Section } from "../ui/Facts";
import { formatDuration, formatEvery } from "../ui/format";
import { Page } from "../ui/Page";
import { useAddressParameter } from "../ui/SearchField";
import { Query } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { PagedTable, Table, type Column } from "../ui/Table";
import { useLiveRuns } from "./LiveRuns";
import { CounterSummary, RunStanding } from "./RunBadge";
import { profileOf, type Run } from "./runs";
import { StartRun } from "./StartRun";
import { text } from "./text";

/** How often the list is asked for while there is no stream, in milliseconds. */
const WITHOUT_STREAM = 15_000;

const useStyles = makeStyles({ live: { flexGrow: 0, flexBasis: "auto", marginBottom: "6px" } });

const COLUMNS: Column<Run>[] = [
  { label: text.operations.run, cell: (run) => <ObjectLink to={paths.run(run.id)}>{run.id}</ObjectLink> },
  { label: text.operations.connector, cell: (run) => <ObjectLink to={paths.connector(run.connector)}>{run.connector}</ObjectLink> },
  { label: text.operations.profile, cell: profileOf, isNowrap: true },
  { label: text.operations.sequence, cell: placeOf },
  { label: text.operations.started, cell: (run) => <Moment at={run.started} /> },
  { label: text.operations.duration, cell: (run) => (run.ended ? formatDuration(run.started, run.ended) : ""), isNowrap: true },
  { label: text.operations.result, cell: (run) => <RunStanding run={run} /> },
  { label: text.operations.changes, cell: (run) => <CounterSummary run={run} /> },
];

export function Operations() {
  const styles = useStyles();
  const surface = useSurfaceStyles();
  const session = useSession();
  const { isConnected } = useLiveRuns();
  const [connector, setConnector] = useAddressParameter("connector");
  const runs = useInfiniteQuery({ ...runsQuery(connector), refetchInterval: isConnected ? false : WITHOUT_STREAM });
  const connectors = useQuery(connectorsQuery);
  const names = connectors.data?.map(({ name }) => name) ?? [];
  return (
    <Page
      title={text.operations.title}
      lead={text.operations.lead}
      actions={canStartRuns(session) && <StartRun />}
    >
      <div className={surface.stack}>
        <div>
          <div className={surface.filters}>
            <Choice
              label={text.operations.connector}
              value={connector}
              onChange={setConnector}
              options={[
                { value: "", label: text.operations.all },
                ...[...new Set([...names, ...(connector ? [connector] : [])])].map((name) => ({ value: name, label: name })),
              ]}
            />
            <div className={styles.live}>
              <Badge appearance="outline" color={isConnected ? "success" : "informative"}>
                {isConnected ? text.operations.live : text.operations.connecting}
              </Badge>
            </div>
          </div>
          <PagedTable
            query={runs}
            label={text.operations.list}
            noun={text.operations.noun}
            columns={COLUMNS}
            keyOf={(run) => run.id}
            empty={
              connector
                ? { title: text.operations.emptyFiltered }
                : { title: text.operations.empty, lead: text.operations.emptyLead }
            }
          />
        </div>
        <Sequences />
      </div>
    </Page>
  );
}

function Sequences() {
  const query = useQuery(sequencesQuery);
  if (query.data?.length === 0) {
    return null;
  }
  return (
    <Section title={text.operations.sequences}>
      <Query query={query}>
        {(sequences) => (
          <Table
            label={text.operations.sequences}
            rows={sequences}
            keyOf={(sequence) => sequence.name}
            columns={[
              { label: text.operations.sequence, cell: (sequence) => sequence.name, isNowrap: true },
              {
                label: text.start.steps,
                cell: (sequence) => sequence.steps.map((step) => `${step.connector}/${step.profile}`).join(", "),
              },
              {
                label: text.operations.schedule,
                cell: (sequence) =>
                  sequence.schedules.map((schedule) => formatEvery(schedule.everySeconds)).join(", ") ||
                  text.operations.noSchedule,
                isNowrap: true,
              },
            ]}
          />
        )}
      </Query>
    </Section>
  );
}

function placeOf(run: Run): string {
  return run.sequence ? text.run.place(run.sequence.name, run.sequence.place) : "";
}
