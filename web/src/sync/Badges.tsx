// What is under way with an object, in a word each. Deletions stand out.

import { Badge, makeStyles } from "@fluentui/react-components";

import type { Schemas } from "../api/client";
import { text } from "./text";

type Operation = keyof typeof text.operationNames;

const useStyles = makeStyles({ badges: { display: "flex", flexWrap: "wrap", gap: "4px" } });

export function OperationBadge({ operation, label }: { operation: Operation; label?: string }) {
  const isDelete = operation === "delete" || operation === "delete-add";
  const name = text.operationNames[operation];
  return (
    <Badge appearance={isDelete ? "filled" : "tint"} color={isDelete ? "danger" : operation === "add" ? "success" : "brand"}>
      {label ? `${label}: ${name}` : name}
    </Badge>
  );
}

export function StageBadges({ object }: { object: Schemas["CsObjectSummary"] }) {
  const styles = useStyles();
  return (
    <div className={styles.badges}>
      {object.pendingImport && <OperationBadge operation={object.pendingImport} label={text.object.pendingImport} />}
      {object.pendingExport && <OperationBadge operation={object.pendingExport} label={text.object.pendingExport} />}
      {object.awaitingConfirmation && (
        <Badge appearance="tint" color="warning">
          {text.object.unconfirmed}
        </Badge>
      )}
      {object.error && (
        <Badge appearance="tint" color="danger" title={object.error.message}>
          {object.error.type}
        </Badge>
      )}
    </div>
  );
}
