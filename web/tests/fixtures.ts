// What the played interface answers: a small deployment of Contoso with guests of Trey Research.

import type { components } from "../src/api/schema";

type Schemas = components["schemas"];

export const ADMINISTRATOR: Schemas["Session"] = {
  name: "administrator",
  account: "administrator",
  roles: ["administrator", "person"],
  method: "password",
  expires: "2026-05-04T18:00:00Z",
  isGuest: false,
  portal: { name: "Contoso" },
};

export const AUDITOR: Schemas["Session"] = { ...ADMINISTRATOR, name: "auditor", account: "auditor", roles: ["auditor"] };

export const EMPLOYEE: Schemas["Session"] = {
  name: "Mia Member",
  account: "mia",
  domain: "CONTOSO",
  personId: "11111111-0000-4000-8000-000000000003",
  roles: ["person"],
  method: "kerberos",
  expires: "2026-05-04T18:00:00Z",
  isGuest: false,
  portal: { name: "Contoso" },
};

export const GUEST: Schemas["Session"] = {
  name: "Ada Lind",
  account: "ada-7d9c1c2e",
  domain: "CONTOSO",
  personId: "11111111-0000-4000-8000-000000000001",
  roles: ["person"],
  method: "assertion",
  expires: "2026-05-04T18:00:00Z",
  isGuest: true,
  portal: { name: "Contoso" },
  signOutUrl: "/.proxeny/sign-out",
};

const ADA: Schemas["Person"] = {
  id: "11111111-0000-4000-8000-000000000001",
  displayName: "Ada Lind",
  accountName: "ada-7d9c1c2e",
  domain: "CONTOSO",
  email: "ada@treyresearch.example",
  userType: "Guest",
  version: 41,
  attributes: [
    { name: "AccountName", values: ["ada-7d9c1c2e"] },
    { name: "DisplayName", values: ["Ada Lind"] },
    { name: "Domain", values: ["CONTOSO"] },
    { name: "Email", values: ["ada@treyresearch.example"] },
    { name: "EmployeeType", values: ["Guest"] },
    { name: "FirstName", values: ["Ada"] },
    { name: "LastName", values: ["Lind"] },
    { name: "ObjectSID", values: ["S-1-5-21-1004336348-1177238915-682003330-1121"] },
    { name: "ProxyAddresses", values: ["SMTP:ada@treyresearch.example", "smtp:a.lind@treyresearch.example"] },
  ],
};

export const ME: Schemas["Me"] = { ...ADA, session: GUEST };

export const PEOPLE: Schemas["PersonSummary"][] = [
  ADA,
  {
    id: "11111111-0000-4000-8000-000000000002",
    displayName: "Bruno Keller",
    accountName: "bruno-20c4e1aa",
    domain: "CONTOSO",
    email: "bruno.keller@treyresearch.example",
    userType: "Guest",
  },
  { id: "11111111-0000-4000-8000-000000000003", displayName: "Mia Member", accountName: "mia", domain: "CONTOSO" },
  // What a value must never become.
  { id: "11111111-0000-4000-8000-000000000004", displayName: '<img src=x onerror="alert(1)">', userType: "Guest" },
];

export const PERSON = ADA;

const RUN_EXPORT: Schemas["Run"] = {
  id: "1208",
  connector: "adma",
  profile: "export",
  step: { number: 1, stepType: "export" },
  sequence: { name: "changes", place: 5 },
  started: "2026-05-04T08:00:12Z",
  ended: "2026-05-04T08:00:14.420Z",
  result: "completed-export-errors",
  message: null,
  counters: { "export-add": 12, "export-update": 3, "export-delete": 1, "export-failure": 1 },
  state: "ended",
};

export const RUNS: Schemas["Run"][] = [
  {
    id: "1210",
    connector: "b2b-graph",
    profile: "full-import",
    step: { number: 1, stepType: "full-import" },
    started: "2026-05-04T08:02:00Z",
    counters: { "stage-add": 4100, "stage-no-change": 8300 },
    state: "running",
  },
  {
    id: "1209",
    connector: "mimma",
    profile: "delta-import",
    step: { number: 1, stepType: "delta-import" },
    sequence: { name: "changes", place: 1 },
    started: "2026-05-04T08:01:00Z",
    ended: "2026-05-04T08:01:00.310Z",
    result: "completed-no-objects",
    counters: {},
    state: "ended",
  },
  RUN_EXPORT,
  {
    id: "1207",
    connector: "b2b-graph",
    profile: "delta-sync",
    step: { number: 1, stepType: "delta-sync" },
    sequence: { name: "changes", place: 4 },
    started: "2026-05-04T08:00:06Z",
    ended: "2026-05-04T08:00:09Z",
    result: "success",
    counters: {
      "disconnector-projected-flow": 12,
      "connector-flow": 3,
      "connector-no-flow": 140,
      "provisioned-add-flow@adma": 12,
      "outbound-connector-flow@adma": 3,
      projections: 12,
      "provisioning-adds": 12,
      "connectors-with-flow-updates": 15,
    },
    state: "ended",
  },
  {
    id: "1206",
    connector: "adma",
    profile: "delta-import",
    step: { number: 1, stepType: "delta-import" },
    started: "2026-05-04T07:58:00Z",
    ended: "2026-05-04T07:58:30Z",
    result: "no-start-connection",
    message: "no server answered: dc1.contoso.com, dc2.contoso.com",
    counters: {},
    state: "ended",
  },
  {
    id: "1205",
    connector: "adma",
    profile: "full-import",
    step: { number: 1, stepType: "full-import" },
    started: "2026-05-04T07:40:00Z",
    counters: { "stage-add": 20 },
    state: "interrupted",
  },
];

export const RUN = RUN_EXPORT;

export const RUN_EVENTS: Schemas["RunEvent"][] = RUNS.slice(0, 1).map((run) => ({ run, expected: 20000, done: 12400 }));

export const RUN_ERRORS: Schemas["RunError"][] = [
  {
    object: "2:19",
    name: "CN=20c4e1aa-0000-4000-8000-000000000002,OU=B2BGuest,DC=contoso,DC=com",
    errorType: "constraint-violation",
    step: "export",
    message: "the directory refused the account name: it is in use",
    code: "00000524",
    rule: "OUT - B2B - AD",
  },
];

export const CONNECTORS: Schemas["Connector"][] = [
  {
    name: "adma",
    type: "active-directory",
    description: "Shadow accounts of guests",
    profiles: ["full-import", "delta-import", "full-sync", "delta-sync", "export"],
    counts: {
      total: 1240,
      connectors: 1208,
      disconnectors: 30,
      filtered: 2,
      pendingImport: 4,
      pendingExport: 3,
      awaitingConfirmation: 12,
    },
    lastRun: RUN_EXPORT,
  },
  {
    name: "b2b-graph",
    type: "graph",
    description: "Guests of the Entra tenant",
    profiles: ["full-import", "delta-import", "full-sync", "delta-sync"],
    counts: {
      total: 20412,
      connectors: 1209,
      disconnectors: 0,
      filtered: 19203,
      pendingImport: 0,
      pendingExport: 0,
      awaitingConfirmation: 0,
    },
    ...(RUNS[0] ? { lastRun: RUNS[0] } : {}),
  },
  {
    name: "mimma",
    type: "service",
    description: "The portal: people, synchronization rules",
    profiles: ["full-import", "delta-import", "full-sync", "delta-sync", "export"],
    counts: {
      total: 1212,
      connectors: 1212,
      disconnectors: 0,
      filtered: 2,
      pendingImport: 0,
      pendingExport: 0,
      awaitingConfirmation: 0,
    },
  },
];

export const SEQUENCES: Schemas["Sequence"][] = [
  {
    name: "changes",
    steps: [
      { connector: "mimma", profile: "delta-import" },
      { connector: "b2b-graph", profile: "delta-import" },
      { connector: "b2b-graph", profile: "delta-sync" },
      { connector: "adma", profile: "export" },
      { connector: "adma", profile: "delta-import" },
    ],
    schedules: [{ everySeconds: 60 }],
  },
  { name: "b2b", steps: [{ connector: "b2b-graph", profile: "full-import" }], schedules: [] },
];

const MV_ID = "7d9c1c2e-0000-4000-8000-000000000001";
const AD_DN = "CN=7d9c1c2e-0000-4000-8000-000000000001,OU=B2BGuest,DC=contoso,DC=com";

export const CS_OBJECTS: Schemas["CsObjectSummary"][] = [
  {
    id: "2:17",
    dn: AD_DN,
    anchor: "0f3c9a51-0000-4000-8000-00000000aa17",
    displayName: "Ada Lind",
    objectType: "user",
    state: "connector",
    metaverseId: MV_ID,
    pendingExport: "update",
    awaitingConfirmation: true,
  },
  {
    id: "2:19",
    dn: "CN=20c4e1aa-0000-4000-8000-000000000002,OU=B2BGuest,DC=contoso,DC=com",
    displayName: "Bruno Keller",
    objectType: "user",
    state: "connector",
    metaverseId: "20c4e1aa-0000-4000-8000-000000000002",
    pendingExport: "delete",
    awaitingConfirmation: false,
    error: { type: "constraint-violation", message: "the directory refused the account name: it is in use" },
  },
  { id: "2:3", dn: "OU=B2BGuest,DC=contoso,DC=com", objectType: "container", state: "placeholder", awaitingConfirmation: false },
  {
    id: "2:24",
    dn: "CN=Svc Print,OU=B2BGuest,DC=contoso,DC=com",
    objectType: "user",
    state: "explicit-disconnector",
    pendingImport: "update",
    awaitingConfirmation: false,
  },
];

const UPDATE: Schemas["ExportStage"] = {
  operation: "update",
  changes: [
    { attribute: "displayName", kind: "set", values: ["Ada Lind-Berg"], rule: "OUT - B2B - AD" },
    { attribute: "unicodePwd", kind: "secret", values: [], rule: "OUT - B2B - AD" },
    { attribute: "mail", kind: "clear", values: [], rule: "OUT - B2B - AD" },
  ],
  cause: "OUT - B2B - AD",
  run: "1207",
  metaverseId: MV_ID,
};

export const CS_OBJECT: Schemas["CsObject"] = {
  id: "2:17",
  dn: AD_DN,
  anchor: "0f3c9a51-0000-4000-8000-00000000aa17",
  displayName: "Ada Lind",
  objectType: "user",
  state: "connector",
  metaverseId: MV_ID,
  pendingImport: "update",
  pendingExport: "update",
  awaitingConfirmation: true,
  connector: "adma",
  linkedBy: "OUT - B2B - AD",
  attributes: [
    { name: "displayName", values: ["Ada Lind"] },
    { name: "mail", values: ["ada@treyresearch.example"], before: ["a.lind@treyresearch.example"] },
    { name: "objectSid", values: ["S-1-5-21-1004336348-1177238915-682003330-1121"] },
    { name: "sAMAccountName", values: ["ada-7d9c1c2e"] },
    { name: "userAccountControl", values: ["262656"] },
  ],
  stages: {
    pendingImport: { operation: "update", attributes: ["mail"], run: "1206" },
    pendingExport: UPDATE,
    escrow: { ...UPDATE, changes: UPDATE.changes.slice(0, 1) },
    unconfirmed: { ...UPDATE, newDn: "CN=ada,OU=B2BGuest,DC=contoso,DC=com", changes: UPDATE.changes.slice(0, 1) },
  },
  exportError: {
    type: "constraint-violation",
    step: "export",
    message: "the directory refused the account name: it is in use",
    code: "00000524",
    rule: "OUT - B2B - AD",
    firstOccurred: "2026-05-04T06:00:00Z",
    count: 3,
  },
};

export const PENDING_EXPORTS: Schemas["PendingExport"][] = CS_OBJECTS.slice(0, 2).map((object) => ({
  connector: "adma",
  object,
  export:
    object.pendingExport === "delete"
      ? { operation: "delete", changes: [], cause: "object deletion rule", run: "1207" }
      : UPDATE,
  inDoubt: object.pendingExport === "delete",
}));

export const METAVERSE: Schemas["MetaverseSchema"] = {
  types: [
    {
      name: "person",
      count: 1212,
      attributes: [{ name: "displayName", type: "string", multiValued: false, indexed: true }],
    },
    { name: "synchronizationRule", count: 3, attributes: [] },
  ],
};

export const MV_OBJECTS: Schemas["MvObjectSummary"][] = [
  { id: MV_ID, type: "person", displayName: "Ada Lind", links: 3 },
  { id: "20c4e1aa-0000-4000-8000-000000000002", type: "person", displayName: "Bruno Keller", links: 2 },
];

const graph = { rule: "IN - B2B Guest", connector: "b2b-graph", object: "1:8", objectDn: MV_ID, run: "1207", at: "2026-05-04T08:00:08Z" };
const directory = { rule: "IN - B2B - AD", connector: "adma", object: "2:17", objectDn: AD_DN, run: "1198", at: "2026-05-03T17:20:00Z" };

export const MV_OBJECT: Schemas["MvObject"] = {
  id: MV_ID,
  type: "person",
  attributes: [
    { name: "accountEnabled", values: ["true"], lineage: graph },
    { name: "accountName", values: ["ada-7d9c1c2e"], lineage: directory },
    { name: "displayName", values: ["Ada Lind"], lineage: graph },
    { name: "domain", values: ["CONTOSO"], lineage: directory },
    { name: "employeeType", values: ["Guest"], lineage: graph },
    { name: "givenName", values: ["Ada"], lineage: graph },
    { name: "mail", values: ["ada@treyresearch.example"], lineage: graph },
    { name: "objectSid", values: ["S-1-5-21-1004336348-1177238915-682003330-1121"], lineage: directory },
    { name: "sn", values: ["Lind"], lineage: graph },
    { name: "uid", values: [MV_ID], lineage: graph },
    { name: "userPrincipalName", values: ["ada_treyresearch.example#EXT#@contoso.onmicrosoft.com"], lineage: graph },
  ],
  links: [
    {
      connector: "b2b-graph",
      object: "1:8",
      dn: MV_ID,
      objectType: "user",
      linkedBy: "IN - B2B Guest",
      role: "source",
      contributes: ["accountEnabled", "displayName", "employeeType", "givenName", "mail", "sn", "uid", "userPrincipalName"],
      receives: [],
    },
    {
      connector: "adma",
      object: "2:17",
      dn: AD_DN,
      objectType: "user",
      linkedBy: "OUT - B2B - AD",
      role: "both",
      contributes: ["accountName", "domain", "objectSid"],
      receives: ["adminDescription", "displayName", "dn", "givenName", "mail", "sn", "unicodePwd", "userPrincipalName"],
    },
    {
      connector: "mimma",
      object: "3:41",
      dn: "11111111-0000-4000-8000-000000000001",
      objectType: "Person",
      linkedBy: "configured flow",
      role: "target",
      contributes: [],
      receives: ["AccountName", "DisplayName", "Domain", "Email", "ObjectSID"],
    },
  ],
};

const DOCUMENT = `name           = "IN - B2B Guest"
description    = "A guest of the tenant is a person"
direction      = "inbound"
connector      = "b2b-graph"
precedence     = 2
scope          = [{ attribute = "userType", operator = "equal", value = "Guest" }]
relationship   = [{ metaverse = "uid", object = "id" }]
create_in_metaverse = true

[[flow]]
to = "uid"
from = "id"
# Readable, and unique through the beginning of the id.
[[flow]]
to = "accountName"
from = 'Left(AccountName(Word(mail,1,"@"),ReplaceString(displayName," ","."),"guest"),11)+"-"+Left(id,8)'
`;

export const RULES: Schemas["Rule"][] = [
  {
    name: "IN - B2B Guest",
    description: "A guest of the tenant is a person",
    direction: "inbound",
    connector: "b2b-graph",
    objectType: "user",
    metaverseType: "person",
    precedence: 2,
    inMetaverse: true,
    isNewest: true,
    document: DOCUMENT,
  },
  {
    name: "OUT - B2B - AD",
    description: "A guest has an account in Active Directory",
    direction: "outbound",
    connector: "adma",
    objectType: "user",
    metaverseType: "person",
    precedence: 1,
    inMetaverse: true,
    isNewest: false,
    document: DOCUMENT,
  },
  {
    name: "IN - B2B - AD",
    description: "",
    direction: "inbound",
    connector: "adma",
    objectType: "user",
    metaverseType: "person",
    precedence: 1,
    inMetaverse: false,
    isNewest: false,
    document: DOCUMENT,
  },
];

export const PROBLEM: Schemas["Problem"] = {
  type: "urn:proxeny:problem:API-0502",
  title: "The store failed",
  status: 500,
  detail: "the database is locked",
  code: "API-0502",
  help: "see the service's log",
};
