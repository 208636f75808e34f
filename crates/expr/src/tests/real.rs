//! The expressions of real configurations that the specification lists, when it is checked out
//! beside the project: each is read, bound, printed, stored and read again.

use std::path::{Path, PathBuf};

use regex::Regex;

use crate::stored::{Mapping, MappingSource, MergeType, StoredCall};
use crate::{Ast, Dialect, bind, parse_in};

fn file() -> Option<PathBuf> {
    let above = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3)?;
    let file = above.join("shared/spec/functions.md");
    file.exists().then_some(file)
}

/// The list: the dialect and the text of each.
fn listed() -> Option<Vec<(Dialect, String)>> {
    let page = std::fs::read_to_string(file()?).unwrap();
    let section = page.split_once("\n## 6. ").unwrap().1.split_once("\n## ").unwrap().0;
    let parts = section.split("\n### ").skip(1);
    Some(parts.flat_map(|part| of_part(part.split_once('\n').unwrap())).collect())
}

fn of_part((heading, body): (&str, &str)) -> Vec<(Dialect, String)> {
    let dialect = if heading.contains("Entra") { Dialect::Entra } else { Dialect::Mim };
    let item = Regex::new(r"(?m)^(\d+)\.(–\d+\.)? ").unwrap();
    let starts: Vec<usize> = item.find_iter(body).map(|found| found.start()).collect();
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    let items = starts.iter().zip(ends).map(|(start, end)| body.get(*start..end).unwrap());
    items.flat_map(of_item).map(|source| (dialect, source)).collect()
}

fn of_item(item: &str) -> Vec<String> {
    let span = Regex::new("(?s)`` (.*?) ``").unwrap();
    let spans: Vec<&str> =
        span.captures_iter(item).map(|found| found.get(1).unwrap().as_str()).collect();
    match spans.as_slice() {
        [] => vec![fenced(item)],
        [one] => vec![(*one).to_owned()],
        [first, last] => range(first, last),
        _ => panic!("more than two expressions in {item}"),
    }
}

/// What stands in the fence of an item, without the item's indentation.
fn fenced(item: &str) -> String {
    let block = item.split_once("```text\n").unwrap().1.split_once("   ```").unwrap().0;
    let lines = block.lines().map(|line| line.strip_prefix("   ").unwrap_or(line));
    lines.collect::<Vec<_>>().join("\n")
}

/// The expressions from `first` to `last`, which differ in one number.
fn range(first: &str, last: &str) -> Vec<String> {
    let number = Regex::new(r"\d+").unwrap();
    let of = |text: &str| number.find(text).unwrap().as_str().parse::<u32>().unwrap();
    let numbers = of(first)..=of(last);
    numbers.map(|n| number.replace(first, n.to_string()).into_owned()).collect()
}

/// The tree without its places in the source.
fn shape(ast: &Ast) -> String {
    let place = Regex::new(r"Span \{[^}]*\}").unwrap();
    place.replace_all(&format!("{:?}", ast.root()), "").into_owned()
}

fn stored_and_read(dialect: Dialect, source: &str, ast: &Ast) -> Ast {
    if dialect == Dialect::Mim {
        let call = StoredCall::of_ast(ast).unwrap();
        let read = StoredCall::read(&call.write().unwrap()).unwrap();
        assert_eq!(read, call, "{source}");
        return read.ast().unwrap();
    }
    let text = source.to_owned();
    let source = MappingSource::Expression { attributes: Vec::new(), text };
    let mapping = Mapping { destination: "mail".to_owned(), source, merge: MergeType::default() };
    let read = Mapping::read(&mapping.write().unwrap()).unwrap();
    assert_eq!(read, mapping);
    let MappingSource::Expression { text, .. } = read.source else { panic!("no expression") };
    parse_in(dialect, &text).unwrap()
}

#[test]
fn each_expression_of_the_specification_is_read_bound_printed_and_stored() {
    let Some(listed) = listed() else { return };
    let entra = listed.iter().filter(|(dialect, _)| *dialect == Dialect::Entra).count();
    assert_eq!((entra, listed.len()), (97, 131));
    for (dialect, source) in listed {
        let ast = parse_in(dialect, &source).unwrap_or_else(|e| panic!("{source}: {e:?}"));
        bind(&ast, None).unwrap_or_else(|e| panic!("{source}: {e:?}"));
        let printed = ast.to_string();
        let again = parse_in(dialect, &printed).unwrap_or_else(|e| panic!("{printed}: {e:?}"));
        assert_eq!(shape(&again), shape(&ast), "{source}");
        let read = stored_and_read(dialect, &source, &ast);
        assert_eq!(shape(&read), shape(&ast), "{source}");
    }
}
