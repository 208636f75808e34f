//! A connector's run profiles: are their names free, can the connector take their steps, and are
//! their partitions its own?

use std::collections::BTreeMap;

use connector::{Capabilities, Setting};
use model::{Dn, Name};

use crate::code;
use crate::diagnostic::Diagnostic;
use crate::document::{ConnectorSource, StepSource};
use crate::similar;
use crate::{ProfileStep, StepType};

/// The names under which the history keeps what is no profile: a run of one of these must never be
/// taken for the other and gone on with.
const BY_HAND: [&str; 3] = ["clear", "joiner", "preview"];

/// Checks the profiles. `capabilities` is `None` where the connector's settings have errors.
pub(super) fn check(
    source: &ConnectorSource<'_>,
    capabilities: Option<Capabilities>,
    found: &mut Vec<Diagnostic>,
) -> BTreeMap<Name, Vec<ProfileStep>> {
    let partitions = partitions(source);
    let mut profiles = BTreeMap::new();
    for profile in &source.run_profiles {
        let name = &profile.name;
        if StepType::parse(&name.value).is_some() {
            let message = format!("every connector has a run profile `{}` already", name.value);
            let error = source.file.error(code::RUN_PROFILE, name.span.clone(), message);
            found.push(error.with_help("give it another name".to_owned()));
        }
        if BY_HAND.contains(&name.value.as_str()) {
            let message = format!("`{}` is in the history what is done by hand", name.value);
            let error = source.file.error(code::RUN_PROFILE, name.span.clone(), message);
            found.push(error.with_help("give it another name".to_owned()));
        }
        for step in &profile.steps {
            check_step(source, step, capabilities, &partitions, found);
        }
        let steps = profile.steps.iter().map(|step| step.step.clone()).collect();
        profiles.insert(name.value.clone(), steps);
    }
    profiles
}

fn check_step(
    source: &ConnectorSource<'_>,
    step: &StepSource,
    capabilities: Option<Capabilities>,
    partitions: &[String],
    found: &mut Vec<Diagnostic>,
) {
    let missing = capabilities.and_then(|capabilities| match step.step.step_type {
        StepType::DeltaImport if !capabilities.delta_import => Some("offers no delta import"),
        StepType::Export if !capabilities.export => Some("does not export"),
        _ => None,
    });
    if let Some(missing) = missing {
        let message = format!("connector `{}` {missing}", source.name);
        found.push(source.file.error(code::RUN_PROFILE, step.place.clone(), message));
    }
    let (Some(partition), Some(place)) = (&step.step.partition, &step.partition) else { return };
    let is_known =
        |text: &String| Dn::parse(text).is_ok_and(|known| known.key() == partition.key());
    if !partitions.iter().any(is_known) {
        let known: Vec<&str> = partitions.iter().map(String::as_str).collect();
        let message = format!("connector `{}` has no partition `{partition}`", source.name);
        let error = source.file.error(code::RUN_PROFILE, place.clone(), message);
        found.push(match known.as_slice() {
            [] => error.with_help("it has none; leave `partition` out".to_owned()),
            known => error.with_help(format!("it has {}", similar::list(known))),
        });
    }
}

/// The names of the connector's partitions as written.
fn partitions(source: &ConnectorSource<'_>) -> Vec<String> {
    let Some(Setting::List(list)) = source.settings.get("partitions") else { return Vec::new() };
    let name = |partition: &Setting| match partition {
        Setting::Table(table) => match table.get("dn") {
            Some(Setting::Text(dn)) => Some(dn.clone()),
            _ => None,
        },
        _ => None,
    };
    list.iter().filter_map(name).collect()
}
