// Signing in where no gateway did it already. It takes the place of the page that was asked for, so
// that the way back is the address itself.

import { Button, Divider, Field, Input, makeStyles, Text, typographyStyles } from "@fluentui/react-components";
import { useMutation } from "@tanstack/react-query";
import { useEffect, useRef, useState, type FormEvent } from "react";

import { client, read } from "../api/client";
import { problemOf } from "../api/problem";
import { text } from "../text";
import { ProblemBar } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { Bare } from "./Bare";
import { useSessionChange } from "./session";

const useStyles = makeStyles({
  title: { ...typographyStyles.title2, margin: 0 },
  form: { display: "flex", flexDirection: "column", rowGap: "14px" },
  stack: { display: "flex", flexDirection: "column", rowGap: "18px" },
});

export function SignIn() {
  const styles = useStyles();
  const surface = useSurfaceStyles();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${text.signIn.title} · ${text.product}`;
    // A dialog that was open when the session ended has hidden everything else from screen readers,
    // and was taken away before it could undo that.
    const timer = setTimeout(() => {
      for (let hidden = hiding(heading.current); hidden; hidden = hiding(heading.current)) {
        hidden.removeAttribute("aria-hidden");
      }
      heading.current?.focus();
    });
    return () => clearTimeout(timer);
  }, []);
  return (
    <Bare>
      <div className={surface.card}>
        <div className={styles.stack}>
          <h1 ref={heading} tabIndex={-1} className={styles.title}>
            {text.signIn.title}
          </h1>
          <Kerberos />
          <Divider>{text.signIn.or}</Divider>
          <Password />
        </div>
      </div>
    </Bare>
  );
}

/** Asks the browser for a ticket, which it sends only if it is told to trust this address. */
function Kerberos() {
  const welcome = useSessionChange();
  const attempt = useMutation({
    mutationFn: () => read(client.GET("/api/v1/session", { params: { query: { negotiate: true } } })),
    onSuccess: welcome,
  });
  const isRefused = attempt.error !== null && problemOf(attempt.error).status === 401;
  return (
    <>
      <Button disabledFocusable={attempt.isPending} onClick={() => attempt.mutate()}>
        {text.signIn.kerberos}
      </Button>
      {isRefused && <Text role="alert">{text.signIn.kerberosFailed}</Text>}
      {attempt.error && !isRefused && <ProblemBar error={attempt.error} />}
    </>
  );
}

function Password() {
  const styles = useStyles();
  const welcome = useSessionChange();
  const [account, setAccount] = useState("");
  const [password, setPassword] = useState("");
  const [isMissing, setIsMissing] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const attempt = useMutation({
    mutationFn: () => read(client.POST("/api/v1/session", { body: { account: account.trim(), password } })),
    onSuccess: welcome,
    onError: () => {
      setPassword("");
      form.current?.querySelector("input")?.focus();
    },
  });
  const isWrong = attempt.error !== null && problemOf(attempt.error).status === 401;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const isIncomplete = account.trim() === "" || password === "";
    setIsMissing(isIncomplete);
    if (!isIncomplete && !attempt.isPending) {
      attempt.mutate();
    }
  };
  const message = isMissing ? text.signIn.missing : isWrong ? text.signIn.wrong : undefined;
  return (
    <form ref={form} className={styles.form} onSubmit={submit} noValidate>
      <Field label={text.signIn.account}>
        <Input
          value={account}
          onChange={(_, { value }) => setAccount(value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          maxLength={64}
        />
      </Field>
      <Field label={text.signIn.password} {...(message ? { validationMessage: message, validationState: "error" } : {})}>
        <Input
          type="password"
          value={password}
          onChange={(_, { value }) => setPassword(value)}
          autoComplete="current-password"
          maxLength={1024}
        />
      </Field>
      {attempt.error && !isWrong && <ProblemBar error={attempt.error} />}
      <Button type="submit" appearance="primary" disabledFocusable={attempt.isPending}>
        {attempt.isPending ? text.signIn.busy : text.signIn.submit}
      </Button>
    </form>
  );
}

function hiding(heading: Element | null): Element | null {
  return heading?.closest('[aria-hidden="true"]') ?? null;
}
