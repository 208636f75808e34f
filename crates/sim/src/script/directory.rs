//! Faults of the directory.

use std::time::Duration;

use ldap3_proto::LdapResultCode;

use super::ScriptError;
use super::entry::{Entry, entries};
use crate::directory::{Effect, Fault, Operation};

const OPERATIONS: [(&str, Operation); 9] = [
    ("bind", Operation::Bind),
    ("search", Operation::Search),
    ("dirsync", Operation::DirSync),
    ("add", Operation::Add),
    ("modify", Operation::Modify),
    ("modify-dn", Operation::ModifyDn),
    ("delete", Operation::Delete),
    ("compare", Operation::Compare),
    ("extended", Operation::Extended),
];

const EFFECTS: [(&str, Effect); 7] = [
    ("drop-before", Effect::DropBefore),
    ("drop-after", Effect::DropAfter),
    ("close-all", Effect::CloseAll),
    ("notice", Effect::Notice),
    ("extended-answer", Effect::ExtendedAnswer),
    ("reject-cookie", Effect::RejectCookie),
    ("new-invocation", Effect::NewInvocation),
];

/// The effects that are tables.
const TABLES: [&str; 3] = ["answer", "delay_ms", "raw"];

/// Longest delay, in milliseconds.
const DELAY_MAX: u32 = 3_600_000;

/// Reads a script for the directory.
///
/// ```toml
/// [[fault]]
/// operation   = "add"                 # optional, like dn_contains and times
/// dn_contains = "ou=b2bguest"
/// times       = 1
/// effect      = "drop-after"          # a word, or one of these three:
/// # effect    = { answer = { code = 51, message = "busy" } }
/// # effect    = { delay_ms = 1500 }
/// # effect    = { raw = "30 84 00" }  # octets in hexadecimal
/// ```
///
/// # Errors
/// [`ScriptError`] names the first entry and key that cannot be used.
pub fn directory_faults(text: &str) -> Result<Vec<Fault>, ScriptError> {
    entries(text, fault)
}

fn fault(entry: &mut Entry<'_>) -> Result<Fault, ScriptError> {
    let operation = match entry.text("operation")? {
        None => None,
        Some(word) => Some(named(&OPERATIONS, word).ok_or_else(|| {
            let words = OPERATIONS.map(|(word, _)| word).join(", ");
            entry.wrong("operation", format!("one of {words}"))
        })?),
    };
    Ok(Fault {
        operation,
        dn_contains: entry.text("dn_contains")?.map(str::to_owned),
        times: entry.times()?,
        effect: effect(entry)?,
    })
}

fn named<T: Clone>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| value.clone())
}

fn effect(entry: &mut Entry<'_>) -> Result<Effect, ScriptError> {
    if !entry.has("effect") {
        return Err(entry.missing("effect"));
    }
    if let Some(mut table) = entry.table("effect") {
        let effect = match TABLES.iter().filter(|key| table.has(key)).count() {
            1 => table_effect(&mut table)?,
            _ => return Err(entry.wrong("effect", expected())),
        };
        table.finish()?;
        return Ok(effect);
    }
    let word = entry.text("effect").ok().flatten();
    word.and_then(|word| named(&EFFECTS, word)).ok_or_else(|| entry.wrong("effect", expected()))
}

fn expected() -> String {
    let words = EFFECTS.map(|(word, _)| word).join(", ");
    format!("one of {words}, or a table with one of {}", TABLES.join(", "))
}

fn table_effect(table: &mut Entry<'_>) -> Result<Effect, ScriptError> {
    if let Some(delay) = table.number("delay_ms", 0..=DELAY_MAX)? {
        return Ok(Effect::Delay(Duration::from_millis(u64::from(delay))));
    }
    if let Some(text) = table.text("raw")? {
        let octets = octets(text).ok_or_else(|| table.wrong("raw", "octets in hexadecimal"))?;
        return Ok(Effect::Raw(octets));
    }
    let wrong = table.wrong("answer", "a table with code and message");
    let mut answer = table.table("answer").ok_or(wrong)?;
    let code = answer.number("code", 0..=u32::MAX)?.ok_or_else(|| answer.missing("code"))?;
    if LdapResultCode::try_from(i64::from(code)).is_err() {
        return Err(answer.wrong("code", "an LDAP result code"));
    }
    let message = answer.text("message")?.unwrap_or_default().to_owned();
    answer.finish()?;
    Ok(Effect::Answer { code, message })
}

fn octets(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let pair = |pair: &[u8]| pair.iter().fold(0, |octet, digit| octet << 4 | digit);
    Some(digits.chunks(2).map(pair).collect())
}
