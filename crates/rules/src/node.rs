//! A TOML document as a tree in which everything knows its place. The rest of the crate sees
//! documents only in this form.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use crate::code;
use crate::diagnostic::{Diagnostic, File};

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Spanned<T> {
    pub(crate) value: T,
    pub(crate) span: Range<usize>,
}

/// One value of a document. The span of a table with a header is its header.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) kind: NodeKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NodeKind {
    Text(String),
    Integer(i64),
    Boolean(bool),
    /// A type that no setting has.
    Other(&'static str),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// One key of a table with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_span: Range<usize>,
    pub(crate) node: Node,
}

impl Node {
    /// The type in words.
    pub(crate) const fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Text(_) => "text",
            NodeKind::Integer(_) => "a whole number",
            NodeKind::Boolean(_) => "true or false",
            NodeKind::Other(what) => what,
            NodeKind::List(_) => "a list",
            NodeKind::Table(_) => "a table",
        }
    }

    /// True for a list.
    pub(crate) const fn is_list(&self) -> bool {
        matches!(self.kind, NodeKind::List(_))
    }

    /// The entries of a table; none of anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            NodeKind::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The place of the setting at `path`, e.g. `connectivity.tenant` or `partitions.0.dn`, or of
    /// the nearest one above it; `None` for the document itself.
    pub(crate) fn locate(&self, path: &str) -> Option<Range<usize>> {
        let mut place = None;
        let mut node = self;
        let mut rest = path;
        while !rest.is_empty() {
            let step = match &node.kind {
                // Keys may hold dots, so the path is not simply split.
                NodeKind::Table(entries) => entries.iter().find_map(|entry| {
                    let below = rest.strip_prefix(entry.key.as_str())?;
                    let below = if below.is_empty() { below } else { below.strip_prefix('.')? };
                    Some((&entry.node, below, entry.span()))
                }),
                NodeKind::List(items) => {
                    let (index, below) = rest.split_once('.').unwrap_or((rest, ""));
                    let item = index.parse().ok().and_then(|index: usize| items.get(index));
                    item.map(|item| (item, below, item.span.clone()))
                }
                _ => None,
            };
            let Some((next, below, span)) = step else { break };
            (node, rest, place) = (next, below, Some(span));
        }
        place
    }
}

impl Entry {
    /// Key and value; of a table only what introduces it.
    pub(crate) fn span(&self) -> Range<usize> {
        match &self.node.kind {
            NodeKind::List(_) | NodeKind::Table(_) => self.key_span.clone(),
            _ => self.key_span.start..self.node.span.end.max(self.key_span.end),
        }
    }
}

/// Reads a document; `None` after an offence against TOML, of which the first is reported.
pub(crate) fn parse(file: File<'_>, found: &mut Vec<Diagnostic>) -> Option<Node> {
    match Document::parse(file.text) {
        Ok(document) => Some(Node { span: 0..0, kind: table(document.as_table(), &(0..0)) }),
        Err(error) => {
            let span = error.span().unwrap_or(file.text.len()..file.text.len());
            found.push(file.error(code::SYNTAX, span, first_line(error.message())));
            None
        }
    }
}

/// Parsers may explain over several lines; a diagnostic's message is one.
fn first_line(message: &str) -> String {
    let line = message.lines().next().unwrap_or("this is not TOML");
    let mut chars = line.chars();
    let first = chars.next().map(|c| c.to_ascii_lowercase());
    first.into_iter().chain(chars).collect()
}

fn table(table: &dyn TableLike, place: &Range<usize>) -> NodeKind {
    let entry = |(key, item): (&str, &Item)| {
        let key_span = table.key(key).and_then(toml_edit::Key::span);
        let key_span = key_span.unwrap_or_else(|| place.clone());
        let node = node(item, &key_span);
        Entry { key: key.to_owned(), key_span, node }
    };
    NodeKind::Table(table.iter().map(entry).collect())
}

/// `place` stands in for tables that the document only implies.
fn node(item: &Item, place: &Range<usize>) -> Node {
    let span = item.span().unwrap_or_else(|| place.clone());
    let kind = match item {
        Item::None => NodeKind::Table(Vec::new()),
        Item::Value(value) => return value_node(value, place),
        Item::Table(inner) => table(inner, &span),
        Item::ArrayOfTables(tables) => NodeKind::List(
            tables
                .iter()
                .map(|inner| {
                    let span = inner.span().unwrap_or_else(|| place.clone());
                    Node { kind: table(inner, &span), span }
                })
                .collect(),
        ),
    };
    Node { span, kind }
}

fn value_node(value: &Value, place: &Range<usize>) -> Node {
    let span = value.span().unwrap_or_else(|| place.clone());
    let kind = match value {
        Value::String(text) => NodeKind::Text(text.value().clone()),
        Value::Integer(number) => NodeKind::Integer(*number.value()),
        Value::Boolean(truth) => NodeKind::Boolean(*truth.value()),
        Value::Float(_) => NodeKind::Other("a number with a fraction"),
        Value::Datetime(_) => NodeKind::Other("a date or time"),
        Value::Array(items) => NodeKind::List(items.iter().map(|v| value_node(v, &span)).collect()),
        Value::InlineTable(inner) => table(inner, &span),
    };
    Node { span, kind }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[connectivity]\ntenant = \"x\"\nbind = { user = \"u\" }\n\
                        [[partitions]]\ndn = \"a\"\n[[partitions]]\ndn = \"b\"\n\
                        [objects.user]\nanchor = \"id\"\n\"a.b\" = 1\n";

    fn check(path: &str, expected: Option<&str>) {
        let root = parse(File { path: "x.toml", text: TEXT }, &mut Vec::new()).unwrap();
        assert_eq!(root.locate(path).and_then(|span| TEXT.get(span)), expected, "{path}");
    }

    #[test]
    fn a_path_leads_to_the_nearest_setting() {
        check("connectivity.tenant", Some("tenant = \"x\""));
        check("connectivity.bind.user", Some("user = \"u\""));
        check("connectivity.bind.password", Some("bind"));
        check("connectivity.client_id", Some("connectivity"));
        check("partitions.1.dn", Some("dn = \"b\""));
        check("partitions.1.containers", Some("[[partitions]]"));
        check("partitions.7", Some("partitions"));
        check("objects.user.anchor", Some("anchor = \"id\""));
        check("objects.user.a.b", Some("\"a.b\" = 1"));
        check("parameters.http_timeout", None);
    }
}
