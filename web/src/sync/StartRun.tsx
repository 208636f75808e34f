// Starting a run profile or a sequence: choose, then confirm.

import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  DialogTrigger,
  Field,
  makeStyles,
  Radio,
  RadioGroup,
  Text,
} from "@fluentui/react-components";
import { PlayRegular } from "@fluentui/react-icons";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";

import { paths } from "../app/paths";
import { client, read, type Schemas } from "../api/client";
import { connectorsQuery, sequencesQuery } from "../api/queries";
import { Choice } from "../ui/Choice";
import { Loading, ProblemBar } from "../ui/States";
import { text } from "./text";

const useStyles = makeStyles({ stack: { display: "flex", flexDirection: "column", rowGap: "14px" } });

type Connector = Schemas["Connector"];
type Sequence = Schemas["Sequence"];

export function StartRun() {
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={(_, { open }) => setIsOpen(open)}>
      <DialogTrigger disableButtonEnhancement>
        <Button appearance="primary" icon={<PlayRegular />}>
          {text.operations.start}
        </Button>
      </DialogTrigger>
      <DialogSurface>{isOpen && <Content close={() => setIsOpen(false)} />}</DialogSurface>
    </Dialog>
  );
}

function Content({ close }: { close: () => void }) {
  const connectors = useQuery(connectorsQuery);
  const sequences = useQuery(sequencesQuery);
  const error = connectors.error ?? sequences.error;
  if (connectors.data && sequences.data) {
    const startable = connectors.data.filter(({ profiles }) => profiles.length > 0);
    return <Form connectors={startable} sequences={sequences.data} close={close} />;
  }
  return (
    <DialogBody>
      <DialogTitle>{text.start.title}</DialogTitle>
      <DialogContent>
        {error ? (
          <ProblemBar
            error={error}
            onRetry={() => {
              void connectors.refetch();
              void sequences.refetch();
            }}
          />
        ) : (
          <Loading rows={3} />
        )}
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>{text.start.cancel}</Button>
      </DialogActions>
    </DialogBody>
  );
}

interface FormProps {
  connectors: Connector[];
  sequences: Sequence[];
  close: () => void;
}

function Form({ connectors, sequences, close }: FormProps) {
  const styles = useStyles();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [kind, setKind] = useState(connectors.length > 0 ? "profile" : "sequence");
  const [chosenConnector, setConnector] = useState(connectors[0]?.name ?? "");
  const [chosenProfile, setProfile] = useState("");
  const [chosenSequence, setSequence] = useState(sequences[0]?.name ?? "");
  const [isConfirming, setIsConfirming] = useState(false);
  const start = useMutation({
    mutationFn: (body: Schemas["RunRequest"]) => read(client.POST("/api/v1/runs", { body })),
    onSuccess: (started) => {
      void queries.invalidateQueries({ queryKey: ["runs"] });
      close();
      void navigate(paths.run(started.run.id));
    },
  });

  const connector = connectors.find(({ name }) => name === chosenConnector);
  const profile = connector?.profiles.find((name) => name === chosenProfile) ?? connector?.profiles[0];
  const sequence = sequences.find(({ name }) => name === chosenSequence);
  const request = requestOf(kind, connector, profile, sequence);

  if (isConfirming && request) {
    const profiles = kind === "profile" ? [profile] : sequence?.steps.map((step) => step.profile);
    const what = kind === "profile" ? `${connector?.name}/${profile}` : `${text.operations.sequence.toLowerCase()} ${sequence?.name}`;
    return (
      <DialogBody>
        <DialogTitle>{text.start.confirmTitle}</DialogTitle>
        <DialogContent>
          <div className={styles.stack}>
            <Text>
              {text.start.question(what)} {profiles?.includes("export") ? text.start.writes : text.start.reads}
            </Text>
            {kind === "sequence" && sequence && <Steps sequence={sequence} />}
            {start.error && <ProblemBar error={start.error} />}
          </div>
        </DialogContent>
        <DialogActions>
          <Button
            onClick={() => {
              start.reset();
              setIsConfirming(false);
            }}
          >
            {text.start.back}
          </Button>
          <Button appearance="primary" ref={focus} disabledFocusable={start.isPending} onClick={() => start.mutate(request)}>
            {start.isPending ? text.start.starting : text.start.confirm}
          </Button>
        </DialogActions>
      </DialogBody>
    );
  }
  return (
    <DialogBody>
      <DialogTitle>{text.start.title}</DialogTitle>
      <DialogContent>
        <div className={styles.stack}>
          <Field label={text.start.what}>
            <RadioGroup layout="horizontal" value={kind} onChange={(_, { value }) => setKind(value)}>
              <Radio value="profile" label={text.start.profile} disabled={connectors.length === 0} />
              <Radio value="sequence" label={text.start.sequence} disabled={sequences.length === 0} />
            </RadioGroup>
          </Field>
          {kind === "profile" && connector && (
            <>
              <Choice
                label={text.operations.connector}
                value={chosenConnector}
                onChange={setConnector}
                options={connectors.map(({ name }) => ({ value: name, label: name }))}
              />
              <Choice
                label={text.operations.profile}
                value={profile ?? ""}
                onChange={setProfile}
                options={connector.profiles.map((name) => ({ value: name, label: name }))}
              />
            </>
          )}
          {kind === "sequence" && sequence && (
            <>
              <Choice
                label={text.operations.sequence}
                value={chosenSequence}
                onChange={setSequence}
                options={sequences.map(({ name }) => ({ value: name, label: name }))}
              />
              <Steps sequence={sequence} />
            </>
          )}
          {!request && <Text>{text.start.none}</Text>}
        </div>
      </DialogContent>
      <DialogActions>
        <Button onClick={close}>{text.start.cancel}</Button>
        <Button appearance="primary" disabled={!request} onClick={() => setIsConfirming(true)}>
          {text.start.next}
        </Button>
      </DialogActions>
    </DialogBody>
  );
}

// The button that had the focus is gone.
function focus(button: HTMLButtonElement | null) {
  button?.focus();
}

function Steps({ sequence }: { sequence: Sequence }) {
  return (
    <div>
      <Text weight="semibold">{text.start.steps}</Text>
      <ol>
        {sequence.steps.map((step, place) => (
          // A sequence can run the same profile twice, and its steps never move.
          // oxlint-disable-next-line react/no-array-index-key
          <li key={place}>{`${step.connector}/${step.profile}`}</li>
        ))}
      </ol>
    </div>
  );
}

function requestOf(
  kind: string,
  connector: Connector | undefined,
  profile: string | undefined,
  sequence: Sequence | undefined,
): Schemas["RunRequest"] | undefined {
  if (kind === "sequence") {
    return sequence && { sequence: sequence.name };
  }
  return connector && profile !== undefined ? { connector: connector.name, profile } : undefined;
}
