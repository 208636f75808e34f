//! Entra Connect: the functions that only look at their arguments.

use expr::ErrorKind;

use super::entra::rendered;
use super::text as texts;
use super::{Entry, R, Units, V, codes, dates, held, is_decimal, string, truth, units};

fn t(arguments: &[V], i: usize) -> &[u16] {
    match arguments.get(i) {
        Some(V::Text(units) | V::Ref(units)) => units,
        _ => &[],
    }
}

fn n(arguments: &[V], i: usize, otherwise: i64) -> i64 {
    match arguments.get(i) {
        Some(V::Num(number)) => *number,
        _ => otherwise,
    }
}

fn date(arguments: &[V], i: usize) -> i64 {
    match arguments[i] {
        V::Date(ticks) => ticks,
        _ => panic!("no date"),
    }
}

fn octets(value: &V, of_text: fn(&str) -> Vec<u8>) -> Vec<u8> {
    match value {
        V::Bin(octets) => octets.clone(),
        V::Text(units) => of_text(&string(units)),
        _ => panic!("neither text nor octets"),
    }
}

fn is_word(arguments: &[V], i: usize, word: &str) -> bool {
    matches!(arguments.get(i), Some(V::Word(found)) if found == word)
}

fn text_or(result: Option<Units>, kind: ErrorKind) -> R {
    result.map(V::Text).ok_or(kind)
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn elements(value: &V) -> &[V] {
    match value {
        V::List(elements) => elements,
        _ => &[],
    }
}

pub(super) const ENTRIES: &[Entry] = &[
    ("BitAnd", "nP nP", &[0, 1], |a, _| Ok(V::Num(n(a, 0, 0) & n(a, 1, 0)))),
    ("BitOr", "nP nP", &[0, 1], |a, _| Ok(V::Num(n(a, 0, 0) | n(a, 1, 0)))),
    ("IsBitSet", "nF nF", &[0], |a, _| Ok(V::Bool(n(a, 0, 0) & n(a, 1, 0) != 0))),
    ("CBool", "vF", &[0], |a, _| to_bool(&a[0])),
    ("CDate", "tP", &[0], |a, _| dates::parse(t(a, 0)).map(V::Date).ok_or(ErrorKind::Value)),
    ("CGuid", "tP", &[0], |a, _| codes::guid(t(a, 0)).map(V::Bin).ok_or(ErrorKind::Value)),
    ("CNum", "vP", &[0], |a, _| to_number(&a[0])),
    ("CRef", "tP", &[0], |a, _| Ok(V::Ref(t(a, 0).to_vec()))),
    ("CStr", "vP", &[0], |a, _| text_or(rendered(&a[0]), ErrorKind::Type)),
    ("CBin", "nX nX", &[0], |a, _| {
        let width = usize::try_from(n(a, 1, 0)).ok().filter(|width| (1..=8).contains(width));
        let octets = n(a, 0, 0).to_le_bytes();
        width.map(|width| V::Bin(octets[..width].to_vec())).ok_or(ErrorKind::Value)
    }),
    ("Contains", "lZ tZ ?wX", &[], |a, _| contains(a)),
    ("Count", "lZ", &[], |a, _| Ok(V::Num(elements(&a[0]).len().try_into().unwrap()))),
    ("Item", "lR nX", &[], |a, _| item(a).ok_or(ErrorKind::Range)),
    ("ItemOrNull", "lP nX", &[], |a, _| Ok(item(a).unwrap_or(V::Null))),
    ("Join", "lP ?tP", &[], |a, _| join(a)),
    ("RemoveDuplicates", "lP", &[], |a, _| {
        let mut kept: Vec<V> = Vec::new();
        for element in elements(&a[0]) {
            if !kept.contains(element) {
                kept.push(element.clone());
            }
        }
        Ok(V::List(kept))
    }),
    ("Split", "tP tP ?nX", &[], |a, _| split(a)),
    ("ConvertFromBase64", "tP ?wX", &[0], |a, _| from_base64(a)),
    ("ConvertToBase64", "xP", &[0], |a, _| Ok(V::Text(codes::to_base64(&octets(&a[0], utf16))))),
    ("ConvertFromUTF8Hex", "tP", &[0], |a, _| {
        let octets = codes::from_hex(&string(t(a, 0))).ok_or(ErrorKind::Value)?;
        text_or(String::from_utf8(octets).ok().map(|text| units(&text)), ErrorKind::Value)
    }),
    ("ConvertToUTF8Hex", "xP", &[0], |a, _| {
        Ok(V::Text(codes::to_hex(&octets(&a[0], |text| text.as_bytes().to_vec()))))
    }),
    ("StringFromGuid", "bP", &[0], |a, _| {
        text_or(codes::guid_text(&octets(&a[0], utf16)), ErrorKind::Value)
    }),
    ("StringFromSid", "bP", &[0], |a, _| {
        text_or(codes::sid_text(&octets(&a[0], utf16)), ErrorKind::Value)
    }),
    ("IsGuid", "tF", &[0], |a, _| Ok(V::Bool(codes::guid(t(a, 0)).is_some()))),
    ("Now", "", &[], |_, world| Ok(V::Date(world.now.0 * 10 + super::BEFORE_1970))),
    ("DateAdd", "tX nX dP", &[2], |a, _| {
        let sum = dates::add(&string(t(a, 0)), n(a, 1, 0), date(a, 2)).ok_or(ErrorKind::Value)?;
        sum.map(V::Date).ok_or(ErrorKind::Range)
    }),
    ("DateDiff", "tX dX dX", &[], |a, _| {
        let count = dates::difference(&string(t(a, 0)), date(a, 1), date(a, 2));
        count.map(V::Num).ok_or(ErrorKind::Value)
    }),
    ("DateFromNum", "nP", &[0], |a, _| {
        let end = dates::ticks(9999, 12, 31).unwrap() + dates::DAY;
        let ticks = n(a, 0, 0);
        if (0..end).contains(&ticks) { Ok(V::Date(ticks)) } else { Err(ErrorKind::Range) }
    }),
    ("NumFromDate", "dP", &[0], |a, _| {
        if date(a, 0) < 0 { Err(ErrorKind::Range) } else { Ok(V::Num(date(a, 0))) }
    }),
    ("FormatDateTime", "dP tX", &[0], |a, _| {
        Ok(V::Text(dates::format(date(a, 0), &string(t(a, 1)))))
    }),
    ("DNComponent", "rP nX", &[0], |a, _| component(&parts(t(a, 0)), n(a, 1, 0))),
    ("DNComponentRev", "rP nX ?wX", &[0], |a, _| {
        if a.len() > 2 && !is_word(a, 2, "DC") {
            return Err(ErrorKind::Value);
        }
        let mut parts = parts(t(a, 0));
        parts.reverse();
        while a.len() > 2 && parts.first().is_some_and(|(name, _)| name.eq_ignore_ascii_case("dc"))
        {
            parts.remove(0);
        }
        component(&parts, n(a, 1, 0))
    }),
    ("Error", "tV", &[], |_, _| Err(ErrorKind::User)),
    ("EscapeDNComponent", "tP", &[0], |a, _| {
        text_or(texts::escape_ldap(t(a, 0)), ErrorKind::Value)
    }),
    ("IsDate", "aF", &[], |a, _| {
        Ok(V::Bool(match &a[0] {
            V::Date(_) => true,
            V::Text(units) => dates::parse(units).is_some(),
            _ => false,
        }))
    }),
    ("IsNull", "aV", &[], |a, _| Ok(V::Bool(a[0] == V::Null))),
    ("IsEmpty", "aV", &[], |a, _| Ok(V::Bool(a[0] == V::Text(Vec::new())))),
    ("IsNullOrEmpty", "aV", &[], |a, _| Ok(V::Bool(is_nothing(&a[0])))),
    ("IsPresent", "aV", &[], |a, _| Ok(V::Bool(!is_nothing(&a[0])))),
    ("IsNumeric", "aF", &[], |a, _| {
        Ok(V::Bool(match &a[0] {
            V::Num(_) => true,
            V::Text(_) => to_number(&a[0]).is_ok(),
            _ => false,
        }))
    }),
    ("IsString", "aF", &[], |a, _| {
        Ok(V::Bool(matches!(a[0], V::Text(_) | V::Num(_) | V::Bool(_) | V::Ref(_))))
    }),
    ("InStr", "tZ tZ ?nX ?wX", &[0, 1], |a, _| {
        let (text, sought, start) = sought(a, n(a, 2, 1));
        if start < 1 {
            return Err(ErrorKind::Value);
        }
        Ok(V::Num(texts::find(&text, &sought, start)))
    }),
    ("InStrRev", "tZ tZ ?nX ?wX", &[0, 1], |a, _| {
        let (text, sought, start) = sought(a, n(a, 2, -1));
        let end = match start {
            -1 => text.len(),
            start if start < 1 => return Err(ErrorKind::Value),
            start => usize::try_from(start).unwrap(),
        };
        Ok(V::Num(texts::find_last(&text, &sought, end)))
    }),
    ("LCase", "tP", &[0], |a, _| Ok(V::Text(texts::lower(t(a, 0))))),
    ("UCase", "tP", &[0], |a, _| Ok(V::Text(texts::upper(t(a, 0))))),
    ("PCase", "tP", &[0], |a, _| Ok(V::Text(texts::title(t(a, 0))))),
    ("LTrim", "tP", &[0], |a, _| Ok(V::Text(texts::trim(t(a, 0), true, false)))),
    ("RTrim", "tP", &[0], |a, _| Ok(V::Text(texts::trim(t(a, 0), false, true)))),
    ("Trim", "tP", &[0], |a, _| Ok(V::Text(texts::trim(t(a, 0), true, true)))),
    ("Left", "xE nX", &[0], |a, _| Ok(texts::left(&a[0], n(a, 1, 0)))),
    ("Right", "xE nX", &[0], |a, _| Ok(texts::right(&a[0], n(a, 1, 0)))),
    ("Mid", "xE nX nX", &[0], |a, _| {
        Ok(match n(a, 2, 0) {
            0 => texts::left(&a[0], 0),
            count if count < 0 => a[0].clone(),
            count => texts::mid(&a[0], n(a, 1, 0), count),
        })
    }),
    ("Len", "xZ", &[0], |a, _| Ok(V::Num(texts::length(&a[0]).try_into().unwrap()))),
    ("PadLeft", "tE nX tY", &[0], |a, _| {
        text_or(texts::pad(t(a, 0), n(a, 1, 0), t(a, 2), true), ErrorKind::Value)
    }),
    ("PadRight", "tE nX tY", &[0], |a, _| {
        text_or(texts::pad(t(a, 0), n(a, 1, 0), t(a, 2), false), ErrorKind::Value)
    }),
    ("Replace", "tP tP tV", &[0], |a, _| {
        if t(a, 1).is_empty() {
            return Err(ErrorKind::Value);
        }
        Ok(V::Text(texts::replace(t(a, 0), t(a, 1), t(a, 2))))
    }),
    ("ReplaceChars", "tP tP", &[0], |a, _| {
        text_or(texts::replace_chars(t(a, 0), t(a, 1)), ErrorKind::Value)
    }),
    ("Word", "tE nX tX", &[0], |a, _| Ok(V::Text(texts::word(t(a, 0), n(a, 1, 0), t(a, 2))))),
    ("ImportedValue", "tV", &[], |a, world| Ok(held(world.confirmed.get(&string(t(a, 0)))))),
    ("ValueCount", "tV", &[], |a, world| {
        Ok(V::Num(match held(world.attributes.get(&string(t(a, 0)))) {
            V::Null => 0,
            V::List(elements) => elements.len().try_into().unwrap(),
            _ => 1,
        }))
    }),
    // Cloud provisioning.
    ("Append", "tP tV", &[0], |a, _| Ok(V::Text([t(a, 0), t(a, 1)].concat()))),
    ("NormalizeDiacritics", "tP", &[0], |a, _| Ok(V::Text(texts::without_marks(t(a, 0))))),
    ("Not", "aV", &[0], |a, _| Ok(V::Bool(!truth(&a[0])?))),
    ("PCase", "tP tP", &[0], |a, _| Ok(V::Text(texts::title_after(t(a, 0), t(a, 1))))),
    ("StripSpaces", "tP", &[0], |a, _| Ok(V::Text(texts::replace(t(a, 0), &[32], &[])))),
    ("ToLower", "tP ?tV", &[0], |a, _| Ok(V::Text(texts::lower(t(a, 0))))),
    ("ToUpper", "tP ?tV", &[0], |a, _| Ok(V::Text(texts::upper(t(a, 0))))),
    ("Redact", "aV", &[], |a, _| Ok(a[0].clone())),
    ("IgnoreFlowIfNullOrEmpty", "aV", &[], |a, _| {
        Ok(if is_nothing(&a[0]) { V::Ignore } else { a[0].clone() })
    }),
];

fn is_nothing(value: &V) -> bool {
    *value == V::Null || *value == V::Text(Vec::new())
}

fn to_bool(value: &V) -> R {
    Ok(V::Bool(match value {
        V::Bool(truth) => *truth,
        V::Num(number) => *number != 0,
        V::Text(text) => match super::boolean_word(text) {
            Some(truth) => truth,
            None if is_decimal(&string(text)) => string(text).chars().any(|c| c != '0' && c != '-'),
            None => return Err(ErrorKind::Value),
        },
        _ => return Err(ErrorKind::Type),
    }))
}

/// Decimal text with an optional sign and blanks around it; octets from the least significant.
fn to_number(value: &V) -> R {
    match value {
        V::Num(number) => Ok(V::Num(*number)),
        V::Text(text) => {
            let text = string(&texts::trim(text, true, true));
            let number = match text.strip_prefix('+') {
                Some(digits) if !digits.starts_with('-') => digits,
                _ => &text,
            };
            if !is_decimal(number) {
                return Err(ErrorKind::Value);
            }
            number.parse().map(V::Num).map_err(|_e| ErrorKind::Range)
        }
        V::Bin(octets) => {
            if octets.len() > 8 {
                return Err(ErrorKind::Range);
            }
            let sum = octets.iter().rev().fold(0_i128, |sum, octet| sum * 256 + i128::from(*octet));
            i64::try_from(sum).map(V::Num).map_err(|_e| ErrorKind::Range)
        }
        _ => Err(ErrorKind::Type),
    }
}

fn contains(a: &[V]) -> R {
    let fold = |text: &[u16]| {
        if is_word(a, 2, "CaseInsensitive") { texts::lower(text) } else { text.to_vec() }
    };
    let sought = fold(t(a, 1));
    for (i, element) in elements(&a[0]).iter().enumerate() {
        let is_found = match element {
            V::Text(text) => {
                let text = fold(text);
                sought.is_empty() || text.windows(sought.len()).any(|part| part == sought)
            }
            V::Ref(name) => fold(name) == sought,
            _ => return Err(ErrorKind::Type),
        };
        if is_found {
            return Ok(V::Num((i + 1).try_into().unwrap()));
        }
    }
    Ok(V::Num(0))
}

fn item(a: &[V]) -> Option<V> {
    let index = usize::try_from(n(a, 1, 0)).ok().filter(|index| *index > 0)?;
    elements(&a[0]).get(index - 1).cloned()
}

fn join(a: &[V]) -> R {
    let delimiter = if a.len() > 1 { t(a, 1).to_vec() } else { vec![32] };
    let mut out = Vec::new();
    for (i, element) in elements(&a[0]).iter().enumerate() {
        let V::Text(text) = element else { return Err(ErrorKind::Type) };
        if i > 0 {
            out.extend(&delimiter);
        }
        out.extend(text);
    }
    Ok(V::Text(out))
}

fn split(a: &[V]) -> R {
    let (text, delimiter, limit) = (t(a, 0), t(a, 1), n(a, 2, i64::MAX));
    if string(delimiter).chars().count() != 1 || limit < 1 {
        return Err(ErrorKind::Value);
    }
    let mut pieces = vec![Vec::new()];
    let mut rest = text;
    while !rest.is_empty() {
        let count = i64::try_from(pieces.len()).unwrap();
        if count < limit && rest.starts_with(delimiter) {
            pieces.push(Vec::new());
            rest = &rest[delimiter.len()..];
        } else {
            pieces.last_mut().unwrap().push(rest[0]);
            rest = &rest[1..];
        }
    }
    Ok(V::List(pieces.into_iter().map(V::Text).collect()))
}

fn from_base64(a: &[V]) -> R {
    let octets = codes::from_base64(t(a, 0)).ok_or(ErrorKind::Value)?;
    let text = if is_word(a, 1, "UTF8") {
        String::from_utf8(octets).ok()
    } else if is_word(a, 1, "ASCII") {
        octets.is_ascii().then(|| String::from_utf8(octets).unwrap())
    } else if octets.len() % 2 == 0 {
        let units: Vec<u16> =
            octets.chunks(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        String::from_utf16(&units).ok()
    } else {
        None
    };
    text_or(text.map(|text| units(&text)), ErrorKind::Value)
}

/// The text and what is sought in it, folded if case does not matter, and the start.
fn sought(a: &[V], start: i64) -> (Units, Units, i64) {
    if is_word(a, 3, "vbTextCompare") {
        return (texts::lower(t(a, 0)), texts::lower(t(a, 1)), start);
    }
    (t(a, 0).to_vec(), t(a, 1).to_vec(), start)
}

/// The names and raw values of the parts of a distinguished name; a blank one has none.
fn parts(name: &[u16]) -> Vec<(String, String)> {
    if string(name).trim().is_empty() {
        return Vec::new();
    }
    let mut parts = vec![String::new()];
    let mut is_escaped = false;
    for c in string(name).chars() {
        if c == ',' && !is_escaped {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(c);
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    let pair = |part: &String| {
        let (name, value) = part.split_once('=').unwrap_or(("", part));
        (name.trim().to_owned(), value.trim().to_owned())
    };
    parts.iter().map(pair).collect()
}

fn component(parts: &[(String, String)], index: i64) -> R {
    let index = usize::try_from(index).ok().filter(|index| *index > 0).ok_or(ErrorKind::Range)?;
    let part = parts.get(index - 1).ok_or(ErrorKind::Range)?;
    Ok(V::Text(units(&part.1)))
}
