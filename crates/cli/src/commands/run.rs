//! `run`: one run profile, or a sequence.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use engine::{Observer, RunOptions, RunSummary, Stop};
use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use model::Name;
use rules::{ChangeKind, StepType};

use super::show;
use super::sim::interruption;
use crate::args::Run;
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::text::count;

/// Runs the command. An interrupt asks the run to stop; a second one breaks it off.
pub(super) async fn run(arguments: &Run, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let options = RunOptions {
        started_by: operator(),
        stop: Stop::default(),
        accepted: arguments.accept_limits.iter().map(|kind| ChangeKind::from(*kind)).collect(),
    };
    let broken_off = broken_off(options.stop.clone(), output)?;
    tokio::select! {
        biased;
        done = run_asked(&session, arguments, &options, output) => done,
        failure = broken_off => Err(failure),
    }
}

async fn run_asked(
    session: &Session,
    arguments: &Run,
    options: &RunOptions,
    output: &Output,
) -> Result<Exit, Failure> {
    match (&arguments.sequence, &arguments.connector, &arguments.profile) {
        (Some(sequence), ..) => {
            let (summaries, exit) =
                run_sequence(session, sequence, options, output, |_| true).await?;
            print_end(session, sequence, &summaries, output);
            Ok(exit)
        }
        (None, Some(connector), Some(profile)) => {
            let part = Part { connector, profile, sequence: None };
            let summary = run_one(session, part, options, output).await?;
            show::summary(&summary, output);
            Ok(exit_of(&summary))
        }
        (None, connector, _) => Err(incomplete(session, connector.as_deref())),
    }
}

/// Asks for a stop at the first interrupt and is ready at the second.
fn broken_off(stop: Stop, output: &Output) -> Result<impl Future<Output = Failure>, Failure> {
    let first = interruption()?;
    Ok(async move {
        first.await;
        stop.request();
        output.note("stopping after the object at hand; interrupt again to break the run off");
        match interruption() {
            Ok(again) => again.await,
            Err(failure) => return failure,
        }
        Failure::new("the run was broken off").with_help("the same command goes on where it stood")
    })
}

/// Who sits at the terminal, as far as it is known.
pub(super) fn operator() -> Option<String> {
    let names = ["SUDO_USER", "USER", "LOGNAME"].into_iter();
    let mut names = names.filter_map(std::env::var_os).filter_map(|name| name.into_string().ok());
    names.find(|name| !name.is_empty())
}

/// One run of a command.
struct Part<'a> {
    connector: &'a str,
    profile: &'a str,
    sequence: Option<(Name, u32)>,
}

/// Runs a sequence from where an interrupted one stood, or from its beginning. It ends with the
/// first run that does not let the next one start. `print` says which runs to show.
pub(super) async fn run_sequence(
    session: &Session,
    name: &str,
    options: &RunOptions,
    output: &Output,
    print: impl Fn(&RunSummary) -> bool,
) -> Result<(Vec<RunSummary>, Exit), Failure> {
    let sequences = &session.deployment().sequences;
    let Some(sequence) = sequences.get(name).cloned() else {
        let known: Vec<&str> = sequences.keys().map(Name::as_str).collect();
        let failure = Failure::usage(format!("there is no sequence {name:?}"));
        return Err(failure.with_help(format!("sequences: {}", known.join(", "))));
    };
    let begin = session.engine.interrupted(name).await?.unwrap_or(0);
    if begin > 0 {
        output.note(&format!("going on with run {} of the interrupted sequence", begin + 1));
    }
    let mut summaries = Vec::new();
    let mut exit = Exit::Done;
    for (place, (connector, profile)) in (0_u32..).zip(&sequence) {
        if place < begin {
            continue;
        }
        let part = Part { connector, profile, sequence: Some((Name::new(name), place)) };
        let summary = run_one(session, part, options, output).await?;
        if print(&summary) {
            show::summary(&summary, output);
        }
        let goes_on = summary.result.lets_sequence_go_on();
        match exit_of(&summary) {
            Exit::Done => {}
            worse => exit = worse,
        }
        summaries.push(summary);
        if !goes_on {
            break;
        }
    }
    Ok((summaries, exit))
}

/// The answer to a command line that does not say what to run.
fn incomplete(session: &Session, connector: Option<&str>) -> Failure {
    let document = connector.and_then(|name| session.deployment().connectors.get(name));
    let profiles: Vec<&str> = match document {
        Some(document) => document.profile_names().collect(),
        None => StepType::ALL.into_iter().map(|(name, _)| name).collect(),
    };
    let profiles = profiles.join(", ");
    if let Some(connector) = connector {
        return Failure::usage(format!("a run profile for {connector} is missing"))
            .with_help(format!("run profiles: {profiles}"));
    }
    let deployment = session.deployment();
    let names = |names: Vec<&str>| names.join(", ");
    let connectors = names(deployment.connectors.keys().map(Name::as_str).collect());
    let sequences = names(deployment.sequences.keys().map(Name::as_str).collect());
    Failure::usage("there is nothing to run").with_help(format!(
        "name a connector ({connectors}) and a run profile ({profiles}), or a --sequence \
         ({sequences})"
    ))
}

/// How a sequence went as a whole.
fn print_end(session: &Session, name: &str, summaries: &[RunSummary], output: &Output) {
    let mut results: BTreeMap<&str, usize> = BTreeMap::new();
    for summary in summaries {
        *results.entry(summary.result.as_str()).or_default() += 1;
    }
    let results: Vec<String> = results.iter().map(|(result, n)| format!("{n} {result}")).collect();
    output.text(&format!("{}: {}", count(summaries.len(), "run"), results.join(", ")));
    let stopped = summaries.last().filter(|last| !last.result.lets_sequence_go_on());
    let Some(sequence) = session.deployment().sequences.get(name).filter(|_| stopped.is_some())
    else {
        return;
    };
    let place = |(connector, profile): &(Name, Name)| format!("{connector}/{profile}");
    let is_last = |(connector, profile): &(Name, Name)| {
        stopped.is_some_and(|last| last.connector == *connector && last.profile == *profile)
    };
    let position = sequence.iter().rposition(is_last).unwrap_or(sequence.len());
    let left: Vec<String> = sequence.iter().skip(position + 1).map(place).collect();
    if !left.is_empty() {
        output.text(&format!("the sequence ended there; not run: {}", left.join(", ")));
    }
}

async fn run_one(
    session: &Session,
    part: Part<'_>,
    options: &RunOptions,
    output: &Output,
) -> Result<RunSummary, Failure> {
    let Part { connector, profile, sequence } = part;
    let bar = Bar::new(&format!("{connector} {profile}"), output.is_watched());
    let summary = session.run(connector, profile, sequence, &bar, options).await;
    bar.finish();
    summary
}

/// The exit code that a run's result stands for.
pub(super) const fn exit_of(summary: &RunSummary) -> Exit {
    if !summary.result.is_completed() {
        Exit::Failed
    } else if summary.result.is_clean() && summary.errors.is_empty() {
        Exit::Done
    } else {
        Exit::ObjectErrors
    }
}

/// A progress line: objects, rate, time, and what is left of it where the store can tell.
pub(super) struct Bar(Mutex<ProgressBar>);

impl Bar {
    pub(super) fn new(label: &str, visible: bool) -> Self {
        let bar = if visible { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
        if let Some(style) = style("{spinner} {prefix}  {pos} objects  {rate}  {elapsed}") {
            bar.set_style(style);
        }
        bar.set_prefix(label.to_owned());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(Mutex::new(bar))
    }

    pub(super) fn finish(&self) {
        if let Ok(bar) = self.0.lock() {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> Option<ProgressStyle> {
    let style = ProgressStyle::with_template(template).ok()?;
    let rate = |state: &ProgressState, line: &mut dyn std::fmt::Write| {
        // Whoever draws the line sees its own error.
        let _written = write!(line, "{:.0}/s", state.per_sec());
    };
    Some(style.with_key("rate", rate))
}

impl Observer for Bar {
    fn expect(&self, objects: u64) {
        let template = "{spinner} {prefix}  {pos} of {len} objects  {rate}  {eta} left";
        if let (Ok(bar), Some(style)) = (self.0.lock(), style(template))
            && objects > 0
        {
            bar.set_length(objects);
            bar.set_style(style);
        }
    }

    fn progress(&self, objects: u64) {
        if let Ok(bar) = self.0.lock() {
            bar.set_position(objects);
        }
    }
}
