// The addresses of objects.

/** Paths with their parts encoded. */
export const paths = {
  person: (id: string) => `/people/${encodeURIComponent(id)}`,
  run: (id: string) => `/sync/operations/${encodeURIComponent(id)}`,
  connector: (name: string) => `/sync/connectors/${encodeURIComponent(name)}`,
  csObject: (connector: string, id: string) =>
    `/sync/connectors/${encodeURIComponent(connector)}/objects/${encodeURIComponent(id)}`,
  mvObject: (id: string) => `/sync/metaverse/${encodeURIComponent(id)}`,
  rule: (name: string) => `/sync/rules/${encodeURIComponent(name)}`,
};
