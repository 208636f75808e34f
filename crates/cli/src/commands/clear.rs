//! `cs clear`: a connector space is emptied.

use engine::{Clearing, RunOptions, Stop};
use rules::ChangeKind;
use serde_json::json;

use super::run::{Bar, exit_of, operator};
use super::show;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::text::count;

/// Says what emptying the space means, and does it if that is wanted.
pub(super) async fn run(
    session: &Session,
    connector: &str,
    (yes, accept_limits): (bool, bool),
    output: &Output,
) -> Result<Exit, Failure> {
    if !yes {
        let clearing = session.engine.weigh_clearing(connector).await?;
        print(connector, clearing, output);
        return Ok(Exit::Done);
    }
    let options = RunOptions {
        started_by: operator(),
        stop: Stop::default(),
        accepted: accept_limits.then_some(ChangeKind::Delete).into_iter().collect(),
    };
    let bar = Bar::new(&format!("{connector} {}", engine::CLEAR), output.is_watched());
    let summary = session.engine.clear(connector, &bar, &options).await;
    bar.finish();
    let summary = summary?;
    show::summary(&summary, output);
    Ok(exit_of(&summary))
}

fn print(connector: &str, clearing: Clearing, output: &Output) {
    let Clearing { objects, linked, deleted, deprovisioned, pending_exports } = clearing;
    output.object(&json!({
        "connector": connector,
        "objects": objects,
        "linked": linked,
        "metaverse_deleted": deleted,
        "deprovisioned": deprovisioned,
        "pending_exports": pending_exports,
    }));
    let number = |n: u64, noun: &str| count(usize::try_from(n).unwrap_or(usize::MAX), noun);
    output.text(&format!(
        "{connector}: {} would go, {linked} of them linked, and {} with them",
        number(objects, "object"),
        number(pending_exports, "pending export")
    ));
    output.text(&format!(
        "metaverse: {} would be deleted, and {} of other connectors deprovisioned",
        number(deleted, "object"),
        number(deprovisioned, "object")
    ));
    output.text("nothing was done; do it with --yes");
}
