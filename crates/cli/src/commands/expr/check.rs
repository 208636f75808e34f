//! `expr check`: what is wrong with an expression, and what is odd about it.

use expr::lint::lint;
use expr::types::{AttributeType, Schema, Target, infer};
use expr::{Dialect, Names};
use model::ValueType;
use serde_json::json;

use super::compile;
use super::report::{report, warn};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text;

/// What is known of the attributes, and how strict the check is.
pub(super) struct Surroundings<'a> {
    attributes: Vec<Declared<'a>>,
    to: Option<Declared<'a>>,
    is_strict: bool,
}

/// A name as the command line gives it: `mail`, `employeeID:integer`, `proxyAddresses:string*`.
struct Declared<'a> {
    name: &'a str,
    attribute: Option<AttributeType>,
}

impl<'a> Surroundings<'a> {
    /// Reads what the options say.
    pub(super) fn read(
        attributes: &'a [String],
        to: Option<&'a str>,
        is_strict: bool,
    ) -> Result<Self, Failure> {
        let attributes =
            attributes.iter().map(|text| Declared::read(text)).collect::<Result<_, _>>()?;
        Ok(Self { attributes, to: to.map(Declared::read).transpose()?, is_strict })
    }
}

impl<'a> Declared<'a> {
    fn read(text: &'a str) -> Result<Self, Failure> {
        let Some((name, word)) = text.split_once(':') else {
            return Ok(Self { name: text, attribute: None });
        };
        let (word, multi_valued) = match word.strip_suffix('*') {
            Some(word) => (word, true),
            None => (word, false),
        };
        let value_type = ValueType::parse(word).ok_or_else(|| {
            let words = ValueType::ALL.map(ValueType::as_str).join(", ");
            Failure::usage(format!("there is no type '{}'", text::printable(word)))
                .with_help(format!("the types are {words}; * after one stands for several values"))
        })?;
        Ok(Self { name, attribute: Some(AttributeType { value_type, multi_valued }) })
    }
}

impl Names for Surroundings<'_> {
    fn is_attribute(&self, name: &str) -> bool {
        self.attributes.iter().any(|known| known.name == name)
    }

    fn suggest(&self) -> Vec<&str> {
        self.attributes.iter().map(|known| known.name).collect()
    }
}

impl Schema for Surroundings<'_> {
    fn attribute(&self, name: &str) -> Option<AttributeType> {
        self.attributes.iter().find(|known| known.name == name)?.attribute
    }
}

/// Runs the command.
pub(super) fn run(
    source: &str,
    dialect: Dialect,
    surroundings: &Surroundings<'_>,
    output: &Output,
) -> Exit {
    let names = (!surroundings.attributes.is_empty()).then_some(surroundings as &dyn Names);
    let (ast, program) = match compile(source, dialect, names) {
        Ok(compiled) => compiled,
        Err(errors) => {
            report(source, &errors, output);
            return Exit::Failed;
        }
    };
    let types = infer(&ast, surroundings);
    let to = surroundings.to.as_ref();
    let target = to.map(|to| Target { attribute: to.attribute, ..Target::named(to.name) });
    let mut errors = types.errors().to_vec();
    if let Some(target) = &target {
        errors.extend(types.check_target(target).0);
    }
    let lints = lint(&types, target.as_ref());
    report(source, &errors, output);
    warn(source, &lints, output);
    if !errors.is_empty() {
        return Exit::Failed;
    }
    let attributes: Vec<&str> = program.attributes().iter().map(AsRef::as_ref).collect();
    let listed = if attributes.is_empty() { "none" } else { &attributes.join(", ") };
    let warnings = match lints.len() {
        0 => String::new(),
        1 => ", 1 warning".to_owned(),
        count => format!(", {count} warnings"),
    };
    output.text(&format!("no mistakes{warnings}; attributes: {}", text::printable(listed)));
    output.object(&json!({ "errors": 0, "warnings": lints.len(), "attributes": attributes }));
    if surroundings.is_strict && !lints.is_empty() { Exit::Failed } else { Exit::Done }
}
