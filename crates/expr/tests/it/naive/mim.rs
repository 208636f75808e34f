//! Microsoft Identity Manager.

use std::cmp::Ordering;

use expr::{DnStyle, ErrorKind, Node, NodeKind};

use super::text as texts;
use super::{Entry, R, Units, V, call, codes, dates, held, is_decimal, string, text, truth, units};
use crate::world::World;

pub(super) fn eval(node: &Node, world: &World) -> R {
    match &node.kind {
        NodeKind::Text(literal) => Ok(text(literal)),
        NodeKind::Integer(number) => Ok(V::Num(*number)),
        NodeKind::Word(name) => match name.to_ascii_lowercase().as_str() {
            "true" => Ok(V::Bool(true)),
            "false" => Ok(V::Bool(false)),
            _ => Ok(held(world.attributes.get(name))),
        },
        NodeKind::Parameter(name) => Ok(held(world.attributes.get(&format!("${name}")))),
        NodeKind::Lookup(path) => Ok(held(world.attributes.get(&format!("//{path}")))),
        NodeKind::Join(operands) => concatenate(operands, world),
        NodeKind::Call { name, arguments, .. } if name == "Concatenate" => {
            concatenate(arguments, world)
        }
        NodeKind::Call { name, arguments, .. } if name == "IIF" => {
            let condition = single(eval(&arguments[0], world)?)?;
            let chosen = if truth(&condition)? { &arguments[1] } else { &arguments[2] };
            single(eval(chosen, world)?)
        }
        NodeKind::Call { name, arguments, .. } => {
            let entry = ENTRIES.iter().find(|entry| entry.0 == name).unwrap();
            let mut values = Vec::new();
            for argument in arguments {
                values.push(match (&argument.kind, eval(argument, world)?) {
                    (NodeKind::Text(_), V::Text(units)) if name == "ReplaceString" => {
                        V::Text(super::monikers(&units))
                    }
                    (_, value) => value,
                });
            }
            call(entry, &values, world, fit)
        }
        other => panic!("not of this language: {other:?}"),
    }
}

fn single(value: V) -> R {
    if matches!(value, V::List(_)) { Err(ErrorKind::Type) } else { Ok(value) }
}

/// 2.14.
fn fit(kind: char, value: V) -> R {
    match (kind, value) {
        (_, V::Null) => Ok(V::Null),
        ('a', value) => Ok(value),
        (_, V::List(_)) => Err(ErrorKind::Type),
        ('o', value) => Ok(value),
        ('b', V::Bin(octets)) => Ok(V::Bin(octets)),
        ('t', V::Text(units) | V::Ref(units)) => Ok(V::Text(units)),
        ('t', V::Num(number)) => Ok(text(&number.to_string())),
        ('t', V::Bool(truth)) => Ok(text(if truth { "True" } else { "False" })),
        ('i', V::Num(number)) => Ok(V::Num(number)),
        ('i', V::Text(units)) if is_decimal(&string(&units)) => number(&units).map(V::Num),
        _ => Err(ErrorKind::Type),
    }
}

fn number(units: &[u16]) -> Result<i64, ErrorKind> {
    string(units).parse().map_err(|_e| ErrorKind::Range)
}

fn concatenate(operands: &[Node], world: &World) -> R {
    let values = operands.iter().map(|o| eval(o, world)).collect::<Result<Vec<V>, _>>()?;
    let mut out = Vec::new();
    for value in values {
        if let V::Text(units) = fit('t', value)? {
            out.extend(units);
        }
    }
    Ok(V::Text(out))
}

fn t(arguments: &[V], i: usize) -> &[u16] {
    match arguments.get(i) {
        Some(V::Text(units)) => units,
        _ => &[],
    }
}

fn n(arguments: &[V], i: usize) -> i64 {
    match arguments[i] {
        V::Num(number) => number,
        _ => panic!("no number"),
    }
}

fn octets(value: &V) -> &[u8] {
    match value {
        V::Bin(octets) => octets,
        _ => panic!("no octets"),
    }
}

fn text_or(result: Option<Units>) -> R {
    result.map(V::Text).ok_or(ErrorKind::Value)
}

const ENTRIES: &[Entry] = &[
    ("UpperCase", "tP", &[], |a, _| Ok(V::Text(texts::upper(t(a, 0))))),
    ("LowerCase", "tP", &[], |a, _| Ok(V::Text(texts::lower(t(a, 0))))),
    ("ProperCase", "tP", &[], |a, _| Ok(V::Text(texts::title(&texts::lower(t(a, 0)))))),
    ("LTrim", "tP", &[], |a, _| Ok(V::Text(texts::trim(t(a, 0), true, false)))),
    ("RTrim", "tP", &[], |a, _| Ok(V::Text(texts::trim(t(a, 0), false, true)))),
    ("Trim", "tP", &[], |a, _| Ok(V::Text(texts::trim(t(a, 0), true, true)))),
    ("RightPad", "tE iX tY", &[], |a, _| text_or(texts::pad(t(a, 0), n(a, 1), t(a, 2), false))),
    ("LeftPad", "tE iX tY", &[], |a, _| text_or(texts::pad(t(a, 0), n(a, 1), t(a, 2), true))),
    ("BitOr", "iP iP", &[], |a, _| Ok(V::Num(n(a, 0) | n(a, 1)))),
    ("BitAnd", "iP iP", &[], |a, _| Ok(V::Num(n(a, 0) & n(a, 1)))),
    ("DateTimeFormat", "tP tX", &[], |a, _| {
        let ticks = dates::parse(t(a, 0)).ok_or(ErrorKind::Value)?;
        Ok(V::Text(dates::format(ticks, &string(t(a, 1)))))
    }),
    ("ConvertSidToString", "bP", &[], |a, _| text_or(codes::sid_text(octets(&a[0])))),
    ("ConvertStringToGuid", "tP", &[], |a, _| {
        codes::guid(t(a, 0)).map(V::Bin).ok_or(ErrorKind::Value)
    }),
    ("ReplaceString", "tP tY tV", &[], |a, _| {
        if t(a, 1).is_empty() {
            return Err(ErrorKind::Value);
        }
        Ok(V::Text(texts::replace(t(a, 0), t(a, 1), t(a, 2))))
    }),
    ("Word", "tE iX tX", &[], |a, _| Ok(V::Text(texts::word(t(a, 0), n(a, 1), t(a, 2))))),
    ("Left", "tE iX", &[], |a, _| Ok(texts::left(&a[0], n(a, 1)))),
    ("Right", "tE iX", &[], |a, _| Ok(texts::right(&a[0], n(a, 1)))),
    ("Mid", "tE iX iX", &[], |a, _| {
        Ok(if n(a, 2) <= 0 { text("") } else { texts::mid(&a[0], n(a, 1), n(a, 2)) })
    }),
    ("CRLF", "", &[], |_, _| Ok(text("\r\n"))),
    ("RandomNum", "iX iX", &[], |a, _| match n(a, 0).cmp(&n(a, 1)) {
        Ordering::Greater => Err(ErrorKind::Value),
        Ordering::Equal => Ok(V::Num(n(a, 0))),
        Ordering::Less => panic!("not the same every time"),
    }),
    ("EscapeDNComponent", "tP", &[], |a, world| escape(t(a, 0), world.dn_style)),
    ("Null", "", &[], |_, _| Ok(V::Null)),
    ("Eq", "oV oV", &[], |a, _| Ok(V::Bool(equal(&a[0], &a[1])))),
    ("NotEquals", "oV oV", &[], |a, _| Ok(V::Bool(!equal(&a[0], &a[1])))),
    ("LessThan", "oF oF", &[], |a, _| ordered(a, |order| order == Ordering::Less)),
    ("GreaterThan", "oF oF", &[], |a, _| ordered(a, |order| order == Ordering::Greater)),
    ("LessThanOrEquals", "oF oF", &[], |a, _| ordered(a, |order| order != Ordering::Greater)),
    ("GreaterThanOrEquals", "oF oF", &[], |a, _| ordered(a, |order| order != Ordering::Less)),
    ("IsPresent", "aV", &[], |a, _| Ok(V::Bool(a[0] != V::Null))),
    ("SingleValueAssignment", "aV", &[], |a, _| Ok(a[0].clone())),
];

fn equal(a: &V, b: &V) -> bool {
    match (a, b) {
        (V::Num(number), V::Text(text)) | (V::Text(text), V::Num(number)) => {
            is_decimal(&string(text)) && string(text).parse() == Ok(*number)
        }
        (V::Bool(truth), V::Text(text)) | (V::Text(text), V::Bool(truth)) => {
            super::boolean_word(text) == Some(*truth)
        }
        (V::Text(a) | V::Ref(a), V::Text(b) | V::Ref(b)) => a == b,
        _ => a == b,
    }
}

fn ordered(a: &[V], wanted: fn(Ordering) -> bool) -> R {
    let both_decimal = |a: &Units, b: &Units| is_decimal(&string(a)) && is_decimal(&string(b));
    let decimal = |text: &Units| {
        if is_decimal(&string(text)) { number(text) } else { Err(ErrorKind::Type) }
    };
    let order = match (&a[0], &a[1]) {
        (V::Num(a), V::Num(b)) => a.cmp(b),
        (V::Num(a), V::Text(b)) => a.cmp(&decimal(b)?),
        (V::Text(a), V::Num(b)) => decimal(a)?.cmp(b),
        (V::Text(a), V::Text(b)) if both_decimal(a, b) => number(a)?.cmp(&number(b)?),
        (V::Text(a) | V::Ref(a), V::Text(b) | V::Ref(b)) => a.cmp(b),
        _ => return Err(ErrorKind::Type),
    };
    Ok(V::Bool(wanted(order)))
}

/// 2.11.
fn escape(component: &[u16], style: DnStyle) -> R {
    let is_xml = string(component).chars().all(texts::is_xml);
    match style {
        DnStyle::Ldap => text_or(texts::escape_ldap(component)),
        DnStyle::Hierarchical if !is_xml => Err(ErrorKind::Value),
        DnStyle::Hierarchical => Ok(V::Text(texts::escape_others(component, ",\\/"))),
        DnStyle::Extrinsic if is_xml => Ok(V::Text(texts::escape_others(component, "\\,+#"))),
        DnStyle::Extrinsic => {
            let octets: Vec<u8> = component.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            Ok(V::Text([units("#"), codes::to_hex(&octets)].concat()))
        }
    }
}
