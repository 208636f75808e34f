//! Search filters: decoding and evaluation.
//!
//! Decoded here and not by the message codec, which holds assertion values as text and so cannot
//! carry `(objectGUID=\a1\b2...)`. Evaluation is three-valued: an attribute the schema does not
//! know makes its item undefined, and undefined is not a match.
//! Spec: RFC 4511 section 4.5.1.7; [MS-ADTS] 3.1.1.3.1.3 (filters), 3.1.1.3.4.4 (matching rules).

mod text;

use ldap3_lber::common::TagClass;
use ldap3_lber::structure::{PL, StructureTag};
use model::{Guid, Sid};

use super::names::Target;
use super::object::Object;
use super::read;
use super::schema::{self, AttributeType, Syntax};
use super::state::State;

/// A filter with values as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Filter {
    And(Vec<Self>),
    Or(Vec<Self>),
    Not(Box<Self>),
    Equal(String, Vec<u8>),
    Substrings(String, Vec<Piece>),
    GreaterOrEqual(String, Vec<u8>),
    LessOrEqual(String, Vec<u8>),
    Present(String),
    /// An attribute, a matching rule's OID and a value.
    Extensible(String, String, Vec<u8>),
}

/// One part of a substring filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    Initial(Vec<u8>),
    Any(Vec<u8>),
    Final(Vec<u8>),
}

/// Every given bit is set ([MS-ADTS] 3.1.1.3.4.4.1).
const RULE_BIT_AND: &str = "1.2.840.113556.1.4.803";
/// Any given bit is set ([MS-ADTS] 3.1.1.3.4.4.2).
const RULE_BIT_OR: &str = "1.2.840.113556.1.4.804";

/// Deepest nesting accepted.
const DEPTH_MAX: usize = 100;

impl Filter {
    /// Reads the filter element of a search request.
    pub(super) fn decode(tag: StructureTag) -> Option<Self> {
        decode(tag, DEPTH_MAX)
    }

    /// Reads the textual form (RFC 4515).
    pub(super) fn parse(text: &str) -> Option<Self> {
        text::parse(text)
    }

    /// True if `object` matches.
    pub(super) fn matches(&self, state: &State, object: &Object) -> bool {
        self.evaluate(state, object) == Some(true)
    }

    fn evaluate(&self, state: &State, object: &Object) -> Option<bool> {
        match self {
            Self::And(all) => {
                let results = all.iter().map(|f| f.evaluate(state, object));
                fold(results, false)
            }
            Self::Or(any) => {
                let results = any.iter().map(|f| f.evaluate(state, object));
                fold(results, true)
            }
            Self::Not(inner) => inner.evaluate(state, object).map(|b| !b),
            Self::Present(name) => {
                let attribute = schema::attribute(name)?;
                Some(!read::values(state, object, attribute).is_empty())
            }
            Self::Equal(name, value) => {
                let attribute = schema::attribute(name)?;
                Some(equals_any(state, object, attribute, value))
            }
            Self::Substrings(name, pieces) => {
                let attribute = schema::attribute(name)?;
                let values = read::values(state, object, attribute);
                let is_text = attribute.syntax == Syntax::Text;
                Some(values.iter().any(|v| is_text && has_pieces(v, pieces)))
            }
            Self::GreaterOrEqual(name, value) => order(state, object, name, value, |o| o.is_ge()),
            Self::LessOrEqual(name, value) => order(state, object, name, value, |o| o.is_le()),
            Self::Extensible(name, rule, value) => bits(state, object, name, rule, value),
        }
    }

    /// An identifier every match must have, when an index gives it at once.
    pub(super) fn indexed(&self, state: &State) -> Option<Option<Guid>> {
        match self {
            Self::And(all) => all.iter().find_map(|f| f.indexed(state)),
            Self::Equal(name, value) => {
                let text = std::str::from_utf8(value).ok();
                match schema::attribute(name)?.name {
                    "sAMAccountName" => Some(state.by_account_name(text?)),
                    "userPrincipalName" => Some(state.by_principal_name(text?)),
                    "objectGUID" => {
                        let guid = Guid::from_directory(value).ok()?;
                        Some(state.resolve(&Target::Guid(guid)))
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn fold(results: impl Iterator<Item = Option<bool>>, decisive: bool) -> Option<bool> {
    let mut outcome = Some(!decisive);
    for result in results {
        match result {
            Some(value) if value == decisive => return Some(decisive),
            Some(_) => {}
            None => outcome = None,
        }
    }
    outcome
}

fn decode(tag: StructureTag, depth: usize) -> Option<Filter> {
    let depth = depth.checked_sub(1)?;
    if tag.class != TagClass::Context {
        return None;
    }
    match (tag.id, tag.payload) {
        (0, PL::C(inner)) => Some(Filter::And(decode_all(inner, depth)?)),
        (1, PL::C(inner)) => Some(Filter::Or(decode_all(inner, depth)?)),
        (2, PL::C(inner)) => {
            let [inner] = <[StructureTag; 1]>::try_from(inner).ok()?;
            Some(Filter::Not(Box::new(decode(inner, depth)?)))
        }
        (3 | 8, PL::C(inner)) => assertion(inner).map(|(a, v)| Filter::Equal(a, v)),
        (4, PL::C(inner)) => substrings(inner),
        (5, PL::C(inner)) => assertion(inner).map(|(a, v)| Filter::GreaterOrEqual(a, v)),
        (6, PL::C(inner)) => assertion(inner).map(|(a, v)| Filter::LessOrEqual(a, v)),
        (7, PL::P(name)) => Some(Filter::Present(String::from_utf8(name).ok()?)),
        (9, PL::C(inner)) => extensible(inner),
        _ => None,
    }
}

fn decode_all(tags: Vec<StructureTag>, depth: usize) -> Option<Vec<Filter>> {
    tags.into_iter().map(|tag| decode(tag, depth)).collect()
}

fn assertion(inner: Vec<StructureTag>) -> Option<(String, Vec<u8>)> {
    let [name, value] = <[StructureTag; 2]>::try_from(inner).ok()?;
    let name = String::from_utf8(name.expect_primitive()?).ok()?;
    Some((name, value.expect_primitive()?))
}

fn substrings(inner: Vec<StructureTag>) -> Option<Filter> {
    let [name, pieces] = <[StructureTag; 2]>::try_from(inner).ok()?;
    let name = String::from_utf8(name.expect_primitive()?).ok()?;
    let pieces: Option<Vec<Piece>> = pieces
        .expect_constructed()?
        .into_iter()
        .map(|piece| match (piece.id, piece.expect_primitive()?) {
            (0, value) => Some(Piece::Initial(value)),
            (1, value) => Some(Piece::Any(value)),
            (2, value) => Some(Piece::Final(value)),
            _ => None,
        })
        .collect();
    Some(Filter::Substrings(name, pieces?))
}

fn extensible(inner: Vec<StructureTag>) -> Option<Filter> {
    let (mut rule, mut name, mut value) = (String::new(), String::new(), Vec::new());
    for tag in inner {
        let id = tag.id;
        let bytes = tag.expect_primitive()?;
        match id {
            1 => rule = String::from_utf8(bytes).ok()?,
            2 => name = String::from_utf8(bytes).ok()?,
            3 => value = bytes,
            _ => {}
        }
    }
    Some(Filter::Extensible(name, rule, value))
}

fn equals_any(state: &State, object: &Object, attribute: &AttributeType, value: &[u8]) -> bool {
    let Some(wanted) = assertion_value(state, attribute, value) else { return false };
    if let Some(targets) = read::targets(state, object, attribute) {
        return targets.iter().any(|target| target.as_bytes() == wanted.as_slice());
    }
    let values = read::values(state, object, attribute);
    values.iter().any(|v| comparable(state, attribute, v).as_deref() == Some(&wanted))
}

/// An assertion value in the form [`comparable`] gives stored ones.
fn assertion_value(state: &State, attribute: &AttributeType, value: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(value).ok();
    if attribute.name == "objectCategory"
        && let Some(class) = text.and_then(schema::class)
    {
        // A class's short name stands for its category ([MS-ADTS] 3.1.1.3.1.3.5).
        return read::category(state, class).map(|guid| guid.as_bytes().to_vec());
    }
    if attribute.syntax == Syntax::Sid
        && let Some(sid) = text.and_then(|t| Sid::parse(t).ok())
    {
        return Some(sid.to_bytes());
    }
    comparable(state, attribute, value)
}

/// A value in the form under which equal values are equal octets.
fn comparable(state: &State, attribute: &AttributeType, value: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(value);
    match attribute.syntax {
        Syntax::Octets | Syntax::Sid => Some(value.to_vec()),
        Syntax::Dn => {
            let target = Target::parse(text.ok()?).ok()?;
            state.resolve(&target).map(|guid| guid.as_bytes().to_vec())
        }
        Syntax::Integer | Syntax::LargeInteger => {
            Some(text.ok()?.parse::<i64>().ok()?.to_string().into_bytes())
        }
        Syntax::Oid | Syntax::Text | Syntax::Boolean | Syntax::Time => {
            Some(text.ok()?.to_lowercase().into_bytes())
        }
    }
}

fn has_pieces(value: &[u8], pieces: &[Piece]) -> bool {
    let lower = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_lowercase();
    let value = lower(value);
    let mut rest = value.as_str();
    for piece in pieces {
        let found = match piece {
            Piece::Initial(text) => rest.strip_prefix(lower(text).as_str()),
            Piece::Any(text) => rest.split_once(lower(text).as_str()).map(|(_, after)| after),
            Piece::Final(text) => rest.strip_suffix(lower(text).as_str()).map(|_| ""),
        };
        let Some(after) = found else { return false };
        rest = after;
    }
    true
}

fn order(
    state: &State,
    object: &Object,
    name: &str,
    value: &[u8],
    accept: fn(std::cmp::Ordering) -> bool,
) -> Option<bool> {
    let attribute = schema::attribute(name)?;
    let text = std::str::from_utf8(value).ok()?;
    let is_number = matches!(attribute.syntax, Syntax::Integer | Syntax::LargeInteger);
    let wanted_number: Option<i64> = text.parse().ok();
    let wanted = text.to_lowercase();
    Some(read::values(state, object, attribute).iter().any(|stored| {
        let Ok(stored) = std::str::from_utf8(stored) else { return false };
        if is_number {
            let number: Option<i64> = stored.parse().ok();
            return number.zip(wanted_number).is_some_and(|(a, b)| accept(a.cmp(&b)));
        }
        accept(stored.to_lowercase().cmp(&wanted))
    }))
}

fn bits(state: &State, object: &Object, name: &str, rule: &str, value: &[u8]) -> Option<bool> {
    let attribute = schema::attribute(name)?;
    let mask: i64 = std::str::from_utf8(value).ok()?.parse().ok()?;
    let accept = match rule {
        RULE_BIT_AND => |stored: i64, mask: i64| stored & mask == mask,
        RULE_BIT_OR => |stored: i64, mask: i64| stored & mask != 0,
        _ => return None,
    };
    let values = read::values(state, object, attribute);
    let numbers = values.iter().filter_map(|v| std::str::from_utf8(v).ok()?.parse().ok());
    Some(numbers.into_iter().any(|stored| accept(stored, mask)))
}
