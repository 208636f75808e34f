// Who is signed in, and the way out.

import {
  Avatar,
  Button,
  makeStyles,
  Menu,
  MenuDivider,
  MenuItem,
  MenuList,
  MenuPopover,
  MenuTrigger,
  Text,
  tokens,
} from "@fluentui/react-components";
import { PersonRegular, SignOutRegular } from "@fluentui/react-icons";
import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "react-router";

import { client, done } from "../api/client";
import { problemOf } from "../api/problem";
import { text } from "../text";
import { hasProfile } from "./access";
import { ProblemBar } from "../ui/States";
import { useSession, useSessionChange } from "./session";

const useStyles = makeStyles({
  who: { display: "flex", flexDirection: "column", padding: "8px 12px", maxWidth: "280px", overflowWrap: "anywhere" },
  failed: { position: "fixed", top: "60px", right: "16px", left: "16px", maxWidth: "560px", marginLeft: "auto", boxShadow: tokens.shadow16 },
  account: { color: tokens.colorNeutralForeground2 },
});

export function AccountMenu() {
  const styles = useStyles();
  const session = useSession();
  const navigate = useNavigate();
  const signOut = useSignOut();
  const account = session.account && (session.domain ? `${session.domain}\\${session.account}` : session.account);
  return (
    <>
    {signOut.error && (
      <div className={styles.failed}>
        <ProblemBar error={signOut.error} onRetry={() => signOut.mutate()} />
      </div>
    )}
    <Menu>
      <MenuTrigger disableButtonEnhancement>
        <Button
          appearance="subtle"
          shape="circular"
          aria-label={text.account.menu(session.name)}
          icon={<Avatar name={session.name} size={28} color="brand" aria-hidden="true" />}
        />
      </MenuTrigger>
      <MenuPopover>
        <div className={styles.who}>
          <Text weight="semibold">{session.name}</Text>
          {account && (
            <Text size={200} className={styles.account}>
              {account}
            </Text>
          )}
        </div>
        <MenuList>
          <MenuDivider />
          {hasProfile(session) && (
            <MenuItem icon={<PersonRegular />} onClick={() => void navigate("/me")}>
              {text.account.profile}
            </MenuItem>
          )}
          <MenuItem icon={<SignOutRegular />} onClick={() => signOut.mutate()}>
            {text.account.signOut}
          </MenuItem>
        </MenuList>
      </MenuPopover>
    </Menu>
    </>
  );
}

// The gateway has a session of its own, which must end too, or it would sign in again at once.
function useSignOut() {
  const session = useSession();
  const change = useSessionChange();
  const leave = () => {
    const target = session.signOutUrl ? new URL(session.signOutUrl, location.href) : undefined;
    if (target && /^https?:$/.test(target.protocol)) {
      location.assign(target);
      return;
    }
    change(null);
  };
  return useMutation({
    mutationFn: () => done(client.DELETE("/api/v1/session")),
    onSuccess: leave,
    onError: (error) => {
      if (problemOf(error).status === 401) {
        leave();
      }
    },
  });
}
