// What stands where the content would be: loading, nothing, a problem.

import {
  Button,
  makeStyles,
  MessageBar,
  MessageBarActions,
  MessageBarBody,
  MessageBarTitle,
  Skeleton,
  SkeletonItem,
  Text,
  tokens,
} from "@fluentui/react-components";
import type { ReactNode } from "react";

import { problemOf } from "../api/problem";
import { Forbidden, NotFound } from "../app/Refusals";
import { text } from "../text";
import { Page, type PageProps } from "./Page";
import { useSurfaceStyles } from "./styles";

const useStyles = makeStyles({
  rows: { display: "flex", flexDirection: "column", rowGap: "14px" },
  empty: {
    display: "flex",
    flexDirection: "column",
    alignItems: "center",
    textAlign: "center",
    rowGap: "4px",
    padding: "40px 16px",
    color: tokens.colorNeutralForeground2,
  },
  code: { fontFamily: tokens.fontFamilyMonospace, fontSize: tokens.fontSizeBase200 },
  part: { margin: "2px 0", overflowWrap: "anywhere" },
  bar: { paddingTop: "8px", paddingBottom: "8px" },
});

/** Takes the room of what is to come. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const styles = useStyles();
  const surface = useSurfaceStyles();
  return (
    <div className={surface.card} role="status" aria-label={text.loading}>
      <Skeleton aria-hidden="true" className={styles.rows}>
        {Array.from({ length: rows }, (_, row) => (
          <SkeletonItem key={row} size={24} />
        ))}
      </Skeleton>
    </div>
  );
}

/** Nothing is there; says what would be, and what to do. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  const styles = useStyles();
  const surface = useSurfaceStyles();
  return (
    <div className={surface.card}>
      <div className={styles.empty} role="status">
        <Text weight="semibold" size={400}>
          {title}
        </Text>
        {children && <Text align="center">{children}</Text>}
      </div>
    </div>
  );
}

/** A problem with its code, what helps, and another try. */
export function ProblemBar({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const styles = useStyles();
  const problem = problemOf(error);
  return (
    <div role="alert">
      <MessageBar intent="error" layout="multiline" politeness="polite" className={styles.bar}>
        <MessageBarBody>
          <MessageBarTitle>{problem.title}</MessageBarTitle>
          <Text as="p" block className={styles.part}>
            {sentence(problem.detail)}
          </Text>
          {problem.help && (
            <Text as="p" block className={styles.part}>
              {sentence(problem.help)}
            </Text>
          )}
          {problem.code && (
            <Text as="p" block className={styles.part}>
              {text.code} <span className={styles.code}>{problem.code}</span>
            </Text>
          )}
        </MessageBarBody>
        {onRetry && (
          <MessageBarActions>
            <Button size="small" onClick={onRetry}>
              {text.retry}
            </Button>
          </MessageBarActions>
        )}
      </MessageBar>
    </div>
  );
}

interface Asked<T> {
  data: T | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

interface QueryProps<T> {
  query: Asked<T>;
  loading?: ReactNode;
  children: (data: T) => ReactNode;
}

/** The states of one query, and the content when there is some. */
export function Query<T>({ query, loading, children }: QueryProps<T>) {
  if (query.data !== undefined) {
    return (
      <>
        {query.error ? <ProblemBar error={query.error} onRetry={() => void query.refetch()} /> : null}
        {children(query.data)}
      </>
    );
  }
  if (query.error) {
    return <ProblemBar error={query.error} onRetry={() => void query.refetch()} />;
  }
  return loading ?? <Loading />;
}

interface QueryPageProps<T> extends QueryProps<T>, Omit<PageProps, "children"> {}

/** A page about one object; a refusal takes the place of the whole page. */
export function QueryPage<T>({ query, loading, children, ...page }: QueryPageProps<T>) {
  if (query.data === undefined && query.error) {
    const { status } = problemOf(query.error);
    if (status === 404) {
      return <NotFound />;
    }
    if (status === 403) {
      return <Forbidden />;
    }
  }
  return (
    <Page {...page}>
      <Query query={query} loading={loading}>
        {children}
      </Query>
    </Page>
  );
}

// Problems are written like errors elsewhere: lower case, no full stop.
function sentence(words: string): string {
  if (words === "") {
    return words;
  }
  const first = /^[a-z]+\s/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;
  return /[.!?:]$/.test(first) ? first : `${first}.`;
}
