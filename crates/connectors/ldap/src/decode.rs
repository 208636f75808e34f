//! Entries as the directory sends them, and what they mean.
//!
//! Values stay octets until the schema says what they are: whether they happen to be valid UTF-8
//! means nothing.
//! Spec: RFC 4511 section 4.5.2; [MS-ADTS] 3.1.1.2.2.2 (syntaxes), 3.1.1.3.1.3.3 (ranges).

use std::collections::BTreeMap;

use connector::{DiscoveryError, DiscoveryErrorType};
use ldap3::asn1::{PL, StructureTag};
use model::{AttributeSchema, Dn, Guid, Image, Name, Schema, Timestamp, Value, ValueType, Values};

use crate::schema;

/// The tag of a search result entry (RFC 4511 section 4.5.2).
const SEARCH_RESULT_ENTRY: u64 = 4;

/// An entry of a search result.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Entry {
    /// Its DN; `None` if that is not text.
    pub(crate) dn: Option<String>,
    /// Values by attribute name in lower case, without options.
    attributes: BTreeMap<String, Attribute>,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Attribute {
    values: Vec<Vec<u8>>,
    /// The first value that was held back, when the directory sent only a range.
    next: Option<usize>,
}

impl Entry {
    /// The values of an attribute (name in lower case); empty if it is absent or was cleared.
    pub(crate) fn values(&self, name: &str) -> &[Vec<u8>] {
        self.attributes.get(name).map_or(&[], |a| a.values.as_slice())
    }

    /// True if the directory mentioned the attribute, with or without values.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.attributes.contains_key(name)
    }

    /// The first value of an attribute as text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.values(name).first().and_then(|value| std::str::from_utf8(value).ok())
    }

    /// All values of an attribute that are text.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        self.values(name).iter().filter_map(|v| std::str::from_utf8(v).ok()).collect()
    }

    /// The object's anchor: its GUID as text.
    pub(crate) fn anchor(&self) -> Option<String> {
        let bytes = self.values("objectguid").first()?;
        Guid::from_directory(bytes).ok().map(|guid| guid.to_string())
    }

    /// An attribute of which values were held back, and the number of the first of those.
    pub(crate) fn incomplete(&self) -> Option<(&str, usize)> {
        self.attributes.iter().find_map(|(name, a)| a.next.map(|next| (name.as_str(), next)))
    }

    /// Takes over the further values that `part` holds of attribute `name`. Without any, the
    /// attribute counts as complete.
    pub(crate) fn extend(&mut self, name: &str, part: &Self) {
        let Some(attribute) = self.attributes.get_mut(name) else { return };
        attribute.next = part.attributes.get(name).filter(|a| !a.values.is_empty()).and_then(|a| {
            attribute.values.extend(a.values.iter().cloned());
            a.next
        });
    }

    /// True if one of the object's classes is `class`.
    pub(crate) fn is_a(&self, class: &str) -> bool {
        self.texts("objectclass").iter().any(|c| c.eq_ignore_ascii_case(class))
    }

    #[cfg(test)]
    pub(crate) fn of(dn: &str, attributes: &[(&str, &[&[u8]])]) -> Self {
        let attribute = |values: &[&[u8]]| Attribute {
            values: values.iter().map(|v| v.to_vec()).collect(),
            next: None,
        };
        Self {
            dn: Some(dn.to_owned()),
            attributes: attributes
                .iter()
                .map(|(name, values)| (name.to_lowercase(), attribute(values)))
                .collect(),
        }
    }
}

/// Reads an item of a search answer: `Some(None)` for one that is no entry (a reference to another
/// server), `None` for a malformed one.
pub(crate) fn entry(item: StructureTag) -> Option<Option<Entry>> {
    if item.id != SEARCH_RESULT_ENTRY {
        return Some(None);
    }
    let mut parts = constructed(item)?.into_iter();
    let dn = String::from_utf8(primitive(parts.next()?)?).ok();
    let mut attributes = BTreeMap::new();
    for attribute in constructed(parts.next()?)? {
        let mut parts = constructed(attribute)?.into_iter();
        let name = String::from_utf8(primitive(parts.next()?)?).ok()?;
        let values: Option<Vec<Vec<u8>>> =
            constructed(parts.next()?)?.into_iter().map(primitive).collect();
        let values = values?;
        let (name, next) = split_range(&name);
        // `member` comes empty beside `member;range=0-1499`.
        let known: &mut Attribute = attributes.entry(name.to_lowercase()).or_default();
        known.values.extend(values);
        known.next = known.next.or(next);
    }
    Some(Some(Entry { dn, attributes }))
}

fn constructed(tag: StructureTag) -> Option<Vec<StructureTag>> {
    match tag.payload {
        PL::C(parts) => Some(parts),
        PL::P(_) => None,
    }
}

fn primitive(tag: StructureTag) -> Option<Vec<u8>> {
    match tag.payload {
        PL::P(bytes) => Some(bytes),
        PL::C(_) => None,
    }
}

/// The bare name of an attribute description, and where the values held back begin:
/// `member;range=0-1499` gives `member` and 1500.
fn split_range(description: &str) -> (&str, Option<usize>) {
    let Some((name, options)) = description.split_once(';') else { return (description, None) };
    let next = options
        .split(';')
        .find_map(|option| option.strip_prefix("range="))
        .and_then(|range| range.split_once('-'))
        .and_then(|(_, last)| last.parse::<usize>().ok())
        .and_then(|last| last.checked_add(1));
    (name, next)
}

/// The whole object that `entry` shows, of type `object_type`, as far as `schema` selects it.
pub(crate) fn image(
    entry: &Entry,
    object_type: &'static str,
    schema: &Schema,
) -> Result<Image, DiscoveryError> {
    let anchor = entry.anchor();
    let named = anchor.as_deref().or(entry.dn.as_deref()).unwrap_or_default().to_owned();
    let error =
        |error_type, message: String| DiscoveryError { error_type, object: named.clone(), message };
    let Some(dn) = entry.dn.as_deref().filter(|dn| Dn::parse(dn).is_ok()) else {
        return Err(error(DiscoveryErrorType::InvalidDn, "the DN cannot be read".to_owned()));
    };
    if anchor.is_none() {
        let message = "objectGUID is missing or has not 16 octets".to_owned();
        return Err(error(DiscoveryErrorType::MissingAnchorComponent, message));
    }
    let mut image = Image {
        object_type: Name::new(object_type),
        anchor,
        dn: dn.to_owned(),
        attributes: model::Attributes::new(),
    };
    for (name, attribute) in schema.types.get(object_type).into_iter().flatten() {
        if attribute.secret {
            continue;
        }
        let values = entry.values(&name.to_lowercase());
        let decoded = decode_values(values, *attribute)
            .map_err(|(error_type, what)| error(error_type, format!("{name} {what}")))?;
        image.attributes.set(name.clone(), decoded);
    }
    Ok(image)
}

type Wrong = (DiscoveryErrorType, &'static str);

fn decode_values(values: &[Vec<u8>], attribute: AttributeSchema) -> Result<Option<Values>, Wrong> {
    let mut decoded = Vec::with_capacity(values.len());
    for bytes in values {
        let wrong = (DiscoveryErrorType::InvalidAttributeValue, wrong_value(attribute.value_type));
        let value = value(bytes, attribute.value_type).ok_or(wrong)?;
        if !is_deleted_target(&value) {
            decoded.push(value);
        }
    }
    if decoded.len() > 1 && !attribute.multi_valued {
        return Err((DiscoveryErrorType::MultiSingleMismatch, "has several values"));
    }
    Ok(Values::from_vec(decoded))
}

const fn wrong_value(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::String | ValueType::Reference => "has a value that is not text",
        ValueType::Integer => "has a value that is not a whole number",
        ValueType::Boolean => "has a value that is neither TRUE nor FALSE",
        ValueType::Binary => "has a value that is not octets",
        ValueType::DateTime => "has a value that is not a time",
    }
}

/// Domain controllers may keep showing links to objects that were deleted.
fn is_deleted_target(value: &Value) -> bool {
    matches!(value, Value::Reference(dn) if dn.contains("\\0ADEL:"))
}

fn value(bytes: &[u8], value_type: ValueType) -> Option<Value> {
    if value_type == ValueType::Binary {
        return Some(Value::binary(bytes));
    }
    let text = std::str::from_utf8(bytes).ok()?;
    match value_type {
        ValueType::String | ValueType::Binary => Some(Value::string(text)),
        ValueType::Reference => Some(Value::reference(text)),
        ValueType::Integer => text.parse().ok().map(Value::Integer),
        ValueType::Boolean => match text {
            "TRUE" => Some(Value::Boolean(true)),
            "FALSE" => Some(Value::Boolean(false)),
            _ => None,
        },
        ValueType::DateTime => generalized_time(text).map(Value::DateTime),
    }
}

/// `20260131120000.0Z` ([MS-ADTS] 3.1.1.2.2.2.2, a profile of RFC 4517 section 3.3.13).
fn generalized_time(text: &str) -> Option<Timestamp> {
    let (digits, fraction) = text.strip_suffix('Z')?.split_once('.')?;
    if digits.len() != 14 {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    Timestamp::parse(&format!("{year}-{month}-{day}T{hour}:{minute}:{second}.{fraction}Z")).ok()
}

/// The object type an entry's classes give, if it is one of ours.
pub(crate) fn object_type(entry: &Entry) -> Option<&'static str> {
    schema::TYPES
        .iter()
        .find(|t| {
            t.classes.iter().any(|c| entry.is_a(c)) && !t.not_classes.iter().any(|c| entry.is_a(c))
        })
        .map(|t| t.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(id: u64, payload: PL) -> StructureTag {
        StructureTag { class: ldap3::asn1::TagClass::Universal, id, payload }
    }

    fn octets(bytes: &[u8]) -> StructureTag {
        tag(4, PL::P(bytes.to_vec()))
    }

    fn wire(dn: &[u8], attributes: &[(&str, &[&[u8]])]) -> StructureTag {
        let attributes = attributes.iter().map(|(name, values)| {
            let values = values.iter().map(|v| octets(v)).collect();
            tag(16, PL::C(vec![octets(name.as_bytes()), tag(17, PL::C(values))]))
        });
        tag(4, PL::C(vec![octets(dn), tag(16, PL::C(attributes.collect()))]))
    }

    fn schema_of(name: &str, attribute: AttributeSchema) -> Schema {
        let user = [(Name::new(name), attribute)].into();
        Schema { types: [(Name::new("user"), user)].into() }
    }

    const GUID: &[u8] = b"0123456789abcdef";

    #[test]
    fn a_guid_that_is_text_is_still_a_guid() {
        let entry = entry(wire(b"CN=a,DC=x", &[("objectGUID", &[GUID])])).unwrap().unwrap();
        assert_eq!(entry.anchor().unwrap(), "33323130-3534-3736-3839-616263646566");
    }

    #[test]
    fn malformed_and_foreign_items_are_told_apart() {
        assert_eq!(entry(tag(19, PL::C(vec![octets(b"ldap://x")]))), Some(None));
        assert_eq!(entry(tag(4, PL::P(vec![1]))), None);
        assert_eq!(entry(tag(4, PL::C(vec![octets(b"CN=a")]))), None);
        let odd = tag(4, PL::C(vec![octets(b"CN=a"), tag(16, PL::C(vec![octets(b"x")]))]));
        assert_eq!(entry(odd), None);
        assert_eq!(entry(wire(&[0xff], &[])).unwrap().unwrap().dn, None);
    }

    #[test]
    fn a_range_says_where_to_go_on() {
        let first = wire(b"CN=g", &[("member", &[]), ("member;range=0-1", &[b"CN=a", b"CN=b"])]);
        let mut group = entry(first).unwrap().unwrap();
        assert_eq!(group.incomplete(), Some(("member", 2)));
        let rest = entry(wire(b"CN=g", &[("member;range=2-*", &[b"CN=c"])])).unwrap().unwrap();
        group.extend("member", &rest);
        assert_eq!(group.incomplete(), None);
        assert_eq!(group.texts("member"), ["CN=a", "CN=b", "CN=c"]);
        assert_eq!(split_range("member;range=5-x"), ("member", None));
        assert_eq!(split_range("member;range=0-18446744073709551615"), ("member", None));
    }

    #[test]
    fn values_become_what_the_schema_says() {
        let check = |schema: AttributeSchema, values: &[&[u8]], expected: Result<&str, &str>| {
            let entry = Entry::of("CN=a,DC=x", &[("objectGUID", &[GUID]), ("x", values)]);
            let image = image(&entry, "user", &schema_of("x", schema));
            let shown = image.map(|i| i.attributes.get("x").map(ToString::to_string));
            let shown = shown.map(Option::unwrap_or_default).map_err(|e| e.message);
            assert_eq!(shown, expected.map(ToOwned::to_owned).map_err(ToOwned::to_owned));
        };
        let single = AttributeSchema::single;
        check(single(ValueType::Integer), &[b"-262656"], Ok("-262656"));
        check(
            single(ValueType::Integer),
            &[b"many"],
            Err("x has a value that is not a whole number"),
        );
        check(single(ValueType::Boolean), &[b"TRUE"], Ok("True"));
        check(single(ValueType::Binary), &[&[1, 0xff]], Ok("01FF"));
        check(single(ValueType::String), &[&[0xff]], Err("x has a value that is not text"));
        check(single(ValueType::String), &[b"a", b"b"], Err("x has several values"));
        check(single(ValueType::String), &[b""], Ok(""));
        check(single(ValueType::String).secret(), &[b"p4ss"], Ok(""));
        let moment = "2026-01-31T12:00:00Z";
        check(single(ValueType::DateTime), &[b"20260131120000.0Z"], Ok(moment));
        check(
            single(ValueType::DateTime),
            &[b"20260231120000.0Z"],
            Err("x has a value that is not a time"),
        );
        let links = AttributeSchema::multi(ValueType::Reference);
        check(links, &[b"CN=b,DC=x", b"CN=c\\0ADEL:1,CN=Deleted Objects,DC=x"], Ok("CN=b,DC=x"));
    }

    #[test]
    fn classes_give_the_type() {
        let check = |classes: &[&[u8]], expected| {
            let entry = Entry::of("CN=a", &[("objectClass", classes)]);
            assert_eq!(object_type(&entry), expected);
        };
        check(&[b"top", b"person", b"organizationalPerson", b"user"], Some("user"));
        check(&[b"top", b"user", b"inetOrgPerson"], Some("user"));
        check(&[b"top", b"user", b"computer"], None);
        check(&[b"top", b"person", b"organizationalPerson", b"contact"], Some("contact"));
        check(&[b"top", b"domain", b"domainDNS"], Some("container"));
        check(&[b"top", b"dnsNode"], None);
    }
}
