//! `expr convert`: stored rules to text, text to function trees.

use expr::stored::{Mapping, MappingSource, StoredCall, StoredError, StoredFlow, StoredSource};
use serde_json::json;

use super::{read, report};
use crate::failure::{Exit, Failure, chain};
use crate::output::Output;

/// Runs the command.
pub(super) fn run(input: &str, output: &Output) -> Result<Exit, Failure> {
    let path = std::path::Path::new(input);
    let contents = if path.is_file() { read(path)? } else { input.to_owned() };
    let text = contents.trim();
    if text.starts_with('<') {
        let text = from_xml(text).map_err(|error| failure(&error))?;
        print(&text, "text", output);
        return Ok(Exit::Done);
    }
    match expr::parse(text) {
        Err(error) => {
            report(text, &[error], output);
            Ok(Exit::Failed)
        }
        Ok(ast) => {
            let call = StoredCall::of_ast(&ast).ok_or_else(|| {
                Failure::new("an expression of one word is stored without a function tree")
                    .with_help("write it as <src><attr>name</attr></src>, or <src>text</src>")
            })?;
            print(&call.write().map_err(|error| failure(&error))?, "xml", output);
            Ok(Exit::Done)
        }
    }
}

fn print(result: &str, key: &str, output: &Output) {
    output.text(result);
    output.object(&json!({ key: result }));
}

fn failure(error: &StoredError) -> Failure {
    let place = error.span().map(|span| format!(" (at byte {})", span.start)).unwrap_or_default();
    Failure::new(format!("{}{place}", chain(error))).with_code(error.code())
}

/// The expression in a stored rule. The element that the document begins with tells the format.
fn from_xml(xml: &str) -> Result<String, StoredError> {
    let begins = |name: &str| root(xml) == Some(name);
    if begins("mapping") {
        return Ok(match Mapping::read(xml)?.source {
            MappingSource::Expression { text, .. } => text.trim().to_owned(),
            MappingSource::Attributes(names) => {
                names.iter().map(|name| format!("[{name}]")).collect::<Vec<_>>().join("\n")
            }
            MappingSource::Constant(text) => quoted(&text.replace('\\', "\\\\")),
        });
    }
    if begins("export-flow") || begins("import-flow") || begins("sync-rule-mapping") {
        return Ok(match StoredFlow::read(xml)?.source {
            StoredSource::Expression { call, .. } => call.ast()?.to_string(),
            StoredSource::Attribute(name) => name,
            StoredSource::Constant(text) => quoted(&text),
        });
    }
    Ok(StoredCall::read(xml)?.ast()?.to_string())
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

/// The name of the first element, after a declaration and comments.
fn root(xml: &str) -> Option<&str> {
    let mut rest = xml;
    loop {
        rest = rest.trim_start().strip_prefix('<')?;
        let end = match rest.chars().next()? {
            '?' => "?>",
            '!' => "-->",
            _ => return rest.split([' ', '\t', '\r', '\n', '>', '/']).next(),
        };
        rest = rest.split_once(end)?.1;
    }
}
