// Tables that become cards where they do not fit.
//
// The roles are written out because browsers drop them with `display: block`.

import { Button, makeStyles, mergeClasses, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

import type { Page } from "../api/queries";
import { text } from "../text";
import { Empty, Query } from "./States";
import { NARROW, useSurfaceStyles } from "./styles";

const useStyles = makeStyles({
  frame: {
    backgroundColor: tokens.colorNeutralBackground1,
    border: `1px solid ${tokens.colorNeutralStroke2}`,
    borderRadius: tokens.borderRadiusXLarge,
    overflowX: "auto",
    ":focus-visible": { outline: `2px solid ${tokens.colorStrokeFocus2}`, outlineOffset: "2px" },
    [NARROW]: { backgroundColor: "transparent", border: "none", borderRadius: 0, overflowX: "visible" },
  },
  table: { width: "100%", borderCollapse: "collapse", textAlign: "left", [NARROW]: { display: "block" } },
  body: { [NARROW]: { display: "block" } },
  head: {
    [NARROW]: { position: "absolute", width: "1px", height: "1px", overflow: "hidden", clipPath: "inset(50%)" },
  },
  headCell: {
    padding: "10px 12px",
    fontWeight: tokens.fontWeightSemibold,
    fontSize: tokens.fontSizeBase200,
    color: tokens.colorNeutralForeground2,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    whiteSpace: "nowrap",
    verticalAlign: "bottom",
  },
  row: {
    ":hover": { backgroundColor: tokens.colorNeutralBackground1Hover },
    ":not(:last-child) > td": { borderBottom: `1px solid ${tokens.colorNeutralStroke3}` },
    [NARROW]: {
      display: "block",
      backgroundColor: tokens.colorNeutralBackground1,
      border: `1px solid ${tokens.colorNeutralStroke2}`,
      borderRadius: tokens.borderRadiusXLarge,
      padding: "8px 14px",
      marginBottom: "10px",
      ":not(:last-child) > td": { borderBottom: "none" },
    },
  },
  cell: {
    padding: "10px 12px",
    verticalAlign: "top",
    // Words stay whole, so that columns are as wide as their words; a long DN goes to `isLong`.
    overflowWrap: "break-word",
    "& .fui-Badge": { whiteSpace: "nowrap" },
    [NARROW]: {
      overflowWrap: "anywhere",
      // A card does not name what is not there.
      ":has(> div:empty)": { display: "none" },
      display: "grid",
      gridTemplateColumns: "minmax(96px, 34%) minmax(0, 1fr)",
      columnGap: "10px",
      padding: "4px 0",
      textAlign: "left",
      "::before": {
        content: "attr(data-label)",
        color: tokens.colorNeutralForeground2,
        fontSize: tokens.fontSizeBase200,
        lineHeight: tokens.lineHeightBase300,
      },
    },
  },
  numeric: { textAlign: "right", fontVariantNumeric: "tabular-nums", [NARROW]: { textAlign: "left" } },
  long: { overflowWrap: "anywhere", minWidth: "170px", [NARROW]: { minWidth: 0 } },
  numericHead: { textAlign: "right", whiteSpace: "normal" },
  nowrap: { whiteSpace: "nowrap", [NARROW]: { whiteSpace: "normal" } },
  danger: {
    backgroundColor: tokens.colorPaletteRedBackground1,
    boxShadow: `inset 4px 0 0 ${tokens.colorPaletteRedBorderActive}`,
    ":hover": { backgroundColor: tokens.colorPaletteRedBackground1 },
    [NARROW]: { backgroundColor: tokens.colorPaletteRedBackground1 },
  },
  foot: { display: "flex", flexWrap: "wrap", alignItems: "center", gap: "12px", marginTop: "12px" },
  count: { color: tokens.colorNeutralForeground2 },
});

export interface Column<T> {
  label: string;
  cell: (row: T) => ReactNode;
  isNumeric?: boolean;
  isNowrap?: boolean;
  /** Values that may be longer than any column is wide. */
  isLong?: boolean;
}

interface TableProps<T> {
  /** What the table lists, for screen readers. */
  label: string;
  columns: Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
  isDanger?: (row: T) => boolean;
}

export function Table<T>({ label, columns, rows, keyOf, isDanger }: TableProps<T>) {
  const styles = useStyles();
  return (
    <div className={styles.frame} role="region" aria-label={label} tabIndex={0}>
      <table role="table" aria-label={label} className={styles.table}>
        <thead role="rowgroup" className={styles.head}>
          <tr role="row">
            {columns.map((column) => (
              <th
                key={column.label}
                role="columnheader"
                scope="col"
                className={mergeClasses(styles.headCell, column.isNumeric && styles.numericHead)}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup" className={styles.body}>
          {rows.map((row) => (
            <tr key={keyOf(row)} role="row" className={mergeClasses(styles.row, isDanger?.(row) && styles.danger)}>
              {columns.map((column) => (
                <td
                  key={column.label}
                  role="cell"
                  data-label={column.label}
                  className={mergeClasses(
                    styles.cell,
                    column.isNumeric && styles.numeric,
                    column.isNowrap && styles.nowrap,
                    column.isLong && styles.long,
                  )}
                >
                  <div>{column.cell(row)}</div>
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface PagedQuery<T> {
  data: { pages: Page<T>[] } | undefined;
  error: unknown;
  isPending: boolean;
  isPlaceholderData: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => unknown;
  refetch: () => unknown;
}

interface PagedProps<T> extends Omit<TableProps<T>, "rows"> {
  query: PagedQuery<T>;
  /** One row's noun, `run`. */
  noun: string;
  empty: { title: string; lead?: string };
}

/** A list that comes in pages, with all its states. */
export function PagedTable<T>({ query, noun, empty, ...table }: PagedProps<T>) {
  const styles = useStyles();
  const surface = useSurfaceStyles();
  return (
    <Query query={query}>
      {(data) => {
        const rows = data.pages.flatMap((page) => page.items);
        if (rows.length === 0) {
          return <Empty title={empty.title}>{empty.lead}</Empty>;
        }
        const { hasNextPage, isFetchingNextPage } = query;
        return (
          <div aria-busy={query.isPlaceholderData}>
            <Table {...table} rows={rows} />
            <div className={styles.foot}>
              <Text className={styles.count} size={200} role="status">
                {hasNextPage ? text.someShown(rows.length, noun) : text.allShown(rows.length, noun)}
              </Text>
              {hasNextPage && (
                <Button disabledFocusable={isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                  {isFetchingNextPage ? text.loadingMore : text.more}
                  <span className={surface.hidden}> {table.label}</span>
                </Button>
              )}
            </div>
          </div>
        );
      }}
    </Query>
  );
}
