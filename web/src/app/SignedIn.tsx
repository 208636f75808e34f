// Nothing below is drawn before it is known who asks.

import { useQuery } from "@tanstack/react-query";
import { Outlet } from "react-router";

import { sessionQuery } from "../api/queries";
import { PortalNameContext } from "../ui/Page";
import { Loading, ProblemBar } from "../ui/States";
import { Bare } from "./Bare";
import { SessionContext } from "./session";
import { SignIn } from "./SignIn";

export function SignedIn() {
  const query = useQuery(sessionQuery);
  if (query.data) {
    return (
      <SessionContext value={query.data}>
        <PortalNameContext value={query.data.portal.name}>
          <Outlet />
        </PortalNameContext>
      </SessionContext>
    );
  }
  if (query.data === null) {
    return <SignIn />;
  }
  return (
    <Bare>
      {query.error ? <ProblemBar error={query.error} onRetry={() => void query.refetch()} /> : <Loading rows={4} />}
    </Bare>
  );
}
