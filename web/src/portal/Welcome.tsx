// The first page: who you are here, and what you can do.

import { makeStyles, Text, tokens } from "@fluentui/react-components";
import { DatabaseRegular, PeopleSearchRegular, PersonRegular, TaskListLtrRegular } from "@fluentui/react-icons";
import type { ReactNode } from "react";
import { Link } from "react-router";

import { canSearchPeople, canSeeSynchronization, hasProfile } from "../app/access";
import { useSession } from "../app/session";
import { CardSection, Facts } from "../ui/Facts";
import { Page } from "../ui/Page";
import { useSurfaceStyles } from "../ui/styles";
import { text } from "./text";

const useStyles = makeStyles({
  grid: {
    display: "grid",
    gridTemplateColumns: "repeat(auto-fill, minmax(min(100%, 250px), 1fr))",
    gap: "14px",
    listStyleType: "none",
    padding: 0,
    margin: 0,
  },
  tile: {
    display: "flex",
    columnGap: "14px",
    alignItems: "flex-start",
    height: "100%",
    padding: "16px",
    color: tokens.colorNeutralForeground1,
    textDecorationLine: "none",
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    ":hover": { border: `1px solid ${tokens.colorBrandStroke1}`, backgroundColor: tokens.colorNeutralBackground1Hover },
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "2px" },
    "& svg": { fontSize: "28px", color: tokens.colorBrandForeground1, flexShrink: 0 },
  },
  lead: { color: tokens.colorNeutralForeground2 },
});

export function Welcome() {
  const styles = useStyles();
  const surface = useSurfaceStyles();
  const session = useSession();
  const { name: portal } = session.portal;
  return (
    <Page
      title={text.welcome.title(session.name)}
      lead={session.isGuest ? text.welcome.guestLead(portal) : text.welcome.memberLead(portal)}
    >
      <div className={surface.stack}>
        <section aria-label={text.welcome.can}>
          <h2 className={surface.sectionTitle}>{text.welcome.can}</h2>
          <ul className={styles.grid}>
            {hasProfile(session) && (
              <Tile to="/me" icon={<PersonRegular />} title={text.welcome.profile} lead={text.welcome.profileLead} />
            )}
            {canSearchPeople(session) && (
              <Tile
                to="/people"
                icon={<PeopleSearchRegular />}
                title={text.welcome.people}
                lead={text.welcome.peopleLead}
              />
            )}
            {canSeeSynchronization(session) && (
              <>
                <Tile
                  to="/sync/operations"
                  icon={<TaskListLtrRegular />}
                  title={text.welcome.operations}
                  lead={text.welcome.operationsLead}
                />
                <Tile
                  to="/sync/metaverse"
                  icon={<DatabaseRegular />}
                  title={text.welcome.metaverse}
                  lead={text.welcome.metaverseLead}
                />
              </>
            )}
          </ul>
        </section>
        {session.account && (
          <CardSection title={text.welcome.account}>
            <Facts
              facts={[
                { name: text.me.accountName, value: session.account },
                session.domain !== undefined && { name: text.me.domain, value: session.domain },
              ]}
            />
          </CardSection>
        )}
      </div>
    </Page>
  );
}

function Tile({ to, icon, title, lead }: { to: string; icon: ReactNode; title: string; lead: string }) {
  const styles = useStyles();
  return (
    <li>
      <Link to={to} className={styles.tile}>
        {icon}
        <span>
          <Text weight="semibold" block>
            {title}
          </Text>
          <Text block size={200} className={styles.lead}>
            {lead}
          </Text>
        </span>
      </Link>
    </li>
  );
}
