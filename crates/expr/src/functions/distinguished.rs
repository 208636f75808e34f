//! Components of names of objects.

use std::fmt::Write as _;

use super::Arguments;
use crate::ErrorKind;
use crate::environment::{Context, DnStyle};
use crate::operand::{Failure, Operand};

/// Escapes the value of `name=value`. Any number sign is escaped, not only a leading one, and a
/// plus too: several parts cannot be told apart in one argument.
pub(super) fn escape_component(
    arguments: &Arguments,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let refuse = |message| Failure::of_argument(0, ErrorKind::Value, message);
    match context.environment.dn_style() {
        DnStyle::Ldap => {}
        DnStyle::Hierarchical => return hierarchical(arguments.text(0)),
        DnStyle::Extrinsic => return Ok(Operand::text(extrinsic(arguments.text(0)))),
    }
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

/// Escapes commas, backslashes, slashes and a space at the end.
fn hierarchical(component: &str) -> Result<Operand, Failure> {
    if !component.chars().all(is_xml) {
        let message = "the component holds a character that XML does not allow";
        return Err(Failure::of_argument(0, ErrorKind::Value, message));
    }
    Ok(Operand::text(escape_characters(component, &[',', '\\', '/'])))
}

/// Escapes what separates parts; a component with characters that XML does not allow becomes the
/// hexadecimal form of its UTF-16 octets.
fn extrinsic(component: &str) -> String {
    if component.chars().all(is_xml) {
        return escape_characters(component, &['\\', ',', '+', '#']);
    }
    let mut written = "#".to_owned();
    for octet in component.encode_utf16().flat_map(u16::to_le_bytes) {
        // Writing into a string cannot fail.
        let _ = write!(written, "{octet:02X}");
    }
    written
}

/// Puts a backslash before each of `special` and before a space at the end.
fn escape_characters(component: &str, special: &[char]) -> String {
    let last = component.chars().count().saturating_sub(1);
    let mut escaped = String::with_capacity(component.len());
    for (i, c) in component.chars().enumerate() {
        if special.contains(&c) || (c == ' ' && i == last) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
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
