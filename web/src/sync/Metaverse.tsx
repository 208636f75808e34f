// Search of the metaverse by type.

import { useInfiniteQuery, useQuery } from "@tanstack/react-query";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { metaverseQuery, mvObjectsQuery } from "../api/queries";
import { Choice } from "../ui/Choice";
import { ObjectLink } from "../ui/Facts";
import { formatCount } from "../ui/format";
import { Page } from "../ui/Page";
import { SearchField, useAddressParameter } from "../ui/SearchField";
import { useSurfaceStyles } from "../ui/styles";
import { PagedTable, type Column } from "../ui/Table";
import { text } from "./text";

const COLUMNS: Column<Schemas["MvObjectSummary"]>[] = [
  { label: text.metaverse.name, cell: (object) => <ObjectLink to={paths.mvObject(object.id)}>{object.displayName}</ObjectLink>, isLong: true },
  { label: text.metaverse.type, cell: (object) => object.type },
  { label: text.metaverse.id, cell: (object) => <Id id={object.id} /> },
  { label: text.metaverse.links, cell: (object) => formatCount(object.links), isNumeric: true },
];

export function Metaverse() {
  const surface = useSurfaceStyles();
  const [search, setSearch] = useAddressParameter("search");
  const [type, setType] = useAddressParameter("type");
  const schema = useQuery(metaverseQuery);
  const query = useInfiniteQuery(mvObjectsQuery(type, search));
  const types = schema.data?.types ?? [];
  return (
    <Page title={text.metaverse.title} lead={text.metaverse.lead}>
      <search className={surface.filters}>
        <Choice
          label={text.metaverse.type}
          value={type}
          onChange={setType}
          options={[
            { value: "", label: text.metaverse.all },
            ...types.map(({ name, count }) => ({ value: name, label: `${name} (${formatCount(count)})` })),
            ...(type && !types.some(({ name }) => name === type) ? [{ value: type, label: type }] : []),
          ]}
        />
        <SearchField label={text.metaverse.search} value={search} onChange={setSearch} />
      </search>
      <PagedTable
        query={query}
        label={text.metaverse.list}
        noun={text.metaverse.noun}
        columns={COLUMNS}
        keyOf={(object) => object.id}
        empty={
          search || type
            ? { title: text.metaverse.notFound, lead: text.metaverse.notFoundLead }
            : { title: text.metaverse.empty, lead: text.metaverse.emptyLead }
        }
      />
    </Page>
  );
}

function Id({ id }: { id: string }) {
  return <span className={useSurfaceStyles().mono}>{id}</span>;
}
