// Runs as they come along: one stream of server-sent events, put into what pages show already.

import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

import { runQuery, runsQuery, sessionQuery } from "../api/queries";
import { useSurfaceStyles } from "../ui/styles";
import { decodeRunEvent, withRun, type RunEvent } from "./runs";
import { text } from "./text";

/** Waits between attempts when the stream was refused, in milliseconds. */
const WAIT_FIRST = 2_000;
const WAIT_MAX = 60_000;

interface Live {
  isConnected: boolean;
  /** The last event of each run under way, by the run's number. */
  events: ReadonlyMap<string, RunEvent>;
}

const LiveContext = createContext<Live>({ isConnected: false, events: new Map() });

export const useLiveRuns = () => useContext(LiveContext);

export function LiveRuns({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const surface = useSurfaceStyles();
  const [isConnected, setIsConnected] = useState(false);
  const [events, setEvents] = useState<ReadonlyMap<string, RunEvent>>(new Map());
  const [announcement, setAnnouncement] = useState("");

  useEffect(() => {
    const hear = (name: string, event: RunEvent) => {
      const { run } = event;
      setEvents((before) => {
        const after = new Map(before);
        if (run.state === "running") {
          after.set(run.id, event);
        } else {
          after.delete(run.id);
        }
        return after;
      });
      keep(queries, name, event);
      if (name === "run-started") {
        setAnnouncement(text.operations.announceStarted(run.connector, run.profile));
      } else if (name === "run-ended") {
        setAnnouncement(text.operations.announceEnded(run.connector, run.profile, run.result ?? run.state));
      }
    };
    return listen(hear, setIsConnected, () => void queries.invalidateQueries({ queryKey: sessionQuery.queryKey }));
  }, [queries]);

  const live = useMemo(() => ({ isConnected, events }), [isConnected, events]);
  return (
    <LiveContext value={live}>
      {children}
      <div role="status" aria-live="polite" className={surface.hidden}>
        {announcement}
      </div>
    </LiveContext>
  );
}

const NAMES = ["run-started", "run-progress", "run-ended"] as const;

// A browser connects again by itself after a broken line, but not after a refusal.
function listen(
  hear: (name: string, event: RunEvent) => void,
  onConnected: (isConnected: boolean) => void,
  onRefused: () => void,
): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = WAIT_FIRST;
  const open = () => {
    const opened = new EventSource("/api/v1/events");
    source = opened;
    opened.addEventListener("open", () => {
      wait = WAIT_FIRST;
      onConnected(true);
    });
    opened.addEventListener("error", () => {
      onConnected(false);
      if (opened.readyState === EventSource.CLOSED) {
        onRefused();
        timer = setTimeout(open, wait);
        wait = Math.min(wait * 2, WAIT_MAX);
      }
    });
    for (const name of NAMES) {
      opened.addEventListener(name, (message: MessageEvent<string>) => {
        const event = decodeRunEvent(message.data);
        if (event) {
          hear(name, event);
        }
      });
    }
  };
  open();
  return () => {
    clearTimeout(timer);
    source?.close();
  };
}

function keep(queries: QueryClient, name: string, { run }: RunEvent) {
  queries.setQueryData(runQuery(run.id).queryKey, run);
  for (const query of queries.getQueryCache().findAll({ queryKey: ["runs"] })) {
    const connector = query.queryKey[1];
    if (typeof connector === "string") {
      queries.setQueryData(runsQuery(connector).queryKey, (list) => list && withRun(list, run, connector));
    }
  }
  if (name !== "run-progress") {
    // An answer that was on its way when the event came does not know of it.
    void queries.invalidateQueries({ queryKey: ["runs"] });
  }
  if (name === "run-ended") {
    for (const key of ["connectors", "cs", "cs-object", "pending-exports", "mv", "mv-object", "metaverse", "rules"]) {
      void queries.invalidateQueries({ queryKey: [key] });
    }
    void queries.invalidateQueries({ queryKey: ["run-errors", run.id] });
  }
}
