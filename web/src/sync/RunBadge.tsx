// How a run stands: its result, or how far it is.

import { Badge, makeStyles, ProgressBar, Text } from "@fluentui/react-components";

import { formatCount, progressOf } from "../ui/format";
import { NARROW } from "../ui/styles";
import { useLiveRuns } from "./LiveRuns";
import { summarize, toneOf, type Run } from "./runs";
import { text } from "./text";

const useStyles = makeStyles({
  progress: { display: "flex", flexDirection: "column", rowGap: "6px", minWidth: "150px", maxWidth: "260px" },
  counters: { listStyleType: "none", margin: 0, padding: 0, whiteSpace: "nowrap", [NARROW]: { whiteSpace: "normal" } },
});

export function ResultBadge({ run }: { run: Run }) {
  const label =
    run.state === "running"
      ? text.operations.running
      : run.state === "interrupted"
        ? text.operations.interrupted
        : (run.result ?? run.state);
  return (
    <Badge appearance="tint" color={toneOf(run)}>
      {label}
    </Badge>
  );
}

/** The result, or for runs under way their progress. */
export function RunStanding({ run }: { run: Run }) {
  const styles = useStyles();
  const { events } = useLiveRuns();
  const event = events.get(run.id);
  if (run.state !== "running") {
    return <ResultBadge run={run} />;
  }
  const value = progressOf(event?.done, event?.expected);
  return (
    <div className={styles.progress}>
      <div>
        <ResultBadge run={run} />
      </div>
      <ProgressBar
        aria-label={text.operations.progressLabel(run.connector, run.profile)}
        thickness="large"
        {...(value === undefined ? {} : { value })}
      />
      {event?.done !== undefined && <Text size={200}>{text.operations.progress(event.done, event.expected)}</Text>}
    </div>
  );
}

export function CounterSummary({ run }: { run: Run }) {
  const styles = useStyles();
  const counters = summarize(run.counters);
  if (counters.length === 0) {
    return null;
  }
  return (
    <ul className={styles.counters}>
      {counters.map(([name, count]) => (
        <li key={name}>
          {name} {formatCount(count)}
        </li>
      ))}
    </ul>
  );
}
