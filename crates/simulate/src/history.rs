//! What happens: changes that others make in the connected systems, and runs.

use std::fmt;

use model::{DnStyle, Image, Name, Values};

use crate::dice::Dice;
use crate::faults::{Faults, Weather};
use crate::scenario::{Scenario, TAGS, TYPES};
use crate::system::{System, image};

/// People that may appear in a source.
const PEOPLE: usize = 5;
/// The run profiles.
pub(crate) const PROFILES: [&str; 5] =
    ["full-import", "delta-import", "full-sync", "delta-sync", "export"];

/// Something that others do in a connected system. Objects are chosen by a number among those that
/// are there, so that a history with steps taken out still means something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A person appears, under a number that is the same for the same person.
    Appear { person: usize, object_type: &'static str, values: Vec<(&'static str, String)> },
    /// An attribute gets a value, or loses it.
    Set { object: usize, attribute: &'static str, value: String },
    /// The object gets another name.
    Rename { object: usize, name: String },
    /// The object becomes one of another type.
    Retype { object: usize, object_type: &'static str },
    /// The object goes.
    Disappear { object: usize },
    /// The object goes, and another one with its name and values comes.
    Replace { object: usize },
}

/// One step of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// Somebody changes a system.
    Change { place: usize, change: Change },
    /// A run, and what goes wrong in it.
    Run { place: usize, profile: &'static str, faults: Faults },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Change { place, change } => write!(f, "at place {place}: {change:?}"),
            Self::Run { place, profile, faults } => {
                write!(f, "at place {place}: {profile}{faults}")
            }
        }
    }
}

/// A history for the scenario: people, mostly a first cycle, then changes and runs in turns.
pub(crate) fn generate(dice: &mut Dice, scenario: &Scenario, weather: Weather) -> Vec<Step> {
    let mut steps = Vec::new();
    for _ in 0..3 + dice.number(4) {
        let anywhere = dice.number(scenario.connectors.len());
        let place = if dice.chance(80) { source(dice, scenario) } else { anywhere };
        steps.push(Step::Change { place, change: appear(dice) });
    }
    if dice.chance(75) {
        steps.extend(way_through(dice, scenario, weather, false));
    }
    for _ in 0..2 + dice.number(7) {
        for _ in 0..1 + dice.number(3) {
            let anywhere = dice.number(scenario.connectors.len());
            let place = if dice.chance(50) { source(dice, scenario) } else { anywhere };
            steps.push(Step::Change { place, change: change(dice) });
        }
        if dice.chance(50) {
            let delta = dice.chance(65);
            steps.extend(way_through(dice, scenario, weather, delta));
            continue;
        }
        for _ in 0..dice.number(5) {
            let place = dice.number(scenario.connectors.len());
            let profile = dice.word(&PROFILES);
            steps.push(run(dice, place, profile, weather));
        }
    }
    steps
}

fn run(dice: &mut Dice, place: usize, profile: &'static str, weather: Weather) -> Step {
    Step::Run { place, profile, faults: Faults::draw(dice, profile, weather) }
}

/// The runs that carry changes of the sources to all targets, as schedules have them.
fn way_through(dice: &mut Dice, scenario: &Scenario, weather: Weather, delta: bool) -> Vec<Step> {
    let (import, sync) =
        if delta { ("delta-import", "delta-sync") } else { ("full-import", "full-sync") };
    let mut steps = Vec::new();
    for (place, connector) in scenario.connectors.iter().enumerate() {
        if !connector.is_source {
            steps.push(run(dice, place, "export", weather));
        }
        steps.push(run(dice, place, import, weather));
        steps.push(run(dice, place, sync, weather));
    }
    steps
}

fn source(dice: &mut Dice, scenario: &Scenario) -> usize {
    let is_source =
        |(place, c): (usize, &crate::scenario::ConnectorSpec)| c.is_source.then_some(place);
    let sources: Vec<usize> =
        scenario.connectors.iter().enumerate().filter_map(is_source).collect();
    dice.one_of(&sources).copied().unwrap_or_default()
}

fn value(dice: &mut Dice, attribute: &str) -> String {
    match attribute {
        "key" => format!("k{}", dice.number(PEOPLE + 1)),
        "flag" => dice.word(&["on", "off", "hidden"]).to_owned(),
        "own" => dice.word(&["mine", "hidden"]).to_owned(),
        TAGS => dice.word(&["red", "red blue", "green"]).to_owned(),
        _ => dice.word(&["ann", "Bob", "cee", "Ann"]).to_owned(),
    }
}

fn appear(dice: &mut Dice) -> Change {
    let person = dice.number(PEOPLE);
    let mut values = Vec::new();
    if dice.chance(96) {
        let key = if dice.chance(95) { format!("k{person}") } else { value(dice, "key") };
        let key = if dice.chance(10) { key.to_uppercase() } else { key };
        values.push(("key", key));
    }
    for attribute in ["a", "b", "c", "flag", TAGS] {
        if dice.chance(70) {
            values.push((attribute, value(dice, attribute)));
        }
    }
    let object_type = if dice.chance(90) { "user" } else { dice.word(&TYPES) };
    Change::Appear { person, object_type, values }
}

fn change(dice: &mut Dice) -> Change {
    let object = dice.number(8);
    match dice.number(20) {
        0..4 => appear(dice),
        4..8 => Change::Disappear { object },
        8 => Change::Retype { object, object_type: dice.word(&TYPES) },
        9 | 10 => Change::Rename { object, name: format!("n{}", dice.number(3)) },
        11 => Change::Replace { object },
        number => {
            // Whom a rule wants is a matter of the flag.
            let attribute = match number {
                12..15 => "flag",
                15 if dice.chance(50) => "key",
                _ => dice.word(&["a", "b", "c", "own", TAGS]),
            };
            let value = if dice.chance(25) { String::new() } else { value(dice, attribute) };
            Change::Set { object, attribute, value }
        }
    }
}

/// Makes a change.
pub(crate) fn apply(system: &System, change: &Change) {
    let style = system.style;
    let mut contents = system.contents();
    let people: Vec<Image> =
        contents.objects.values().filter(|o| o.object_type != "container").cloned().collect();
    let chosen = |number: usize| people.get(number.checked_rem(people.len())?).cloned();
    match change {
        Change::Appear { person, object_type, values } => {
            let anchor = format!("p{person}");
            let dn = match style {
                DnStyle::Ldap => format!("CN=p{person},OU=Main"),
                DnStyle::Anchor => anchor.clone(),
            };
            let values: Vec<(&str, &str)> = values.iter().map(|(n, v)| (*n, v.as_str())).collect();
            if contents.holder(style, &dn).is_none_or(|holder| holder == anchor) {
                contents.put(image(object_type, &anchor, &dn, &values));
            }
        }
        Change::Set { object, attribute, value } => {
            let Some(anchor) = chosen(*object).and_then(|o| o.anchor) else { return };
            let tags = value.split(' ').map(model::Value::string).collect();
            let values = Values::from_vec(tags);
            contents.change(&anchor, |image| image.attributes.set(Name::new(attribute), values));
        }
        Change::Rename { object, name } => {
            let Some(anchor) = chosen(*object).and_then(|o| o.anchor) else { return };
            let dn = format!("CN={name},OU=Side");
            if style == DnStyle::Ldap && contents.holder(style, &dn).is_none() {
                contents.change(&anchor, |image| image.dn = dn);
            }
        }
        Change::Retype { object, object_type } => {
            let Some(anchor) = chosen(*object).and_then(|o| o.anchor) else { return };
            contents.change(&anchor, |image| image.object_type = Name::new(object_type));
        }
        Change::Disappear { object } => {
            if let Some(anchor) = chosen(*object).and_then(|o| o.anchor) {
                contents.remove(&anchor);
            }
        }
        Change::Replace { object } => {
            let Some(before) = chosen(*object) else { return };
            let Some(anchor) = before.anchor.clone() else { return };
            contents.remove(&anchor);
            let again = match style {
                DnStyle::Ldap => format!("{anchor}+"),
                DnStyle::Anchor => anchor,
            };
            contents.put(Image { anchor: Some(again), ..before });
        }
    }
}
