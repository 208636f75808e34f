// The frame of a page: title, where it belongs, what can be done; and where the focus goes.

import { makeStyles, Text, tokens, typographyStyles } from "@fluentui/react-components";
import { createContext, useContext, useEffect, useRef, type ReactNode } from "react";
import { Link as RouterLink, useLocation, useNavigationType } from "react-router";

import { text } from "../text";
import { useLinkStyles } from "./styles";

const useStyles = makeStyles({
  head: {
    display: "flex",
    flexWrap: "wrap",
    alignItems: "flex-start",
    justifyContent: "space-between",
    columnGap: "16px",
    rowGap: "12px",
    marginBottom: "20px",
  },
  titles: { minWidth: 0, flexGrow: 1, flexBasis: "260px" },
  title: { ...typographyStyles.title2, margin: 0, overflowWrap: "anywhere" },
  lead: { color: tokens.colorNeutralForeground2, margin: "4px 0 0", overflowWrap: "anywhere" },
  crumbs: {
    display: "flex",
    flexWrap: "wrap",
    columnGap: "6px",
    listStyleType: "none",
    padding: 0,
    margin: "0 0 4px",
    color: tokens.colorNeutralForeground2,
  },
});

/** Set by the shell, so that titles name the portal. */
export const PortalNameContext = createContext<string>(text.product);

export interface Crumb {
  to: string;
  label: string;
}

export interface PageProps {
  title: string;
  lead?: ReactNode;
  crumbs?: Crumb[];
  actions?: ReactNode;
  children: ReactNode;
}

export function Page({ title, lead, crumbs, actions, children }: PageProps) {
  const styles = useStyles();
  const links = useLinkStyles();
  const heading = usePageTitle(title);
  return (
    <>
      <div className={styles.head}>
        <div className={styles.titles}>
          {crumbs && (
            <nav aria-label="Breadcrumb">
              <ol className={styles.crumbs}>
                {crumbs.map((crumb) => (
                  <li key={crumb.to}>
                    <RouterLink className={links.link} to={crumb.to}>
                      {crumb.label}
                    </RouterLink>{" "}
                    <span aria-hidden="true">/</span>
                  </li>
                ))}
              </ol>
            </nav>
          )}
          <h1 ref={heading} tabIndex={-1} className={styles.title}>
            {title}
          </h1>
          {lead && (
            <Text as="p" block className={styles.lead}>
              {lead}
            </Text>
          )}
        </div>
        {actions && <div>{actions}</div>}
      </div>
      {children}
    </>
  );
}

// A new page is announced by its heading. The first page of a visit leaves the focus where browsers
// put it, and a search that only changes the query does not move it either.
function usePageTitle(title: string) {
  const heading = useRef<HTMLHeadingElement>(null);
  const portal = useContext(PortalNameContext);
  const { pathname, key } = useLocation();
  const navigation = useNavigationType();
  useEffect(() => {
    document.title = title === portal ? title : `${title} · ${portal}`;
  }, [title, portal]);
  const isFirst = key === "default";
  useEffect(() => {
    if (!isFirst && navigation !== "REPLACE") {
      heading.current?.focus({ preventScroll: true });
      // Whoever goes back finds the page where they left it.
      if (navigation === "PUSH") {
        window.scrollTo(0, 0);
      }
    }
    // Only when another page is shown.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [pathname]);
  return heading;
}
