//! Names and moments in the forms Active Directory uses: DNs with the line feed it puts into the
//! names of deleted objects, `GeneralizedTime` and `FILETIME`.
//!
//! Spec: RFC 4514 section 2; [MS-ADTS] 3.1.1.1.6 (`<GUID=...>`), 3.1.1.5.5.1.1 (deleted names),
//! [MS-DTYP] 2.3.3 (`FILETIME`).

use model::{Dn, DnError, Guid, Sid, Timestamp};

/// A name a request may use for an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// An ordinary DN.
    Dn(Dn),
    /// `<GUID=...>`.
    Guid(Guid),
    /// `<SID=...>`.
    Sid(Sid),
}

impl Target {
    /// Reads a DN, `<GUID=...>` (text or 32 hexadecimal digits in stored order) or `<SID=...>`.
    pub(super) fn parse(text: &str) -> Result<Self, DnError> {
        let inner = text.trim().strip_prefix('<').and_then(|t| t.strip_suffix('>'));
        let Some((kind, value)) = inner.and_then(|t| t.split_once('=')) else {
            return parse_dn(text).map(Self::Dn);
        };
        let found = if kind.eq_ignore_ascii_case("GUID") {
            guid(value).map(Self::Guid)
        } else if kind.eq_ignore_ascii_case("SID") {
            Sid::parse(value).ok().map(Self::Sid)
        } else {
            None
        };
        found.ok_or_else(|| DnError::Attribute { attribute: text.to_owned() })
    }
}

fn guid(text: &str) -> Option<Guid> {
    if let Ok(guid) = Guid::parse(text) {
        return Some(guid);
    }
    let bytes: Option<Vec<u8>> = text
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    Guid::from_directory(&bytes?).ok()
}

/// Stands for a line feed while the shared parser, which refuses it, does its work.
const LINE_FEED: char = '\u{E00A}';

/// Reads a DN; unlike [`Dn::parse`] it knows `\0A`, which every deleted object's name has.
pub(super) fn parse_dn(text: &str) -> Result<Dn, DnError> {
    let mut prepared = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, from) = rest.split_at(at);
        prepared.push_str(before);
        if from.get(..3).is_some_and(|e| e.eq_ignore_ascii_case("\\0a")) {
            prepared.push(LINE_FEED);
            rest = from.get(3..).unwrap_or_default();
        } else {
            // The escaped character goes with its backslash, so that `\\0A` keeps its meaning.
            let length = from.chars().take(2).map(char::len_utf8).sum();
            let (escape, after) = from.split_at_checked(length).unwrap_or((from, ""));
            prepared.push_str(escape);
            rest = after;
        }
    }
    prepared.push_str(rest);
    let mut dn = Dn::parse(&prepared)?;
    for rdn in &mut dn.rdns {
        rdn.value = rdn.value.replace(LINE_FEED, "\n");
    }
    Ok(dn)
}

/// `20261124120000.0Z`.
pub(super) fn generalized_time(moment: Timestamp) -> String {
    let whole = Timestamp::from_seconds(moment.seconds()).to_string();
    let digits: String = whole.chars().filter(char::is_ascii_digit).collect();
    format!("{digits}.0Z")
}

/// Seconds from 1601 to 1970.
const FILETIME_EPOCH_SECONDS: i64 = 11_644_473_600;

/// Units of 100 ns since 1601.
pub(super) const fn filetime(moment: Timestamp) -> i64 {
    (moment.0 + FILETIME_EPOCH_SECONDS * 1_000_000) * 10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deleted_names_survive_reading_and_writing() {
        let text = "CN=Ada\\0ADEL:1,CN=Deleted Objects,DC=x";
        let dn = parse_dn(text).unwrap();
        assert_eq!(dn.leaf().unwrap().value, "Ada\nDEL:1");
        assert_eq!(dn.to_string(), text);
        assert_eq!(parse_dn("CN=a\\\\0Ab,DC=x").unwrap().leaf().unwrap().value, "a\\0Ab");
    }

    #[test]
    fn targets_by_identifier_read_in_both_spellings() {
        let guid = Guid::parse("00112233-4455-6677-8899-aabbccddeeff").unwrap();
        for text in [
            "<GUID=00112233-4455-6677-8899-aabbccddeeff>",
            "<guid=33221100554477668899aabbccddeeff>",
        ] {
            assert_eq!(Target::parse(text), Ok(Target::Guid(guid)));
        }
        assert!(matches!(Target::parse("<SID=S-1-5-21-1-2-3-500>"), Ok(Target::Sid(_))));
        assert!(Target::parse("<GUID=x>").is_err());
    }

    #[test]
    fn moments_take_the_two_forms() {
        let moment = Timestamp::parse("2026-11-24T12:00:00.5Z").unwrap();
        assert_eq!(generalized_time(moment), "20261124120000.0Z");
        assert_eq!(filetime(Timestamp::from_seconds(0)), 116_444_736_000_000_000);
    }
}
