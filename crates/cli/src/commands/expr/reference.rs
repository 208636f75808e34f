//! `expr functions`: the reference, out of the table of functions.

use std::fmt::Write as _;

use expr::{Dialect, FUNCTIONS, Function, OnNull, Returns};
use serde_json::json;

use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text;

/// What the reference page begins with.
const HEAD: &str = "# Expressions

The functions of rule expressions, written by `proxeny expr functions --markdown` from the table that the program itself works with.
Rules and `proxeny expr` take expressions of Microsoft Identity Manager, unless told otherwise, and of Entra Connect.
[Writing expressions](expressions-guide.md) shows how to use them, [Differences between the dialects](expression-dialects.md) compares the two languages.

| language | attribute | parameter | joining | nothing |
|---|---|---|---|---|
| `mim` | `accountName` | `$name`, `[//Target/name]` | `+` | `Null()` |
| `entra` | `[accountName]` | `%name%` | `&` | `NULL` |

`entra-extended` is `entra` with functions of cloud provisioning.
Names of functions and attributes are case-sensitive in all of them.
A function that is said to work element by element gives a list when that argument is one.
";

/// The languages with their names on the command line and the headings of the page.
const DIALECTS: [(Dialect, &str, &str); 4] = [
    (Dialect::Mim, "mim", "Microsoft Identity Manager"),
    (Dialect::Extension, "everywhere", "Of our own, in every language"),
    (Dialect::Entra, "entra", "Entra Connect"),
    (Dialect::EntraExtended, "entra-extended", "Cloud provisioning"),
];

/// Runs the command.
pub(super) fn run(
    name: Option<&str>,
    dialect: Option<Dialect>,
    markdown: bool,
    output: &Output,
) -> Result<Exit, Failure> {
    if markdown {
        output.text(page().trim_end());
        output.object(&json!({ "markdown": page() }));
        return Ok(Exit::Done);
    }
    let known = all().filter(|function| dialect.is_none_or(|dialect| is_in(function, dialect)));
    let Some(name) = name else {
        list(known, output);
        return Ok(Exit::Done);
    };
    let mut found = known.filter(|function| function.name.eq_ignore_ascii_case(name)).peekable();
    if found.peek().is_none() {
        let message = format!("there is no function '{}'", text::printable(name));
        return Err(Failure::usage(message).with_help("proxeny expr functions lists them all"));
    }
    for function in found {
        show(function, output);
    }
    Ok(Exit::Done)
}

fn all() -> impl Iterator<Item = &'static Function> {
    let mim = FUNCTIONS.iter();
    let entra = expr::available(Dialect::EntraExtended);
    // The tables may share entries.
    mim.chain(
        entra.filter(|function| !FUNCTIONS.iter().any(|known| std::ptr::eq(known, *function))),
    )
}

fn is_in(function: &Function, dialect: Dialect) -> bool {
    function.dialects.iter().any(|known| *known == dialect || *known == Dialect::Extension)
}

fn languages(function: &Function) -> String {
    let names = DIALECTS.iter().filter(|(dialect, ..)| function.dialects.contains(dialect));
    names.map(|(_, name, _)| *name).collect::<Vec<_>>().join(", ")
}

fn list(functions: impl Iterator<Item = &'static Function>, output: &Output) {
    let mut rows = Vec::new();
    for function in functions {
        output.object(&object(function));
        rows.push(vec![function.signature(), languages(function), function.docs.to_owned()]);
    }
    output.table(&["function", "language", "what it does"], &rows);
}

fn object(function: &Function) -> serde_json::Value {
    let parameters = function.parameters.iter().map(|parameter| {
        json!({
            "name": parameter.name,
            "takes": parameter.kind.describe(),
            "absent": absent(parameter.on_null),
        })
    });
    json!({
        "name": function.name,
        "signature": function.signature(),
        "languages": languages(function),
        "parameters": parameters.collect::<Vec<_>>(),
        "returns": returns(function),
        "docs": function.docs,
    })
}

fn show(function: &Function, output: &Output) {
    output.object(&object(function));
    output.text(&format!("{}  ({})", function.signature(), languages(function)));
    output.text(&format!("  {}", function.docs));
    output.text(&format!("  gives {}", returns(function)));
    for note in notes(function) {
        output.text(&format!("  {note}"));
    }
    let rows: Vec<Vec<String>> = function
        .parameters
        .iter()
        .map(|parameter| {
            let absent = absent(parameter.on_null);
            vec![parameter.name.to_owned(), parameter.kind.describe().to_owned(), absent.to_owned()]
        })
        .collect();
    output.table(&["  parameter", "takes", "when absent"], &indented(rows));
    output.text("");
}

fn indented(rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let mut rows = rows;
    for name in rows.iter_mut().filter_map(|row| row.first_mut()) {
        name.insert_str(0, "  ");
    }
    rows
}

const fn absent(on_null: OnNull) -> &'static str {
    match on_null {
        OnNull::Propagate => "nothing comes out",
        OnNull::EmptyText => "empty text comes out",
        OnNull::Zero => "0 comes out",
        OnNull::False => "False comes out",
        OnNull::Refuse(_) => "an error",
        OnNull::Pass => "the function decides",
    }
}

fn returns(function: &Function) -> String {
    match function.returns {
        Returns::Type(value_type) => value_type.to_string(),
        Returns::Nothing => "nothing".to_owned(),
        Returns::Arguments([]) => "what its arguments make of it".to_owned(),
        Returns::Arguments(indices) => {
            let names = indices.iter().filter_map(|i| function.parameter(*i));
            format!("what is in {}", names.map(|p| p.name).collect::<Vec<_>>().join(" or "))
        }
    }
}

fn notes(function: &Function) -> Vec<String> {
    let mut notes = Vec::new();
    let lifted: Vec<&str> =
        function.lifts.iter().filter_map(|i| function.parameter(*i)).map(|p| p.name).collect();
    if !lifted.is_empty() {
        notes.push(format!("works element by element over {}", lifted.join(", ")));
    }
    let purity = function.purity;
    if purity.reads_clock() {
        notes.push("depends on the present moment".to_owned());
    }
    if purity.asks_others() {
        notes.push("depends on other objects".to_owned());
    }
    match (purity.is_random(), purity.is_secret()) {
        (true, true) => notes.push("draws a secret, which is never shown".to_owned()),
        (true, false) => notes.push("draws at random at every evaluation".to_owned()),
        (false, true) => notes.push("its result is never shown".to_owned()),
        (false, false) => {}
    }
    if function.outermost {
        notes.push("only as the whole expression".to_owned());
    }
    notes
}

/// The reference page.
#[must_use]
pub fn page() -> String {
    let mut page = String::from(HEAD);
    for (dialect, name, heading) in DIALECTS {
        // Each function stands once, under the first of its languages.
        let first = |function: &&Function| function.dialects.first() == Some(&dialect);
        let functions: Vec<&Function> = all().filter(first).collect();
        if functions.is_empty() {
            continue;
        }
        // Writing into a string cannot fail.
        let _ = write!(page, "\n## {heading}\n\n`{name}`\n\n");
        page.push_str("| function | gives | what it does |\n|---|---|---|\n");
        for function in functions {
            let mut docs = vec![function.docs.to_owned()];
            docs.extend(notes(function));
            let docs = docs.join("; ").replace('|', "\\|");
            let _ =
                writeln!(page, "| `{}` | {} | {docs} |", function.signature(), returns(function));
        }
    }
    page
}
