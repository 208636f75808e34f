//! A TOML document as a tree in which everything knows its place.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use crate::reader::Page;

/// One value of a document.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) span: Range<usize>,
    pub(crate) kind: NodeKind,
}

#[derive(Debug, Clone)]
pub(crate) enum NodeKind {
    Text(String),
    Integer(i64),
    Boolean(bool),
    /// A date with a time, in its own spelling.
    Moment(String),
    /// A type that nothing here has.
    Other(&'static str),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// One key of a table with its value.
#[derive(Debug, Clone)]
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
            NodeKind::Moment(_) => "a date or time",
            NodeKind::Other(what) => what,
            NodeKind::List(_) => "a list",
            NodeKind::Table(_) => "a table",
        }
    }

    /// The entries of a table; none of anything else.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.kind {
            NodeKind::Table(entries) => entries,
            _ => &[],
        }
    }
}

/// Reads a document; `None` after an offence against TOML, which is reported.
pub(crate) fn parse(page: &Page<'_>) -> Option<Node> {
    match Document::parse(page.text) {
        Ok(document) => Some(Node { span: 0..0, kind: table(document.as_table(), &(0..0)) }),
        Err(error) => {
            let span = error.span().unwrap_or(page.text.len()..page.text.len());
            let message = error.message().lines().next().unwrap_or("this is not TOML").to_owned();
            page.error(span, message, None);
            None
        }
    }
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
        Value::Datetime(moment) => NodeKind::Moment(moment.value().to_string()),
        Value::Array(items) => NodeKind::List(items.iter().map(|v| value_node(v, &span)).collect()),
        Value::InlineTable(inner) => table(inner, &span),
    };
    Node { span, kind }
}
