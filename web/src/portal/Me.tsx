// What is known about the person who is signed in, and how they are.

import { useQuery } from "@tanstack/react-query";

import { hasProfile } from "../app/access";
import { useSession } from "../app/session";
import { meQuery } from "../api/queries";
import { CardSection, Facts, Moment, Values } from "../ui/Facts";
import { Page } from "../ui/Page";
import { Empty, QueryPage } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { text } from "./text";

export function Me() {
  const session = useSession();
  if (!hasProfile(session)) {
    return (
      <Page title={text.me.title}>
        <Empty title={text.me.nobodyTitle}>{text.me.nobody}</Empty>
      </Page>
    );
  }
  return <Profile />;
}

function Profile() {
  const surface = useSurfaceStyles();
  const query = useQuery(meQuery);
  return (
    <QueryPage query={query} title={text.me.title} lead={query.data?.displayName}>
      {(me) => (
        <div className={surface.stack}>
          <CardSection title={text.me.account}>
            <Facts
              facts={[
                { name: text.me.accountName, value: <Values values={present(me.accountName)} /> },
                { name: text.me.domain, value: <Values values={present(me.domain)} /> },
                { name: text.me.mail, value: <Values values={present(me.email)} /> },
                me.userType !== undefined && { name: text.me.userType, value: me.userType },
              ]}
            />
          </CardSection>
          <CardSection title={text.me.signedIn}>
            <Facts
              facts={[
                { name: text.me.method, value: text.me.methods[me.session.method] },
                { name: text.me.until, value: <Moment at={me.session.expires} /> },
                { name: text.me.roles, value: me.session.roles.join(", ") },
              ]}
            />
          </CardSection>
          <CardSection title={text.me.attributes}>
            {me.attributes.length === 0
              ? text.me.noAttributes
              : (
                <Facts facts={me.attributes.map(({ name, values }) => ({ name, value: <Values values={values} /> }))} />
              )}
          </CardSection>
        </div>
      )}
    </QueryPage>
  );
}

function present(value: string | undefined): string[] {
  return value === undefined ? [] : [value];
}
