//! Runs: results, counters, errors.

use engine::RunSummary;
use store::RunError;

use super::cs::{Described, show_error};
use super::{Comparison, Difference};
use crate::crash::Fate;
use crate::document::{RunExpect, Step};
use crate::words;
use crate::world::RunOutcome;

/// A run that was made.
#[derive(Debug)]
pub(crate) struct Ran {
    /// `CONNECTOR/PROFILE`.
    pub(crate) name: String,
    /// How it ended.
    pub(crate) outcome: RunOutcome,
}

impl Ran {
    fn result(&self) -> &str {
        match &self.outcome {
            RunOutcome::Ended(summary) => summary.result.as_str(),
            RunOutcome::Lost(Fate::Ended) => words::CRASHED,
            RunOutcome::Lost(Fate::Hanging) => words::HUNG,
            RunOutcome::Refused => words::REFUSED,
        }
    }

    /// What it says of itself, if it came to its end.
    pub(crate) fn summary(&self) -> Option<&RunSummary> {
        match &self.outcome {
            RunOutcome::Ended(summary) => Some(summary),
            RunOutcome::Lost(_) | RunOutcome::Refused => None,
        }
    }

    fn is_clean(&self) -> bool {
        self.summary().is_some_and(|summary| summary.result.is_clean())
    }
}

/// Compares the runs of a step. A run that nothing is expected of has to end well.
pub(crate) fn check_runs(comparison: &mut Comparison<'_>, step: &Step, ran: &[Ran]) {
    let none = RunExpect::default();
    let (line, expect) =
        step.expect.as_ref().map_or((step.line, &none), |expect| (expect.line, &expect.run));
    let Some((last, earlier)) = ran.split_last() else { return };
    if expect.runs.is_empty() {
        for run in earlier.iter().filter(|run| !run.is_clean()) {
            comparison.fail_run(line, run);
        }
    } else {
        comparison.check_sequence(line, expect, ran);
    }
    let mut differences = Vec::new();
    match &expect.result {
        Some(expected) if expected != last.result() => differences.push(Difference {
            line,
            what: "result".to_owned(),
            expected: expected.clone(),
            found: described_result(last),
        }),
        None if expect.runs.is_empty() && !last.is_clean() => comparison.fail_run(line, last),
        _ => {}
    }
    if let Some(summary) = last.summary() {
        differences.extend(comparison.summary_differences(line, expect, summary));
    }
    let shown = last.summary().map(show_summary).unwrap_or_default();
    comparison.differ(line, &format!("the run {}", last.name), &differences, shown);
}

fn described_result(run: &Ran) -> String {
    let message = run.summary().and_then(|summary| summary.message.clone());
    let message = message.map(|message| format!(": {message}")).unwrap_or_default();
    format!("{}{message}", run.result())
}

fn show_summary(summary: &RunSummary) -> Vec<String> {
    let mut lines = vec![format!("result {}", summary.result.as_str())];
    lines.extend(summary.message.as_ref().map(|message| format!("message {message}")));
    lines.extend(summary.counters.iter().map(|(name, count)| format!("{name} = {count}")));
    lines.extend(summary.errors.iter().map(show_run_error));
    lines.extend(summary.warnings.iter().map(|warning| format!("warning: {warning}")));
    lines
}

fn show_run_error(error: &RunError) -> String {
    let RunError { name, error_type, step, message, rule, .. } = error;
    let rule = rule.as_ref().map(|rule| format!(" by {rule}")).unwrap_or_default();
    format!("error {error_type} in {step}{rule} at {name}: {message}")
}

fn described(error: &RunError) -> Described<'_> {
    Described {
        object: Some(&error.name),
        error_type: &error.error_type,
        step: &error.step,
        rule: error.rule.as_deref(),
        code: error.code.as_deref(),
        message: &error.message,
        count: None,
    }
}

impl Comparison<'_> {
    fn fail_run(&mut self, line: usize, run: &Ran) {
        let details = run.summary().map(show_summary).unwrap_or_default();
        let what = format!("the run {} ended {}, which nothing expects", run.name, run.result());
        self.fail(line, what, details);
    }

    fn check_sequence(&mut self, line: usize, expect: &RunExpect, ran: &[Ran]) {
        let found: Vec<String> = ran.iter().map(|r| format!("{} {}", r.name, r.result())).collect();
        let wanted = expect.runs.iter().zip(0..).map(|((_, name, result), at)| {
            let found = ran.get(at).map(Ran::result).unwrap_or_default();
            let result = result.as_deref().unwrap_or(found);
            format!("{name} {result}")
        });
        let wanted: Vec<String> = wanted.collect();
        if wanted != found {
            let differences = [Difference {
                line: expect.runs.first().map_or(line, |(line, ..)| *line),
                what: "runs".to_owned(),
                expected: wanted.join("; "),
                found: found.join("; "),
            }];
            self.differ(line, "what was run", &differences, Vec::new());
        }
    }

    fn summary_differences(
        &self,
        line: usize,
        expect: &RunExpect,
        summary: &RunSummary,
    ) -> Vec<Difference> {
        let mut found = Vec::new();
        found.extend(self.text((line, "message"), &expect.message, summary.message.as_deref()));
        for (line, name, count) in &expect.counters {
            let actual = summary.counters.get(name).copied().unwrap_or(0);
            if actual != *count {
                let (what, expected) = (name.clone(), count.to_string());
                found.push(Difference { line: *line, what, expected, found: actual.to_string() });
            }
        }
        if expect.counters_are_all {
            let is_named = |name: &str| expect.counters.iter().any(|(_, known, _)| known == name);
            let others = summary.counters.iter();
            let others = others.filter(|(name, count)| {
                **count > 0 && !is_named(name) && !words::SUMS.contains(&name.as_str())
            });
            found.extend(others.map(|(name, count)| Difference {
                line,
                what: name.clone(),
                expected: "0".to_owned(),
                found: count.to_string(),
            }));
        }
        found.extend(self.error_differences(line, expect, summary));
        for demands in &expect.warnings {
            let meets =
                |warning: &String| self.text((line, "warning"), demands, Some(warning)).is_none();
            if !summary.warnings.iter().any(meets) {
                let nothing = self.text((line, "warning"), demands, None);
                found.extend(nothing.map(|difference| Difference {
                    found: format!("{:?}", summary.warnings),
                    ..difference
                }));
            }
        }
        found
    }

    /// Each expected error stands for one of the run's.
    fn error_differences(
        &self,
        line: usize,
        expect: &RunExpect,
        summary: &RunSummary,
    ) -> Vec<Difference> {
        let mut left: Vec<&RunError> = summary.errors.iter().collect();
        let mut found = Vec::new();
        for expected in &expect.errors {
            let place = left.iter().position(|e| self.meets_error(expected, &described(e)));
            match place {
                Some(place) => {
                    left.remove(place);
                }
                None => found.push(Difference {
                    line: expected.line,
                    what: "error".to_owned(),
                    expected: show_error(expected),
                    found: "no such error".to_owned(),
                }),
            }
        }
        if expect.errors_are_all {
            found.extend(left.into_iter().map(|error| Difference {
                line,
                what: "error".to_owned(),
                expected: "no other".to_owned(),
                found: show_run_error(error),
            }));
        }
        found
    }
}
