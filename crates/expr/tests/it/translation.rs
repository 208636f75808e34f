//! A translation that is exact gives the same as the original, whatever the object, and so does
//! its translation back.

use expr::translate::{Translation, translate};
use expr::types::{AttributeType, infer};
use expr::{Ast, Dialect, DnStyle, FlowValue, Random, bind, parse_in};
use model::ValueType;

use crate::generate::{self, Forms};
use crate::world::{self, ATTRIBUTES, Held, World};

/// Expressions tried for each language.
const CASES: u64 = 20_000;

struct NoChance;

impl Random for NoChance {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}

/// Octets to generate from, the same each time.
fn octets(seed: u64, count: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut octet = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[2]
    };
    (0..count).map(|_| octet()).collect()
}

fn schema(name: &str) -> Option<AttributeType> {
    let (_, kind) = ATTRIBUTES.iter().find(|(known, _)| *known == name)?;
    let value_type = match kind.to_ascii_lowercase() {
        't' => ValueType::String,
        'n' => ValueType::Integer,
        'b' => ValueType::Boolean,
        'r' => ValueType::Reference,
        'd' => ValueType::DateTime,
        _ => ValueType::Binary,
    };
    Some(AttributeType { value_type, multi_valued: kind.is_uppercase() })
}

/// An object as connectors give it: no attribute is an empty text.
fn object(mut world: World) -> World {
    world.dn_style = DnStyle::Ldap;
    world.attributes.retain(|_, held| match held {
        Held::One(value) => !value.is_empty_text(),
        Held::Several(values) => {
            values.retain(|value| !value.is_empty_text());
            !values.is_empty()
        }
    });
    world
}

fn result(ast: &Ast, world: &World) -> Option<FlowValue> {
    let program = bind(ast, None).ok()?;
    program.compute(world, &mut NoChance).ok().map(expr::Operand::into_flow)
}

fn translated(ast: &Ast, to: Dialect) -> Option<Translation> {
    let types = infer(ast, &schema);
    translate(&types, to).ok()
}

/// What was compared, in numbers.
#[derive(Default)]
struct Compared {
    values: usize,
    back: usize,
}

impl Compared {
    fn check(&mut self, ast: &Ast, to: Dialect, world: &World) {
        if bind(ast, None).is_err() {
            return;
        }
        let Some(translation) = translated(ast, to) else { return };
        let printed = translation.ast.to_string();
        let read = parse_in(to, &printed).unwrap();
        assert_eq!(read, translation.ast);
        let Some(wanted) = result(ast, world) else { return };
        let found = result(&read, world);
        let shown = format!("{ast}\n{printed}\n{:?}", world.attributes);
        assert_eq!(found.as_ref(), Some(&wanted), "{shown}");
        let is_computed = printed.contains(['(', '&', '+', '=', '<', '>']);
        self.values += usize::from(is_computed && matches!(wanted, FlowValue::Value(_)));
        let back = if to == Dialect::Mim { Dialect::EntraExtended } else { Dialect::Mim };
        let Some(back) = translated(&read, back) else { return };
        assert_eq!(result(&back.ast, world), Some(wanted), "{}\n{shown}", back.ast);
        self.back += usize::from(is_computed);
    }
}

#[test]
fn translations_to_entra_connect_give_the_same() {
    let mut compared = Compared::default();
    for seed in 0..CASES {
        let source = generate::mim(octets(seed, 3 + seed % 16));
        // A flow does not tell an empty text from nothing; a question does.
        let source = match seed % 4 {
            0 => format!("IIF(IsPresent({source}), 1, 2)"),
            _ => source,
        };
        let ast = parse_in(Dialect::Mim, &source).unwrap();
        let world = object(world::mim(octets(seed + CASES, 60)));
        compared.check(&ast, Dialect::Entra, &world);
    }
    let Compared { values, back } = compared;
    assert!(values > 2_500 && back > 2_500, "only {values} and {back} were compared");
}

/// What MIM's language may have a word for, and what lies beside it.
const COMMON: Forms = &[
    (
        't',
        &[
            "({t} & {t})",
            "{t} & {n} & {b}",
            "{t} & \"-\" & {r}",
            "CStr({a})",
            "CStr({n})",
            "UCase({t})",
            "ToLower({t})",
            "LTrim({t})",
            "RTrim({t})",
            "Trim({t})",
            "Left({t}, {s})",
            "Right({t}, {n})",
            "Mid({t}, {n}, {s})",
            "Word({t}, {s}, {c})",
            "PadLeft({t}, {s}, {c})",
            "PadRight({t}, {s}, \"x\")",
            "Replace({t}, {t}, {t})",
            "Replace({t}, \"\\n\", CStr(\"\\t\"))",
            "Replace({t} & \"\", {t} & \"a\", {t})",
            "EscapeDNComponent(\"cn=\" & {t})",
            "StringFromSid({x})",
            "Append({t}, {t})",
            "Coalesce({t}, {t}, {t})",
            "IIF({b}, {t}, {a})",
            "Switch({b}, {t}, {b}, {t})",
            "AccountName({t}, {t})",
        ],
    ),
    (
        'n',
        &[
            "BitAnd({n}, {n})",
            "BitOr({n}, {n})",
            "CNum({n})",
            "IIF({b}, {n}, {n})",
            "Switch({b}, {n}, True, {n})",
        ],
    ),
    (
        'b',
        &[
            "({t} = {t})",
            "({n} <> {n})",
            "({b} = {b})",
            "({n} < {n})",
            "({t} >= \"m\")",
            "(\"10\" < {t})",
            "({b} && {b})",
            "({b} || {b})",
            "{b} && {a} || {b} && {b}",
            "{n} <= {n} && {t} <> {t}",
            "CBool({n})",
            "CBool({b})",
            "IsBitSet({n}, {n})",
            "IsNull({a})",
            "IsEmpty({t})",
            "IsNullOrEmpty({t})",
            "IsPresent({a})",
            "Not({b})",
            "Not({a})",
        ],
    ),
    ('x', &["CGuid({t})", "IIF({b}, {x}, {x})", "Left({x}, {s})"]),
];

#[test]
fn translations_to_mim_give_the_same() {
    let mut compared = Compared::default();
    for seed in 0..CASES {
        let octets_of_one = octets(seed, 3 + seed % 16);
        // Now and then from all of the language.
        let source = match seed % 4 {
            0 => generate::entra(octets_of_one),
            1 => format!("IIF(IsNull({}), 1, 2)", generate::entra_from(octets_of_one, COMMON)),
            _ => generate::entra_from(octets_of_one, COMMON),
        };
        let ast = parse_in(Dialect::EntraExtended, &source).unwrap();
        let world = object(world::entra(octets(seed + CASES, 60)));
        compared.check(&ast, Dialect::Mim, &world);
    }
    let Compared { values, back } = compared;
    assert!(values > 2_500 && back > 2_500, "only {values} and {back} were compared");
}

#[test]
fn translations_tell_nothing_from_an_empty_text() {
    let mut world = object(world::entra(Vec::new()));
    world.attributes.clear();
    let mut compared = Compared::default();
    for source in ["[t1] & [t2]", "[t1] & \"\"", "CStr([n1])", "Append([t1], \"\")"] {
        let ast = parse_in(Dialect::EntraExtended, &format!("IIF(IsNull({source}), 1, 2)"));
        compared.check(&ast.unwrap(), Dialect::Mim, &world);
    }
    for source in ["t1 + t2", "+(n1)", "Left(t1, 2)", "UpperCase(t1)", "Null()"] {
        let ast = parse_in(Dialect::Mim, &format!("IIF(IsPresent({source}), 1, 2)"));
        compared.check(&ast.unwrap(), Dialect::Entra, &world);
    }
    assert_eq!(compared.values, 9);
}
