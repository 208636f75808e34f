//! Calls of the functions for dates, octets, names and certificates, through their entries.

use model::{Timestamp, Value};
use proptest::prelude::*;

use crate::environment::{Context, Environment, Given};
use crate::functions::date::ticks_from_text;
use crate::functions::{Arguments, Run, available, find};
use crate::operand::Operand;
use crate::{Dialect, ErrorKind, Random};

/// A certificate of Contoso's for a device, in Base64.
const DEVICE: &str = "MIIB2DCCAX6gAwIBAgIIAQIDBAUGBwgwCgYIKoZIzj0EAwIwSzELMAkGA1UEBhMCVVMxEDAOBgNVBAoMB0NvbnRvc2\
    8xDTALBgNVBAsMBFN5bmMxGzAZBgNVBAMMEkNvbnRvc28gSXNzdWluZyBDQTAeFw0yNDA2MDExMjAwMDBaFw00NDA2\
    MDExMjAwMDBaMEIxCzAJBgNVBAYTAlVTMRAwDgYDVQQKDAdDb250b3NvMQ0wCwYDVQQLDARTeW5jMRIwEAYDVQQDDA\
    lEZXZpY2UgMDEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARH1vv2Bv12orz0R/6B3/nGpE7JX1Dw4ixC2LcdSWIP\
    zFz9+YOgen+4VO9vrSMJCN/+9JxaKyG5LTI/gIoG5fa/o1UwUzAMBgNVHRMBAf8EAjAAMA4GA1UdDwEB/wQEAwIFoD\
    AzBgNVHREELDAqgRV0ZXN0LnVzZXJAY29udG9zby5jb22CEWhvc3QxLmNvbnRvc28uY29tMAoGCCqGSM49BAMCA0gA\
    MEUCIQCqW6ha+Nr4+FCn3rJbgpwAMbcakKbmZtmN4MEY6GqYHwIgWFHQWE/kRCxvb8afPTzdlLAuq56g88sfdwJ2Hz\
    8kmiQ=";

struct Surroundings;

impl Environment for Surroundings {
    fn attribute(&self, _name: &str) -> Given<'_> {
        Given::Nothing
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_777_888_800)
    }
}

struct Counting(u64);

impl Random for Counting {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 += 1;
        self.0 % bound
    }
}

/// Calls a function with these arguments, none of them absent or to be lifted.
fn call(name: &str, arguments: &[Operand]) -> Result<Operand, ErrorKind> {
    let function = find(name, Dialect::EntraExtended).unwrap();
    assert!(function.accepts(arguments.len()), "{name}");
    let fit = |(i, operand): (usize, &Operand)| {
        operand.clone().convert(function.parameter(i).unwrap().kind)
    };
    let fitting = arguments.iter().enumerate().map(fit).collect::<Result<Arguments, _>>();
    let arguments = fitting.map_err(|failure| failure.kind)?;
    let (random, steps) = (&mut Counting(0), &mut 0);
    let mut context = Context { environment: &Surroundings, random, steps };
    match function.run {
        Run::Eager(run) => run(&arguments, &mut context).map_err(|failure| failure.kind),
        Run::Lazy(_) => panic!("{name} evaluates its arguments itself"),
    }
}

fn t(text: &str) -> Operand {
    Operand::text(text)
}

const fn n(number: i64) -> Operand {
    Operand::number(number)
}

fn b(octets: &[u8]) -> Operand {
    Operand::octets(octets)
}

fn at(text: &str) -> Operand {
    Operand::Moment(ticks_from_text(text).unwrap())
}

fn name(dn: &str) -> Operand {
    Operand::One(Value::reference(dn))
}

fn device(function: &str) -> Operand {
    call(function, &[b(DEVICE.as_bytes())]).unwrap()
}

#[test]
fn booleans_come_from_numbers_and_words() {
    for (value, expected) in [
        (Operand::truth(true), true),
        (n(-1), true),
        (n(0), false),
        (t("TRUE"), true),
        (t("false"), false),
        (t("00"), false),
        (t("-10"), true),
    ] {
        assert_eq!(
            call("CBool", std::slice::from_ref(&value)),
            Ok(Operand::truth(expected)),
            "{value:?}"
        );
    }
    assert_eq!(call("CBool", &[t("maybe")]), Err(ErrorKind::Value));
    assert_eq!(call("CBool", &[t("")]), Err(ErrorKind::Value));
    for value in [b(&[1]), at("2020-01-01"), name("cn=a")] {
        assert_eq!(call("CBool", &[value]), Err(ErrorKind::Type));
    }
}

#[test]
fn numbers_come_from_text_and_octets() {
    for (value, expected) in [(t("42"), 42), (t(" -5 "), -5), (t("+7"), 7), (b(&[0x20, 0]), 32)] {
        assert_eq!(call("CNum", std::slice::from_ref(&value)), Ok(n(expected)), "{value:?}");
    }
    for text in ["", "1.5", "+-1", "abc", "&HFF"] {
        assert_eq!(call("CNum", &[t(text)]), Err(ErrorKind::Value), "{text}");
    }
    assert_eq!(call("CNum", &[t("9223372036854775808")]), Err(ErrorKind::Range));
    assert_eq!(call("CNum", &[b(&[0xff; 8])]), Err(ErrorKind::Range));
    assert_eq!(call("CNum", &[Operand::truth(true)]), Err(ErrorKind::Type));
    assert_eq!(call("CBin", &[n(32), n(2)]), Ok(b(&[0x20, 0])));
    assert_eq!(call("CBin", &[n(1), n(9)]), Err(ErrorKind::Value));
}

#[test]
fn texts_come_from_what_reads_as_one() {
    assert_eq!(call("CStr", &[name("cn=Joe,dc=x")]), Ok(t("cn=Joe,dc=x")));
    assert_eq!(call("CStr", &[Operand::truth(false)]), Ok(t("False")));
    assert_eq!(call("CStr", &[n(-5)]), Ok(t("-5")));
    assert_eq!(call("CStr", &[b(&[1])]), Err(ErrorKind::Type));
    assert_eq!(call("CStr", &[at("2020-01-01")]), Err(ErrorKind::Type));
    assert_eq!(call("CRef", &[t("CN=a,DC=b")]), Ok(name("CN=a,DC=b")));
    assert_eq!(call("CRef", &[n(5)]), Err(ErrorKind::Type));
}

#[test]
fn base64_and_hexadecimal_hold_text_and_octets() {
    let hello = t("SABlAGwAbABvACAAdwBvAHIAbABkACEA");
    assert_eq!(call("ConvertToBase64", &[t("Hello world!")]), Ok(hello.clone()));
    assert_eq!(call("ConvertFromBase64", &[hello]), Ok(t("Hello world!")));
    let utf8 = Operand::Enumeration("UTF8");
    assert_eq!(call("ConvertFromBase64", &[t("w6k="), utf8.clone()]), Ok(t("é")));
    let ascii = Operand::Enumeration("ASCII");
    assert_eq!(call("ConvertFromBase64", &[t("w6k="), ascii]), Err(ErrorKind::Value));
    assert_eq!(call("ConvertFromBase64", &[t("w6k="), t("UTF8")]), Err(ErrorKind::Type));
    assert_eq!(call("ConvertFromBase64", &[t("!!!"), utf8]), Err(ErrorKind::Value));
    assert_eq!(call("ConvertToBase64", &[b(&[0xe9, 0])]), Ok(t("6QA=")));
    assert_eq!(call("ConvertToUTF8Hex", &[t("é")]), Ok(t("C3A9")));
    assert_eq!(call("ConvertToUTF8Hex", &[b(&[0x0f])]), Ok(t("0F")));
    assert_eq!(call("ConvertFromUTF8Hex", &[t("c3a9")]), Ok(t("é")));
    assert_eq!(call("ConvertFromUTF8Hex", &[t("C3")]), Err(ErrorKind::Value));
}

#[test]
fn identifiers_go_between_text_and_octets() {
    let text = "01234567-89ab-cdef-0123-456789abcdef";
    let octets = call("CGuid", &[t(&format!("{{{text}}}"))]).unwrap();
    assert_eq!(call("StringFromGuid", &[octets]), Ok(t(text)));
    assert_eq!(call("StringFromGuid", &[b(&[0, 0x11])]), Err(ErrorKind::Value));
    assert_eq!(call("CGuid", &[t("0000")]), Err(ErrorKind::Value));
    for (text, expected) in [
        ("00001111-AAAA-2222-BBBB-3333CCCC4444", true),
        ("{00001111-aaaa-2222-bbbb-3333cccc4444", false),
        ("(00001111-aaaa-2222-bbbb-3333cccc4444)", false),
        ("00001111aaaa2222bbbb3333cccc4444", false),
    ] {
        assert_eq!(call("IsGuid", &[t(text)]), Ok(Operand::truth(expected)), "{text}");
    }
    let system = b(&[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0]);
    assert_eq!(call("StringFromSid", &[system]), Ok(t("S-1-5-18")));
    assert_eq!(call("StringFromSid", &[b(&[1])]), Err(ErrorKind::Value));
    assert_eq!(call("Guid", &[]), Ok(t("01020304-0506-4708-890a-0b0c0d0e0f10")));
}

#[test]
fn dates_are_read_reckoned_with_and_written() {
    assert_eq!(call("Now", &[]), Ok(at("2026-05-04T10:00:00Z")));
    assert_eq!(call("CDate", &[t("2013-01-10 4:00 PM -8")]), Ok(at("2013-01-11")));
    assert_eq!(call("CDate", &[t("2012-02-30")]), Err(ErrorKind::Value));
    let leap = at("2020-02-29");
    assert_eq!(call("DateAdd", &[t("q"), n(1), leap.clone()]), Ok(at("2020-05-29")));
    assert_eq!(call("DateAdd", &[t("M"), n(1), leap.clone()]), Err(ErrorKind::Value));
    assert_eq!(call("DateAdd", &[t("yyyy"), n(9000), leap.clone()]), Err(ErrorKind::Range));
    assert_eq!(call("DateDiff", &[t("h"), leap.clone(), at("2020-03-01")]), Ok(n(24)));
    assert_eq!(call("DateDiff", &[t("x"), leap.clone(), leap.clone()]), Err(ErrorKind::Value));
    let written = call("FormatDateTime", &[leap.clone(), t("yyyyMMddHHmmss.0Z")]);
    assert_eq!(written, Ok(t("20200229000000.0Z")));
    assert_eq!(call("FormatDateTime", &[leap.clone(), t("K")]), Err(ErrorKind::Value));
    assert_eq!(call("FormatDateTime", &[leap.clone(), t("yyyyK")]), Ok(t("2020Z")));
    assert_eq!(call("FormatDateTime", &[t("2020-02-29"), t("yyyy")]), Err(ErrorKind::Type));
    for (value, expected) in
        [(leap, true), (t("2/29/2020"), true), (t("nope"), false), (n(1), false)]
    {
        assert_eq!(
            call("IsDate", std::slice::from_ref(&value)),
            Ok(Operand::truth(expected)),
            "{value:?}"
        );
    }
}

#[test]
fn directory_time_stamps_begin_in_1601() {
    let (moment, stamp) = (at("2012-01-01 23:00"), n(129_699_324_000_000_000));
    assert_eq!(call("DateFromNum", std::slice::from_ref(&stamp)), Ok(moment.clone()));
    assert_eq!(call("NumFromDate", &[moment]), Ok(stamp));
    assert_eq!(call("NumFromDate", &[at("1600-12-31")]), Err(ErrorKind::Range));
    for number in [-1, i64::MAX, 2_650_467_744_000_000_000] {
        assert_eq!(call("DateFromNum", &[n(number)]), Err(ErrorKind::Range), "{number}");
    }
}

#[test]
fn components_are_counted_from_either_end() {
    let dn = || name("cn=Joe,ou=Atlanta,ou=GA,ou=US, dc=contoso,dc=com");
    assert_eq!(call("DNComponent", &[dn(), n(1)]), Ok(t("Joe")));
    assert_eq!(call("DNComponentRev", &[dn(), n(3)]), Ok(t("US")));
    assert_eq!(call("DNComponentRev", &[dn(), n(1), t("DC")]), Ok(t("US")));
    let dc = Operand::Enumeration("DC");
    assert_eq!(call("DNComponentRev", &[dn(), n(2), dc.clone()]), Ok(t("GA")));
    assert_eq!(call("DNComponentRev", &[dn(), n(5), dc]), Err(ErrorKind::Range));
    assert_eq!(call("DNComponentRev", &[dn(), n(1), t("OU")]), Err(ErrorKind::Value));
    assert_eq!(call("DNComponentRev", &[dn(), n(1), n(1)]), Err(ErrorKind::Type));
    for index in [0, 7, -1, i64::MIN] {
        assert_eq!(call("DNComponent", &[dn(), n(index)]), Err(ErrorKind::Range), "{index}");
    }
    assert_eq!(call("DNComponent", &[t("cn=a"), n(1)]), Err(ErrorKind::Type));
    assert_eq!(call("EscapeDNComponent", &[t("cn=a,b")]), Ok(t("cn=a\\,b")));
}

#[test]
fn a_certificate_answers_what_it_holds() {
    let subject = t("CN=Device 01, OU=Sync, O=Contoso, C=US");
    for (function, expected) in [
        ("CertSubject", subject.clone()),
        ("CertSubjectNameDN", subject),
        ("CertIssuer", t("CN=Contoso Issuing CA, OU=Sync, O=Contoso, C=US")),
        ("CertSerialNumber", t("0102030405060708")),
        ("CertThumbprint", t("6CACB83EC2A7880D548FDF7651B7A58B30BDEC1D")),
        ("CertKeyAlgorithm", t("1.2.840.10045.2.1")),
        ("CertKeyAlgorithmParams", t("06082A8648CE3D030107")),
        ("CertSignatureAlgorithmOid", t("1.2.840.10045.4.3.2")),
        ("CertVersion", t("3")),
        ("CertFormat", t("X509")),
        ("CertFriendlyName", t("")),
        ("CertIssuerOid", Operand::Null),
        ("CertNotBefore", at("2024-06-01T12:00:00Z")),
        ("CertNotAfter", at("2044-06-01T12:00:00Z")),
        ("CertExtensionOids", Operand::List(vec![t("2.5.29.19"), t("2.5.29.15")])),
        ("IsCert", Operand::truth(true)),
    ] {
        assert_eq!(device(function), expected, "{function}");
    }
}

#[test]
fn names_in_certificates_are_found_by_kind() {
    let info = |kind: &str, of_issuer: bool| {
        call("CertNameInfo", &[b(DEVICE.as_bytes()), t(kind), Operand::truth(of_issuer)])
    };
    assert_eq!(info("SimpleName", false), Ok(t("Device 01")));
    assert_eq!(info("SimpleName", true), Ok(t("Contoso Issuing CA")));
    assert_eq!(info("EmailName", false), Ok(t("test.user@contoso.com")));
    assert_eq!(info("DnsName", false), Ok(t("host1.contoso.com")));
    assert_eq!(info("DnsName", true), Ok(t("Contoso Issuing CA")));
    assert_eq!(info("DnsFromAlternativeName", true), Ok(t("")));
    assert_eq!(info("UpnName", false), Ok(t("")));
    assert_eq!(info("UrlName", false), Ok(t("")));
    assert_eq!(info("Bogus", false), Err(ErrorKind::Value));
}

#[test]
fn octets_that_are_no_certificate_are_refused() {
    for octets in [&b""[..], b"0", b"MIIB", b"\x30\x03\x02\x01\x01"] {
        assert_eq!(call("IsCert", &[b(octets)]), Ok(Operand::truth(false)), "{octets:?}");
        assert_eq!(call("CertSubject", &[b(octets)]), Err(ErrorKind::Value), "{octets:?}");
    }
    assert_eq!(call("CertSubject", &[t("MIIB")]), Err(ErrorKind::Type));
}

proptest! {
    #[test]
    fn a_damaged_certificate_is_refused_or_read(place in 0_usize..476, octet: u8) {
        let mut der = super::binary_code::from_base64(DEVICE.as_bytes()).unwrap();
        der[place] = octet;
        for function in find_all("Cert").filter(|function| *function != "CertNameInfo") {
            let found = call(function, &[b(&der)]);
            prop_assert!(matches!(found, Ok(_) | Err(ErrorKind::Value)), "{} {:?}", function, found);
        }
        for kind in ["SimpleName", "EmailName", "UpnName", "DnsName", "UrlName"] {
            let found = call("CertNameInfo", &[b(&der), t(kind), Operand::truth(false)]);
            prop_assert!(matches!(found, Ok(_) | Err(ErrorKind::Value)), "{} {:?}", kind, found);
        }
    }

    #[test]
    fn any_text_is_a_name_of_so_many_components(dn: String) {
        let count = i64::try_from(super::dn_parts::parts(&dn).len()).unwrap();
        prop_assert_eq!(
            call("DNComponent", &[name(&dn), n(count + 1)]),
            Err(ErrorKind::Range)
        );
        prop_assert!(count == 0 || call("DNComponentRev", &[name(&dn), n(count)]).is_ok());
    }

    #[test]
    fn text_survives_base64_and_hexadecimal(text: String) {
        let base64 = call("ConvertToBase64", &[t(&text)]).unwrap();
        prop_assert_eq!(call("ConvertFromBase64", &[base64]), Ok(t(&text)));
        let digits = call("ConvertToUTF8Hex", &[t(&text)]).unwrap();
        prop_assert_eq!(call("ConvertFromUTF8Hex", &[digits]), Ok(t(&text)));
    }

    #[test]
    fn dates_survive_their_round_trip_format(ticks in 0_i64..=2_650_467_743_999_999_999) {
        let moment = Operand::Moment(ticks);
        let text = call("FormatDateTime", &[moment.clone(), t("O")]).unwrap();
        prop_assert_eq!(call("CDate", &[text]), Ok(moment));
    }
}

/// The names of the functions that begin so.
fn find_all(start: &str) -> impl Iterator<Item = &'static str> {
    available(Dialect::Entra).map(|function| function.name).filter(move |n| n.starts_with(start))
}
