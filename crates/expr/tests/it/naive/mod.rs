//! A second evaluator, written from the description of the languages and from nothing else: slow,
//! a walk over the tree as it was parsed, texts as vectors of UTF-16 code units.
//!
//! Where the description says nothing it decides as follows, and the real evaluator must do the
//! same. All arguments of a call are evaluated first, then looked at for flow constants, then for
//! their types, then for absent ones that are refused, then for absent ones that decide the
//! result, each from left to right; only then does the function itself complain. An operator
//! refuses a type it never takes, whatever is on its other side. MIM takes a reference for a text.

mod codes;
mod dates;
mod entra;
mod entra_functions;
mod mim;
mod text;

use expr::{Ast, Dialect, ErrorKind, Operand};
use model::Value;

use crate::world::{Held, World};

/// Text in UTF-16.
pub(crate) type Units = Vec<u16>;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum V {
    Null,
    Text(Units),
    Num(i64),
    Bool(bool),
    Bin(Vec<u8>),
    Ref(Units),
    /// Ticks of 100 ns since 1601.
    Date(i64),
    List(Vec<Self>),
    Ignore,
    Block,
    Word(String),
}

/// A result.
pub(crate) type R = Result<V, ErrorKind>;

pub(crate) fn units(text: &str) -> Units {
    text.encode_utf16().collect()
}

pub(crate) fn string(units: &[u16]) -> String {
    String::from_utf16(units).unwrap()
}

fn chars(units: &[u16]) -> Vec<char> {
    string(units).chars().collect()
}

fn of_chars(chars: &[char]) -> Units {
    units(&chars.iter().collect::<String>())
}

fn text(text: &str) -> V {
    V::Text(units(text))
}

/// What the expression gives: holes gone, as it leaves.
pub(crate) fn evaluate(ast: &Ast, world: &World) -> R {
    let result = match ast.dialect() {
        Dialect::Entra | Dialect::EntraExtended => entra::eval(ast.root(), world, &Vec::new())?,
        _ => mim::eval(ast.root(), world)?,
    };
    Ok(without_holes(result))
}

fn without_holes(value: V) -> V {
    match value {
        V::List(elements) => {
            let kept: Vec<V> = elements.into_iter().filter(|element| *element != V::Null).collect();
            if kept.is_empty() { V::Null } else { V::List(kept) }
        }
        other => other,
    }
}

/// What the surroundings hold.
fn held(held: Option<&Held>) -> V {
    match held {
        None => V::Null,
        Some(Held::One(value)) => of_value(value),
        Some(Held::Several(values)) if values.is_empty() => V::Null,
        Some(Held::Several(values)) => V::List(values.iter().map(of_value).collect()),
    }
}

/// Ticks between 1601 and 1970: 369 years, 89 of them leap years.
const BEFORE_1970: i64 = (369 * 365 + 89) * 86_400 * 10_000_000;

fn of_value(value: &Value) -> V {
    match value {
        Value::String(text) => V::Text(units(text)),
        Value::Integer(number) => V::Num(*number),
        Value::Boolean(truth) => V::Bool(*truth),
        Value::Binary(octets) => V::Bin(octets.to_vec()),
        Value::Reference(name) => V::Ref(units(name)),
        Value::DateTime(moment) => V::Date(moment.0 * 10 + BEFORE_1970),
    }
}

/// What the real evaluator gave, to compare.
pub(crate) fn of_operand(operand: &Operand) -> V {
    match operand {
        Operand::Null => V::Null,
        Operand::One(value) => of_value(value),
        Operand::Many(values) => V::List(values.iter().map(of_value).collect()),
        Operand::List(elements) => V::List(elements.iter().map(of_operand).collect()),
        Operand::Moment(ticks) => V::Date(*ticks),
        Operand::Flow(expr::FlowConstant::IgnoreThisFlow) => V::Ignore,
        Operand::Flow(expr::FlowConstant::AuthoritativeNull) => V::Block,
        Operand::Enumeration(word) => V::Word((*word).to_owned()),
    }
}

/// 2.3.
fn truth(value: &V) -> Result<bool, ErrorKind> {
    match value {
        V::Null => Ok(false),
        V::Bool(truth) => Ok(*truth),
        V::Num(number) => Ok(*number != 0),
        V::Text(units) => boolean_word(units).ok_or(ErrorKind::Type),
        _ => Err(ErrorKind::Type),
    }
}

fn boolean_word(units: &[u16]) -> Option<bool> {
    match string(units).to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// Digits, perhaps with a minus before them.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit())
}

/// The `\n`, `\r` and `\t` of a literal.
fn monikers(units: &[u16]) -> Units {
    let chars = chars(units);
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        let control = match (chars[i], chars.get(i + 1)) {
            ('\\', Some('n')) => Some('\n'),
            ('\\', Some('r')) => Some('\r'),
            ('\\', Some('t')) => Some('\t'),
            _ => None,
        };
        out.push(control.unwrap_or(chars[i]));
        i += if control.is_some() { 2 } else { 1 };
    }
    of_chars(&out)
}

/// A function that looks at nothing but its arguments: its name; each parameter with a letter for
/// what it takes and one for what an absent argument means, a question mark before an optional
/// one; the arguments, from zero, that are lifted; the code.
///
/// Absent: `P` gives nothing, `E` the empty text, `Z` zero, `F` false, `X` a type error, `Y` a
/// value error, `R` a range error, `V` is for the function to see.
type Entry = (&'static str, &'static str, &'static [usize], fn(&[V], &World) -> R);

/// Calls the function, once per element where lifted arguments are lists.
fn call(entry: &Entry, arguments: &[V], world: &World, fit: fn(char, V) -> R) -> R {
    let (_, parameters, lifts, run) = *entry;
    let mut lengths = lifts.iter().filter_map(|i| match arguments.get(*i) {
        Some(V::List(elements)) => Some(elements.len()),
        _ => None,
    });
    let Some(length) = lengths.next() else {
        return apply(parameters, arguments, run, world, fit);
    };
    if lengths.any(|other| other != length) {
        return Err(ErrorKind::MvLength);
    }
    let mut results = Vec::new();
    for at in 0..length {
        let one: Vec<V> = (arguments.iter().enumerate())
            .map(|(i, argument)| match argument {
                V::List(elements) if lifts.contains(&i) => elements[at].clone(),
                other => other.clone(),
            })
            .collect();
        results.push(apply(parameters, &one, run, world, fit)?);
    }
    Ok(V::List(results))
}

fn apply(
    parameters: &str,
    arguments: &[V],
    run: fn(&[V], &World) -> R,
    world: &World,
    fit: fn(char, V) -> R,
) -> R {
    let letters: Vec<(char, char)> = (parameters.split(' '))
        .filter(|p| !p.is_empty())
        .map(|p| {
            let mut letters = p.trim_start_matches('?').chars();
            (letters.next().unwrap(), letters.next().unwrap())
        })
        .collect();
    if arguments.iter().any(|argument| matches!(argument, V::Ignore | V::Block)) {
        return Err(ErrorKind::Type);
    }
    let mut fitted = Vec::new();
    for (argument, (kind, _)) in arguments.iter().zip(&letters) {
        fitted.push(fit(*kind, argument.clone())?);
    }
    let absent =
        |(argument, letters): (&V, &(char, char))| (*argument == V::Null).then_some(letters.1);
    let codes: Vec<char> = fitted.iter().zip(&letters).filter_map(absent).collect();
    for code in &codes {
        match code {
            'X' => return Err(ErrorKind::Type),
            'Y' => return Err(ErrorKind::Value),
            'R' => return Err(ErrorKind::Range),
            _ => {}
        }
    }
    for code in &codes {
        match code {
            'P' => return Ok(V::Null),
            'E' => return Ok(text("")),
            'Z' => return Ok(V::Num(0)),
            'F' => return Ok(V::Bool(false)),
            _ => {}
        }
    }
    run(&fitted, world)
}
