//! Vector files: expressions with the results they must have, as JSON, for whoever builds or
//! checks an implementation of the languages.
//!
//! A file is an array of objects with `id`, `dialect` (`mim` or `entra`), `expr`, `attrs` and
//! `expect`; optional are `syntax` (`fn-xml`), `ext`, `schema` and what surrounds the evaluation.

mod json;
mod pattern;
mod surroundings;

use model::Timestamp;
use serde_json::Value as Json;

use crate::stored::{StoredCall, StoredError};
use crate::{Dialect, ErrorKind, ExprError, Names, Operand, Program, Random};

pub use json::render;
pub use surroundings::Surroundings;

/// What is wrong with a vector file.
#[derive(Debug, thiserror::Error)]
pub enum VectorError {
    /// It is not JSON.
    #[error("the file is not JSON")]
    Json(#[from] serde_json::Error),
    /// It is JSON, but no array of objects.
    #[error("the file is not a list of vectors")]
    Shape,
    /// A key is missing or has a value it cannot have.
    #[error("'{key}' is missing or has a value it cannot have")]
    Key {
        /// The key.
        key: &'static str,
    },
    /// A vector is wrong.
    #[error("vector {id} cannot be read")]
    Vector {
        /// Its id, or its number from 1.
        id: String,
        /// What is wrong.
        source: Box<Self>,
    },
}

impl VectorError {
    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(_) | Self::Shape => "EXP-0411",
            Self::Key { .. } | Self::Vector { .. } => "EXP-0412",
        }
    }
}

/// What is shown instead of a generated password.
const SECRET: &str = "(secret)";

/// One vector.
#[derive(Debug, Clone)]
pub struct Vector {
    /// Its name.
    pub id: String,
    /// The language.
    pub dialect: Dialect,
    /// The expression.
    pub source: String,
    is_tree: bool,
    schema: Option<Schema>,
    surroundings: Surroundings,
    expected: Expected,
}

#[derive(Debug, Clone)]
enum Expected {
    Result(Operand),
    Error { kind: String, message: Option<String> },
    Range(i64, i64),
    Matches(String),
}

/// How a vector went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// As expected.
    Passed,
    /// Otherwise; both sides in the notation of the file.
    Failed {
        /// What the file says.
        expected: String,
        /// What came out.
        actual: String,
    },
}

/// Reads a vector file.
///
/// # Errors
/// The first vector that cannot be read, or [`VectorError::Json`].
pub fn read(text: &str) -> Result<Vec<Vector>, VectorError> {
    let file: Json = serde_json::from_str(text)?;
    let vectors = file.as_array().ok_or(VectorError::Shape)?;
    let numbered = vectors.iter().zip(1_usize..);
    numbered
        .map(|(json, number)| {
            vector(json).map_err(|error| {
                let id = json.get("id").and_then(Json::as_str).map(str::to_owned);
                let id = id.unwrap_or_else(|| number.to_string());
                VectorError::Vector { id, source: Box::new(error) }
            })
        })
        .collect()
}

fn text<'a>(json: &'a Json, key: &'static str) -> Result<&'a str, VectorError> {
    json.get(key).and_then(Json::as_str).ok_or(VectorError::Key { key })
}

fn words(json: &Json, key: &'static str) -> Result<Option<Vec<String>>, VectorError> {
    let Some(list) = json.get(key) else { return Ok(None) };
    let texts = list.as_array().and_then(|items| {
        items.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>()
    });
    texts.map(Some).ok_or(VectorError::Key { key })
}

fn vector(json: &Json) -> Result<Vector, VectorError> {
    let dialect = match (text(json, "dialect")?, json.get("ext").is_some()) {
        ("mim", _) => Dialect::Mim,
        ("entra", false) => Dialect::Entra,
        ("entra", true) => Dialect::EntraExtended,
        _ => return Err(VectorError::Key { key: "dialect" }),
    };
    let is_tree = match json.get("syntax").map(Json::as_str) {
        None => false,
        Some(Some("fn-xml")) => true,
        Some(_) => return Err(VectorError::Key { key: "syntax" }),
    };
    Ok(Vector {
        id: text(json, "id")?.to_owned(),
        dialect,
        source: text(json, "expr")?.to_owned(),
        is_tree,
        schema: words(json, "schema")?.map(Schema),
        surroundings: Surroundings::of_vector(json)?,
        expected: expected(json.get("expect").unwrap_or(&Json::Null))
            .ok_or(VectorError::Key { key: "expect" })?,
    })
}

fn expected(json: &Json) -> Option<Expected> {
    if let Some(kind) = json.get("error") {
        let message = json.get("message").and_then(Json::as_str).map(str::to_owned);
        return Some(Expected::Error { kind: kind.as_str()?.to_owned(), message });
    }
    if let Some(bounds) = json.get("range") {
        let [least, greatest] = bounds.as_array()?.as_slice() else { return None };
        return Some(Expected::Range(least.as_i64()?, greatest.as_i64()?));
    }
    if let Some(pattern) = json.get("matches") {
        let pattern = pattern.as_str()?;
        return pattern::is_valid(pattern).then(|| Expected::Matches(pattern.to_owned()));
    }
    json::operand(json).map(Expected::Result)
}

impl Vector {
    /// Runs the vector at the moment it names, or else at `now`.
    pub fn run(&self, now: Timestamp, random: &mut dyn Random) -> Outcome {
        let program = self.program();
        let is_secret = program.as_ref().is_ok_and(Program::is_secret);
        let found = program.and_then(|program| self.evaluate(&program, now, random));
        if self.expected.holds(&found) {
            return Outcome::Passed;
        }
        let actual = match &found {
            Ok(_) if is_secret => SECRET.to_owned(),
            Ok(operand) => render(operand).to_string(),
            Err(error) => {
                let kind = kind_word(error.kind);
                serde_json::json!({ "error": kind, "message": error.message }).to_string()
            }
        };
        Outcome::Failed { expected: self.expected.to_json().to_string(), actual }
    }

    fn evaluate(
        &self,
        program: &Program,
        now: Timestamp,
        random: &mut dyn Random,
    ) -> Result<Operand, ExprError> {
        let surroundings = self.surroundings.clone().at(now);
        program.compute(&surroundings, random).map(|operand| match operand {
            Operand::Many(values) => {
                Operand::List(values.iter().map(|value| Operand::One(value.clone())).collect())
            }
            other => other,
        })
    }

    fn program(&self) -> Result<Program, ExprError> {
        let names = self.schema.as_ref().map(|schema| schema as &dyn Names);
        let ast = if self.is_tree {
            StoredCall::read(&self.source).and_then(|call| call.ast()).map_err(of_stored)?
        } else {
            crate::parse_in(self.dialect, &self.source)?
        };
        crate::bind(&ast, names).map_err(|errors| {
            let none = || ExprError::new(ErrorKind::Parse, crate::Span::default(), "not bound");
            errors.into_iter().next().unwrap_or_else(none)
        })
    }
}

fn of_stored(error: StoredError) -> ExprError {
    let span = error.span().unwrap_or_default();
    match error {
        StoredError::Expression(error) => error,
        other => ExprError::new(ErrorKind::Parse, span, other.to_string()),
    }
}

impl Expected {
    fn holds(&self, found: &Result<Operand, ExprError>) -> bool {
        match (self, found) {
            (Self::Error { kind, message }, Err(error)) => {
                let is_message = message.as_ref().is_none_or(|message| *message == error.message);
                kind == kind_word(error.kind) && is_message
            }
            (Self::Result(expected), Ok(found)) => expected == found,
            (Self::Range(least, greatest), Ok(Operand::One(model::Value::Integer(number)))) => {
                (*least..=*greatest).contains(number)
            }
            (Self::Matches(pattern), Ok(Operand::One(model::Value::String(text)))) => {
                pattern::matches(pattern, text)
            }
            _ => false,
        }
    }

    fn to_json(&self) -> Json {
        match self {
            Self::Result(operand) => render(operand),
            Self::Error { kind, message: None } => serde_json::json!({ "error": kind }),
            Self::Error { kind, message } => {
                serde_json::json!({ "error": kind, "message": message })
            }
            Self::Range(least, greatest) => serde_json::json!({ "range": [least, greatest] }),
            Self::Matches(pattern) => serde_json::json!({ "matches": pattern }),
        }
    }
}

/// The word for a class of errors in vector files.
#[must_use]
pub const fn kind_word(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Parse => "parse",
        ErrorKind::UnknownFunction => "unknown-function",
        ErrorKind::UnknownAttribute => "unknown-attribute",
        ErrorKind::UnknownIdentifier => "unknown-identifier",
        ErrorKind::UnknownVariable => "unknown-variable",
        ErrorKind::UnknownParameter => "unknown-parameter",
        ErrorKind::Arity => "arity",
        ErrorKind::Type => "type",
        ErrorKind::Value => "value",
        ErrorKind::Range => "range",
        ErrorKind::MvLength => "mv-length",
        ErrorKind::User => "user",
        ErrorKind::Limit => "limit",
    }
}

#[derive(Debug, Clone)]
struct Schema(Vec<String>);

impl Names for Schema {
    fn is_attribute(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }

    fn suggest(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}

#[cfg(test)]
mod tests;
