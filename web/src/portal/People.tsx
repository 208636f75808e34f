// Search for people. Guests do not have it.

import { useInfiniteQuery } from "@tanstack/react-query";

import { canSearchPeople } from "../app/access";
import { paths } from "../app/paths";
import { NotFound } from "../app/Refusals";
import { useSession } from "../app/session";
import type { Schemas } from "../api/client";
import { peopleQuery } from "../api/queries";
import { ObjectLink } from "../ui/Facts";
import { Page } from "../ui/Page";
import { SearchField, useAddressParameter } from "../ui/SearchField";
import { useSurfaceStyles } from "../ui/styles";
import { PagedTable, type Column } from "../ui/Table";
import { text } from "./text";

type Person = Schemas["PersonSummary"];

const COLUMNS: Column<Person>[] = [
  { label: text.people.name, cell: (person) => <ObjectLink to={paths.person(person.id)}>{person.displayName}</ObjectLink>, isLong: true },
  { label: text.people.account, cell: accountOf },
  { label: text.people.mail, cell: (person) => person.email ?? "", isLong: true },
  { label: text.people.type, cell: (person) => person.userType ?? "" },
];

export function People() {
  return canSearchPeople(useSession()) ? <Search /> : <NotFound />;
}

function Search() {
  const surface = useSurfaceStyles();
  const [search, setSearch] = useAddressParameter("search");
  const query = useInfiniteQuery(peopleQuery(search));
  return (
    <Page title={text.people.title} lead={text.people.lead}>
      <search className={surface.filters}>
        <SearchField label={text.people.search} value={search} onChange={setSearch} />
      </search>
      <PagedTable
        query={query}
        label={text.people.list}
        noun={text.people.noun}
        columns={COLUMNS}
        keyOf={(person) => person.id}
        empty={
          search
            ? { title: text.people.notFound, lead: text.people.notFoundLead }
            : { title: text.people.none, lead: text.people.noneLead }
        }
      />
    </Page>
  );
}

export function accountOf(person: Person): string {
  return [person.domain, person.accountName].filter((part) => part !== undefined).join("\\");
}
