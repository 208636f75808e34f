// The area for administrators, operators and auditors. One stream of events serves all its pages.

import { Route, Routes } from "react-router";

import { canSeeSynchronization } from "../app/access";
import { Forbidden, NotFound } from "../app/Refusals";
import { useSession } from "../app/session";
import { ConnectorPage } from "./ConnectorPage";
import { Connectors } from "./Connectors";
import { CsObjectPage } from "./CsObjectPage";
import { LiveRuns } from "./LiveRuns";
import { Metaverse } from "./Metaverse";
import { MvObjectPage } from "./MvObjectPage";
import { Operations } from "./Operations";
import { PendingExports } from "./PendingExports";
import { RulePage } from "./RulePage";
import { Rules } from "./Rules";
import { RunPage } from "./RunPage";

export default function Synchronization() {
  if (!canSeeSynchronization(useSession())) {
    return <Forbidden />;
  }
  return (
    <LiveRuns>
      <Routes>
        <Route path="operations" element={<Operations />} />
        <Route path="operations/:id" element={<RunPage />} />
        <Route path="connectors" element={<Connectors />} />
        <Route path="connectors/:name" element={<ConnectorPage />} />
        <Route path="connectors/:name/objects/:id" element={<CsObjectPage />} />
        <Route path="metaverse" element={<Metaverse />} />
        <Route path="metaverse/:id" element={<MvObjectPage />} />
        <Route path="rules" element={<Rules />} />
        <Route path="rules/:name" element={<RulePage />} />
        <Route path="pending-exports" element={<PendingExports />} />
        <Route path="*" element={<NotFound />} />
      </Routes>
    </LiveRuns>
  );
}
