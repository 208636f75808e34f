//! `joiner`: links that an administrator makes and cuts by hand.

use std::collections::BTreeMap;

use engine::{Decision, JoinCandidates, RunOptions};
use model::Name;
use serde_json::{Map, Value, json};

use super::run::{exit_of, operator};
use super::{cs, mv, show};
use crate::failure::{Exit, Failure};
use crate::operate_args::{Joiner, JoinerAction, Kind};
use crate::output::Output;
use crate::text::count;

/// Runs the command.
pub(super) async fn run(arguments: &Joiner, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let store = session.engine.store().as_ref();
    let place = arguments.action.place();
    let connector = show::connector(&session, &place.connector)?;
    let object = cs::find(store, connector, &place.object).await?;
    let decision = match &arguments.action {
        JoinerAction::Candidates { .. } => {
            print(&session.engine.join_candidates(object.id).await?, output);
            return Ok(Exit::Done);
        }
        JoinerAction::Join { metaverse, .. } => {
            Decision::Join(mv::find(store, metaverse).await?.id)
        }
        JoinerAction::Project { object_type, .. } => Decision::Project(Name::new(object_type)),
        JoinerAction::Disconnect { kind, .. } => {
            Decision::Disconnect { is_explicit: *kind == Kind::Explicit }
        }
        JoinerAction::Set { kind, .. } => Decision::Set { is_explicit: *kind == Kind::Explicit },
    };
    let options = RunOptions { started_by: operator(), ..RunOptions::default() };
    let summary = session.engine.decide(object.id, &decision, &options).await?;
    show::summary(&summary, output);
    if let Some(after) = store.load_cs(&[object.id]).await?.first() {
        output.table(&show::CS_HEADING, &[show::cs_row(after)]);
    } else {
        output.text(&format!("{} is no longer in the connector space", object.dn));
    }
    Ok(if summary.errors.is_empty() { exit_of(&summary) } else { Exit::Failed })
}

fn print(candidates: &[JoinCandidates], output: &Output) {
    for of_rule in candidates {
        output.object(&candidates_json(of_rule));
        let scope = if of_rule.is_in_scope { "" } else { "  (the object is out of its scope)" };
        output.text(&format!("{}{scope}", of_rule.rule));
        for pair in &of_rule.pairs {
            let values = pair.values.as_ref();
            let values = values.map(|values| show::values_text(&pair.object, values));
            let values = values.unwrap_or_else(|| "(no value)".to_owned());
            output.text(&format!("  {} = {}, which is {values}", pair.metaverse, pair.object));
        }
        let rows: Vec<Vec<String>> = of_rule.found.iter().map(mv::row).collect();
        output.table(&mv::HEADING, &rows);
        output.text(&count(of_rule.found.len(), "candidate"));
    }
    if candidates.is_empty() {
        output.text("no rule has a relationship for objects of this type");
    }
}

fn candidates_json(of_rule: &JoinCandidates) -> Value {
    let pairs: Vec<Value> = of_rule
        .pairs
        .iter()
        .map(|pair| {
            json!({
                "metaverse": pair.metaverse.as_str(),
                "object": pair.object.as_str(),
                "values": pair.values.as_ref().map(show::values_json),
            })
        })
        .collect();
    let found: Vec<Value> =
        of_rule.found.iter().map(|o| mv::object_json(o, &BTreeMap::new(), &[])).collect();
    let object: Map<String, Value> = [
        ("rule".to_owned(), json!(of_rule.rule.as_str())),
        ("type".to_owned(), json!(of_rule.metaverse.as_str())),
        ("in_scope".to_owned(), json!(of_rule.is_in_scope)),
        ("relationship".to_owned(), pairs.into()),
        ("candidates".to_owned(), found.into()),
    ]
    .into_iter()
    .collect();
    object.into()
}
