//! `expr convert`: stored rules to text, text to function trees.

use expr::stored::{
    FunctionActivity, Mapping, MappingSource, ServerSource, Stored, StoredCall, StoredError,
    StoredFlow, StoredSource,
};
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
        let stored = Stored::read(text).map_err(|error| failure(&error))?;
        if let Stored::Activities(activities) = &stored {
            return list(activities, output);
        }
        print(&source(&stored).map_err(|error| failure(&error))?, "text", output);
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

pub(super) fn failure(error: &StoredError) -> Failure {
    let place = error.span().map(|span| format!(" (at byte {})", span.start)).unwrap_or_default();
    Failure::new(format!("{}{place}", chain(error))).with_code(error.code())
}

/// The expression in a stored rule that has one.
pub(super) fn source(stored: &Stored) -> Result<String, StoredError> {
    match stored {
        Stored::Call(call) => Ok(call.ast()?.to_string()),
        Stored::Flow(flow) => of_flow(flow),
        Stored::Server(mapping) => match &mapping.source {
            ServerSource::Direct(name) => Ok(name.clone()),
            ServerSource::Constant(text) => Ok(quoted(text)),
            ServerSource::Expression { flow, .. } => of_flow(flow),
        },
        Stored::Mapping(mapping) => Ok(of_mapping(mapping)),
        Stored::Activities(activities) => {
            let sources = activities.iter().map(|activity| Ok(activity.ast()?.to_string()));
            Ok(sources.collect::<Result<Vec<_>, StoredError>>()?.join("\n"))
        }
    }
}

fn of_flow(flow: &StoredFlow) -> Result<String, StoredError> {
    Ok(match &flow.source {
        StoredSource::Expression { call, .. } => call.ast()?.to_string(),
        StoredSource::Attribute(name) => name.clone(),
        StoredSource::Constant(text) => quoted(text),
    })
}

fn of_mapping(mapping: &Mapping) -> String {
    match &mapping.source {
        MappingSource::Expression { text, .. } => text.trim().to_owned(),
        MappingSource::Attributes(names) => {
            names.iter().map(|name| format!("[{name}]")).collect::<Vec<_>>().join("\n")
        }
        MappingSource::Constant(text) => quoted(&text.replace('\\', "\\\\")),
    }
}

/// Shows what a workflow assigns, and to what.
fn list(activities: &[FunctionActivity], output: &Output) -> Result<Exit, Failure> {
    let mut rows = Vec::new();
    for activity in activities {
        let ast = activity.ast().map_err(|error| failure(&error))?;
        let (text, destination) = (ast.to_string(), activity.destination.clone());
        output.object(&json!({ "destination": destination, "text": text }));
        rows.push(vec![destination, text]);
    }
    output.table(&["destination", "expression"], &rows);
    Ok(Exit::Done)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}
