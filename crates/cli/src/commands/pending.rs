//! `pending`: what is waiting to be exported, attribute by attribute, with the rule behind it.

use engine::ConnectorSetup;
use rules::ChangeKind;
use serde_json::json;
use store::{CsObject, ExportDelta, Scope, Store, WriteOperation};

use super::show;
use crate::args::Pending;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text::{count, moment, printable};

const PAGE: usize = 500;

/// How many objects wait, by operation.
#[derive(Debug, Clone, Copy, Default)]
struct Waiting {
    add: usize,
    update: usize,
    delete: usize,
}

impl Waiting {
    const fn count(&mut self, operation: WriteOperation) {
        match operation {
            WriteOperation::Add => self.add += 1,
            WriteOperation::Update => self.update += 1,
            WriteOperation::Delete => self.delete += 1,
        }
    }

    const fn total(self) -> usize {
        self.add + self.update + self.delete
    }
}

/// Runs the command.
pub(super) async fn run(arguments: &Pending, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let store = session.engine.store().as_ref();
    let connectors: Vec<&ConnectorSetup> = match &arguments.connector {
        Some(name) => vec![show::connector(&session, name)?],
        None => session.engine.setup().connectors.values().collect(),
    };
    let mut waiting = Vec::new();
    for &connector in &connectors {
        waiting.push((connector, print_all(store, connector, output).await?));
    }
    let total: usize = waiting.iter().map(|(_, waiting)| waiting.total()).sum();
    if total > 0 {
        let some = waiting.iter().filter(|(_, waiting)| waiting.total() > 0);
        let rows: Vec<Vec<String>> = some
            .map(|(connector, waiting)| {
                let numbers = [waiting.add, waiting.update, waiting.delete];
                let numbers = numbers.map(|n| n.to_string());
                std::iter::once(connector.name.to_string()).chain(numbers).collect()
            })
            .collect();
        output.table(&["connector", "add", "update", "delete"], &rows);
        for (connector, waiting) in waiting {
            warn_of_limit(store, connector, waiting, output).await?;
        }
    }
    let verb = if total == 1 { "waits" } else { "wait" };
    output.text(&format!("{} {verb} to be exported", count(total, "object")));
    Ok(Exit::Done)
}

async fn print_all(
    store: &dyn Store,
    connector: &ConnectorSetup,
    output: &Output,
) -> Result<Waiting, Failure> {
    let mut waiting = Waiting::default();
    let mut after = None;
    loop {
        let page = store.page_cs(connector.id, after, PAGE, Scope::PendingExport).await?;
        let Some(last) = page.last() else { return Ok(waiting) };
        after = Some(last.id);
        for object in &page {
            let delta = object.export.pending.as_ref().or(object.export.escrow.as_ref());
            let Some(delta) = delta else { continue };
            waiting.count(delta.operation);
            output.object(&json!({
                "connector": connector.name.as_str(),
                "object": show::cs_json(object),
            }));
            print(connector, object, delta, output);
        }
    }
}

fn print(connector: &ConnectorSetup, object: &CsObject, delta: &ExportDelta, output: &Output) {
    let name = show::display_name(object);
    let name = name.map(|name| format!("  ({})", printable(&name))).unwrap_or_default();
    let doubt = if object.export.escrow.is_some() { " (outcome unknown)" } else { "" };
    output.text(&format!(
        "{} {}: {} {}{doubt}  {}{name}",
        connector.name,
        object.id.sequence(),
        show::write_word(delta.operation),
        object.object_type,
        printable(&object.dn)
    ));
    let indented = |mut row: Vec<String>| {
        if let Some(first) = row.first_mut() {
            first.insert_str(0, "    ");
        }
        row
    };
    let mut rows: Vec<Vec<String>> = show::delta_rows(delta).into_iter().map(indented).collect();
    if rows.is_empty() {
        rows.push(vec![format!("    because of {}", delta.cause)]);
    }
    output.table(&[], &rows);
    if let Some(error) = &object.export.error {
        output.text(&format!(
            "    refused {} since {}: {}: {}",
            count(error.count as usize, "time"),
            moment(error.first_occurred),
            error.error_type,
            printable(&show::error_text(&error.message, error.code.as_deref(), None))
        ));
    }
    output.text("");
}

/// The export will stop before its first deletion: better known now.
async fn warn_of_limit(
    store: &dyn Store,
    connector: &ConnectorSetup,
    waiting: Waiting,
    output: &Output,
) -> Result<(), Failure> {
    let total = store.cs_counts(connector.id).await?.total;
    let limit = connector.document.limits.all.get(&ChangeKind::Delete);
    if limit.is_some_and(|limit| limit.exceeded(waiting.delete as u64, total)) {
        output.text(&format!(
            "the deletions are more than [limits] of connectors/{}.toml allows: an export will do \
             nothing",
            connector.name
        ));
    }
    Ok(())
}
