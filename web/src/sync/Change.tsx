// What an export does to one attribute. A secret is drawn when it is sent; there is none to show.

import type { Schemas } from "../api/client";
import { SecretBadge, Values } from "../ui/Facts";
import { text } from "./text";

export function Change({ change }: { change: Schemas["StageChange"] }) {
  if (change.kind === "secret") {
    return <SecretBadge />;
  }
  return change.kind === "clear" ? <em>{text.object.cleared}</em> : <Values values={change.values} />;
}
