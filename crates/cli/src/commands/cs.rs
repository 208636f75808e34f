//! `cs`: the objects of a connector space.

use engine::ConnectorSetup;
use model::CsId;
use store::{CsObject, Scope, Store};

use super::show;
use crate::args::{Cs, CsAction};
use crate::failure::{Exit, Failure};
use crate::output::Output;

const PAGE: usize = 1_000;

/// Runs the command.
pub(super) async fn run(arguments: &Cs, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let store = session.engine.store().as_ref();
    let setup = session.engine.setup();
    let (CsAction::Search { connector: name, .. } | CsAction::Show { connector: name, .. }) =
        &arguments.action;
    let connector = setup
        .connector(name)
        .ok_or_else(|| Failure::usage(format!("there is no connector {name:?}")))?;
    match &arguments.action {
        CsAction::Search { text, limit, .. } => {
            let found = search(store, connector, text.as_deref(), *limit).await?;
            for object in &found {
                output.object(&show::cs_json(object));
            }
            let rows: Vec<Vec<String>> = found.iter().map(show::cs_row).collect();
            output.table(&show::CS_HEADING, &rows);
        }
        CsAction::Show { object, .. } => {
            let found = find(store, connector, object).await?;
            output.object(&show::cs_json(&found));
            print(&found, output);
        }
    }
    Ok(Exit::Done)
}

async fn search(
    store: &dyn Store,
    connector: &ConnectorSetup,
    text: Option<&str>,
    limit: usize,
) -> Result<Vec<CsObject>, Failure> {
    let text = text.map(str::to_lowercase);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.page_cs(connector.id, after, PAGE, Scope::All).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id);
        for object in page {
            if text.as_ref().is_none_or(|text| contains(&object, text)) {
                found.push(object);
            }
            if found.len() == limit {
                return Ok(found);
            }
        }
    }
}

fn contains(object: &CsObject, text: &str) -> bool {
    let holds = |value: &str| value.to_lowercase().contains(text);
    holds(&object.dn)
        || object.anchor.as_deref().is_some_and(holds)
        || object
            .imported
            .iter()
            .flat_map(|a| a.iter())
            .any(|(_, values)| values.iter().any(|value| holds(&value.to_string())))
}

async fn find(
    store: &dyn Store,
    connector: &ConnectorSetup,
    wanted: &str,
) -> Result<CsObject, Failure> {
    let key = connector.dn_style.key(wanted);
    let by_anchor = store.find_cs_by_anchor(connector.id, &[wanted.to_lowercase()]).await?;
    let by_dn = store.find_cs_by_dn(connector.id, &[key]).await?;
    let mut ids: Vec<CsId> = by_anchor.into_values().chain(by_dn.into_values().flatten()).collect();
    ids.extend(wanted.parse().ok().map(|number| CsId::new(connector.id, number)));
    let found = store.load_cs(&ids).await?.into_iter().next();
    found.ok_or_else(|| {
        let message = format!("{} has no object {wanted:?}", connector.name);
        Failure::new(message)
            .with_help(format!("list them with: proxeny cs search {}", connector.name))
    })
}

fn print(object: &CsObject, output: &Output) {
    output.table(&show::CS_HEADING, &[show::cs_row(object)]);
    output.text(&format!("\nanchor     {}", object.anchor.as_deref().unwrap_or("(none yet)")));
    if let Some(rule) = &object.linked_by {
        output.text(&format!("linked by  {rule}"));
    }
    let rows: Vec<Vec<String>> = object
        .imported
        .iter()
        .flat_map(|attributes| attributes.iter())
        .map(|(name, values)| vec![name.to_string(), values.to_string()])
        .collect();
    output.text("");
    output.table(&["attribute", "imported value"], &rows);
    if let Some(pending) = &object.pending_import {
        let names: Vec<&str> = pending.undo.changes.keys().map(|n| n.as_str()).collect();
        output.text(&format!(
            "\npending import: {} in run {}: {}",
            show::import_word(pending.operation),
            pending.run,
            names.join(", ")
        ));
    }
    let stages = [
        ("pending export", &object.export.pending),
        ("export in progress", &object.export.escrow),
        ("awaiting confirmation", &object.export.unconfirmed),
    ];
    for (title, delta) in stages {
        if let Some(delta) = delta {
            let operation = show::write_word(delta.operation);
            output.text(&format!("\n{title}: {operation}, staged by run {}", delta.run));
            output.table(&["attribute", "value", "rule"], &show::delta_rows(delta));
        }
    }
    for (title, error) in [("import", &object.import_error), ("export", &object.export.error)] {
        if let Some(error) = error {
            output.text(&format!(
                "\n{title} error: {} ({} times since {}): {}",
                error.error_type, error.count, error.first_occurred, error.message
            ));
        }
    }
}
