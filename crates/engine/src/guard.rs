//! The guards: what a step is about to do is counted by kind of change, and compared with the
//! connector's limits before the first of it is done. Pure.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use model::Name;
use rules::{ChangeKind, Limits};

use crate::error::StepError;
use crate::result::StepResult;

/// Objects that a message names.
const NAMED_MAX: usize = 10;

/// How many objects there are.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals {
    pub(crate) all: u64,
    pub(crate) by_type: BTreeMap<Name, u64>,
}

/// Changes of one kind to objects of one type.
#[derive(Debug, Clone, Default)]
struct Counted {
    number: u64,
    /// Of so many; 0 where that is the number of objects.
    of: u64,
    /// The first few objects.
    named: Vec<String>,
}

/// What is about to be done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Planned(BTreeMap<(ChangeKind, Name), Counted>);

impl Planned {
    /// Counts an object.
    pub(crate) fn count(&mut self, kind: ChangeKind, object_type: &Name, name: &str) {
        self.add(kind, object_type, name, (1, 0));
    }

    /// Counts several changes of an object: so many of so many.
    pub(crate) fn add(
        &mut self,
        kind: ChangeKind,
        object_type: &Name,
        name: &str,
        (number, of): (u64, u64),
    ) {
        let counted = self.0.entry((kind, object_type.clone())).or_default();
        counted.number += number;
        counted.of += of;
        if counted.named.len() < NAMED_MAX {
            counted.named.push(name.to_owned());
        }
    }

    /// True if nothing is planned.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The changes of a kind, to objects of one type or of all.
    fn of(&self, kind: ChangeKind, object_type: Option<&Name>) -> Counted {
        let mut sum = Counted::default();
        let wanted = self
            .0
            .iter()
            .filter(|((k, t), _)| *k == kind && object_type.is_none_or(|wanted| wanted == t));
        for (_, counted) in wanted {
            sum.number += counted.number;
            sum.of += counted.of;
            let room = NAMED_MAX - sum.named.len();
            sum.named.extend(counted.named.iter().take(room).cloned());
        }
        sum
    }
}

/// Where the changes are about to happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// Found in the connected system, about to be staged.
    Import,
    /// About to be made in the connected system.
    Export,
}

/// Compares what is planned with the limits. Those of `accepted` kinds do not count; what they would
/// have kept back becomes a warning.
pub(crate) fn check(
    limits: &Limits,
    planned: &Planned,
    totals: &Totals,
    side: Side,
    accepted: &BTreeSet<ChangeKind>,
) -> Result<Vec<String>, StepError> {
    let mut released = Vec::new();
    let mut exceeded: Vec<(ChangeKind, String)> = Vec::new();
    let mut kinds: Vec<ChangeKind> = ChangeKind::ALL.map(|(_, kind)| kind).into();
    kinds.sort();
    for kind in kinds {
        for (object_type, limit) in limits.on(kind) {
            let counted = planned.of(kind, object_type);
            let objects = match object_type {
                None => totals.all,
                Some(name) => totals.by_type.get(name).copied().unwrap_or(0),
            };
            let total = if counted.of > 0 { counted.of } else { objects };
            if !limit.exceeded(counted.number, total) {
                continue;
            }
            let text = sentence(kind, side, object_type, (&counted, total));
            if accepted.contains(&kind) {
                released.push(format!("{text}; the limit of {limit} was accepted for this run"));
            } else {
                let text = format!("{text}; the limit is {limit}{}", names(&counted));
                exceeded.push((kind, text));
            }
        }
    }
    let Some((gravest, _)) = exceeded.first() else { return Ok(released) };
    let gravest = *gravest;
    let words: BTreeSet<&str> = exceeded.iter().map(|(kind, _)| kind.as_str()).collect();
    let texts: Vec<String> = exceeded.into_iter().map(|(_, text)| text).collect();
    let nothing = match side {
        Side::Import => "nothing of it was staged",
        Side::Export => "nothing was exported",
    };
    let message = format!("{}; {nothing}", texts.join("; "));
    let help = help(side, &words);
    let result = StepResult::StoppedThresholdExceeded(gravest);
    Err(StepError::Ended { result, message, help: Some(help), code: "ENG-0104" })
}

fn sentence(
    kind: ChangeKind,
    side: Side,
    object_type: Option<&Name>,
    (counted, total): (&Counted, u64),
) -> String {
    let what = match object_type {
        None => "objects".to_owned(),
        Some(name) => format!("objects of type {name}"),
    };
    let number = counted.number;
    let done = match (kind, side) {
        (ChangeKind::MemberRemoval, _) => {
            return format!("{number} of {total} members of {what} would be removed");
        }
        (ChangeKind::Delete, Side::Import) => "are gone",
        (ChangeKind::Delete, Side::Export) => "would be deleted",
        (ChangeKind::Disable, _) => "would be disabled",
        (ChangeKind::AttributeBlanking, Side::Import) => "have lost the value of an attribute",
        (ChangeKind::AttributeBlanking, Side::Export) => "would lose the value of an attribute",
        (ChangeKind::Move, _) => "would be renamed or moved",
        (ChangeKind::Create, _) => {
            return format!("{number} {what} would be created beside {total}");
        }
        (ChangeKind::Update, _) => "would be changed",
    };
    format!("{number} of {total} {what} {done}")
}

/// The first objects, and how many more there are.
fn names(counted: &Counted) -> String {
    let mut text = String::new();
    for (number, name) in counted.named.iter().enumerate() {
        let before = if number == 0 { " (" } else { "; " };
        // Writing to a text cannot fail.
        let _written = write!(text, "{before}{name}");
    }
    let more = counted.number.saturating_sub(counted.named.len() as u64);
    match (counted.named.is_empty(), more) {
        (true, _) => text,
        (false, 0) => text + ")",
        (false, more) => format!("{text}; and {more} more)"),
    }
}

fn help(side: Side, words: &BTreeSet<&str>) -> String {
    let look = match side {
        Side::Import => "find out why in the connected system",
        Side::Export => "see everything that waits with `proxeny pending`",
    };
    let options: Vec<String> = words.iter().map(|word| format!("--accept-limits {word}")).collect();
    let raise: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    format!(
        "{look}; if it is meant, run it once more with {}, or raise {} under [limits] of the \
         connector",
        options.join(" "),
        raise.join(" and ")
    )
}

#[cfg(test)]
mod tests {
    use rules::{KindLimits, Limit};

    use super::*;

    fn limits(kind: ChangeKind, count: u64) -> Limits {
        let limit = Limit { count: Some(count), percent: None };
        Limits { all: KindLimits::from([(kind, limit)]), by_type: BTreeMap::new() }
    }

    fn planned(kind: ChangeKind, number: usize) -> Planned {
        let mut planned = Planned::default();
        for n in 0..number {
            planned.count(kind, &Name::new("user"), &format!("CN={n}"));
        }
        planned
    }

    #[track_caller]
    fn stopped(outcome: Result<Vec<String>, StepError>) -> (StepResult, String, String) {
        match outcome {
            Err(StepError::Ended { result, message, help, code: "ENG-0104" }) => {
                (result, message, help.unwrap())
            }
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_message_says_what_was_counted_the_limit_and_the_first_ten() {
        let totals = Totals { all: 40, by_type: BTreeMap::new() };
        let (limits, planned) = (limits(ChangeKind::Delete, 3), planned(ChangeKind::Delete, 12));
        let outcome = check(&limits, &planned, &totals, Side::Export, &BTreeSet::new());
        let (result, message, help) = stopped(outcome);
        assert_eq!(result.as_str(), "stopped-deletion-threshold-exceeded");
        let names: Vec<String> = (0..10).map(|n| format!("CN={n}")).collect();
        let names = names.join("; ");
        assert_eq!(
            message,
            format!(
                "12 of 40 objects would be deleted; the limit is 3 ({names}; and 2 more); nothing \
                 was exported"
            )
        );
        assert!(help.contains("--accept-limits delete"), "{help}");
        assert!(help.contains("raise `delete` under [limits]"), "{help}");
    }

    #[test]
    fn a_limit_that_was_accepted_is_a_warning() {
        let totals = Totals { all: 40, by_type: BTreeMap::new() };
        let accepted = BTreeSet::from([ChangeKind::Disable]);
        let (limits, planned) = (limits(ChangeKind::Disable, 1), planned(ChangeKind::Disable, 2));
        let released = check(&limits, &planned, &totals, Side::Export, &accepted).unwrap();
        let expected =
            "2 of 40 objects would be disabled; the limit of 1 was accepted for this run";
        assert_eq!(released, [expected]);
    }

    #[test]
    fn the_gravest_kind_names_the_result_and_all_are_told() {
        let mut both = limits(ChangeKind::Update, 0);
        both.all.extend(limits(ChangeKind::Disable, 0).all);
        let mut planned = planned(ChangeKind::Update, 1);
        planned.count(ChangeKind::Disable, &Name::new("user"), "CN=x");
        let totals = Totals { all: 1, by_type: BTreeMap::new() };
        let outcome = check(&both, &planned, &totals, Side::Export, &BTreeSet::new());
        let (result, message, _) = stopped(outcome);
        assert_eq!(result, StepResult::StoppedThresholdExceeded(ChangeKind::Disable));
        assert!(message.contains("would be disabled") && message.contains("would be changed"));
    }

    #[test]
    fn a_type_has_limits_and_percentages_of_its_own() {
        let percent = Limit { count: None, percent: Some(10) };
        let group = Name::new("group");
        let by_type =
            KindLimits::from([(ChangeKind::Delete, percent), (ChangeKind::MemberRemoval, percent)]);
        let limits =
            Limits { all: KindLimits::new(), by_type: BTreeMap::from([(group.clone(), by_type)]) };
        let totals = Totals { all: 1_000, by_type: BTreeMap::from([(group.clone(), 20)]) };
        let none = BTreeSet::new();
        let other = planned(ChangeKind::Delete, 100);
        assert!(check(&limits, &other, &totals, Side::Export, &none).unwrap().is_empty());
        let mut groups = Planned::default();
        for n in 0..3 {
            groups.count(ChangeKind::Delete, &group, &format!("CN={n}"));
        }
        let (_, message, _) = stopped(check(&limits, &groups, &totals, Side::Import, &none));
        assert!(message.starts_with("3 of 20 objects of type group are gone; the limit is 10 %"));
        let mut members = Planned::default();
        members.add(ChangeKind::MemberRemoval, &group, "CN=g", (5, 40));
        let (result, message, _) = stopped(check(&limits, &members, &totals, Side::Export, &none));
        assert_eq!(result.as_str(), "stopped-member-removal-threshold-exceeded");
        assert!(message.starts_with("5 of 40 members of objects of type group would be removed"));
    }
}
