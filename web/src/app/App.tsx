// Everything that surrounds the pages: styles, colours, queries, addresses.

import { createDOMRenderer, FluentProvider, makeStyles, RendererProvider } from "@fluentui/react-components";
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { useState } from "react";
import { RouterProvider } from "react-router";

import { sessionQuery } from "../api/queries";
import { isWorthRetrying, problemOf } from "../api/problem";
import { createAppRouter } from "./routes";
import { ThemeChoiceProvider, useTheme } from "./theme";

const RETRIES_MAX = 2;

export function App({ nonce }: { nonce: string }) {
  const [renderer] = useState(() => createDOMRenderer(document, { styleElementAttributes: { nonce } }));
  const [queries] = useState(createQueries);
  const [router] = useState(() => createAppRouter());
  return (
    <RendererProvider renderer={renderer} targetDocument={document}>
      <ThemeChoiceProvider>
        <Themed>
          <QueryClientProvider client={queries}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </Themed>
      </ThemeChoiceProvider>
    </RendererProvider>
  );
}

const useStyles = makeStyles({ provider: { minHeight: "100vh", backgroundColor: "transparent" } });

function Themed({ children }: { children: React.ReactNode }) {
  const { theme } = useTheme();
  const styles = useStyles();
  return (
    <FluentProvider theme={theme} className={styles.provider}>
      {children}
    </FluentProvider>
  );
}

function createQueries(): QueryClient {
  // A session that ended is noticed by whatever asks next; the sign-in page then takes the place of
  // the page, at the same address. (Asking for the session itself never fails for that.)
  const notice = (error: unknown) => {
    if (problemOf(error).status === 401) {
      queries.setQueryData(sessionQuery.queryKey, null);
    }
  };
  const queries: QueryClient = new QueryClient({
    defaultOptions: {
      queries: {
        retry: (failures, error) => failures < RETRIES_MAX && isWorthRetrying(error),
        staleTime: 5_000,
      },
    },
    queryCache: new QueryCache({ onError: notice }),
    mutationCache: new MutationCache({ onError: notice }),
  });
  return queries;
}
