//! `preview`: what synchronizing one object would do, and how that comes about; or this object
//! synchronized alone.

mod json;

use engine::{
    Contribution, CsChange, FlowStatus, Given, MvChange, Preview, PreviewMode, RunOptions,
    ScopeTest, Tested,
};
use model::{CsId, MvId, Name, Values};
use store::{CsObject, ExportDelta};

use super::run::{exit_of, operator};
use super::{cs, show};
use crate::failure::{Exit, Failure};
use crate::operate_args;
use crate::output::Output;
use crate::text::printable;

/// Runs the command.
pub(super) async fn run(
    arguments: &operate_args::Preview,
    output: &Output,
) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let (store, place) = (session.engine.store().as_ref(), &arguments.place);
    let connector = show::connector(&session, &place.connector)?;
    let object = cs::find(store, connector, &place.object).await?;
    let mode = if arguments.full { PreviewMode::Full } else { PreviewMode::Delta };
    if arguments.commit {
        let options = RunOptions { started_by: operator(), ..RunOptions::default() };
        let summary = session.engine.synchronize_one(object.id, mode, &options).await?;
        show::summary(&summary, output);
        return Ok(exit_of(&summary));
    }
    let preview = session.engine.preview(object.id, mode).await?;
    output.object(&json::preview(&preview));
    print(&preview, output);
    Ok(if preview.error.is_some() { Exit::ObjectErrors } else { Exit::Done })
}

fn print(preview: &Preview, output: &Output) {
    let tree = Tree { preview, output };
    let object = &preview.object;
    tree.line(0, &format!("{} of {} alone", preview.mode.as_str(), preview.connector));
    output.table(&show::CS_HEADING, &[show::cs_row(object)]);
    if !preview.is_visited {
        let help = if preview.mode == PreviewMode::Delta && !object.is_transient() {
            "nothing is pending; --full shows what a full one would do"
        } else {
            "another object has taken its name; import again"
        };
        tree.line(0, &format!("the synchronization would not visit it: {help}"));
        return;
    }
    tree.filter();
    tree.joins();
    tree.import_flow();
    tree.metaverse();
    tree.provisioning();
    tree.export_flow();
    tree.departures();
    tree.exports();
    tree.end();
}

struct Tree<'a> {
    preview: &'a Preview,
    output: &'a Output,
}

impl Tree<'_> {
    fn line(&self, depth: usize, text: &str) {
        self.output.text(&format!("{}{}", "  ".repeat(depth), printable(text)));
    }

    fn title(&self, text: &str) {
        self.output.text("");
        self.line(0, text);
    }

    fn conditions(&self, depth: usize, conditions: &[Tested]) {
        for tested in conditions {
            let holds = if tested.holds { "yes" } else { "no" };
            self.line(depth, &format!("{}: {holds}", condition_text(tested)));
        }
    }

    fn filter(&self) {
        let Some(alternatives) = &self.preview.trace.filter else {
            self.title("connector filter: not asked");
            return;
        };
        let meets = |conditions: &Vec<Tested>| conditions.iter().all(|tested| tested.holds);
        let matched = alternatives.iter().position(meets);
        self.title(&match matched {
            Some(number) => format!("connector filter: alternative {} matches", number + 1),
            None if alternatives.is_empty() => "connector filter: there is none".to_owned(),
            None => "connector filter: does not match".to_owned(),
        });
        for (number, conditions) in (1_u32..).zip(alternatives) {
            self.line(1, &format!("alternative {number}"));
            self.conditions(2, conditions);
        }
    }

    fn joins(&self) {
        let trace = &self.preview.trace;
        if trace.inbound.is_empty() && trace.joins.is_empty() {
            return;
        }
        self.title("join and projection");
        for rule in &trace.inbound {
            self.scope(rule);
        }
        for attempt in &trace.joins {
            let found = match attempt.found.as_slice() {
                [] => "nothing found".to_owned(),
                [only] => format!("joins {}", self.candidate(*only)),
                several => format!("{} candidates: ambiguous", several.len()),
            };
            self.line(1, &format!("join by {}: {found}", attempt.rule));
            for pair in &attempt.pairs {
                let value = values_text(&pair.object, pair.values.as_ref());
                self.line(2, &format!("{} = {}, which is {value}", pair.metaverse, pair.object));
            }
        }
        match &trace.projection {
            Some(rule) => self.line(1, &format!("projection by {rule}")),
            None => self.line(1, "no projection"),
        }
    }

    fn scope(&self, rule: &ScopeTest) {
        self.line(1, &scope_text(rule));
    }

    fn candidate(&self, mv: MvId) -> String {
        let found = self.preview.candidates.iter().find(|object| object.id == mv);
        let name = found.and_then(|object| object.values("displayName"));
        name.map_or_else(|| mv.to_string(), |name| format!("{mv} ({name})"))
    }

    /// A connector-space object in a few words.
    fn object(&self, id: CsId) -> String {
        let change = self.preview.cs.iter().find(|change| change.id == id);
        let Some(CsChange { connector, before, after, .. }) = change else {
            return id.to_string();
        };
        match (before, after) {
            (Some(object), _) => format!("{connector} {}", object.id.sequence()),
            (None, Some(object)) => format!("{connector} {} (new)", object.dn),
            (None, None) => connector.to_string(),
        }
    }

    fn import_flow(&self) {
        let flows = &self.preview.trace.import_flow;
        if flows.is_empty() {
            return;
        }
        self.title("import attribute flow");
        let rows: Vec<Vec<String>> = flows.iter().map(|flow| self.import_row(flow)).collect();
        self.output.table(&["attribute", "value", "rule", "source", "status"], &rows);
    }

    fn import_row(&self, flow: &Contribution) -> Vec<String> {
        vec![
            flow.attribute.to_string(),
            given_text(&flow.attribute, &flow.given),
            flow.rule.to_string(),
            self.object(flow.object),
            status_text(&self.preview.import_status(flow)),
        ]
    }

    fn metaverse(&self) {
        for MvChange { id, before, after } in &self.preview.mv {
            let (Some(known), what) = (match (before, after) {
                (None, after) => (after.as_ref(), "new object"),
                (before, None) => (before.as_ref(), "deleted"),
                (before, _) if before == after => (before.as_ref(), "unchanged"),
                (before, _) => (before.as_ref(), "changed"),
            }) else {
                continue;
            };
            let name = if before.is_some() { format!(" {id}") } else { String::new() };
            self.title(&format!("metaverse {}{name}: {what}", known.object_type));
            let mut names: Vec<&Name> = Vec::new();
            for version in [before, after].into_iter().flatten() {
                names.extend(version.attributes.keys());
            }
            names.sort();
            names.dedup();
            let value = |version: &Option<store::MvObject>, name: &Name| {
                version.as_ref().and_then(|object| object.values(name)).cloned()
            };
            let changed =
                names.into_iter().filter(|name| value(before, name) != value(after, name));
            let rows: Vec<Vec<String>> = changed
                .map(|name| {
                    let text = |values: Option<Values>| {
                        values.map(|v| show::values_text(name, &v)).unwrap_or_default()
                    };
                    vec![name.to_string(), text(value(before, name)), text(value(after, name))]
                })
                .collect();
            self.output.table(&["attribute", "before", "after"], &rows);
        }
    }

    fn provisioning(&self) {
        let trace = &self.preview.trace;
        if trace.provisioning.is_empty() && trace.connected.is_empty() {
            return;
        }
        self.title("provisioning");
        for connected in &trace.connected {
            let object = self.object(connected.object);
            self.line(1, &format!("{object} was found and is connected by {}", connected.rule));
        }
        for place in &trace.provisioning {
            let creates = place.rules.iter().any(|rule| rule.creates && rule.is_in_scope());
            let what = match place.linked {
                0 if creates => "an object is made",
                0 => "nothing is linked, nothing is made",
                _ => "linked already",
            };
            self.line(1, &format!("{} {}: {what}", place.connector, place.object_type));
            for rule in &place.rules {
                self.line(2, &scope_text(rule));
            }
        }
    }

    fn export_flow(&self) {
        for (id, flows) in &self.preview.trace.export_flow {
            self.title(&format!("export attribute flow to {}", self.object(*id)));
            let change = self.preview.cs.iter().find(|change| change.id == *id);
            let before = change.and_then(|change| change.before.as_ref());
            let rows: Vec<Vec<String>> = flows
                .iter()
                .map(|flow| {
                    vec![
                        flow.attribute.to_string(),
                        before.map(|cs| present_text(cs, &flow.attribute)).unwrap_or_default(),
                        given_text(&flow.attribute, &flow.given),
                        flow.rule.to_string(),
                        status_text(&self.preview.export_status(*id, flow)),
                    ]
                })
                .collect();
            self.output.table(&["attribute", "present", "wanted", "rule", "status"], &rows);
        }
    }

    fn departures(&self) {
        let trace = &self.preview.trace;
        if trace.deletions.is_empty() && trace.deprovisioned.is_empty() {
            return;
        }
        self.title("deletion and deprovisioning");
        for test in &trace.deletions {
            let (mv, connector, answer) = (test.mv, &test.connector, test.as_str());
            self.line(
                1,
                &format!("{mv} lost an object of {connector}, {} left: {answer}", test.links),
            );
        }
        for gone in &trace.deprovisioned {
            let option = rules::Deprovisioning::ALL.iter().find(|(_, o)| *o == gone.option);
            let option = option.map_or("", |(word, _)| *word);
            let object = self.object(gone.object);
            self.line(1, &format!("{object}: {option}, because of {}", gone.cause));
        }
    }

    /// The pending exports that would be other ones afterwards.
    fn exports(&self) {
        let pending = |object: &Option<CsObject>| -> Option<ExportDelta> {
            object.as_ref().and_then(|object| object.export.pending.clone())
        };
        for change in &self.preview.cs {
            let (before, after) = (pending(&change.before), pending(&change.after));
            if before == after {
                continue;
            }
            let dn = change.after.as_ref().or(change.before.as_ref()).map(|cs| cs.dn.as_str());
            let place = format!("{} {}", change.connector, dn.unwrap_or_default());
            let Some(after) = after else {
                self.title(&format!("{place}: no pending export any more"));
                continue;
            };
            self.title(&format!("{place}: pending export {}", show::write_word(after.operation)));
            self.output.table(&["attribute", "value", "rule"], &show::delta_rows(&after));
        }
    }

    fn end(&self) {
        let preview = self.preview;
        let state = preview.cs.iter().find(|change| change.id == preview.object.id);
        let state = state.and_then(|change| change.after.as_ref());
        let state = match state {
            Some(object) if object.state.mv().is_some_and(|mv| self.is_new(mv)) => {
                "connector of a new object".to_owned()
            }
            Some(object) => show::state_word(object.state),
            None if preview.object.is_gone() => "removed".to_owned(),
            None => show::state_word(preview.object.state),
        };
        self.title(&format!("state afterwards: {state}"));
        if let Some(counter) = preview.counter {
            self.line(0, &format!("counted as: {counter}"));
        }
        for (connector, counter) in &preview.outbound {
            self.line(0, &format!("            {counter}@{connector}"));
        }
        if let Some(error) = &preview.error {
            let text = show::error_text(&error.message, None, error.rule.as_ref());
            self.line(0, &format!("{} in {}: {text}", error.error_type, error.step));
            let failed = preview.has_failed();
            self.line(0, if failed { "nothing would change but this error" } else { "" });
        }
        self.line(0, "nothing was written; --commit synchronizes the object alone");
    }

    fn is_new(&self, mv: MvId) -> bool {
        self.preview.mv.iter().any(|change| change.id == mv && change.before.is_none())
    }
}

fn scope_text(rule: &ScopeTest) -> String {
    if rule.is_in_scope() {
        return format!("{}: in scope", rule.rule);
    }
    let unmet: Vec<String> = rule.unmet().into_iter().map(condition_text).collect();
    if unmet.is_empty() {
        let why = "not applied by a policy, or waits for the rule it depends on";
        return format!("{}: {why}", rule.rule);
    }
    format!("{}: out of scope, {}", rule.rule, unmet.join("; "))
}

fn condition_text(tested: &Tested) -> String {
    let condition = &tested.condition;
    let operator = rules::Operator::ALL.iter().find(|(_, o)| *o == condition.operator);
    let operator = operator.map_or("", |(word, _)| *word);
    let values: Vec<String> = condition.values.iter().map(ToString::to_string).collect();
    let value = if values.is_empty() { String::new() } else { format!(" {}", values.join(", ")) };
    let found = values_text(&condition.attribute, tested.values.as_ref());
    format!("{} {operator}{value}, it is {found}", condition.attribute)
}

fn values_text(name: &str, values: Option<&Values>) -> String {
    values.map_or_else(|| "(no value)".to_owned(), |values| show::values_text(name, values))
}

fn given_text(name: &str, given: &Given) -> String {
    match given {
        Given::Values(values) => show::values_text(name, values),
        Given::Secret => "(secret, drawn when it is sent)".to_owned(),
        Given::Nothing | Given::NotAsked => String::new(),
        Given::Null => "(no value)".to_owned(),
        Given::Ignored => "(ignored)".to_owned(),
        Given::Failed(_) => "(failed)".to_owned(),
    }
}

fn status_text(status: &FlowStatus) -> String {
    match status {
        FlowStatus::NotPrecedent(Some(rule)) => format!("{}, but {rule}", status.as_str()),
        FlowStatus::Failed(message) => format!("{}: {message}", status.as_str()),
        _ => status.as_str().to_owned(),
    }
}

/// What the connected system holds as far as imports know.
fn present_text(object: &CsObject, attribute: &Name) -> String {
    if *attribute == "dn" {
        return object.dn.clone();
    }
    let values = object.imported.as_ref().and_then(|imported| imported.get(attribute));
    values.map(|values| show::values_text(attribute, values)).unwrap_or_default()
}
