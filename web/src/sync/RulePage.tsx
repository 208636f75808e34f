// One synchronization rule with its document.

import { makeStyles, mergeClasses, tokens } from "@fluentui/react-components";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useParams } from "react-router";

import { paths } from "../app/paths";
import { ruleQuery } from "../api/queries";
import { CardSection, Facts, ObjectLink, Section } from "../ui/Facts";
import { QueryPage } from "../ui/States";
import { useSurfaceStyles } from "../ui/styles";
import { highlight, type Part } from "./highlight";
import { RuleBadges, typesOf } from "./Rules";
import { text } from "./text";

const useStyles = makeStyles({
  document: {
    margin: 0,
    overflowX: "auto",
    fontFamily: tokens.fontFamilyMonospace,
    fontSize: tokens.fontSizeBase200,
    lineHeight: "1.6",
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "2px" },
  },
  comment: { color: tokens.colorNeutralForeground3, fontStyle: "italic" },
  string: { color: tokens.colorPaletteGreenForeground1 },
  number: { color: tokens.colorPaletteBerryForeground1 },
  key: { color: tokens.colorBrandForeground1 },
  heading: { color: tokens.colorNeutralForeground1, fontWeight: tokens.fontWeightSemibold },
  plain: {},
});

export function RulePage() {
  const { name = "" } = useParams();
  const surface = useSurfaceStyles();
  const query = useQuery(ruleQuery(name));
  return (
    <QueryPage
      query={query}
      title={name}
      lead={query.data?.description}
      crumbs={[{ to: "/sync/rules", label: text.rules.title }]}
    >
      {(rule) => (
        <div className={surface.stack}>
          <CardSection title={text.rules.facts}>
            <Facts
              facts={[
                { name: text.rules.direction, value: text.rules[rule.direction] },
                { name: text.rules.connector, value: <ObjectLink to={paths.connector(rule.connector)}>{rule.connector}</ObjectLink> },
                { name: text.rules.types, value: typesOf(rule) },
                { name: text.rules.precedence, value: rule.precedence },
                { name: text.rules.state, value: <RuleBadges rule={rule} /> },
              ]}
            />
          </CardSection>
          <Section title={text.rules.document}>
            <Document name={rule.name} document={rule.document} />
          </Section>
        </div>
      )}
    </QueryPage>
  );
}

function Document({ name, document }: { name: string; document: string }) {
  const styles = useStyles();
  const surface = useSurfaceStyles();
  const parts = useMemo(() => withPlaces(highlight(document)), [document]);
  return (
    <pre
      className={mergeClasses(surface.card, styles.document)}
      tabIndex={0}
      role="region"
      aria-label={text.rules.documentLabel(name)}
    >
      <code>
        {parts.map(({ place, kind, text: words }) => (
          <span key={place} className={styles[kind]}>
            {words}
          </span>
        ))}
      </code>
    </pre>
  );
}

function withPlaces(parts: Part[]): (Part & { place: number })[] {
  let place = 0;
  return parts.map((part) => {
    const placed = { ...part, place };
    place += part.text.length;
    return placed;
  });
}
