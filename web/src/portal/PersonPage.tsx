// One person, as far as one may see.

import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";

import { canSearchPeople } from "../app/access";
import { NotFound } from "../app/Refusals";
import { useSession } from "../app/session";
import { personQuery } from "../api/queries";
import { CardSection, Facts, Values } from "../ui/Facts";
import { QueryPage } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { text } from "./text";

export function PersonPage() {
  const { id = "" } = useParams();
  return canSearchPeople(useSession()) ? <Person id={id} /> : <NotFound />;
}

function Person({ id }: { id: string }) {
  const surface = useSurfaceStyles();
  const query = useQuery(personQuery(id));
  return (
    <QueryPage
      query={query}
      title={query.data?.displayName ?? id}
      crumbs={[{ to: "/people", label: text.people.title }]}
    >
      {(person) => (
        <div className={surface.stack}>
          <CardSection title={text.me.account}>
            <Facts
              facts={[
                { name: text.me.accountName, value: person.accountName ?? <Values values={[]} /> },
                { name: text.me.domain, value: person.domain ?? <Values values={[]} /> },
                { name: text.me.mail, value: person.email ?? <Values values={[]} /> },
                person.userType !== undefined && { name: text.me.userType, value: person.userType },
              ]}
            />
          </CardSection>
          <CardSection title={text.people.attributes}>
            {person.attributes.length === 0
              ? text.people.noAttributes
              : (
                <Facts
                  facts={person.attributes.map(({ name, values }) => ({ name, value: <Values values={values} /> }))}
                />
              )}
          </CardSection>
        </div>
      )}
    </QueryPage>
  );
}
