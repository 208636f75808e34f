// Light, dark, or as the system.

import {
  Button,
  Menu,
  MenuItemRadio,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Tooltip,
} from "@fluentui/react-components";
import { DarkThemeRegular } from "@fluentui/react-icons";

import { text } from "../text";
import { useTheme, type ThemeChoice } from "./theme";

const CHOICES: readonly ThemeChoice[] = ["light", "dark", "system"];

export function ThemeMenu() {
  const { choice, choose } = useTheme();
  return (
    <Menu
      checkedValues={{ theme: [choice] }}
      onCheckedValueChange={(_, { checkedItems }) => {
        const next = CHOICES.find((known) => known === checkedItems[0]);
        if (next) {
          choose(next);
        }
      }}
    >
      <MenuTrigger disableButtonEnhancement>
        <Tooltip content={text.theme.label} relationship="label">
          <Button appearance="subtle" icon={<DarkThemeRegular />} />
        </Tooltip>
      </MenuTrigger>
      <MenuPopover>
        <MenuList>
          {CHOICES.map((known) => (
            <MenuItemRadio key={known} name="theme" value={known}>
              {text.theme[known]}
            </MenuItemRadio>
          ))}
        </MenuList>
      </MenuPopover>
    </Menu>
  );
}
