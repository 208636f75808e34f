// Synchronization rules, read only.

import { Badge, makeStyles, Text } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { rulesQuery } from "../api/queries";
import { ObjectLink } from "../ui/Facts";
import { Page } from "../ui/Page";
import { Empty, Query } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { Table, type Column } from "../ui/Table";
import { text } from "./text";

type Rule = Schemas["Rule"];

const useStyles = makeStyles({ badges: { display: "flex", flexWrap: "wrap", gap: "4px" } });

const COLUMNS: Column<Rule>[] = [
  { label: text.rules.name, cell: (rule) => <Name rule={rule} /> },
  { label: text.rules.direction, cell: (rule) => text.rules[rule.direction] },
  { label: text.rules.connector, cell: (rule) => <ObjectLink to={paths.connector(rule.connector)}>{rule.connector}</ObjectLink> },
  { label: text.rules.types, cell: typesOf },
  { label: text.rules.precedence, cell: (rule) => rule.precedence, isNumeric: true },
  { label: text.rules.state, cell: (rule) => <RuleBadges rule={rule} /> },
];

export function Rules() {
  const query = useQuery(rulesQuery);
  return (
    <Page title={text.rules.title} lead={text.rules.lead}>
      <Query query={query}>
        {(rules) =>
          rules.length === 0 ? (
            <Empty title={text.rules.empty}>{text.rules.emptyLead}</Empty>
          ) : (
            <Table label={text.rules.list} columns={COLUMNS} rows={rules} keyOf={({ name }) => name} />
          )
        }
      </Query>
    </Page>
  );
}

/** Object types in the direction of the flow. */
export function typesOf(rule: Rule): string {
  return rule.direction === "inbound"
    ? text.rules.arrow(rule.objectType, rule.metaverseType)
    : text.rules.arrow(rule.metaverseType, rule.objectType);
}

export function RuleBadges({ rule }: { rule: Rule }) {
  const styles = useStyles();
  return (
    <div className={styles.badges}>
      <Badge appearance="tint" color={rule.inMetaverse ? "success" : "warning"}>
        {rule.inMetaverse ? text.rules.inMetaverse : text.rules.notInMetaverse}
      </Badge>
      {rule.inMetaverse && (
        <Badge appearance="tint" color={rule.isNewest ? "success" : "warning"}>
          {rule.isNewest ? text.rules.newest : text.rules.older}
        </Badge>
      )}
    </div>
  );
}

function Name({ rule }: { rule: Rule }) {
  const surface = useSurfaceStyles();
  return (
    <>
      <ObjectLink to={paths.rule(rule.name)}>{rule.name}</ObjectLink>
      {rule.description && (
        <Text block size={200} className={surface.muted}>
          {rule.description}
        </Text>
      )}
    </>
  );
}
