//! Steps: what happens, which runs follow, and what is expected then.

use super::{
    ByHand, Change, Config, DiagnosticExpect, Expect, Fault, Look, by_hand, change, expect, fault,
    read_config, read_diagnostics,
};
use rules::{ChangeKind, ProfileStep};

use crate::node::NodeKind;
use crate::reader::Reader;

/// One step. Its parts happen in the order of the fields.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) line: usize,
    pub(crate) name: Option<String>,
    /// Another configuration from here on.
    pub(crate) config: Option<Config>,
    /// What is to be found wrong with it.
    pub(crate) diagnostics: Vec<DiagnosticExpect>,
    /// The rules of the configuration become those of the identity service.
    pub(crate) applies: bool,
    /// Another process takes over.
    pub(crate) restarts: bool,
    pub(crate) advance_micros: i64,
    /// Systems that have no faults any more.
    pub(crate) mended: Vec<String>,
    pub(crate) changes: Vec<Change>,
    pub(crate) faults: Vec<Fault>,
    /// What an administrator looks at.
    pub(crate) previews: Vec<Look>,
    /// What an administrator decides.
    pub(crate) by_hand: Vec<ByHand>,
    pub(crate) runs: Vec<Run>,
    pub(crate) sequence: Option<String>,
    pub(crate) expect: Option<Expect>,
}

/// A run, and MIM's parameters of its step.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    pub(crate) connector: String,
    pub(crate) profile: String,
    pub(crate) object_limit: Option<u64>,
    pub(crate) deletion_limit: Option<u64>,
    pub(crate) batch_size: Option<u64>,
    /// An operator stops it after so many objects.
    pub(crate) stop_after: Option<u64>,
    /// Limits that do not count for this once.
    pub(crate) accepted: Vec<ChangeKind>,
}

impl Run {
    /// True if the run is another one than its profile says.
    pub(crate) const fn changes_steps(&self) -> bool {
        self.object_limit.is_some() || self.deletion_limit.is_some() || self.batch_size.is_some()
    }

    /// The steps of its profile with its own parameters.
    pub(crate) fn changed(&self, mut steps: Vec<ProfileStep>) -> Vec<ProfileStep> {
        for step in &mut steps {
            step.object_limit = self.object_limit.or(step.object_limit);
            step.deletion_limit = self.deletion_limit.or(step.deletion_limit);
            let batch_size = self.batch_size.and_then(|size| usize::try_from(size).ok());
            step.batch_size = batch_size.or(step.batch_size);
        }
        steps
    }
}

/// Reads a step.
pub(super) fn read(mut reader: Reader<'_>) -> Step {
    let line = reader.line();
    let name = reader.text("name").map(ToOwned::to_owned);
    let changes_config = reader.has("config") || reader.has("patch");
    let config = read_config(&mut reader, "config");
    let expect = reader.table("expect").map(expect::read);
    let mut runs: Vec<Run> = Vec::new();
    for system in reader.texts("clear_space") {
        let (connector, profile) = (system.to_owned(), engine::CLEAR.to_owned());
        runs.push(Run { connector, profile, ..Run::default() });
    }
    runs.extend(read_runs(&mut reader));
    let step = Step {
        line,
        name,
        config: changes_config.then_some(config),
        diagnostics: read_diagnostics(&mut reader),
        applies: reader.boolean("apply").unwrap_or_default(),
        restarts: reader.boolean("restart").unwrap_or_default(),
        advance_micros: read_advance(&mut reader),
        mended: reader.texts("mend").into_iter().map(ToOwned::to_owned).collect(),
        changes: reader.tables("change").into_iter().filter_map(change::read).collect(),
        faults: reader.tables("fault").into_iter().filter_map(fault::read).collect(),
        previews: reader.tables("preview").into_iter().map(by_hand::read_look).collect(),
        by_hand: reader.tables("joiner").into_iter().filter_map(by_hand::read).collect(),
        runs,
        sequence: reader.text("sequence").map(ToOwned::to_owned),
        expect,
    };
    if step.sequence.is_some() && !step.runs.is_empty() {
        let message = "a step has either `run` or `sequence`";
        reader.page.error(reader.place(), message, None);
    }
    let is_run = step.sequence.is_some() || !step.runs.is_empty() || !step.by_hand.is_empty();
    let is_run = is_run || step.previews.iter().any(|look| look.commits);
    if !is_run && step.expect.as_ref().is_some_and(|expect| expect.run.demands_something()) {
        let message = "the step expects something of a run and has none";
        reader.page.error(reader.place(), message, None);
    }
    reader.finish();
    step
}

/// Each run is a text, or a table with that text and MIM's parameters of a step.
fn read_runs(reader: &mut Reader<'_>) -> Vec<Run> {
    let page = reader.page;
    let mut runs = Vec::new();
    let Some(node) = reader.node("run") else { return runs };
    let items = match &node.kind {
        NodeKind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    for item in items {
        let (text, run) = match &item.kind {
            NodeKind::Text(text) => (text.clone(), Run::default()),
            _ => read_run_table(Reader::new(page, "run", item)),
        };
        let parts: Vec<&str> =
            text.split(|c: char| c == '/' || c.is_whitespace()).filter(|p| !p.is_empty()).collect();
        match parts.as_slice() {
            [connector, profile] => runs.push(Run {
                connector: (*connector).to_owned(),
                profile: (*profile).to_owned(),
                ..run
            }),
            _ => {
                let help = "for example \"hr/full-import\"".to_owned();
                let message = format!("`{text}` does not name a connector and a run profile");
                page.error(item.span.clone(), message, Some(help));
            }
        }
    }
    runs
}

fn read_run_table(mut reader: Reader<'_>) -> (String, Run) {
    let text = reader.required_text("run");
    let run = Run {
        object_limit: reader.number("object_limit"),
        deletion_limit: reader.number("deletion_limit"),
        batch_size: reader.number("batch_size"),
        stop_after: reader.number("stop_after"),
        accepted: read_accepted(&mut reader),
        ..Run::default()
    };
    reader.finish();
    (text, run)
}

fn read_accepted(reader: &mut Reader<'_>) -> Vec<ChangeKind> {
    let words = reader.texts("accept_limits");
    let found = words.into_iter().filter_map(|word| {
        let kind = ChangeKind::parse(word);
        if kind.is_none() {
            let known = ChangeKind::ALL.map(|(known, _)| known).join(", ");
            let message = format!("`{word}` is no kind of change that has limits");
            reader.page.error(reader.place(), message, Some(format!("there are {known}")));
        }
        kind
    });
    found.collect()
}

fn read_advance(reader: &mut Reader<'_>) -> i64 {
    let Some(text) = reader.text("advance") else { return 0 };
    let units = [("s", 1), ("min", 60), ("h", 3_600), ("d", 86_400)];
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let unit = text.get(digits.len()..).unwrap_or_default().trim();
    let seconds = units.iter().find(|(word, _)| *word == unit).map(|(_, seconds)| *seconds);
    let number = digits.parse::<u32>().ok().map(i64::from);
    match number.zip(seconds) {
        Some((number, seconds)) => number * seconds * 1_000_000,
        None => {
            let help = "a number and s, min, h or d, such as \"30 min\"".to_owned();
            reader.page.error(reader.place(), format!("`{text}` is no time"), Some(help));
            0
        }
    }
}
