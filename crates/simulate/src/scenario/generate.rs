//! Random scenarios. Sources come first; what a later connector contributes never decides whether
//! or under which name an earlier one's people are known, so that every scenario can come to rest.

use std::collections::BTreeSet;

use model::DnStyle;

use super::{
    Condition, ConnectorSpec, Deletion, Deprovisioning, Flow, Rule, SECRET, Scenario, Source, TAGS,
    Test,
};
use crate::dice::Dice;

/// Metaverse attributes that only sources feed.
const PLAIN: [&str; 3] = ["a", "b", "c"];
/// Values of `flag`.
const FLAGS: [&str; 3] = ["on", "off", "hidden"];

/// The scenario of a sequence of choices.
pub(crate) fn generate(dice: &mut Dice) -> Scenario {
    let count = 2 + dice.number(2);
    let sources = if count == 3 && dice.chance(50) { 2 } else { 1 };
    let mut connectors = Vec::new();
    let mut rules = Vec::new();
    for place in 0..count {
        let connector = connector(dice, place, place < sources);
        if connector.is_source {
            source_rules(dice, place, &mut rules);
        } else {
            target_rules(dice, place, connector.style, &mut rules);
        }
        connectors.push(connector);
    }
    if dice.chance(25) {
        rules.push(writeback(dice, count - 1));
    }
    part_ranks(&mut rules);
    let deletion = deletion(dice, count);
    let batch_objects = *dice.one_of(&[1, 2, 3, 5_000]).unwrap_or(&1);
    Scenario { connectors, rules, deletion, batch_objects }
}

fn connector(dice: &mut Dice, place: usize, is_source: bool) -> ConnectorSpec {
    let style =
        if dice.chance(if is_source { 35 } else { 70 }) { DnStyle::Ldap } else { DnStyle::Anchor };
    let mut filters = Vec::new();
    if dice.chance(30) {
        let attribute = if is_source { "flag" } else { "own" };
        filters.push(("user", Condition { attribute, test: Test::Equal("hidden") }));
    }
    let options =
        [Deprovisioning::Disconnect, Deprovisioning::DisconnectForGood, Deprovisioning::Delete];
    let deprovisioning = match dice.one_of(&options) {
        Some(option) if !dice.chance(30) => *option,
        _ => Deprovisioning::Delete,
    };
    let deprovisioning =
        if is_source && dice.chance(80) { Deprovisioning::Disconnect } else { deprovisioning };
    ConnectorSpec {
        name: format!("{}{place}", if is_source { "source" } else { "target" }),
        style,
        is_source,
        filters,
        deprovisioning,
        deletions_max: dice.chance(15).then_some(1),
    }
}

fn flow(to: &'static str, from: Source) -> Flow {
    Flow { to, from, initial: false, allow_null: false }
}

fn precedence(dice: &mut Dice) -> u32 {
    u32::try_from(1 + dice.number(9)).unwrap_or(1)
}

/// Rules of one connector, direction and object type have different ranks.
fn part_ranks(rules: &mut [Rule]) {
    let mut taken = BTreeSet::new();
    for rule in rules {
        while !taken.insert((rule.connector, rule.inbound, rule.object, rule.precedence)) {
            rule.precedence += 1;
        }
    }
}

fn source_rules(dice: &mut Dice, place: usize, rules: &mut Vec<Rule>) {
    let objects: &[&'static str] = if dice.chance(25) { &["user", "contact"] } else { &["user"] };
    for object in objects {
        let mut flows = vec![flow("key", Source::Attribute("key"))];
        for name in PLAIN {
            if dice.chance(65) {
                flows.push(flow(name, transformed(dice, name)));
            }
        }
        if dice.chance(70) {
            flows.push(flow("flag", Source::Attribute("flag")));
        }
        if dice.chance(50) {
            flows.push(flow(TAGS, Source::Attribute(TAGS)));
        }
        rules.push(Rule {
            name: format!("in-{place}-{object}"),
            inbound: true,
            connector: place,
            object,
            precedence: precedence(dice),
            scope: scope(dice, 25),
            joins: dice.chance(85),
            creates: dice.chance(if place == 0 { 95 } else { 50 }),
            disconnects: false,
            flows,
        });
    }
    if dice.chance(25) {
        let name = dice.word(&PLAIN);
        rules.push(Rule {
            name: format!("in-{place}-more"),
            inbound: true,
            connector: place,
            object: "user",
            precedence: precedence(dice),
            scope: scope(dice, 80),
            joins: false,
            creates: false,
            disconnects: false,
            flows: vec![flow(name, Source::Constant("more"))],
        });
    }
}

fn target_rules(dice: &mut Dice, place: usize, style: DnStyle, rules: &mut Vec<Rule>) {
    let own = if place == 1 { "k1" } else { "k2" };
    if dice.chance(75) {
        let mut flows = vec![flow(own, Source::Attribute("own"))];
        if dice.chance(30) {
            flows.push(flow("c", Source::Attribute("c")));
        }
        if dice.chance(30) {
            flows.push(flow("key", Source::Attribute("key")));
        }
        rules.push(Rule {
            name: format!("in-{place}-user"),
            inbound: true,
            connector: place,
            object: "user",
            precedence: precedence(dice),
            scope: Vec::new(),
            joins: dice.chance(70),
            creates: dice.chance(15),
            disconnects: false,
            flows,
        });
    }
    let mut scope = scope(dice, 60);
    scope.push(Condition { attribute: "key", test: Test::Present });
    let (joins, creates) = (dice.chance(40), dice.chance(88));
    let disconnects = dice.chance(60);
    rules.push(Rule {
        name: format!("out-{place}-user"),
        inbound: false,
        connector: place,
        object: "user",
        precedence: precedence(dice),
        scope,
        joins,
        creates,
        disconnects,
        flows: outward(dice, place, style),
    });
    if dice.chance(25) {
        let more = Flow { allow_null: dice.chance(50), ..flow("b", Source::Constant("more")) };
        rules.push(Rule {
            name: format!("out-{place}-more"),
            inbound: false,
            connector: place,
            object: "user",
            precedence: precedence(dice),
            scope: self::scope(dice, 100),
            joins: false,
            creates: false,
            disconnects: dice.chance(20),
            flows: vec![more],
        });
    }
}

/// The flows to a target's objects.
fn outward(dice: &mut Dice, place: usize, style: DnStyle) -> Vec<Flow> {
    let name = match style {
        DnStyle::Ldap => Source::Name("key"),
        DnStyle::Anchor => Source::Attribute("key"),
    };
    let initial = style == DnStyle::Anchor || dice.chance(50);
    let mut flows =
        vec![Flow { initial, ..flow("dn", name) }, flow("key", Source::Attribute("key"))];
    for name in ["a", "b"] {
        if dice.chance(70) {
            let from = transformed(dice, name);
            let initial = dice.chance(15);
            flows.push(Flow { to: name, from, initial, allow_null: dice.chance(40) });
        }
    }
    if dice.chance(60) {
        let allow_null = dice.chance(40);
        flows.push(Flow { allow_null, ..flow("c", Source::Attribute("c")) });
    }
    if dice.chance(40) {
        let allow_null = dice.chance(50);
        flows.push(Flow { allow_null, ..flow(TAGS, Source::Attribute(TAGS)) });
    }
    if place == 2 && dice.chance(40) {
        flows.push(flow("back", Source::Attribute("k1")));
    }
    if dice.chance(50) {
        flows.push(Flow { initial: true, ..flow(SECRET, Source::Secret) });
    }
    flows
}

/// What a target knows, written to the first source.
fn writeback(dice: &mut Dice, last: usize) -> Rule {
    let from = Source::Attribute(if last == 1 || dice.chance(50) { "k1" } else { "k2" });
    Rule {
        name: "out-0-back".to_owned(),
        inbound: false,
        connector: 0,
        object: "user",
        precedence: precedence(dice),
        scope: Vec::new(),
        joins: false,
        creates: false,
        disconnects: false,
        flows: vec![Flow { allow_null: dice.chance(50), ..flow("back", from) }],
    }
}

fn transformed(dice: &mut Dice, name: &'static str) -> Source {
    match dice.number(6) {
        0 => Source::Upper(name),
        1 => Source::Prefixed("x-", name),
        2 => Source::Constant("same"),
        _ => Source::Attribute(name),
    }
}

fn scope(dice: &mut Dice, percent: u64) -> Vec<Condition> {
    if !dice.chance(percent) {
        return Vec::new();
    }
    let flag = dice.word(&FLAGS);
    let test = match dice.number(5) {
        0 => Test::Equal(flag),
        1 => Test::Present,
        2 => return vec![Condition { attribute: "a", test: Test::StartsWith("a") }],
        _ => Test::NotEqual(flag),
    };
    vec![Condition { attribute: "flag", test }]
}

fn deletion(dice: &mut Dice, count: usize) -> Deletion {
    match dice.number(4) {
        0 => Deletion::Last(Vec::new()),
        1 => Deletion::Last(vec![dice.number(count)]),
        _ => Deletion::Any(vec![0]),
    }
}
