//! Names in certificates as Windows shows them.

use x509_parser::asn1_rs::Tag;
use x509_parser::x509::{AttributeTypeAndValue, RelativeDistinguishedName, X509Name};

/// The keys Windows knows; others are shown by their identifiers.
const KEYS: [(&str, &str); 8] = [
    (COMMON_NAME, "CN"),
    (UNIT, "OU"),
    (ORGANIZATION, "O"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "S"),
    ("2.5.4.6", "C"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    (MAIL, "E"),
];

/// `commonName`.
pub(super) const COMMON_NAME: &str = "2.5.4.3";
/// `organizationName`.
pub(super) const ORGANIZATION: &str = "2.5.4.10";
/// `organizationalUnitName`.
pub(super) const UNIT: &str = "2.5.4.11";
/// `emailAddress` (PKCS #9).
pub(super) const MAIL: &str = "1.2.840.113549.1.9.1";

/// `CN=Leaf, OU=Unit, C=US`: components in reverse of their encoded order.
pub(super) fn display(name: &X509Name<'_>) -> String {
    let mut components: Vec<String> = name.iter_rdn().map(component).collect();
    components.reverse();
    components.join(", ")
}

fn component(rdn: &RelativeDistinguishedName<'_>) -> String {
    let pairs: Vec<String> = rdn.iter().map(pair).collect();
    pairs.join(" + ")
}

fn pair(attribute: &AttributeTypeAndValue<'_>) -> String {
    let oid = attribute.attr_type().to_id_string();
    let value = quoted(text_of(attribute));
    match KEYS.iter().find(|(known, _)| *known == oid) {
        Some((_, key)) => format!("{key}={value}"),
        None => format!("OID.{oid}={value}"),
    }
}

/// The value in quotes if anything in it could be taken for syntax.
fn quoted(value: String) -> String {
    let is_plain = !value.contains([',', '+', '=', '"', '<', '>', '#', ';', '\r', '\n'])
        && value.trim().len() == value.len();
    if is_plain { value } else { format!("\"{}\"", value.replace('"', "\"\"")) }
}

/// The value of the last attribute of this type in encoded order: the one nearest the leaf.
pub(super) fn attribute(name: &X509Name<'_>, oid: &str) -> Option<String> {
    name.iter_attributes().filter(|a| a.attr_type().to_id_string() == oid).last().map(text_of)
}

/// The value as text, by its string type (X.680 section 41); unknown types as Latin-1.
fn text_of(attribute: &AttributeTypeAndValue<'_>) -> String {
    let octets = attribute.as_slice();
    match attribute.attr_value().tag() {
        Tag::Utf8String => String::from_utf8_lossy(octets).into_owned(),
        Tag::BmpString => {
            let (units, _) = octets.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_be_bytes(*unit)).collect();
            String::from_utf16_lossy(&units)
        }
        Tag::UniversalString => {
            let (units, _) = octets.as_chunks::<4>();
            let points = units.iter().map(|unit| char::from_u32(u32::from_be_bytes(*unit)));
            points.map(|point| point.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => octets.iter().copied().map(char::from).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use x509_parser::prelude::FromDer as _;

    /// One component of one attribute: `oid`, string type `tag`, `value`.
    fn rdn(oid: &[u8], tag: u8, value: &[u8]) -> Vec<u8> {
        let inner = [tlv(6, oid), tlv(tag, value)].concat();
        tlv(0x31, &tlv(0x30, &inner))
    }

    fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
        let mut octets = vec![tag, u8::try_from(content.len()).unwrap()];
        octets.extend_from_slice(content);
        octets
    }

    fn shown(components: &[Vec<u8>]) -> String {
        let encoded = tlv(0x30, &components.concat());
        let (_, name) = X509Name::from_der(&encoded).unwrap();
        display(&name)
    }

    #[test]
    fn components_are_shown_leaf_first_and_quoted_where_needed() {
        let unit = rdn(&[0x55, 4, 11], 0x0c, b"Sync, \"West\"");
        let leaf = rdn(&[0x55, 4, 3], 0x1e, &[0, b'A', 0x26, 0x3a]);
        let shown = shown(&[rdn(&[0x55, 4, 6], 0x13, b"US"), unit, leaf]);
        assert_eq!(shown, "CN=A\u{263a}, OU=\"Sync, \"\"West\"\"\", C=US");
    }

    #[test]
    fn unknown_attributes_are_shown_by_their_identifiers() {
        assert_eq!(shown(&[rdn(&[0x55, 4, 12], 0x0c, b"Dr")]), "OID.2.5.4.12=Dr");
        assert_eq!(shown(&[rdn(&[0x55, 4, 3], 0x0c, b" a")]), "CN=\" a\"");
    }
}
