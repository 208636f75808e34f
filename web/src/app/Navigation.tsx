// The two areas and their pages, as far as the session may see them.

import { makeStyles, tokens } from "@fluentui/react-components";
import {
  ArrowExportRegular,
  DatabaseRegular,
  HomeRegular,
  PeopleSearchRegular,
  PersonRegular,
  PlugConnectedRegular,
  ScriptRegular,
  TaskListLtrRegular,
} from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { NavLink } from "react-router";

import { text as portal } from "../portal/text";
import { text as sync } from "../sync/text";
import { text } from "../text";
import { canSearchPeople, canSeeSynchronization, hasProfile } from "./access";
import { useSession } from "./session";

const useStyles = makeStyles({
  title: {
    margin: "0 0 4px",
    padding: "0 12px",
    fontSize: tokens.fontSizeBase200,
    fontWeight: tokens.fontWeightSemibold,
    color: tokens.colorNeutralForeground2,
  },
  list: { listStyleType: "none", margin: "0 0 18px", padding: 0 },
  link: {
    display: "flex",
    alignItems: "center",
    columnGap: "10px",
    minHeight: "38px",
    padding: "0 12px",
    borderRadius: tokens.borderRadiusLarge,
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    "& svg": { fontSize: "20px", flexShrink: 0 },
    ":hover": { backgroundColor: tokens.colorSubtleBackgroundHover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "-2px" },
    '&[aria-current="page"]': {
      backgroundColor: tokens.colorNeutralBackground1Selected,
      fontWeight: tokens.fontWeightSemibold,
      boxShadow: `inset 3px 0 0 ${tokens.colorBrandStroke1}`,
    },
  },
});

interface Entry {
  to: string;
  label: string;
  icon: ReactNode;
}

const OPERATIONS = "/sync/operations";

const SYNCHRONIZATION: Entry[] = [
  { to: OPERATIONS, label: sync.operations.title, icon: <TaskListLtrRegular /> },
  { to: "/sync/connectors", label: sync.connectors.title, icon: <PlugConnectedRegular /> },
  { to: "/sync/metaverse", label: sync.metaverse.title, icon: <DatabaseRegular /> },
  { to: "/sync/rules", label: sync.rules.title, icon: <ScriptRegular /> },
  { to: "/sync/pending-exports", label: sync.pendingExports.title, icon: <ArrowExportRegular /> },
];

export function Navigation() {
  const session = useSession();
  const pages: Entry[] = [{ to: "/", label: portal.welcome.nav, icon: <HomeRegular /> }];
  if (hasProfile(session)) {
    pages.push({ to: "/me", label: portal.me.title, icon: <PersonRegular /> });
  }
  if (canSearchPeople(session)) {
    pages.push({ to: "/people", label: portal.people.title, icon: <PeopleSearchRegular /> });
  }
  return (
    <nav aria-label={text.navigation}>
      <Area title={text.portal} entries={pages} />
      {canSeeSynchronization(session) && <Area title={text.synchronization} entries={SYNCHRONIZATION} />}
    </nav>
  );
}

function Area({ title, entries }: { title: string; entries: Entry[] }) {
  const styles = useStyles();
  return (
    <>
      <p className={styles.title}>{title}</p>
      <ul className={styles.list} aria-label={title}>
        {entries.map((entry) => (
          <li key={entry.to}>
            <NavLink to={entry.to} end={entry.to === "/"} className={styles.link}>
              {entry.icon}
              {entry.label}
            </NavLink>
          </li>
        ))}
      </ul>
    </>
  );
}
