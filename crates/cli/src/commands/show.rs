//! How runs, objects and changes are shown.

use std::collections::BTreeMap;

use engine::{ConnectorSetup, RunSummary, StepResult, StepSummary};
use model::{Name, Sid, Value as ModelValue, Values};
use serde_json::{Map, Value, json};
use store::{
    ConnectorKind, Counters, CsCounts, CsObject, CsState, DisconnectorKind, ExportDelta,
    ExportValue, ImportOperation, ObjectError, WriteOperation,
};

use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;
use crate::text::{count, printable};

/// Object errors that a run's summary lists; the rest is in the history.
const ERRORS_SHOWN_MAX: usize = 20;

/// The connector of a name from the command line.
pub(super) fn connector<'a>(
    session: &'a Session,
    name: &str,
) -> Result<&'a ConnectorSetup, Failure> {
    let setup = session.engine.setup();
    setup.connector(name).ok_or_else(|| {
        let known: Vec<&str> = setup.connectors.values().map(|c| c.name.as_str()).collect();
        Failure::usage(format!("there is no connector {name:?}"))
            .with_help(format!("known connectors: {}", known.join(", ")))
    })
}

/// How many objects a search has found.
pub(super) fn found(number: usize, limit: usize, output: &Output) {
    if number == limit {
        output.text(&format!("the first {}; a larger --limit shows more", count(number, "object")));
    } else {
        output.text(&count(number, "object"));
    }
}

/// The seven numbers of a connector space, in their documented order.
pub(super) fn numbers(counts: &CsCounts) -> [u64; 7] {
    [
        counts.total,
        counts.connectors,
        counts.disconnectors,
        counts.filtered,
        counts.pending_import,
        counts.pending_export,
        counts.awaiting_confirmation,
    ]
}

/// What the numbers are.
pub(super) const NUMBERS: [&str; 7] = [
    "total",
    "connectors",
    "disconnectors",
    "filtered",
    "pending import",
    "pending export",
    "unconfirmed",
];

/// Connector spaces and metaverse as JSON.
pub(super) fn state_json(
    state: &BTreeMap<Name, CsCounts>,
    metaverse: &BTreeMap<Name, u64>,
) -> (Value, Value) {
    let spaces: Map<String, Value> =
        state.iter().map(|(name, c)| (name.to_string(), json!(numbers(c)))).collect();
    let types: Map<String, Value> =
        metaverse.iter().map(|(name, n)| (name.to_string(), json!(n))).collect();
    (Value::Object(spaces), Value::Object(types))
}

fn counters_json(counters: &Counters) -> Value {
    counters.iter().map(|(name, n)| (name.clone(), json!(n))).collect::<Map<_, _>>().into()
}

/// A run's summary: one JSON object, or a paragraph.
pub(super) fn summary(summary: &RunSummary, output: &Output) {
    let (state, metaverse) = state_json(&summary.state, &summary.metaverse);
    let errors: Vec<Value> = summary.errors.iter().map(run_error_json).collect();
    output.object(&json!({
        "run": summary.run.0,
        "connector": summary.connector.as_str(),
        "profile": summary.profile.as_str(),
        "result": summary.result.as_str(),
        "message": summary.message,
        "help": advice(summary),
        "code": summary.code,
        "counters": counters_json(&summary.counters),
        "errors": errors,
        "warnings": summary.warnings,
        "state": state,
        "metaverse": metaverse,
        "steps": summary.steps.iter().map(step_json).collect::<Vec<_>>(),
        "not_run": summary.left_out.iter().map(|s| s.as_str()).collect::<Vec<_>>(),
    }));
    let head = format!(
        "run {:>3}  {:<10} {:<13} {}",
        summary.run.0,
        summary.connector,
        summary.profile,
        summary.result.as_str()
    );
    output.text(&head);
    let counted: Vec<String> = summary.counters.iter().map(|(k, n)| format!("{k} {n}")).collect();
    if !counted.is_empty() {
        output.text(&format!("         {}", counted.join(", ")));
    }
    if output.is_json() {
        return;
    }
    print_steps(summary, output);
    for (name, counts) in &summary.state {
        if *name == summary.connector || counts.pending_export > 0 {
            output.text(&format!("         {name}: {}", numbers_text(counts)));
        }
    }
    if let Some(message) = &summary.message {
        output.error(message, advice(summary).as_deref(), summary.code);
    }
    for warning in &summary.warnings {
        output.note(&format!("warning: {warning}"));
    }
    print_errors(summary, output);
}

fn step_json(step: &StepSummary) -> Value {
    json!({
        "run": step.run.0,
        "number": step.number,
        "type": step.step_type.as_str(),
        "result": step.result.as_str(),
        "message": step.message,
        "counters": counters_json(&step.counters),
    })
}

/// The steps of a profile that has several.
fn print_steps(summary: &RunSummary, output: &Output) {
    if summary.steps.len() + summary.left_out.len() < 2 {
        return;
    }
    for step in &summary.steps {
        let StepSummary { run, number, step_type, result, .. } = step;
        output
            .text(&format!("         step {number} {step_type}: {} (run {run})", result.as_str()));
    }
    if !summary.left_out.is_empty() {
        let left: Vec<&str> = summary.left_out.iter().map(|s| s.as_str()).collect();
        output.text(&format!("         not run: {}", left.join(", ")));
    }
}

fn print_errors(summary: &RunSummary, output: &Output) {
    for error in summary.errors.iter().take(ERRORS_SHOWN_MAX) {
        let text = error_text(&error.message, error.code.as_deref(), error.rule.as_ref());
        let line = printable(&format!("{}: {text}", error.error_type));
        output.note(&format!("  {}\n    {line}", printable(&error.name)));
    }
    let more = summary.errors.len().saturating_sub(ERRORS_SHOWN_MAX);
    if more > 0 {
        output.note(&format!("  and {more} more: proxeny history {}", summary.run));
    }
    let first = summary.errors.iter().find_map(|error| error.object);
    if let Some(object) = first {
        output.note(&format!(
            "  help: all that is known of an object: proxeny cs show {} {}",
            summary.connector,
            object.sequence()
        ));
    }
}

/// What to do about a run that ended early.
fn advice(summary: &RunSummary) -> Option<String> {
    let connector = &summary.connector;
    let own = match summary.result {
        StepResult::StoppedDeletionLimit => Some(format!(
            "find out whether they are meant; if so, raise `deletion_limit` of the step in \
             connectors/{connector}.toml for one run"
        )),
        _ => None,
    };
    summary.help.clone().or(own)
}

/// An object's error on one line: message, code of the connected system, rule.
pub(super) fn error_text(message: &str, code: Option<&str>, rule: Option<&Name>) -> String {
    let code = code.map(|code| format!(" ({code})")).unwrap_or_default();
    let rule = rule.map(|rule| format!(", rule {rule}")).unwrap_or_default();
    format!("{message}{code}{rule}")
}

fn numbers_text(counts: &CsCounts) -> String {
    let numbers = NUMBERS.iter().zip(numbers(counts));
    let present = numbers.filter(|(_, n)| *n > 0).map(|(name, n)| format!("{name} {n}"));
    let text: Vec<String> = present.collect();
    if text.is_empty() { "empty".to_owned() } else { text.join(", ") }
}

/// Counters of runs that leave everything as it was.
const QUIET: [&str; 8] = [
    "stage-no-change",
    "connector-no-flow",
    "connectors-without-flow-updates",
    "disconnector-filtered",
    "filtered-disconnectors",
    "disconnector-remains",
    "disconnectors",
    "filtered-deletions",
];

/// True if the run staged, flowed or exported anything.
pub(super) fn changes_something(summary: &RunSummary) -> bool {
    summary.counters.keys().any(|name| {
        !QUIET.contains(&name.as_str()) && !name.starts_with("outbound-connector-no-flow@")
    })
}

/// An object error of a run as JSON.
pub(super) fn run_error_json(error: &store::RunError) -> Value {
    json!({
        "object": error.object.map(|id| id.to_string()),
        "name": error.name,
        "error": error.error_type,
        "step": error.step,
        "message": error.message,
        "code": error.code,
        "rule": error.rule.as_ref().map(Name::as_str),
    })
}

/// The word for a state.
pub(super) fn state_word(state: CsState) -> String {
    match state {
        CsState::Placeholder => "placeholder".to_owned(),
        CsState::Disconnector(DisconnectorKind::Normal) => "disconnector".to_owned(),
        CsState::Disconnector(DisconnectorKind::Explicit) => "explicit disconnector".to_owned(),
        CsState::Disconnector(DisconnectorKind::Filtered) => "filtered disconnector".to_owned(),
        CsState::Connector { mv, kind: ConnectorKind::Normal } => format!("connector of {mv}"),
        CsState::Connector { mv, kind: ConnectorKind::Explicit } => {
            format!("explicit connector of {mv}")
        }
    }
}

pub(super) const fn import_word(operation: ImportOperation) -> &'static str {
    match operation {
        ImportOperation::Add => "add",
        ImportOperation::Update => "update",
        ImportOperation::Delete => "delete",
        ImportOperation::DeleteAdd => "delete-add",
    }
}

pub(super) const fn write_word(operation: WriteOperation) -> &'static str {
    match operation {
        WriteOperation::Add => "add",
        WriteOperation::Update => "update",
        WriteOperation::Delete => "delete",
    }
}

/// Values for JSON: text for one, a list for several.
pub(super) fn values_json(values: &Values) -> Value {
    match values.single() {
        Some(value) => json!(value.to_string()),
        None => values.iter().map(|v| json!(v.to_string())).collect(),
    }
}

/// Values for people: a security identifier in its usual form, everything else as it is.
pub(super) fn values_text(name: &str, values: &Values) -> String {
    let sid = match values.single() {
        Some(ModelValue::Binary(bytes)) if name.to_lowercase().ends_with("sid") => {
            Sid::from_bytes(bytes).ok()
        }
        _ => None,
    };
    sid.map_or_else(|| values.to_string(), |sid| sid.to_string())
}

fn export_text(name: &str, value: &ExportValue) -> String {
    match value {
        ExportValue::Set(values) => values_text(name, values),
        ExportValue::Clear => "(no value)".to_owned(),
        ExportValue::Secret => "(secret, drawn when it is sent)".to_owned(),
    }
}

/// One stage of an export as lines: attribute, value, rule.
pub(super) fn delta_rows(delta: &ExportDelta) -> Vec<Vec<String>> {
    let rename =
        delta.new_dn.iter().map(|dn| vec!["dn".to_owned(), dn.clone(), delta.cause.to_string()]);
    let changes = delta.changes.iter().map(|(name, change)| {
        vec![name.to_string(), export_text(name, &change.value), change.rule.to_string()]
    });
    rename.chain(changes).collect()
}

/// One stage of an export as JSON.
pub(super) fn delta_json(delta: &ExportDelta) -> Value {
    let changes = delta.changes.iter().map(|(name, change)| {
        let value = match &change.value {
            ExportValue::Set(values) => json!({ "set": values_json(values) }),
            ExportValue::Clear => json!("clear"),
            ExportValue::Secret => json!("secret"),
        };
        (name.to_string(), json!({ "change": value, "rule": change.rule.as_str() }))
    });
    let changes: Map<String, Value> = changes.collect();
    json!({
        "operation": write_word(delta.operation),
        "new_dn": delta.new_dn,
        "changes": changes,
        "source": delta.mv.map(|id| id.to_string()),
        "cause": delta.cause.as_str(),
        "run": delta.run.0,
    })
}

pub(super) fn error_json(error: &ObjectError) -> Value {
    json!({
        "error": error.error_type,
        "step": error.step,
        "message": error.message,
        "code": error.code,
        "rule": error.rule.as_ref().map(Name::as_str),
        "first_occurred": error.first_occurred.to_string(),
        "count": error.count,
    })
}

/// What is still to be done with an object, in a few words.
pub(super) fn open_work(object: &CsObject) -> String {
    let export = |delta: &Option<ExportDelta>| delta.as_ref().map(|d| write_word(d.operation));
    let import = object.pending_import.as_ref().map(|p| import_word(p.operation));
    let failed = object.import_error.is_some() || object.export.error.is_some();
    let parts = [
        import.map(|word| format!("pending import ({word})")),
        export(&object.export.pending).map(|word| format!("pending export ({word})")),
        export(&object.export.escrow).map(|word| format!("export in progress ({word})")),
        export(&object.export.unconfirmed).map(|word| format!("unconfirmed export ({word})")),
        failed.then(|| "failed".to_owned()),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// What people call an object, when it has a name of that sort.
pub(super) fn display_name(object: &CsObject) -> Option<String> {
    let expected = object.expected();
    let name = expected.get("displayName").or_else(|| expected.get("DisplayName"));
    name.map(ToString::to_string)
}

/// A connector-space object on one line.
pub(super) fn cs_row(object: &CsObject) -> Vec<String> {
    vec![
        object.id.sequence().to_string(),
        object.object_type.to_string(),
        object.dn.clone(),
        display_name(object).unwrap_or_default(),
        state_word(object.state),
        open_work(object),
    ]
}

/// The heading over [`cs_row`]s.
pub(super) const CS_HEADING: [&str; 6] = ["number", "type", "dn", "name", "state", "open"];

/// A connector-space object as JSON.
pub(super) fn cs_json(object: &CsObject) -> Value {
    let attributes = object.imported.iter().flat_map(|a| a.iter());
    let attributes: Map<String, Value> =
        attributes.map(|(name, values)| (name.to_string(), values_json(values))).collect();
    json!({
        "id": object.id.to_string(),
        "type": object.object_type.as_str(),
        "anchor": object.anchor,
        "dn": object.dn,
        "state": state_word(object.state),
        "metaverse": object.state.mv().map(|id| id.to_string()),
        "linked_by": object.linked_by.as_ref().map(Name::as_str),
        "attributes": attributes,
        "pending_import": object.pending_import.as_ref().map(|p| json!({
            "operation": import_word(p.operation),
            "attributes": p.undo.changes.keys().map(|n| n.to_string()).collect::<Vec<_>>(),
            "run": p.run.0,
        })),
        "pending_export": object.export.pending.as_ref().map(delta_json),
        "escrowed_export": object.export.escrow.as_ref().map(delta_json),
        "unconfirmed_export": object.export.unconfirmed.as_ref().map(delta_json),
        "import_error": object.import_error.as_ref().map(error_json),
        "export_error": object.export.error.as_ref().map(error_json),
    })
}
