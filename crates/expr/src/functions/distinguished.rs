//! Components of names of objects.

use std::fmt::Write as _;

use super::Arguments;
use crate::ErrorKind;
use crate::environment::{Context, DnStyle};
use crate::operand::{Failure, Operand};

/// Escapes a component as the connected system wants its names.
pub(super) fn escape_for_system(
    arguments: &Arguments,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let text = arguments.text(0);
    match context.environment.dn_style() {
        DnStyle::Ldap => escape_component(arguments, context),
        DnStyle::Hierarchical if !text.chars().all(is_xml) => {
            let message = "a character is one that names of this system cannot hold";
            Err(Failure::of_argument(0, ErrorKind::Value, message))
        }
        DnStyle::Hierarchical => Ok(Operand::text(escape_some(text, &[',', '\\', '/']))),
        DnStyle::Extrinsic if text.chars().all(is_xml) => {
            Ok(Operand::text(escape_some(text, &['\\', ',', '+', '#'])))
        }
        DnStyle::Extrinsic => {
            let octets = text.encode_utf16().flat_map(u16::to_le_bytes);
            let digits: String = octets.map(|octet| format!("{octet:02X}")).collect();
            Ok(Operand::text(format!("#{digits}")))
        }
    }
}

/// Escapes these characters and a space at the end.
fn escape_some(text: &str, special: &[char]) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if special.contains(&c) || (c == ' ' && rest.peek().is_none()) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// Escapes the value of `name=value`. Any number sign is escaped, not only a leading one, and a
/// plus too: several parts cannot be told apart in one argument.
pub(super) fn escape_component(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let refuse = |message| Failure::of_argument(0, ErrorKind::Value, message);
    let (name, value) = arguments
        .text(0)
        .split_once('=')
        .ok_or_else(|| refuse("there is no '=': a component has the form name=value"))?;
    let name = name.trim();
    let is_name =
        !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'));
    if !is_name {
        return Err(refuse("what stands before '=' is not an attribute name"));
    }
    Ok(Operand::text(format!("{name}={}", escape_value(value))))
}

fn escape_value(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(value.len());
    for (i, c) in value.chars().enumerate() {
        match c {
            ',' | '=' | '+' | '<' | '>' | '#' | ';' | '\\' | '"' => escaped.extend(['\\', c]),
            ' ' if i == 0 || i == last => escaped.push_str("\\ "),
            _ if is_xml(c) => escaped.push(c),
            _ => push_hexadecimal(&mut escaped, c),
        }
    }
    escaped
}

/// XML 1.0 section 2.2.
const fn is_xml(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0b' | '\x0c' | '\x0e'..='\x1f' | '\u{fffe}' | '\u{ffff}')
}

fn push_hexadecimal(text: &mut String, c: char) {
    for byte in c.to_string().bytes() {
        // Writing into a string cannot fail.
        let _ = write!(text, "\\{byte:02X}");
    }
}
