//! Sequences and schedules: do the connectors, run profiles and sequences they name exist?

use std::collections::BTreeMap;

use connector::Capabilities;
use model::Name;

use super::space::advice_of;
use crate::StepType;
use crate::code;
use crate::config::{Schedule, Sequence};
use crate::diagnostic::{Diagnostic, File};
use crate::document::{DeploymentDocument, StepDocument};
use crate::similar;
use crate::source::connector_file;

/// What a sequence may run, by connector; `None` where errors keep it from being known.
pub(super) type Profiles = BTreeMap<Name, Option<Vec<Name>>>;

/// The run profiles that a connector has without a word in its document.
pub(super) fn profiles(capabilities: Capabilities) -> impl Iterator<Item = Name> {
    let is_offered = move |step_type| match step_type {
        StepType::DeltaImport => capabilities.delta_import,
        StepType::Export => capabilities.export,
        _ => true,
    };
    let standard = StepType::ALL.into_iter();
    standard.filter(move |(_, t)| is_offered(*t)).map(|(name, _)| Name::new(name))
}

/// Checks the sequences.
pub(super) fn sequences(
    document: &DeploymentDocument<'_>,
    profiles: &Profiles,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<Name, Sequence> {
    let mut sequences = BTreeMap::new();
    for (name, steps) in &document.sequences {
        for step in steps {
            found.extend(check_step(document.file, step, profiles));
        }
        let steps = steps.iter().map(|step| (step.connector.clone(), step.profile.clone()));
        sequences.insert(name.clone(), steps.collect());
    }
    sequences
}

fn check_step(file: File<'_>, step: &StepDocument, profiles: &Profiles) -> Option<Diagnostic> {
    let StepDocument { connector, profile, place } = step;
    let Some(offered) = profiles.get(connector) else {
        let known: Vec<&str> = profiles.keys().map(Name::as_str).collect();
        let error =
            file.error(code::STEP, place.clone(), format!("there is no connector `{connector}`"));
        let add = format!("describe it in {}", connector_file(connector));
        return Some(error.with_help(advice_of(connector, &known, add)));
    };
    let offered = offered.as_ref()?;
    if offered.contains(profile) {
        return None;
    }
    let offered: Vec<&str> = offered.iter().map(Name::as_str).collect();
    let message = format!("connector `{connector}` has no run profile `{profile}`");
    let error = file.error(code::STEP, place.clone(), message);
    let meant = similar::closest(profile, offered.iter().copied());
    let help = match meant.filter(|_| StepType::parse(profile).is_none()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("it has {}", similar::list(&offered)),
    };
    Some(error.with_help(help))
}

/// Checks the schedules.
pub(super) fn schedules(
    document: &DeploymentDocument<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<Schedule> {
    let known: Vec<&str> = document.sequences.iter().map(|(name, _)| name.as_str()).collect();
    let mut schedules = Vec::new();
    for (sequence, every_seconds) in &document.schedules {
        if !known.contains(&sequence.value.as_str()) {
            let message = format!("there is no sequence `{}`", sequence.value);
            let error = document.file.error(code::SCHEDULE, sequence.span.clone(), message);
            found.push(error.with_help(similar::advice(&sequence.value, &known)));
        }
        let sequence = sequence.value.clone();
        schedules.push(Schedule { sequence, every_seconds: *every_seconds });
    }
    schedules
}
