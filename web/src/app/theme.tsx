// Light, dark, or as the system: the choice, its place in the browser, and the colours.

import { createDarkTheme, createLightTheme, type BrandVariants, type Theme } from "@fluentui/react-components";
import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from "react";

export type ThemeChoice = "light" | "dark" | "system";

const KEY = "proxeny.theme";
const DARK = "(prefers-color-scheme: dark)";

const brand: BrandVariants = {
  10: "#011718",
  20: "#042829",
  30: "#06383a",
  40: "#08474a",
  50: "#09565a",
  60: "#0a6165",
  70: "#0b6a6f",
  80: "#0b757a",
  90: "#1f858a",
  100: "#3a969b",
  110: "#54a8ac",
  120: "#6fb9bd",
  130: "#8bcbce",
  140: "#a8dcde",
  150: "#c6ecee",
  160: "#e4f8f9",
};

const light: Theme = createLightTheme(brand);
const dark: Theme = {
  ...createDarkTheme(brand),
  // The ramp's own choices are too dim on a dark background.
  colorBrandForeground1: brand[120],
  colorBrandForeground2: brand[130],
  colorBrandForegroundLink: brand[120],
  colorBrandForegroundLinkHover: brand[140],
  colorBrandForegroundLinkPressed: brand[110],
};

interface ThemeState {
  choice: ThemeChoice;
  theme: Theme;
  isDark: boolean;
  choose: (choice: ThemeChoice) => void;
}

const ThemeContext = createContext<ThemeState>({ choice: "system", theme: light, isDark: false, choose: () => {} });

export const useTheme = () => useContext(ThemeContext);

export function ThemeChoiceProvider({ children }: { children: ReactNode }) {
  const [choice, setChoice] = useState(readChoice);
  const [systemIsDark, setSystemIsDark] = useState(() => matchMedia(DARK).matches);

  useEffect(() => {
    const query = matchMedia(DARK);
    const follow = () => setSystemIsDark(query.matches);
    query.addEventListener("change", follow);
    return () => query.removeEventListener("change", follow);
  }, []);

  const isDark = choice === "dark" || (choice === "system" && systemIsDark);
  useEffect(() => {
    document.documentElement.style.colorScheme = isDark ? "dark" : "light";
    document.body.style.backgroundColor = (isDark ? dark : light).colorNeutralBackground2;
  }, [isDark]);

  const choose = useCallback((next: ThemeChoice) => {
    writeChoice(next);
    setChoice(next);
  }, []);
  const state = useMemo(
    () => ({ choice, theme: isDark ? dark : light, isDark, choose }),
    [choice, isDark, choose],
  );
  return <ThemeContext value={state}>{children}</ThemeContext>;
}

// Storage throws where the browser forbids it; then the choice lasts as long as the page.
function readChoice(): ThemeChoice {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "light" || kept === "dark" ? kept : "system";
  } catch {
    return "system";
  }
}

function writeChoice(choice: ThemeChoice) {
  try {
    if (choice === "system") {
      localStorage.removeItem(KEY);
    } else {
      localStorage.setItem(KEY, choice);
    }
  } catch {
    // Nothing is lost but the memory of it.
  }
}
