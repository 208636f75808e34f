// What made a value or a link, by name. Most often that is a rule, which has a page; flows that a
// connector brings along and steps of the engine have none.

import { useQuery } from "@tanstack/react-query";

import { paths } from "../app/paths";
import { rulesQuery } from "../api/queries";
import { ObjectLink } from "../ui/Facts";

/** How long the names of rules are taken for known, in milliseconds. */
const KNOWN = 60_000;

export function RuleLink({ name }: { name: string }) {
  const { data } = useQuery({ ...rulesQuery, staleTime: KNOWN });
  const isRule = data?.some((rule) => rule.name === name) ?? false;
  return isRule ? <ObjectLink to={paths.rule(name)}>{name}</ObjectLink> : <span>{name}</span>;
}
