//! `pending`: what is waiting to be exported, attribute by attribute, with the rule behind it.

use serde_json::json;
use store::Scope;

use super::show;
use crate::args::Pending;
use crate::failure::{Exit, Failure};
use crate::output::Output;

const PAGE: usize = 500;

/// Runs the command.
pub(super) async fn run(arguments: &Pending, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let setup = session.engine.setup();
    if let Some(name) = &arguments.connector
        && setup.connector(name).is_none()
    {
        return Err(Failure::usage(format!("there is no connector {name:?}")));
    }
    let mut count = 0_usize;
    for connector in setup.connectors.values() {
        if arguments.connector.as_ref().is_some_and(|name| connector.name != name.as_str()) {
            continue;
        }
        let mut after = None;
        loop {
            let store = session.engine.store();
            let page = store.page_cs(connector.id, after, PAGE, Scope::PendingExport).await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id);
            for object in &page {
                count += 1;
                let delta = object.export.pending.as_ref().or(object.export.escrow.as_ref());
                let Some(delta) = delta else { continue };
                output.object(&json!({
                    "connector": connector.name.as_str(),
                    "object": show::cs_json(object),
                }));
                let doubt = if object.export.escrow.is_some() { " (outcome unknown)" } else { "" };
                output.text(&format!(
                    "{}  {} {}{doubt}  {}",
                    connector.name,
                    show::write_word(delta.operation),
                    object.object_type,
                    object.dn
                ));
                for row in show::delta_rows(delta) {
                    output.text(&format!("    {}", row.join("  ")));
                }
                if let Some(error) = &object.export.error {
                    output.text(&format!(
                        "    last attempt: {}: {}",
                        error.error_type, error.message
                    ));
                }
            }
        }
    }
    output.text(&format!("{count} objects wait to be exported"));
    Ok(Exit::Done)
}
