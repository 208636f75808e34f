// Names with values, moments, links to objects: the small parts of detail pages.

import { Badge, makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { text } from "../text";
import { formatMoment, formatUtc } from "./format";
import { NARROW, useLinkStyles, useSurfaceStyles } from "./styles";

const useStyles = makeStyles({
  facts: {
    display: "grid",
    gridTemplateColumns: "minmax(140px, 220px) 1fr",
    columnGap: "20px",
    rowGap: "10px",
    margin: 0,
    [NARROW]: { gridTemplateColumns: "1fr", rowGap: "2px" },
  },
  name: { color: tokens.colorNeutralForeground2, overflowWrap: "anywhere" },
  value: { margin: 0, overflowWrap: "anywhere", minWidth: 0, [NARROW]: { marginBottom: "10px" } },
  values: { listStyleType: "none", margin: 0, padding: 0 },
  none: { color: tokens.colorNeutralForeground2, fontStyle: "italic" },
});

export interface Fact {
  name: string;
  value: ReactNode;
}

export function Facts({ facts }: { facts: (Fact | false | undefined)[] }) {
  const styles = useStyles();
  return (
    <dl className={styles.facts}>
      {facts.map(
        (fact) =>
          fact && (
            <FactRow key={fact.name} {...fact} />
          ),
      )}
    </dl>
  );
}

function FactRow({ name, value }: Fact) {
  const styles = useStyles();
  return (
    <>
      <dt className={styles.name}>{name}</dt>
      <dd className={styles.value}>{value}</dd>
    </>
  );
}

/** The values of an attribute, one below the other. */
export function Values({ values }: { values: readonly string[] }) {
  const styles = useStyles();
  if (values.length === 0) {
    return <span className={styles.none}>{text.none}</span>;
  }
  if (values.length === 1) {
    return <span>{values[0]}</span>;
  }
  return (
    <ul className={styles.values}>
      {values.map((value) => (
        <li key={value}>{value}</li>
      ))}
    </ul>
  );
}

export function SecretBadge() {
  return (
    <Badge appearance="outline" color="informative">
      {text.secret}
    </Badge>
  );
}

/** A moment in the reader's zone, with UTC on hover. */
export function Moment({ at }: { at: string }) {
  return (
    <time dateTime={at} title={formatUtc(at)}>
      {formatMoment(at)}
    </time>
  );
}

export function ObjectLink({ to, children, isMono }: { to: string; children: ReactNode; isMono?: boolean }) {
  const links = useLinkStyles();
  const surface = useSurfaceStyles();
  return (
    <Link to={to} className={mergeClasses(links.link, isMono && surface.mono)}>
      {children}
    </Link>
  );
}

/** A heading over something that is a region of its own, such as a table. */
export function Section({ title, children }: { title: string; children: ReactNode }) {
  const surface = useSurfaceStyles();
  return (
    <div>
      <h2 className={surface.sectionTitle}>{title}</h2>
      {children}
    </div>
  );
}

export function CardSection({ title, children }: { title: string; children: ReactNode }) {
  const surface = useSurfaceStyles();
  return (
    <section aria-label={title} className={surface.card}>
      <h2 className={surface.sectionTitle}>{title}</h2>
      {children}
    </section>
  );
}
