//! How fast expressions are evaluated: single ones, and rules of ten flows for one guest, beside
//! hand-written Rust that makes the same values of the same attributes.
//!
//! `cargo xtask bench expr` runs on one core and needs nothing else.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use expr::{Dialect, Program, Random};
use model::{AttributeSchema, Attributes, DnStyle, Name, Schema, ValueType, Values};
use rules::{Metaverse, MetaverseType, Rule, Schemas};

use crate::{Failure, print_line};

/// What nobody should exceed: nanoseconds.
const DIRECT_NS_MAX: f64 = 150.0;
const RULE_NS_MAX: f64 = 3000.0;

/// Evaluations that are timed together: long enough for the clock, short enough to be undisturbed.
const BATCH: Duration = Duration::from_micros(200);
const BATCHES: usize = 501;

/// The guest's rule as the example deployment has it.
const EXAMPLE: &str = include_str!("../../examples/b2b/rules/in-b2b-guest.toml");

/// The same rule with the functions that rules have most.
const TYPICAL: &str = r#"
name = "typical"
direction = "inbound"
connector = "b2b-graph"
object = "user"
metaverse = "person"
precedence = 1
create_in_metaverse = true
flow = [
  { to = "uid", from = "id" },
  { to = "accountName", from = 'LowerCase(Left(mail,20))' },
  { to = "accountEnabled", from = "accountEnabled" },
  { to = "displayName", from = 'IIF(IsPresent(displayName),Trim(displayName),mail)' },
  { to = "employeeType", from = 'IIF(Eq(userType,"Guest"),userType,Null())' },
  { to = "givenName", from = "givenName" },
  { to = "mail", from = "LowerCase(mail)" },
  { to = "mobilePhone", from = "mobilePhone" },
  { to = "sn", from = "surname" },
  { to = "userPrincipalName", from = "userPrincipalName" },
]
"#;

/// What the guest has, and what a person has of it.
const OF_GUEST: [&str; 9] = [
    "accountEnabled",
    "displayName",
    "givenName",
    "id",
    "mail",
    "mobilePhone",
    "surname",
    "userPrincipalName",
    "userType",
];
const OF_PERSON: [&str; 10] = [
    "accountEnabled",
    "accountName",
    "displayName",
    "employeeType",
    "givenName",
    "mail",
    "mobilePhone",
    "sn",
    "uid",
    "userPrincipalName",
];

/// Single expressions.
const SINGLE: [(&str, Dialect, &str); 9] = [
    ("direct flow", Dialect::Mim, "displayName"),
    ("constant", Dialect::Mim, "\"CONTOSO\""),
    ("choice of two numbers", Dialect::Mim, "IIF(Eq(accountEnabled,true),512,514)"),
    ("choice of two attributes", Dialect::Mim, "IIF(IsPresent(mail),mail,userPrincipalName)"),
    ("Left", Dialect::Mim, "Left(id,8)"),
    ("Trim, LowerCase", Dialect::Mim, "LowerCase(Trim(displayName))"),
    ("join of three", Dialect::Mim, "givenName+\" \"+surname"),
    ("direct flow, Entra", Dialect::Entra, "[displayName]"),
    (
        "choice, Entra",
        Dialect::Entra,
        "IIF(IsPresent([mail]) && [userType] = \"Guest\", [mail], NULL)",
    ),
];

/// No expression of the benchmark draws anything.
struct Zero;

impl Random for Zero {
    fn below(&mut self, _: u64) -> u64 {
        0
    }
}

/// What a flow makes of the guest.
type Made = Option<Values>;

/// The ten flows of a rule, hand-written.
type ByHand = fn(&Attributes) -> [Made; 10];

/// Measures everything.
pub(crate) fn run() -> Result<(), Failure> {
    let guest = guest();
    let build = if cfg!(debug_assertions) { "UNOPTIMISED" } else { "release" };
    print_line(&format!("one core; {build} build; medians of {BATCHES} batches"));
    print_line("expression                        ns    by hand ns   x by hand");
    for (title, dialect, source) in SINGLE {
        let program = program(dialect, source)?;
        let took = median(|| program.eval(black_box(&guest), &mut Zero).ok().flatten());
        let goal = (title == "direct flow").then_some(DIRECT_NS_MAX);
        print_row(title, took, None, goal);
    }
    let rules: [(&str, &str, ByHand); 2] = [
        ("ten flows, typical", TYPICAL, typical_by_hand),
        ("ten flows, examples/b2b", EXAMPLE, example_by_hand),
    ];
    for (title, document, by_hand) in rules {
        let rule = compile(title, document)?;
        let through_rule = |guest: &Attributes| -> [Made; 10] {
            let mut flows = rule.flows.iter();
            std::array::from_fn(|_| {
                flows.next().and_then(|flow| flow.from.eval(guest, &mut Zero).ok().flatten())
            })
        };
        if rule.flows.len() != 10 || through_rule(&guest) != by_hand(&guest) {
            return Err(format!("{title}: the rule and the hand-written code differ").into());
        }
        let took = median(|| through_rule(black_box(&guest)));
        let hand = median(|| by_hand(black_box(&guest)));
        print_row(title, took, Some(hand), Some(RULE_NS_MAX));
    }
    Ok(())
}

fn program(dialect: Dialect, source: &str) -> Result<Program, Failure> {
    let ast = expr::parse_in(dialect, source)?;
    expr::bind(&ast, None)
        .map_err(|errors| errors.into_iter().map(|e| e.to_string()).collect::<String>().into())
}

fn compile(title: &str, document: &str) -> Result<Rule, Failure> {
    let attributes = |names: &[&str]| {
        let one = |name: &&str| {
            let is_boolean = *name == "accountEnabled";
            let value_type = if is_boolean { ValueType::Boolean } else { ValueType::String };
            (Name::new(name), AttributeSchema::single(value_type))
        };
        names.iter().map(one).collect()
    };
    let person = MetaverseType { attributes: attributes(&OF_PERSON), ..MetaverseType::default() };
    let user = Schema { types: BTreeMap::from([(Name::new("user"), attributes(&OF_GUEST))]) };
    let connector = Name::new("b2b-graph");
    let schemas = Schemas {
        connectors: BTreeMap::from([(connector.clone(), user)]),
        dn_styles: BTreeMap::from([(connector, DnStyle::Anchor)]),
        metaverse: Metaverse { types: BTreeMap::from([(Name::new("person"), person)]) },
        ..Schemas::default()
    };
    let rules = rules::compile_rules([(title, document)], &schemas)
        .map_err(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    rules.into_iter().next().ok_or_else(|| "there is no rule".into())
}

/// A guest with every attribute that the rule reads.
fn guest() -> Attributes {
    let mut guest = Attributes::new();
    guest.set_one("id", "5f3c0e7a-91b4-4d0e-8a52-1c7d9be0f6a3");
    guest.set_one("accountEnabled", true);
    guest.set_one("displayName", "Ada Lovelace (Trey Research)");
    guest.set_one("givenName", "Ada");
    guest.set_one("surname", "Lovelace");
    guest.set_one("mail", "Ada.Lovelace@treyresearch.example");
    guest.set_one("mobilePhone", "+33 6 00 00 00 42");
    guest.set_one("userType", "Guest");
    let principal = "ada.lovelace_treyresearch.example#EXT#@contoso.onmicrosoft.com";
    guest.set_one("userPrincipalName", principal);
    guest
}

fn text(text: &str) -> Made {
    (!text.is_empty()).then(|| Values::one(text))
}

fn typical_by_hand(guest: &Attributes) -> [Made; 10] {
    let direct = |name: &str| guest.get(name).cloned();
    let mail = guest.text("mail");
    let is_guest = guest.text("userType") == Some("Guest");
    [
        direct("id"),
        mail.and_then(|mail| text(&mail.chars().take(20).collect::<String>().to_ascii_lowercase())),
        direct("accountEnabled"),
        guest.text("displayName").or(mail).and_then(|name| text(name.trim())),
        is_guest.then(|| direct("userType")).flatten(),
        direct("givenName"),
        mail.and_then(|mail| text(&mail.to_ascii_lowercase())),
        direct("mobilePhone"),
        direct("surname"),
        direct("userPrincipalName"),
    ]
}

/// For names in ASCII.
fn example_by_hand(guest: &Attributes) -> [Made; 10] {
    let direct = |name: &str| guest.get(name).cloned();
    [
        direct("id"),
        account_name_by_hand(guest),
        direct("accountEnabled"),
        direct("displayName"),
        direct("userType"),
        direct("givenName"),
        direct("mail"),
        direct("mobilePhone"),
        direct("surname"),
        direct("userPrincipalName"),
    ]
}

fn account_name_by_hand(guest: &Attributes) -> Made {
    let mail = guest.text("mail").and_then(|mail| mail.split('@').next()).unwrap_or_default();
    let shown = guest.text("displayName").unwrap_or_default().replace(' ', ".");
    let legal = |candidate: &str| -> String {
        let kept = candidate.chars().filter(|c| !"\"/\\[]:;|=,+*?<>@".contains(*c));
        let lower: String = kept.map(|c| c.to_ascii_lowercase()).collect();
        lower.trim_matches(['.', ' ']).chars().take(20).collect()
    };
    let name = [mail, shown.as_str(), "guest"].into_iter().map(legal).find(|name| !name.is_empty());
    let start: String = name.unwrap_or_default().chars().take(11).collect();
    let id: String = guest.text("id").unwrap_or_default().chars().take(8).collect();
    text(&format!("{start}-{id}"))
}

/// Nanoseconds of one call.
#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn median<T>(mut call: impl FnMut() -> T) -> f64 {
    let mut batch = |times: u64| {
        let begun = Instant::now();
        for _ in 0..times {
            black_box(call());
        }
        begun.elapsed()
    };
    let mut times = 1;
    while batch(times) < BATCH {
        times *= 2;
    }
    let mut took: Vec<f64> =
        (0..BATCHES).map(|_| batch(times).as_nanos() as f64 / times as f64).collect();
    took.sort_by(f64::total_cmp);
    took.get(BATCHES / 2).copied().unwrap_or_default()
}

fn print_row(title: &str, took: f64, by_hand: Option<f64>, goal: Option<f64>) {
    let hand = by_hand.map_or_else(String::new, |hand| format!("{hand:.0}"));
    let ratio = by_hand.map_or_else(String::new, |hand| format!("{:.1}", took / hand));
    let judged = goal.map_or_else(String::new, |goal| {
        let word = if took <= goal { "met" } else { "MISSED" };
        format!("   goal {goal:.0}, {word}")
    });
    print_line(&format!("{title:<28} {took:>7.0} {hand:>13} {ratio:>11}{judged}"));
}
