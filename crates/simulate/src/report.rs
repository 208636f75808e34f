//! What a seed comes to: nothing, or the law it breaks and the shortest history that breaks it.

use crate::faults::Weather;
use crate::oracle::{Verdict, Violation};
use crate::scenario::documents;
use crate::simulation::{Plan, difference, plan, simulate};

/// A seed that breaks a law.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The seed.
    pub seed: u64,
    /// The law.
    pub law: &'static str,
    /// What is the case instead.
    pub detail: String,
    /// The steps of the history.
    pub history: Vec<String>,
}

/// Simulates a seed.
#[must_use]
pub fn check(seed: u64) -> Option<Failure> {
    let plan = plan(seed);
    let Violation { law, detail } = judge(&plan, seed).err()?;
    let history = plan.steps.iter().map(ToString::to_string).collect();
    Some(Failure { seed, law, detail, history })
}

impl Failure {
    /// The same with the shortest history found that breaks the same law.
    #[must_use]
    pub fn shortest(mut self) -> Self {
        let short = shortest(plan(self.seed), self.seed, self.law);
        if let Err(shorter) = judge(&short, self.seed) {
            self.detail = shorter.detail;
            self.history = short.steps.iter().map(ToString::to_string).collect();
        }
        self
    }
}

/// Carries a plan out, and out again in ways that have to come to the same.
fn judge(plan: &Plan, seed: u64) -> Verdict {
    let outcome = simulate(plan, false);
    outcome.verdict?;
    match plan.weather {
        Weather::Fair if seed.is_multiple_of(2) => {
            let again = simulate(plan, false);
            if again.end == outcome.end {
                return Ok(());
            }
            let detail = difference(&outcome.end.lines(), &again.end.lines());
            Err(Violation { law: "the same again comes to the same", detail })
        }
        Weather::Fair => {
            let mut other = plan.clone();
            other.scenario.batch_objects = if plan.scenario.batch_objects == 1 { 5_000 } else { 1 };
            same("the size of transactions does not matter", &outcome.portrait, &other)
        }
        Weather::Deaths => {
            let mut other = plan.clone();
            other.survive();
            same("deaths do not matter", &outcome.portrait, &other)
        }
        Weather::Foul => Ok(()),
    }
}

fn same(law: &'static str, portrait: &[String], other: &Plan) -> Verdict {
    let outcome = simulate(other, false);
    outcome.verdict?;
    if outcome.portrait == portrait {
        return Ok(());
    }
    Err(Violation { law, detail: difference(portrait, &outcome.portrait) })
}

/// The whole story of a seed: its configuration, what happened, and how it ended. After a failure
/// also the shortest history that fails like it.
#[must_use]
pub fn story(seed: u64) -> String {
    let plan = plan(seed);
    let mut text = String::new();
    for file in documents(&plan.scenario, true).files {
        text.push_str(&format!("--- {}\n{}\n", file.path, file.text));
    }
    text.push_str(&format!(
        "--- {:?}, {} objects in a transaction\n",
        plan.weather, plan.scenario.batch_objects
    ));
    let Err(violation) = judge(&plan, seed) else {
        text.push_str(&simulate(&plan, true).log.join("\n"));
        return text + "\nno violation\n";
    };
    let short = shortest(plan, seed, violation.law);
    text.push_str(&simulate(&short, true).log.join("\n"));
    text.push_str(&format!("\nbroken: {}\n{}\n", violation.law, violation.detail));
    if let Err(shorter) = judge(&short, seed) {
        text.push_str(&format!("after the shorter history: {}\n", shorter.detail));
    }
    text
}

/// Takes steps out as long as the same law is broken.
fn shortest(mut plan: Plan, seed: u64, law: &str) -> Plan {
    let mut size = plan.steps.len().div_ceil(2).max(1);
    loop {
        let mut first = 0;
        while first < plan.steps.len() {
            let mut shorter = plan.clone();
            let end = (first + size).min(shorter.steps.len());
            shorter.steps.drain(first..end);
            if judge(&shorter, seed).is_err_and(|violation| violation.law == law) {
                plan = shorter;
            } else {
                first += size;
            }
        }
        if size == 1 {
            return plan;
        }
        size = size.div_ceil(2);
    }
}
