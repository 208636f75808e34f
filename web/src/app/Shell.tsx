// The frame around every page: skip link, header, navigation, content.

import {
  Button,
  DrawerBody,
  DrawerHeader,
  makeStyles,
  OverlayDrawer,
  Text,
  tokens,
  Tooltip,
} from "@fluentui/react-components";
import { DismissRegular, NavigationRegular } from "@fluentui/react-icons";
import { Suspense, useRef, useState } from "react";
import { Outlet, useLocation } from "react-router";

import { text } from "../text";
import { Mark } from "../ui/Mark";
import { Loading } from "../ui/States";
import { NARROW } from "../ui/styles";
import { AccountMenu } from "./AccountMenu";
import { Navigation } from "./Navigation";
import { useSession } from "./session";
import { ThemeMenu } from "./ThemeMenu";

const HEADER = "52px";

const useStyles = makeStyles({
  skip: {
    position: "fixed",
    top: "-60px",
    left: "12px",
    zIndex: 1000,
    padding: "10px 16px",
    backgroundColor: tokens.colorNeutralBackground1,
    color: tokens.colorBrandForegroundLink,
    borderRadius: tokens.borderRadiusMedium,
    boxShadow: tokens.shadow16,
    ":focus": { top: "8px", outline: `2px solid ${tokens.colorStrokeFocus2}` },
  },
  header: {
    position: "sticky",
    top: 0,
    zIndex: 10,
    height: HEADER,
    display: "flex",
    alignItems: "center",
    columnGap: "10px",
    padding: "0 16px",
    backgroundColor: tokens.colorNeutralBackground1,
    borderBottom: `1px solid ${tokens.colorNeutralStroke2}`,
    [NARROW]: { padding: "0 8px" },
  },
  name: { flexGrow: 1, minWidth: 0, overflow: "hidden", textOverflow: "ellipsis", whiteSpace: "nowrap" },
  menuButton: { display: "none", [NARROW]: { display: "inline-flex" } },
  body: { display: "flex", alignItems: "stretch" },
  side: {
    width: "232px",
    flexShrink: 0,
    position: "sticky",
    top: HEADER,
    alignSelf: "flex-start",
    maxHeight: `calc(100vh - ${HEADER})`,
    overflowY: "auto",
    padding: "16px 10px",
    [NARROW]: { display: "none" },
  },
  content: {
    flexGrow: 1,
    minWidth: 0,
    maxWidth: "1240px",
    padding: "24px 28px 64px",
    [NARROW]: { padding: "16px 14px 48px" },
  },
  drawer: { maxWidth: "280px" },
});

export function Shell() {
  const styles = useStyles();
  const session = useSession();
  const main = useRef<HTMLElement>(null);
  return (
    <>
      <a
        className={styles.skip}
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
          main.current?.scrollIntoView();
        }}
      >
        {text.skip}
      </a>
      <header className={styles.header}>
        <NavigationDrawer />
        <Mark />
        <Text weight="semibold" size={400} className={styles.name}>
          {session.portal.name}
        </Text>
        <ThemeMenu />
        <AccountMenu />
      </header>
      <div className={styles.body}>
        <div className={styles.side}>
          <Navigation />
        </div>
        <main id="content" ref={main} tabIndex={-1} className={styles.content}>
          <Suspense fallback={<Loading />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
    </>
  );
}

/** The navigation of narrow screens. */
function NavigationDrawer() {
  const styles = useStyles();
  const { key } = useLocation();
  // Open at one address only: whoever follows a link closes it.
  const [openAt, setOpenAt] = useState<string>();
  const isOpen = openAt === key;
  const setIsOpen = (open: boolean) => setOpenAt(open ? key : undefined);
  return (
    <>
      <Tooltip content={text.openMenu} relationship="label">
        <Button
          className={styles.menuButton}
          appearance="subtle"
          icon={<NavigationRegular />}
          aria-expanded={isOpen}
          onClick={() => setIsOpen(true)}
        />
      </Tooltip>
      <OverlayDrawer
        open={isOpen}
        onOpenChange={(_, { open }) => setIsOpen(open)}
        className={styles.drawer}
        aria-label={text.navigation}
      >
        <DrawerHeader>
          <Tooltip content={text.closeMenu} relationship="label">
            <Button appearance="subtle" icon={<DismissRegular />} onClick={() => setIsOpen(false)} />
          </Tooltip>
        </DrawerHeader>
        <DrawerBody>
          <Navigation />
        </DrawerBody>
      </OverlayDrawer>
    </>
  );
}
