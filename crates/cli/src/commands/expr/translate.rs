//! `expr convert --to`: one product's language into the other's.

use expr::stored::Stored;
use expr::translate::translate;
use expr::types::{AttributeType, Schema, infer};
use expr::{Ast, Dialect, Program};
use model::ValueType;
use serde_json::json;

use super::check::Surroundings;
use super::report::{refuse, report};
use super::{compile, convert, read};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text;

/// What is asked for.
pub(super) struct Wanted<'a> {
    /// The language to translate into.
    pub(super) to: Dialect,
    /// The language of the expression, if that is said.
    pub(super) from: Option<Dialect>,
    /// What is known of the attributes.
    pub(super) known: &'a Surroundings<'a>,
}

/// Attributes that nobody described are taken for one text each.
struct TextUnlessKnown<'a>(&'a Surroundings<'a>);

impl Schema for TextUnlessKnown<'_> {
    fn attribute(&self, name: &str) -> Option<AttributeType> {
        let is_truth = ["true", "false"].iter().any(|word| name.eq_ignore_ascii_case(word));
        let text = (!is_truth).then(|| AttributeType::single(ValueType::String));
        self.0.attribute(name).or(text)
    }
}

/// Runs the command.
pub(super) fn run(input: &str, wanted: &Wanted<'_>, output: &Output) -> Result<Exit, Failure> {
    let path = std::path::Path::new(input);
    let contents = if path.is_file() { read(path)? } else { input.to_owned() };
    let (source, from) = written(contents.trim(), wanted)?;
    let (ast, program) = match compile(&source, from, None) {
        Ok(compiled) => compiled,
        Err(errors) => {
            report(&source, &errors, output);
            return Ok(Exit::Failed);
        }
    };
    Ok(show(&source, &ast, &program, wanted, output))
}

/// The expression in what was given, and its language.
fn written(text: &str, wanted: &Wanted<'_>) -> Result<(String, Dialect), Failure> {
    if !text.starts_with('<') {
        let other = match wanted.to {
            Dialect::Mim | Dialect::Extension => Dialect::EntraExtended,
            Dialect::Entra | Dialect::EntraExtended => Dialect::Mim,
        };
        return Ok((text.to_owned(), wanted.from.unwrap_or(other)));
    }
    let stored = Stored::read(text).map_err(|error| convert::failure(&error))?;
    let from = match &stored {
        Stored::Activities(_) => {
            return Err(Failure::new("a workflow is not translated as a whole")
                .with_help("convert it without --to, then translate each expression"));
        }
        Stored::Mapping(_) => Dialect::EntraExtended,
        _ => Dialect::Mim,
    };
    let source = convert::source(&stored).map_err(|error| convert::failure(&error))?;
    Ok((source, from))
}

fn show(source: &str, ast: &Ast, program: &Program, wanted: &Wanted<'_>, output: &Output) -> Exit {
    let schema = TextUnlessKnown(wanted.known);
    let types = infer(ast, &schema);
    if !types.errors().is_empty() {
        report(source, types.errors(), output);
        return Exit::Failed;
    }
    let translation = match translate(&types, wanted.to) {
        Ok(translation) => translation,
        Err(reasons) => {
            refuse(source, &reasons, output);
            return Exit::Failed;
        }
    };
    let attributes = program.attributes().iter().map(AsRef::as_ref);
    let texts: Vec<&str> =
        attributes.filter(|name| wanted.known.attribute(name).is_none()).collect();
    let translated = translation.ast.to_string();
    output.text(&translated);
    output.object(&json!({
        "text": translated,
        "taken_for_texts": texts,
        "remarks": translation.remarks,
    }));
    if !output.is_json() {
        if !texts.is_empty() {
            let names = text::printable(&texts.join(", "));
            output.note(&format!("taken for one text each: {names}"));
        }
        translation.remarks.iter().for_each(|remark| output.note(remark));
    }
    Exit::Done
}
