//! The same functions in whole expressions: absent and several values, words, moments compared.

use std::collections::BTreeMap;

use model::{Timestamp, Value};

use crate::environment::{Environment, Given};
use crate::operand::Operand;
use crate::{Dialect, ErrorKind, Random, bind, parse_in};

struct Object(BTreeMap<&'static str, Vec<Value>>);

impl Environment for Object {
    fn attribute(&self, name: &str) -> Given<'_> {
        match self.0.get(name).map(Vec::as_slice) {
            Some([one]) => Given::One(one),
            Some(several) => Given::Several(several),
            None => Given::Nothing,
        }
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(1_777_888_800)
    }
}

struct Least;

impl Random for Least {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}

/// An object with a few attributes; `a` is absent.
fn object() -> Object {
    let texts = ["2020-03-16-07:00", "12/25/2007"].map(Value::string).to_vec();
    let names = ["CN=a,DC=x", "CN=b,DC=x"].map(Value::reference).to_vec();
    let created = Value::DateTime(Timestamp::from_seconds(0));
    Object(BTreeMap::from([
        ("dates", texts),
        ("member", names),
        ("whenCreated", vec![created]),
        ("octets", vec![Value::binary(b"abc")]),
    ]))
}

fn compute(dialect: Dialect, source: &str) -> Result<Operand, ErrorKind> {
    let ast = parse_in(dialect, source).map_err(|error| error.kind)?;
    let program = bind(&ast, None).map_err(|errors| errors[0].kind)?;
    program.compute(&object(), &mut Least).map_err(|error| error.kind)
}

fn value(source: &str) -> Result<Operand, ErrorKind> {
    compute(Dialect::Entra, source)
}

#[test]
fn what_is_absent_stays_absent() {
    for source in [
        "CDate([a])",
        "CGuid([a])",
        "CNum([a])",
        "CRef([a])",
        "CStr([a])",
        "ConvertToBase64([a])",
        "ConvertFromBase64([a],UTF8)",
        "ConvertToUTF8Hex([a])",
        "ConvertFromUTF8Hex([a])",
        "Thumbprint([a])",
        "StringFromGuid([a])",
        "StringFromSid([a])",
        "DateAdd(\"d\",1,[a])",
        "DateFromNum([a])",
        "NumFromDate([a])",
        "FormatDateTime([a],\"yyyy\")",
        "DNComponent([a],1)",
        "DNComponentRev([a],1,DC)",
        "EscapeDNComponent([a])",
        "CertSubject([a])",
        "CertNameInfo([a],\"SimpleName\",False)",
    ] {
        assert_eq!(value(source), Ok(Operand::Null), "{source}");
    }
    for source in ["CBool([a])", "IsGuid([a])", "IsDate([a])", "IsCert([a])"] {
        assert_eq!(value(source), Ok(Operand::truth(false)), "{source}");
    }
    for source in [
        "CBin([a],1)",
        "DateAdd([a],1,Now())",
        "DateAdd(\"d\",[a],Now())",
        "FormatDateTime(Now(),[a])",
        "DNComponent([member],[a])",
    ] {
        assert_eq!(value(source), Err(ErrorKind::Type), "{source}");
    }
}

#[test]
fn several_values_are_converted_one_by_one() {
    let texts = |texts: [&str; 2]| Operand::List(texts.map(Operand::text).to_vec());
    let written = value("FormatDateTime(CDate([dates]),\"yyyy-MM-dd HH\")");
    assert_eq!(written, Ok(texts(["2020-03-16 07", "2007-12-25 00"])));
    let later = value("FormatDateTime(DateAdd(\"m\",1,CDate([dates])),\"MMM d\")");
    assert_eq!(later, Ok(texts(["Apr 16", "Jan 25"])));
    assert_eq!(value("DNComponent([member],1)"), Ok(texts(["a", "b"])));
    assert_eq!(value("CStr([member])"), Ok(texts(["CN=a,DC=x", "CN=b,DC=x"])));
    assert_eq!(value("CNum([dates])"), Err(ErrorKind::Value));
    assert_eq!(value("IsDate([dates])"), Ok(Operand::truth(false)));
}

#[test]
fn moments_compare_and_never_become_text_by_themselves() {
    for source in [
        "Now() > CDate(\"2000-01-01\")",
        "Now() = CDate(\"2026-05-04T12:00:00+02:00\")",
        "[whenCreated] = CDate(\"1970-01-01\")",
        "IsDate([whenCreated])",
        "Thumbprint([octets]) = Thumbprint(CBin(CNum([octets]),3))",
    ] {
        assert_eq!(value(source), Ok(Operand::truth(true)), "{source}");
    }
    for source in ["CStr(Now())", "Now() & \"x\"", "CDate(Now())", "CBool([octets])"] {
        assert_eq!(value(source), Err(ErrorKind::Type), "{source}");
    }
}

#[test]
fn date_difference_is_an_addition_of_cloud_provisioning() {
    let source = "DateDiff(\"ww\",CDate(\"8/25/2021 5:41:18 PM\"),CDate(\"2012-03-16-07:00\"))";
    assert_eq!(compute(Dialect::EntraExtended, source), Ok(Operand::number(-493)));
    assert_eq!(value(source), Err(ErrorKind::UnknownFunction));
}

#[test]
fn arguments_are_counted() {
    for source in ["CDate()", "DateAdd(\"d\",1)", "Now(1)", "CBin(1)", "DNComponentRev([dn])"] {
        assert_eq!(value(source), Err(ErrorKind::Arity), "{source}");
    }
}
