//! `cs`: the objects of a connector space.

use engine::ConnectorSetup;
use model::CsId;
use store::{CsObject, ObjectError, Store};

use super::{search, show};
use crate::args::{Cs, CsAction};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text::{count, moment, printable};

/// Runs the command.
pub(super) async fn run(arguments: &Cs, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let store = session.engine.store().as_ref();
    let name = match &arguments.action {
        CsAction::Search(search) => &search.connector,
        CsAction::Show { connector, .. } | CsAction::Clear { connector, .. } => connector,
    };
    let connector = show::connector(&session, name)?;
    match &arguments.action {
        CsAction::Search(wanted) => {
            let found = search::search(store, connector, wanted).await?;
            for object in &found {
                output.object(&show::cs_json(object));
            }
            if wanted.errors || wanted.import_error || wanted.export_error {
                let rows: Vec<Vec<String>> = found.iter().flat_map(error_rows).collect();
                output.table(&ERROR_HEADING, &rows);
            } else {
                let rows: Vec<Vec<String>> = found.iter().map(show::cs_row).collect();
                output.table(&show::CS_HEADING, &rows);
            }
            show::found(found.len(), wanted.limit.get(), output);
        }
        CsAction::Show { object, .. } => {
            let found = find(store, connector, object).await?;
            output.object(&show::cs_json(&found));
            print(&found, output);
        }
        CsAction::Clear { yes, accept_limits, .. } => {
            return super::clear::run(&session, &connector.name, (*yes, *accept_limits), output)
                .await;
        }
    }
    Ok(Exit::Done)
}

/// The object that somebody names by DN, anchor or number.
pub(super) async fn find(
    store: &dyn Store,
    connector: &ConnectorSetup,
    wanted: &str,
) -> Result<CsObject, Failure> {
    let key = connector.dn_style.key(wanted);
    let by_anchor = store.find_cs_by_anchor(connector.id, &[wanted.to_lowercase()]).await?;
    let by_dn = store.find_cs_by_dn(connector.id, &[key]).await?;
    let mut ids: Vec<CsId> = by_anchor.into_values().chain(by_dn.into_values().flatten()).collect();
    ids.extend(by_number(connector, wanted));
    let found = store.load_cs(&ids).await?.into_iter().next();
    found.ok_or_else(|| {
        let message = format!("{} has no object {wanted:?}", connector.name);
        Failure::new(message)
            .with_help(format!("list them with: proxeny cs search {}", connector.name))
    })
}

/// `65` as tables print it, or `cs:1:65` as JSON does.
fn by_number(connector: &ConnectorSetup, wanted: &str) -> Option<CsId> {
    let number = wanted.rsplit(':').next()?.parse().ok()?;
    let id = CsId::new(connector.id, number);
    (wanted == number.to_string() || wanted == id.to_string()).then_some(id)
}

const ERROR_HEADING: [&str; 7] = ["number", "dn", "while", "error", "times", "since", "message"];

fn errors(object: &CsObject) -> impl Iterator<Item = &ObjectError> {
    object.import_error.iter().chain(&object.export.error)
}

fn error_rows(object: &CsObject) -> Vec<Vec<String>> {
    let row = |error: &ObjectError| {
        vec![
            object.id.sequence().to_string(),
            object.dn.clone(),
            error.step.clone(),
            error.error_type.clone(),
            error.count.to_string(),
            moment(error.first_occurred),
            show::error_text(&error.message, error.code.as_deref(), error.rule.as_ref()),
        ]
    };
    errors(object).map(row).collect()
}

fn print(object: &CsObject, output: &Output) {
    let mut facts = vec![
        ("number", object.id.sequence().to_string()),
        ("type", object.object_type.to_string()),
        ("dn", object.dn.clone()),
        ("anchor", object.anchor.clone().unwrap_or_else(|| "none yet".to_owned())),
        ("state", show::state_word(object.state)),
    ];
    facts.extend(object.linked_by.as_ref().map(|rule| ("linked by", rule.to_string())));
    let facts = facts.into_iter().map(|(name, fact)| vec![name.to_owned(), fact]);
    output.table(&[], &facts.collect::<Vec<_>>());
    print_imported(object, output);
    let stages = [
        ("pending export", "to be sent", &object.export.pending),
        ("export in progress", "sent, and the answer is not known", &object.export.escrow),
        ("unconfirmed export", "sent, and not seen by an import yet", &object.export.unconfirmed),
    ];
    for (title, meaning, delta) in stages {
        if let Some(delta) = delta {
            let operation = show::write_word(delta.operation);
            output.text(&format!("\n{title}: {operation}, {meaning}; from run {}", delta.run));
            let rows = show::delta_rows(delta);
            if !rows.is_empty() {
                output.table(&["attribute", "value", "rule"], &rows);
            }
        }
    }
    for error in errors(object) {
        let text = show::error_text(&error.message, error.code.as_deref(), error.rule.as_ref());
        output.text(&format!(
            "\n{} failed {} since {}: {}: {}",
            error.step,
            count(error.count as usize, "time"),
            moment(error.first_occurred),
            error.error_type,
            printable(&text)
        ));
    }
}

/// What is in the connected system as far as imports know, and what changed since the last
/// synchronization.
fn print_imported(object: &CsObject, output: &Output) {
    let changed = object.pending_import.as_ref();
    let mut rows: Vec<Vec<String>> = object
        .imported
        .iter()
        .flat_map(|attributes| attributes.iter())
        .map(|(name, values)| vec![name.to_string(), show::values_text(name, values)])
        .collect();
    output.text("");
    let Some(pending) = changed else {
        if rows.is_empty() {
            output.text("nothing is imported yet");
        } else {
            output.table(&["attribute", "imported value"], &rows);
        }
        return;
    };
    let before = object.synchronized();
    let before = |name: &str| {
        let values = before.as_ref().and_then(|attributes| attributes.get(name));
        values.map(|values| show::values_text(name, values)).unwrap_or_default()
    };
    for row in &mut rows {
        let is_changed = row.first().is_some_and(|n| pending.undo.changes.contains_key(n.as_str()));
        let was = row.first().filter(|_| is_changed).map(|name| before(name));
        row.push(was.unwrap_or_default());
    }
    for name in pending.undo.changes.keys() {
        let is_gone = object.imported.as_ref().is_none_or(|a| a.get(name).is_none());
        if is_gone {
            rows.push(vec![name.to_string(), "(gone)".to_owned(), before(name)]);
        }
    }
    output.table(&["attribute", "imported value", "before"], &rows);
    output.text(&format!(
        "\npending import: {} by run {}, not synchronized yet",
        show::import_word(pending.operation),
        pending.run
    ));
}
