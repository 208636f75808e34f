// The flow of one object as a picture, and the same as a table.

import { makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import { useState, type KeyboardEvent, type MouseEvent } from "react";
import { useHref, useNavigate } from "react-router";

import { paths } from "../app/paths";
import type { Schemas } from "../api/client";
import { useSurfaceStyles } from "../ui/styles";
import { Table } from "../ui/Table";
import { HEAD, layoutFlow, ROW, shorten, type Box, type FlowPicture, type Line } from "./flow-layout";
import { text } from "./text";

/** Letters that fit into a box's width. */
const FITS = { source: 34, metaverse: 27, target: 34 };

const useStyles = makeStyles({
  region: { overflowX: "auto", marginTop: "10px", ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "2px" } },
  svg: { display: "block", fontFamily: tokens.fontFamilyBase, fontSize: "12px", margin: "0 auto" },
  box: { fill: tokens.colorNeutralBackground2, stroke: tokens.colorNeutralStroke1, strokeWidth: "1px" },
  center: { fill: tokens.colorBrandBackground2, stroke: tokens.colorBrandStroke1 },
  gone: { strokeDasharray: "4 3" },
  title: { fill: tokens.colorNeutralForeground1, fontWeight: 600, fontSize: "13px" },
  words: { fill: tokens.colorNeutralForeground1 },
  muted: { fill: tokens.colorNeutralForeground2 },
  column: { fill: tokens.colorNeutralForeground2, fontWeight: 600 },
  rule: { stroke: tokens.colorNeutralStroke2 },
  line: { fill: "none", stroke: tokens.colorNeutralStrokeAccessible, strokeWidth: "1.5px", opacity: 0.55 },
  chosen: { stroke: tokens.colorBrandStroke1, strokeWidth: "2.5px", opacity: 1 },
  faded: { opacity: 0.15 },
  dot: { fill: tokens.colorNeutralStrokeAccessible },
  link: {
    cursor: "pointer",
    outline: "none",
    ":focus-visible rect": { stroke: tokens.colorStrokeFocus2, strokeWidth: "3px" },
    ":hover rect": { stroke: tokens.colorBrandStroke1, strokeWidth: "2px" },
  },
  details: { marginTop: "12px" },
  summary: { cursor: "pointer", padding: "6px 0", color: tokens.colorBrandForegroundLink },
});

export function Flow({ object, name }: { object: Schemas["MvObject"]; name: string }) {
  const styles = useStyles();
  const surface = useSurfaceStyles();
  const picture = layoutFlow(object);
  const [chosen, setChosen] = useState<string>();
  const choose = (key: string) => ({
    onFocus: () => setChosen(key),
    onBlur: () => setChosen(undefined),
    onMouseEnter: () => setChosen(key),
    onMouseLeave: () => setChosen(undefined),
  });
  const { sources, metaverse, targets, lines, width, height } = picture;
  return (
    <section className={surface.card} aria-label={text.flow.title}>
      <h2 className={surface.sectionTitle}>{text.flow.title}</h2>
      <Text className={surface.muted}>{text.flow.lead}</Text>
      <div className={styles.region} role="region" aria-label={text.flow.region} tabIndex={0}>
        <svg
          className={styles.svg}
          width={width + 4}
          height={height}
          viewBox={`-2 0 ${width + 4} ${height}`}
          role="group"
          aria-label={text.flow.label(name, sources.length, targets.length)}
        >
          <Heads picture={picture} />
          {lines.map((line) => (
            <FlowLine key={line.key} line={line} chosen={chosen} />
          ))}
          {sources.map((box) => (
            <BoxLink key={box.key} box={box} label={text.flow.source(box.connector, box.dn)} events={choose(box.key)} />
          ))}
          <g>
            <BoxShape box={metaverse} title={name} subtitle={object.type} />
          </g>
          {targets.map((box) => (
            <BoxLink key={box.key} box={box} label={text.flow.target(box.connector, box.dn)} events={choose(box.key)} />
          ))}
        </svg>
      </div>
      <details className={styles.details}>
        <summary className={styles.summary}>{text.flow.asTable}</summary>
        <FlowTable picture={picture} />
      </details>
    </section>
  );
}

function Heads({ picture: { sources, metaverse, targets, width } }: { picture: FlowPicture }) {
  const styles = useStyles();
  return (
    <g className={styles.column}>
      <text x={0} y={16}>
        {sources.length > 0 ? text.flow.sources : text.flow.noSources}
      </text>
      <text x={metaverse.x} y={16}>
        {text.flow.metaverse}
      </text>
      <text x={width - 250} y={16}>
        {targets.length > 0 ? text.flow.targets : text.flow.noTargets}
      </text>
    </g>
  );
}

function FlowLine({ line, chosen }: { line: Line; chosen: string | undefined }) {
  const styles = useStyles();
  const bend = (line.x2 - line.x1) / 2;
  const isChosen = chosen === line.from || chosen === line.to;
  return (
    <g className={mergeClasses(chosen !== undefined && !isChosen && styles.faded)}>
      <path
        className={mergeClasses(styles.line, isChosen && styles.chosen)}
        d={`M${line.x1},${line.y1} C${line.x1 + bend},${line.y1} ${line.x2 - bend},${line.y2} ${line.x2},${line.y2}`}
      >
        <title>{line.rule ? text.flow.by(line.attribute, line.rule) : line.attribute}</title>
      </path>
      <circle className={styles.dot} cx={line.x2} cy={line.y2} r={2.5} />
    </g>
  );
}

interface BoxLinkProps {
  box: Box;
  label: string;
  events: Record<string, () => void>;
}

function BoxLink({ box, label, events }: BoxLinkProps) {
  const styles = useStyles();
  const navigate = useNavigate();
  const path = paths.csObject(box.connector, box.object);
  const href = useHref(path);
  const follow = (event: MouseEvent | KeyboardEvent) => {
    // A new tab, or whatever else the browser does with a link.
    if (event.ctrlKey || event.metaKey || event.shiftKey) {
      return;
    }
    event.preventDefault();
    void navigate(path);
  };
  return (
    <a href={href} className={styles.link} aria-label={label} onClick={follow} {...events}>
      <title>{label}</title>
      <BoxShape
        box={box}
        title={box.connector}
        subtitle={box.isLinked ? box.dn : `${text.flow.gone}: ${box.dn}`}
      />
    </a>
  );
}

function BoxShape({ box, title, subtitle }: { box: Box; title: string; subtitle: string }) {
  const styles = useStyles();
  const fits = FITS[box.side];
  return (
    <>
      <rect
        className={mergeClasses(styles.box, box.side === "metaverse" && styles.center, !box.isLinked && styles.gone)}
        x={box.x}
        y={box.y}
        width={box.width}
        height={box.height}
        rx={8}
      />
      <text className={styles.title} x={box.x + 12} y={box.y + 20}>
        {shorten(title, fits)}
      </text>
      {box.linkedBy !== undefined && (
        <text className={styles.muted} x={box.x + box.width - 12} y={box.y + 20} textAnchor="end">
          {shorten(box.linkedBy, 22)}
        </text>
      )}
      <text className={styles.muted} x={box.x + 12} y={box.y + 37}>
        {shorten(subtitle, fits)}
      </text>
      <line className={styles.rule} x1={box.x} x2={box.x + box.width} y1={box.y + HEAD - 4} y2={box.y + HEAD - 4} />
      {box.rows.map((row) => (
        <text key={row.name} className={styles.words} x={box.x + 12} y={row.y + ROW / 6}>
          {shorten(row.name, fits)}
        </text>
      ))}
    </>
  );
}

function FlowTable({ picture: { lines, sources, targets, metaverse } }: { picture: FlowPicture }) {
  const boxOf = (line: Line) =>
    [...sources, ...targets].find((box) => box.key === (line.to === metaverse.key ? line.from : line.to));
  return (
    <Table
      label={text.flow.asTable}
      rows={lines}
      keyOf={(line) => line.key}
      columns={[
        {
          label: text.flow.direction,
          cell: (line) => (line.to === metaverse.key ? text.flow.inbound : text.flow.outbound),
        },
        { label: text.metaverse.attribute, cell: (line) => line.attribute },
        { label: text.metaverse.rule, cell: (line) => line.rule },
        { label: text.metaverse.connector, cell: (line) => boxOf(line)?.connector },
        { label: text.metaverse.object, cell: (line) => boxOf(line)?.dn },
      ]}
    />
  );
}
