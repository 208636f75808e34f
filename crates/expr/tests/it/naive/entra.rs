//! Entra Connect: nodes, operators, and the forms that decide what is evaluated.

use std::cmp::Ordering;

use expr::{ErrorKind, Node, NodeKind, Operator};

use super::entra_functions::ENTRIES;
use super::text as texts;
use super::{R, Units, V, call, held, string, text, truth, units, without_holes};
use crate::world::World;

/// Variables, the innermost last.
type Variables = Vec<(String, V)>;

pub(super) fn eval(node: &Node, world: &World, variables: &Variables) -> R {
    match &node.kind {
        NodeKind::Text(literal) => Ok(text(literal)),
        NodeKind::Integer(number) => Ok(V::Num(*number)),
        NodeKind::Attribute(name) => Ok(held(world.attributes.get(name))),
        NodeKind::SystemParameter(name) => parameter(name, world),
        NodeKind::Variable(name) => {
            let bound = variables.iter().rev().find(|(known, _)| known == name);
            bound.map(|(_, value)| value.clone()).ok_or(ErrorKind::UnknownVariable)
        }
        NodeKind::Constant(name) => Ok(match name.as_str() {
            "True" => V::Bool(true),
            "False" => V::Bool(false),
            "NULL" => V::Null,
            "CRLF" => text("\r\n"),
            "IgnoreThisFlow" => V::Ignore,
            "AuthoritativeNull" => V::Block,
            word => V::Word(word.to_owned()),
        }),
        NodeKind::Negate(operand) => {
            let value = eval(operand, world, variables)?;
            lift(&V::Num(0), &value, &|zero, number| operate(Operator::Subtract, zero, number))
        }
        NodeKind::Chain { first, rest } => {
            let mut left = eval(first, world, variables)?;
            for (operator, operand) in rest {
                if is_decided(*operator, &left)? {
                    left = V::Bool(*operator == Operator::Or);
                    continue;
                }
                let right = eval(operand, world, variables)?;
                left = lift(&left, &right, &|a, b| operate(*operator, a, b))?;
            }
            Ok(left)
        }
        NodeKind::Call { name, arguments, .. } => call_of(name, arguments, world, variables),
        other => panic!("not of this language: {other:?}"),
    }
}

fn parameter(name: &str, world: &World) -> R {
    let value = held(Some(world.parameters.get(name).ok_or(ErrorKind::UnknownParameter)?));
    if let V::Text(digits) = &value
        && let Some(digits) = string(digits).strip_prefix("0x")
    {
        return Ok(V::Num(u64::from_str_radix(digits, 16).unwrap().cast_signed()));
    }
    Ok(value)
}

/// Whether one value on the left of `&&` or `||` makes the right side superfluous.
fn is_decided(operator: Operator, left: &V) -> Result<bool, ErrorKind> {
    match (operator, left) {
        (_, V::List(_)) => Ok(false),
        (Operator::And, one) => Ok(!truth(one)?),
        (Operator::Or, one) => truth(one),
        _ => Ok(false),
    }
}

/// Element by element where a side is a collection.
fn lift(left: &V, right: &V, combine: &dyn Fn(&V, &V) -> R) -> R {
    let length = match (left, right) {
        (V::List(a), V::List(b)) if a.len() != b.len() => return Err(ErrorKind::MvLength),
        (V::List(a), _) => a.len(),
        (_, V::List(b)) => b.len(),
        _ => return combine(left, right),
    };
    let at = |side: &V, i: usize| match side {
        V::List(elements) => elements[i].clone(),
        one => one.clone(),
    };
    (0..length).map(|i| combine(&at(left, i), &at(right, i))).collect::<Result<_, _>>().map(V::List)
}

fn operate(operator: Operator, a: &V, b: &V) -> R {
    match operator {
        Operator::And => Ok(V::Bool(truth(a)? & truth(b)?)),
        Operator::Or => Ok(V::Bool(truth(a)? | truth(b)?)),
        Operator::Equal => equal(a, b).map(V::Bool),
        Operator::NotEqual => equal(a, b).map(|equal| V::Bool(!equal)),
        Operator::Less => ordered(a, b, |order| order == Ordering::Less),
        Operator::LessOrEqual => ordered(a, b, |order| order != Ordering::Greater),
        Operator::Greater => ordered(a, b, |order| order == Ordering::Greater),
        Operator::GreaterOrEqual => ordered(a, b, |order| order != Ordering::Less),
        Operator::Add => arithmetic(a, b, |a, b| a + b),
        Operator::Subtract => arithmetic(a, b, |a, b| a - b),
        Operator::Multiply => arithmetic(a, b, |a, b| a * b),
        Operator::Join => join(a, b),
    }
}

fn equal(a: &V, b: &V) -> Result<bool, ErrorKind> {
    match (a, b) {
        (V::Ignore | V::Block | V::Word(_), _) | (_, V::Ignore | V::Block | V::Word(_)) => {
            Err(ErrorKind::Type)
        }
        (V::Null, V::Null) => Ok(true),
        (V::Null, _) | (_, V::Null) => Ok(false),
        (V::Text(a), V::Text(b)) => Ok(a == b),
        (V::Num(a), V::Num(b)) | (V::Date(a), V::Date(b)) => Ok(a == b),
        (V::Bool(a), V::Bool(b)) => Ok(a == b),
        (V::Bin(a), V::Bin(b)) => Ok(a == b),
        (V::Ref(a), V::Ref(b)) => Ok(texts::lower(a) == texts::lower(b)),
        _ => Err(ErrorKind::Type),
    }
}

fn ordered(a: &V, b: &V, wanted: fn(Ordering) -> bool) -> R {
    let has_order = |v: &V| matches!(v, V::Null | V::Num(_) | V::Date(_) | V::Text(_));
    if !has_order(a) || !has_order(b) {
        return Err(ErrorKind::Type);
    }
    Ok(V::Bool(match (a, b) {
        (V::Null, _) | (_, V::Null) => false,
        (V::Num(a), V::Num(b)) | (V::Date(a), V::Date(b)) => wanted(a.cmp(b)),
        (V::Text(a), V::Text(b)) => wanted(a.cmp(b)),
        _ => return Err(ErrorKind::Type),
    }))
}

fn arithmetic(a: &V, b: &V, compute: fn(i128, i128) -> i128) -> R {
    match (a, b) {
        (V::Num(a), V::Num(b)) => i64::try_from(compute(i128::from(*a), i128::from(*b)))
            .map(V::Num)
            .map_err(|_e| ErrorKind::Range),
        (V::Null | V::Num(_), V::Null | V::Num(_)) => Ok(V::Null),
        _ => Err(ErrorKind::Type),
    }
}

/// The text that CStr would give.
pub(super) fn rendered(value: &V) -> Option<Units> {
    match value {
        V::Text(units) | V::Ref(units) => Some(units.clone()),
        V::Num(number) => Some(units(&number.to_string())),
        V::Bool(truth) => Some(units(if *truth { "True" } else { "False" })),
        _ => None,
    }
}

fn join(a: &V, b: &V) -> R {
    let part = |v: &V| if *v == V::Null { Some(Vec::new()) } else { rendered(v) };
    match (a, b) {
        (V::Null, V::Null) => Ok(V::Null),
        (V::Bin(a), V::Bin(b)) => Ok(V::Bin([a.as_slice(), b].concat())),
        // Nothing adds nothing to octets either.
        (V::Bin(octets), V::Null) | (V::Null, V::Bin(octets)) => Ok(V::Bin(octets.clone())),
        _ => match (part(a), part(b)) {
            (Some(a), Some(b)) => Ok(V::Text([a, b].concat())),
            _ => Err(ErrorKind::Type),
        },
    }
}

fn call_of(name: &str, arguments: &[Node], world: &World, variables: &Variables) -> R {
    let evaluated = |node: &Node| eval(node, world, variables);
    match (name, arguments) {
        ("IIF", [condition, on_true, on_false]) => {
            iif(&evaluated(condition)?, &|| evaluated(on_true), &|| evaluated(on_false))
        }
        ("Switch", pairs) => {
            let mut chosen = None;
            for pair in pairs.chunks(2) {
                if truth(&evaluated(&pair[0])?)? && chosen.is_none() {
                    chosen = Some(&pair[1]);
                }
            }
            chosen.map_or(Ok(V::Null), evaluated)
        }
        ("With", [Node { kind: NodeKind::Variable(name), .. }, value, body]) => {
            bound(name, evaluated(value)?, body, world, variables)
        }
        ("Select" | "Where", [Node { kind: NodeKind::Variable(variable), .. }, values, body]) => {
            let each = |element: V| bound(variable, element, body, world, variables);
            through(name == "Select", evaluated(values)?, &each)
        }
        ("Coalesce", candidates) => {
            for candidate in candidates {
                let value = evaluated(candidate)?;
                if value != V::Null {
                    return Ok(value);
                }
            }
            Ok(V::Null)
        }
        ("SelectUniqueValue", candidates) => {
            for candidate in candidates {
                match evaluated(candidate)? {
                    V::Null => {}
                    V::Text(units) if units.is_empty() => {}
                    V::Text(units) if is_taken(&units, world) => {}
                    V::Text(units) => return Ok(V::Text(units)),
                    _ => return Err(ErrorKind::Type),
                }
            }
            Err(ErrorKind::Value)
        }
        _ => eager(name, arguments, world, variables),
    }
}

fn is_taken(name: &[u16], world: &World) -> bool {
    world.taken.iter().any(|taken| texts::lower(&units(taken)) == texts::lower(name))
}

fn bound(name: &str, value: V, body: &Node, world: &World, variables: &Variables) -> R {
    let mut inner = variables.clone();
    inner.push((name.to_owned(), value));
    eval(body, world, &inner)
}

/// `Select` and `Where`.
fn through(is_select: bool, values: V, body: &dyn Fn(V) -> R) -> R {
    let elements = match without_holes(values) {
        V::Null => return Ok(V::Null),
        V::List(elements) => elements,
        _ => return Err(ErrorKind::Type),
    };
    let mut results = Vec::new();
    for element in elements {
        let result = body(element.clone())?;
        if !is_select {
            if truth(&result)? {
                results.push(element);
            }
            continue;
        }
        match result {
            V::List(_) | V::Ignore | V::Block | V::Word(_) => return Err(ErrorKind::Type),
            one => results.push(one),
        }
    }
    Ok(without_holes(V::List(results)))
}

fn iif(condition: &V, on_true: &dyn Fn() -> R, on_false: &dyn Fn() -> R) -> R {
    let V::List(conditions) = condition else {
        return if truth(condition)? { on_true() } else { on_false() };
    };
    let truths: Vec<bool> = conditions.iter().map(truth).collect::<Result<_, _>>()?;
    let branch = |wanted: bool, compute: &dyn Fn() -> R| {
        if !truths.contains(&wanted) {
            return Ok(V::Null);
        }
        match compute()? {
            V::List(elements) if elements.len() != truths.len() => Err(ErrorKind::MvLength),
            V::Ignore | V::Block => Err(ErrorKind::Type),
            value => Ok(value),
        }
    };
    let (on_true, on_false) = (branch(true, on_true)?, branch(false, on_false)?);
    let choose = |(i, truth): (usize, &bool)| match if *truth { &on_true } else { &on_false } {
        V::List(elements) => elements[i].clone(),
        one => one.clone(),
    };
    Ok(V::List(truths.iter().enumerate().map(choose).collect()))
}

fn eager(name: &str, arguments: &[Node], world: &World, variables: &Variables) -> R {
    let of_count = |(entry, _): &(&super::Entry, usize)| {
        let parameters: Vec<&str> = entry.1.split(' ').filter(|p| !p.is_empty()).collect();
        let least = parameters.iter().filter(|p| !p.starts_with('?')).count();
        (least..=parameters.len()).contains(&arguments.len())
    };
    let named = ENTRIES.iter().filter(|entry| entry.0 == name).zip(0..);
    let (entry, _) = { named }.find(of_count).unwrap_or_else(|| panic!("{name} is not known"));
    let mut values = Vec::new();
    for (i, argument) in arguments.iter().enumerate() {
        values.push(match (&argument.kind, eval(argument, world, variables)?) {
            (NodeKind::Text(_), V::Text(units)) if name == "Replace" && i > 0 => {
                V::Text(super::monikers(&units))
            }
            (_, value) => value,
        });
    }
    call(entry, &values, world, fit)
}

/// Nothing converts; only a word may be written as text.
fn fit(kind: char, value: V) -> R {
    let value = if kind == 'l' { without_holes(value) } else { value };
    let fits = match (kind, &value) {
        (_, V::Null) | ('a', _) | ('l', V::List(_)) => true,
        ('v', V::List(_)) => false,
        ('w', V::Text(_) | V::Word(_)) | ('v', _) => true,
        ('t' | 'x', V::Text(_)) | ('x' | 'b', V::Bin(_)) => true,
        ('n', V::Num(_)) | ('r', V::Ref(_)) | ('d', V::Date(_)) => true,
        _ => false,
    };
    match value {
        V::Text(word) if kind == 'w' => Ok(V::Word(string(&word))),
        value if fits => Ok(value),
        _ => Err(ErrorKind::Type),
    }
}
