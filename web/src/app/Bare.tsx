// The frame of what is shown without a session: the mark, and one card in the middle.

import { makeStyles, Text, tokens } from "@fluentui/react-components";
import type { ReactNode } from "react";

import { text } from "../text";
import { Mark } from "../ui/Mark";
import { ThemeMenu } from "./ThemeMenu";

const useStyles = makeStyles({
  frame: { minHeight: "100vh", display: "flex", flexDirection: "column" },
  top: { display: "flex", alignItems: "center", justifyContent: "space-between", padding: "10px 16px" },
  brand: { display: "flex", alignItems: "center", columnGap: "10px" },
  middle: { flexGrow: 1, display: "flex", justifyContent: "center", alignItems: "flex-start", padding: "6vh 16px 48px" },
  card: { width: "100%", maxWidth: "400px" },
  name: { color: tokens.colorNeutralForeground1 },
});

export function Bare({ children }: { children: ReactNode }) {
  const styles = useStyles();
  return (
    <div className={styles.frame}>
      <header className={styles.top}>
        <div className={styles.brand}>
          <Mark />
          <Text weight="semibold" size={400} className={styles.name}>
            {text.product}
          </Text>
        </div>
        <ThemeMenu />
      </header>
      <main className={styles.middle}>
        <div className={styles.card}>{children}</div>
      </main>
    </div>
  );
}
