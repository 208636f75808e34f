//! Certificates (RFC 5280): what of one the language can ask for.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use x509_parser::asn1_rs::{Any, Oid, ToDer as _};
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::x509::X509Name;

use super::binary_code::{from_base64, hexadecimal};
use super::certificate_name::{COMMON_NAME, MAIL, ORGANIZATION, UNIT, attribute};

/// `userPrincipalName` among the other names.
const PRINCIPAL_NAME: &str = "1.3.6.1.4.1.311.20.2.3";

/// What `use_it` makes of the certificate that `octets` are, in DER or as Base64 text of that;
/// `None` if they are none.
pub(super) fn with<T>(octets: &[u8], use_it: impl FnOnce(&X509Certificate<'_>) -> T) -> Option<T> {
    // DER begins with a sequence; in Base64 that is an M.
    if octets.first() == Some(&0x30) {
        return parse(octets).map(|certificate| use_it(&certificate));
    }
    let der = from_base64(octets)?;
    parse(&der).map(|certificate| use_it(&certificate))
}

fn parse(der: &[u8]) -> Option<X509Certificate<'_>> {
    let (rest, certificate) = X509Certificate::from_der(der).ok()?;
    rest.is_empty().then_some(certificate)
}

/// SHA-1 of the DER, as Windows prints it.
pub(super) fn thumbprint(certificate: &X509Certificate<'_>) -> String {
    hexadecimal(digest(&SHA1_FOR_LEGACY_USE_ONLY, certificate.as_raw()).as_ref())
}

/// SHA-256.
pub(super) fn sha256(octets: &[u8]) -> Vec<u8> {
    digest(&SHA256, octets).as_ref().to_vec()
}

/// The serial number, big-endian, a leading zero kept.
pub(super) fn serial(certificate: &X509Certificate<'_>) -> String {
    hexadecimal(certificate.raw_serial())
}

/// The extensions flagged critical, in encoded order.
pub(super) fn critical_extensions(certificate: &X509Certificate<'_>) -> Vec<String> {
    certificate.iter_extensions().filter(|e| e.critical).map(|e| e.oid.to_id_string()).collect()
}

/// The algorithm of the public key.
pub(super) fn key_algorithm(certificate: &X509Certificate<'_>) -> String {
    certificate.public_key().algorithm.algorithm.to_id_string()
}

/// The parameters of the public key's algorithm in DER; empty if there are none.
pub(super) fn key_parameters(certificate: &X509Certificate<'_>) -> String {
    let parameters = certificate.public_key().algorithm.parameters.as_ref();
    parameters
        .and_then(|any| any.to_der_vec().ok())
        .map(|der| hexadecimal(&der))
        .unwrap_or_default()
}

/// A name of the subject, or of the issuer, by the kinds of .NET's `X509NameType`; empty if there is
/// none, `None` if there is no such kind.
pub(super) fn name_info(
    certificate: &X509Certificate<'_>,
    kind: &str,
    of_issuer: bool,
) -> Option<String> {
    let name = if of_issuer { certificate.issuer() } else { certificate.subject() };
    let alternatives = alternative_names(certificate, of_issuer);
    let pick = |of: fn(&GeneralName<'_>) -> Option<String>| alternatives.iter().find_map(|n| of(n));
    let found = match kind {
        "SimpleName" => simple_name(name).or_else(|| pick(mail)),
        "EmailName" => pick(mail).or_else(|| attribute(name, MAIL)),
        "UpnName" => pick(principal_name),
        "DnsName" => pick(dns_name).or_else(|| attribute(name, COMMON_NAME)),
        "DnsFromAlternativeName" => pick(dns_name),
        "UrlName" => pick(url),
        _ => return None,
    };
    Some(found.unwrap_or_default())
}

fn simple_name(name: &X509Name<'_>) -> Option<String> {
    [COMMON_NAME, UNIT, ORGANIZATION, MAIL].into_iter().find_map(|oid| attribute(name, oid))
}

fn alternative_names<'a>(
    certificate: &'a X509Certificate<'_>,
    of_issuer: bool,
) -> &'a [GeneralName<'a>] {
    let names = certificate.iter_extensions().find_map(|extension| {
        match (extension.parsed_extension(), of_issuer) {
            (ParsedExtension::SubjectAlternativeName(names), false) => Some(&names.general_names),
            (ParsedExtension::IssuerAlternativeName(names), true) => Some(&names.general_names),
            _ => None,
        }
    });
    names.map(Vec::as_slice).unwrap_or_default()
}

fn mail(name: &GeneralName<'_>) -> Option<String> {
    if let GeneralName::RFC822Name(text) = name { Some((*text).to_owned()) } else { None }
}

fn dns_name(name: &GeneralName<'_>) -> Option<String> {
    if let GeneralName::DNSName(text) = name { Some((*text).to_owned()) } else { None }
}

fn url(name: &GeneralName<'_>) -> Option<String> {
    if let GeneralName::URI(text) = name { Some((*text).to_owned()) } else { None }
}

fn principal_name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::OtherName(oid, value) if is(oid, PRINCIPAL_NAME) => utf8_within(value),
        _ => None,
    }
}

fn is(oid: &Oid<'_>, dotted: &str) -> bool {
    oid.to_id_string() == dotted
}

/// The text of an explicitly tagged string.
fn utf8_within(octets: &[u8]) -> Option<String> {
    let (_, outer) = Any::from_der(octets).ok()?;
    let (_, inner) = Any::from_der(outer.data).ok()?;
    std::str::from_utf8(inner.data).ok().map(str::to_owned)
}
