//! The conformance vectors of the language, when they are checked out beside the project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use model::{Attributes, Name, Timestamp, Value as Scalar, Values};
use regex::Regex;
use serde_json::Value as Json;

use crate::operand::{Operand, ticks_of};
use crate::{
    Dialect, DnStyle, Environment, ErrorKind, ExprError, FlowConstant, Given, Names, bind, parse_in,
};

use super::Sequence;
use crate::types::{AttributeType, infer};

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
        Json::Object(_) => {
            let moment = || Timestamp::parse(json["dt"].as_str()?).ok().map(Scalar::DateTime);
            let octets = json["bin"].as_str().map(octets);
            octets.or_else(|| json["ref"].as_str().map(Scalar::reference)).or_else(moment)
        }
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

/// The surroundings a vector describes.
struct Surroundings {
    attributes: BTreeMap<String, Shape>,
    confirmed: BTreeMap<String, Shape>,
    parameters: BTreeMap<String, Shape>,
    taken: Vec<String>,
    now: Timestamp,
    dn_style: DnStyle,
}

enum Shape {
    One(Scalar),
    Several(Vec<Scalar>),
}

impl Shape {
    fn given(&self) -> Given<'_> {
        match self {
            Self::One(value) => Given::One(value),
            Self::Several(values) => Given::Several(values),
        }
    }
}

fn shapes(json: &Json) -> BTreeMap<String, Shape> {
    let shape = |value: &Json| match value {
        Json::Array(items) => Some(Shape::Several(items.iter().filter_map(scalar).collect())),
        one => scalar(one).map(Shape::One),
    };
    let entries = json.as_object().into_iter().flatten();
    entries.filter_map(|(name, value)| Some((name.clone(), shape(value)?))).collect()
}

impl Environment for Surroundings {
    fn attribute(&self, name: &str) -> Given<'_> {
        self.attributes.get(name).map_or(Given::Nothing, Shape::given)
    }

    fn confirmed(&self, name: &str) -> Given<'_> {
        self.confirmed.get(name).map_or(Given::Nothing, Shape::given)
    }

    fn parameter(&self, name: &str) -> Option<Given<'_>> {
        self.parameters.get(name).map(Shape::given)
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn dn_style(&self) -> DnStyle {
        self.dn_style
    }

    fn is_taken(&self, name: &str) -> bool {
        self.taken.iter().any(|taken| taken.eq_ignore_ascii_case(name))
    }
}

fn surroundings(vector: &Json) -> Surroundings {
    let now = vector["now"].as_str().map(|text| Timestamp::parse(text).unwrap());
    Surroundings {
        attributes: shapes(&vector["attrs"]),
        confirmed: shapes(&vector["imported"]),
        parameters: shapes(&vector["params"]),
        taken: vector["taken"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect(),
        dn_style: match vector["dn_style"].as_str() {
            Some("hierarchical") => DnStyle::Hierarchical,
            Some("extrinsic") => DnStyle::Extrinsic,
            _ => DnStyle::Ldap,
        },
        now: now.unwrap_or(Timestamp::from_seconds(1_777_800_000)),
    }
}

fn dialect(vector: &Json) -> Dialect {
    match (vector["dialect"].as_str(), vector["ext"].as_str()) {
        (Some("entra"), Some(_)) => Dialect::EntraExtended,
        (Some("entra"), None) => Dialect::Entra,
        _ => Dialect::Mim,
    }
}

fn run(vector: &Json) -> Result<Operand, ExprError> {
    let schema = vector["schema"]
        .as_array()
        .map(|names| Schema(names.iter().filter_map(Json::as_str).map(str::to_owned).collect()));
    let names = schema.as_ref().map(|schema| schema as &dyn Names);
    let dialect = dialect(vector);
    let ast = parse_in(dialect, vector["expr"].as_str().unwrap_or_default())?;
    let program = bind(&ast, names).map_err(|mut errors| errors.remove(0))?;
    if dialect == Dialect::Mim && vector["dn_style"].is_null() {
        return program.eval_operand(&input(vector), &mut Sequence(7));
    }
    program.compute(&surroundings(vector), &mut Sequence(7))
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

/// The operand a vector expects.
fn wanted(expected: &Json) -> Option<Operand> {
    match expected {
        Json::Array(items) => items.iter().map(wanted).collect::<Option<_>>().map(Operand::List),
        one => match scalar(one)? {
            Scalar::DateTime(moment) => {
                // The seventh digit of the second is beyond a timestamp.
                let fraction = one["dt"].as_str()?.split_once('.').map_or("", |(_, f)| f);
                let seventh = fraction.chars().nth(6).and_then(|c| c.to_digit(10)).unwrap_or(0);
                Some(Operand::Moment(ticks_of(moment) + i64::from(seventh)))
            }
            value => Some(Operand::One(value)),
        },
    }
}

fn holds(expected: &Json, found: &Result<Operand, ExprError>) -> bool {
    if let Some(kind) = expected["error"].as_str() {
        let message = expected["message"].as_str();
        return found.as_ref().is_err_and(|error| {
            kind_word(error.kind) == kind && message.is_none_or(|wanted| error.message == wanted)
        });
    }
    let Ok(found) = found else { return false };
    if expected["null"] == Json::Bool(true) {
        return *found == Operand::Null;
    }
    if let Some([least, greatest]) = expected["range"].as_array().map(Vec::as_slice) {
        let within = least.as_i64()..=greatest.as_i64();
        return matches!(found, Operand::One(Scalar::Integer(n)) if within.contains(&Some(*n)));
    }
    if let Some(word) = expected["flow"].as_str() {
        let constant = match word {
            "IgnoreThisFlow" => FlowConstant::IgnoreThisFlow,
            _ => FlowConstant::AuthoritativeNull,
        };
        return *found == Operand::Flow(constant);
    }
    if let Some(pattern) = expected["matches"].as_str() {
        let text = found.value().and_then(Scalar::as_str);
        // A pattern with lookahead is checked where the function has its own tests.
        let pattern = Regex::new(pattern).ok();
        return text.is_some_and(|text| pattern.is_none_or(|pattern| pattern.is_match(text)));
    }
    wanted(expected).as_ref() == Some(found)
}

#[test]
fn the_vectors_of_mim_hold() {
    // Not here: XML trees.
    let failures = failures(|v| v["dialect"] == "mim" && v["syntax"].is_null());
    let Some((checked, failures)) = failures else { return };
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(checked > 100, "only {checked} vectors");
}

#[test]
fn the_vectors_of_entra_connect_hold() {
    let Some((checked, failures)) = failures(|v| v["dialect"] == "entra") else { return };
    assert!(failures.is_empty(), "{} of {checked}:\n{}", failures.len(), failures.join("\n"));
    assert!(checked > 600, "only {checked} vectors");
}

/// What a schema would say of the attributes of a vector.
fn attribute_type(attributes: &Json, name: &str) -> Option<AttributeType> {
    match &attributes[name] {
        Json::Array(items) => {
            let types: BTreeSet<_> =
                items.iter().filter_map(scalar).map(|v| v.value_type()).collect();
            let only = types.first().filter(|_| types.len() == 1)?;
            Some(AttributeType::multi(*only))
        }
        one => scalar(one).map(|value| AttributeType::single(value.value_type())),
    }
}

#[test]
fn types_foresee_what_the_vectors_say() {
    let Some(file) = file() else { return };
    let all: Vec<Json> = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let (mut values, mut refused) = (0, 0);
    for vector in all.iter().filter(|vector| vector["syntax"].is_null()) {
        let source = vector["expr"].as_str().unwrap_or_default();
        let Ok(ast) = parse_in(dialect(vector), source) else { continue };
        let schema = |name: &str| attribute_type(&vector["attrs"], name);
        let types = infer(&ast, &schema);
        match run(vector) {
            Ok(result) => {
                assert_eq!(types.errors(), [], "{}: {source}", vector["id"]);
                let of = types.result();
                assert!(of.admits(&result), "{}: {source} is no {of:?}", vector["id"]);
                values += 1;
            }
            Err(error) if error.kind == ErrorKind::Type && !types.errors().is_empty() => {
                refused += 1;
            }
            Err(_) => {}
        }
    }
    assert!(values > 500 && refused > 20, "{values} values, {refused} refused");
}

/// How many of the wanted vectors there are, and those that fail; nothing without the file.
fn failures(is_wanted: impl Fn(&Json) -> bool) -> Option<(usize, Vec<String>)> {
    let text = std::fs::read_to_string(file()?).unwrap();
    let all: Vec<Json> = serde_json::from_str(&text).unwrap();
    let wanted: Vec<&Json> = all.iter().filter(|vector| is_wanted(vector)).collect();
    let mut failures = Vec::new();
    for vector in &wanted {
        let found = run(vector);
        if !holds(&vector["expect"], &found) {
            let expected = &vector["expect"];
            let (id, source) = (&vector["id"], &vector["expr"]);
            failures.push(format!("{id}: {source} gave {found:?}, not {expected}"));
        }
    }
    Some((wanted.len(), failures))
}
