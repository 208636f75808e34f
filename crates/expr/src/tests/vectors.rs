//! The conformance vectors of the language, when they are checked out beside the project.

use std::path::{Path, PathBuf};

use model::{Attributes, Name, Value as Scalar, Values};
use serde_json::Value as Json;

use crate::operand::Operand;
use crate::{ErrorKind, ExprError, Names, bind, parse};

use super::Sequence;

fn file() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let file = above.join("shared/vectors/functions.json");
    file.exists().then_some(file)
}

struct Schema(Vec<String>);

impl Names for Schema {
    fn is_attribute(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    fn suggest(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}

fn scalar(json: &Json) -> Option<Scalar> {
    match json {
        Json::String(text) => Some(Scalar::string(text)),
        Json::Number(number) => number.as_i64().map(Scalar::Integer),
        Json::Bool(truth) => Some(Scalar::Boolean(*truth)),
        Json::Object(_) => json["bin"].as_str().map(octets),
        Json::Null | Json::Array(_) => None,
    }
}

fn octets(hexadecimal: &str) -> Scalar {
    let bytes = (0..hexadecimal.len()).step_by(2).filter_map(|at| {
        hexadecimal.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok())
    });
    Scalar::binary(&bytes.collect::<Vec<u8>>())
}

fn input(vector: &Json) -> Attributes {
    let mut attributes = Attributes::new();
    for (name, value) in vector["attrs"].as_object().into_iter().flatten() {
        let values = match value {
            Json::Array(items) => items.iter().filter_map(scalar).collect(),
            one => scalar(one).into_iter().collect(),
        };
        attributes.set(Name::new(name), Values::from_vec(values));
    }
    for (name, value) in vector["params"].as_object().into_iter().flatten() {
        attributes.set(Name::new(&format!("${name}")), scalar(value).map(Values::one));
    }
    attributes
}

fn run(vector: &Json) -> Result<Operand, ExprError> {
    let schema = vector["schema"]
        .as_array()
        .map(|names| Schema(names.iter().filter_map(Json::as_str).map(str::to_owned).collect()));
    let names = schema.as_ref().map(|schema| schema as &dyn Names);
    let ast = parse(vector["expr"].as_str().unwrap_or_default())?;
    let program = bind(&ast, names).map_err(|mut errors| errors.remove(0))?;
    program.eval_operand(&input(vector), &mut Sequence(7))
}

fn kind_word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Parse => "parse",
        ErrorKind::UnknownFunction => "unknown-function",
        ErrorKind::UnknownAttribute => "unknown-attribute",
        ErrorKind::Arity => "arity",
        ErrorKind::Type => "type",
        ErrorKind::Value => "value",
        ErrorKind::Range => "range",
        ErrorKind::Limit => "limit",
        ErrorKind::UnknownIdentifier => "unknown-identifier",
        ErrorKind::UnknownVariable => "unknown-variable",
        ErrorKind::UnknownParameter => "unknown-parameter",
        ErrorKind::MvLength => "mv-length",
        ErrorKind::User => "user",
    }
}

fn holds(expected: &Json, found: &Result<Operand, ExprError>) -> bool {
    if let Some(kind) = expected["error"].as_str() {
        return found.as_ref().is_err_and(|error| kind_word(error.kind) == kind);
    }
    let Ok(found) = found else { return false };
    if expected["null"] == Json::Bool(true) {
        return *found == Operand::Null;
    }
    if let Some([least, greatest]) = expected["range"].as_array().map(Vec::as_slice) {
        let within = least.as_i64()..=greatest.as_i64();
        return matches!(found, Operand::One(Scalar::Integer(n)) if within.contains(&Some(*n)));
    }
    scalar(expected).map(Operand::One).as_ref() == Some(found)
}

#[test]
fn the_vectors_of_the_dialect_hold() {
    let Some(file) = file() else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let all: Vec<Json> = serde_json::from_str(&text).unwrap();
    let mut failures = Vec::new();
    let mut checked = 0;
    // Not here: XML trees, patterns (tests/functions.rs has those), systems without LDAP names.
    for vector in all.iter().filter(|v| {
        v["dialect"] == "mim"
            && v["syntax"].is_null()
            && v["dn_style"].is_null()
            && v["expect"]["matches"].is_null()
    }) {
        checked += 1;
        let found = run(vector);
        if !holds(&vector["expect"], &found) {
            failures.push(format!("{}: {} gave {found:?}", vector["id"], vector["expr"]));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(checked > 100, "only {checked} vectors");
}
