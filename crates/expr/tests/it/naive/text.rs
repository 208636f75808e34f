//! Texts: cutting, searching, replacing, case.

use icu_properties::CodePointMapData;
use icu_properties::props::GeneralCategory;

use super::{Units, V, chars, of_chars, string, units};

/// The simple mapping: one character to one, or none.
pub(super) fn upper(units: &[u16]) -> Units {
    of_chars(&chars(units).into_iter().map(upper_char).collect::<Vec<char>>())
}

pub(super) fn lower(units: &[u16]) -> Units {
    of_chars(&chars(units).into_iter().map(lower_char).collect::<Vec<char>>())
}

fn upper_char(c: char) -> char {
    let mapped: Vec<char> = c.to_uppercase().collect();
    if mapped.len() == 1 { mapped[0] } else { c }
}

fn lower_char(c: char) -> char {
    let mapped: Vec<char> = c.to_lowercase().collect();
    if mapped.len() == 1 { mapped[0] } else { c }
}

fn title_char(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian has capitals but no titles.
        '\u{10d0}'..='\u{10ff}' => c,
        _ => upper_char(c),
    }
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

fn is_letter(c: char) -> bool {
    use GeneralCategory as G;
    matches!(
        category(c),
        G::UppercaseLetter
            | G::LowercaseLetter
            | G::TitlecaseLetter
            | G::ModifierLetter
            | G::OtherLetter
    )
}

fn is_separator(c: char) -> bool {
    use GeneralCategory as G;
    matches!(
        category(c),
        G::SpaceSeparator
            | G::LineSeparator
            | G::ParagraphSeparator
            | G::Control
            | G::Format
            | G::ConnectorPunctuation
            | G::DashPunctuation
            | G::OpenPunctuation
            | G::ClosePunctuation
            | G::InitialPunctuation
            | G::FinalPunctuation
            | G::OtherPunctuation
            | G::MathSymbol
            | G::CurrencySymbol
            | G::ModifierSymbol
            | G::OtherSymbol
    )
}

/// 2.7.
pub(super) fn title(units: &[u16]) -> Units {
    let chars = chars(units);
    let mut out = Vec::new();
    let mut i = 0;
    while i < chars.len() {
        if !is_letter(chars[i]) {
            out.push(chars[i]);
            i += 1;
            continue;
        }
        let mut end = i + 1;
        while end < chars.len() && (chars[end] == '\'' || !is_separator(chars[end])) {
            end += 1;
        }
        let word = &chars[i..end];
        let is_lowered =
            word.iter().any(|c| *c == '\'' || category(*c) == GeneralCategory::LowercaseLetter);
        out.push(title_char(word[0]));
        for c in &word[1..] {
            out.push(if is_lowered { lower_char(*c) } else { *c });
        }
        i = end;
    }
    of_chars(&out)
}

/// The form of cloud provisioning: a capital after each separator.
pub(super) fn title_after(units: &[u16], separators: &[u16]) -> Units {
    let separators = chars(separators);
    let mut is_first = true;
    let mut out = Vec::new();
    for c in chars(units) {
        out.push(if is_first { upper_char(c) } else { lower_char(c) });
        is_first = separators.contains(&c);
    }
    of_chars(&out)
}

/// These units, without halves of characters at the edges.
pub(super) fn slice(units: &[u16], start: usize, end: usize) -> Units {
    let mut part =
        units[start.min(units.len())..end.min(units.len()).max(start.min(units.len()))].to_vec();
    if part.first().is_some_and(|unit| (0xdc00..0xe000).contains(unit)) {
        part.remove(0);
    }
    if part.last().is_some_and(|unit| (0xd800..0xdc00).contains(unit)) {
        part.pop();
    }
    part
}

/// A text or octets.
pub(super) fn part(value: &V, start: usize, end: usize) -> V {
    match value {
        V::Bin(octets) => {
            let (start, end) = (start.min(octets.len()), end.min(octets.len()));
            V::Bin(octets[start..end.max(start)].to_vec())
        }
        V::Text(units) => V::Text(slice(units, start, end)),
        other => other.clone(),
    }
}

pub(super) fn length(value: &V) -> usize {
    match value {
        V::Text(units) => units.len(),
        V::Bin(octets) => octets.len(),
        _ => 0,
    }
}

fn size(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

pub(super) fn left(value: &V, count: i64) -> V {
    if count < 0 { value.clone() } else { part(value, 0, size(count)) }
}

pub(super) fn right(value: &V, count: i64) -> V {
    let length = length(value);
    if count < 0 { value.clone() } else { part(value, length.saturating_sub(size(count)), length) }
}

/// What both dialects do for a count that is positive.
pub(super) fn mid(value: &V, position: i64, count: i64) -> V {
    if position < 1 || size(position) > length(value) {
        return value.clone();
    }
    let start = size(position) - 1;
    part(value, start, start.saturating_add(size(count)))
}

pub(super) fn word(text: &[u16], index: i64, delimiters: &[u16]) -> Units {
    let delimiters = chars(delimiters);
    let mut words = vec![Vec::new()];
    for c in chars(text) {
        if delimiters.contains(&c) {
            words.push(Vec::new());
        } else {
            words.last_mut().unwrap().push(c);
        }
    }
    if index < 1 {
        return Vec::new();
    }
    words.get(size(index) - 1).map(|word| of_chars(word)).unwrap_or_default()
}

const WHITE: &[char] = &[
    '\t', '\n', '\u{b}', '\u{c}', '\r', ' ', '\u{85}', '\u{a0}', '\u{1680}', '\u{2000}',
    '\u{2001}', '\u{2002}', '\u{2003}', '\u{2004}', '\u{2005}', '\u{2006}', '\u{2007}', '\u{2008}',
    '\u{2009}', '\u{200a}', '\u{2028}', '\u{2029}', '\u{202f}', '\u{205f}', '\u{3000}',
];

pub(super) fn trim(text: &[u16], at_start: bool, at_end: bool) -> Units {
    let mut chars = chars(text);
    while at_start && chars.first().is_some_and(|c| WHITE.contains(c)) {
        chars.remove(0);
    }
    while at_end && chars.last().is_some_and(|c| WHITE.contains(c)) {
        chars.pop();
    }
    of_chars(&chars)
}

/// `None` for a pad that is not one unit.
pub(super) fn pad(text: &[u16], length: i64, pad: &[u16], at_front: bool) -> Option<Units> {
    if pad.len() != 1 {
        return None;
    }
    let missing = size(length).saturating_sub(text.len());
    let fill = vec![pad[0]; missing];
    Some(if at_front { [&fill, text].concat() } else { [text, &fill].concat() })
}

pub(super) fn replace(text: &[u16], old: &[u16], new: &[u16]) -> Units {
    let mut out = Vec::new();
    let mut i = 0;
    while i < text.len() {
        if text[i..].starts_with(old) {
            out.extend(new);
            i += old.len();
        } else {
            out.push(text[i]);
            i += 1;
        }
    }
    out
}

/// The first match at or after `start`, from one; zero for none.
pub(super) fn find(text: &[u16], sought: &[u16], start: i64) -> i64 {
    let mut at = start;
    while size(at) <= text.len() + 1 {
        if text[size(at) - 1..].starts_with(sought) {
            return at;
        }
        at += 1;
    }
    0
}

/// The last match that ends at or before `end`. Nothing sought is found where the search starts, as
/// in VBA.
pub(super) fn find_last(text: &[u16], sought: &[u16], end: usize) -> i64 {
    let end = end.min(text.len());
    if sought.is_empty() {
        return i64::try_from(slice(text, 0, end).len()).unwrap();
    }
    for at in (0..text.len()).rev() {
        if at + sought.len() <= end && text[at..].starts_with(sought) {
            return i64::try_from(at).unwrap() + 1;
        }
    }
    0
}

/// `None` for a pattern that makes no sense.
pub(super) fn replace_chars(text: &[u16], pattern: &[u16]) -> Option<Units> {
    let pattern: String = chars(pattern).into_iter().filter(|c| !WHITE.contains(c)).collect();
    let mut entries = Vec::new();
    for entry in pattern.split(',') {
        if pattern.is_empty() {
            break;
        }
        let sides: Vec<&str> = entry.split(':').collect();
        if sides.len() != 2 || sides[0].chars().count() != 1 {
            return None;
        }
        entries.push((sides[0].chars().next().unwrap(), sides[1]));
    }
    let mut out = String::new();
    for c in chars(text) {
        match entries.iter().find(|(source, _)| *source == c) {
            Some((_, target)) => out.push_str(target),
            None => out.push(c),
        }
    }
    Some(units(&out))
}

const SPECIAL: &[(char, &str)] = &[
    ('\u{e6}', "ae"),
    ('\u{f8}', "oe"),
    ('\u{153}', "oe"),
    ('\u{df}', "ss"),
    ('\u{142}', "l"),
    ('\u{131}', "i"),
    ('\u{130}', "I"),
    ('\u{c6}', "AE"),
    ('\u{d8}', "OE"),
    ('\u{152}', "OE"),
    ('\u{141}', "L"),
];

pub(super) fn without_marks(text: &[u16]) -> Units {
    let mut out = String::new();
    for c in chars(text) {
        if let Some((_, letters)) = SPECIAL.iter().find(|(special, _)| *special == c) {
            out.push_str(letters);
            continue;
        }
        let decomposer = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd();
        let parts = decomposer.normalize(&c.to_string()).into_owned();
        use GeneralCategory as G;
        out.extend(parts.chars().filter(|part| {
            !matches!(category(*part), G::NonspacingMark | G::SpacingMark | G::EnclosingMark)
        }));
    }
    units(&out)
}

/// One component of a name for LDAP, `None` for what is none.
pub(super) fn escape_ldap(component: &[u16]) -> Option<Units> {
    let component = string(component);
    let (name, value) = component.split_once('=')?;
    let name = string(&trim(&units(name), true, true));
    if name.is_empty() || !name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.') {
        return None;
    }
    let value: Vec<char> = value.chars().collect();
    let mut out = format!("{name}=");
    for (i, c) in value.iter().enumerate() {
        if ",=+<>#;\\\"".contains(*c) || (*c == ' ' && (i == 0 || i == value.len() - 1)) {
            out.push('\\');
            out.push(*c);
        } else if is_xml(*c) {
            out.push(*c);
        } else {
            for octet in c.to_string().into_bytes() {
                out.push_str(&format!("\\{octet:02X}"));
            }
        }
    }
    Some(units(&out))
}

pub(super) fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

pub(super) fn escape_others(text: &[u16], special: &str) -> Units {
    let chars = chars(text);
    let mut out = Vec::new();
    for (i, c) in chars.iter().enumerate() {
        if special.contains(*c) || (*c == ' ' && i == chars.len() - 1) {
            out.push('\\');
        }
        out.push(*c);
    }
    of_chars(&out)
}
