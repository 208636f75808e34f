//! Values as tests write them, and what tests demand of values.

use model::{Guid, Sid, Timestamp, Value, ValueType};
use regex::Regex;

use crate::node::{Entry, Node, NodeKind};
use crate::reader::{Page, Reader, number_in, wrong};

/// One value, not yet of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Integer(i64),
    Boolean(bool),
    Octets(Vec<u8>),
}

impl Literal {
    /// The value that this is for an attribute of a type.
    pub(crate) fn to_value(&self, value_type: ValueType) -> Result<Value, String> {
        let refused = || Err(format!("{} is no value of type {value_type}", self.show()));
        match (self, value_type) {
            (Self::Text(text), ValueType::String) => Ok(Value::string(text)),
            (Self::Text(text), ValueType::Reference) => Ok(Value::reference(text)),
            (Self::Integer(number), ValueType::Integer) => Ok(Value::Integer(*number)),
            (Self::Boolean(truth), ValueType::Boolean) => Ok(Value::Boolean(*truth)),
            (Self::Octets(octets), ValueType::Binary) => Ok(Value::binary(octets)),
            (Self::Text(text), ValueType::Binary) => match octets(text) {
                Some(octets) => Ok(Value::binary(&octets)),
                None => refused(),
            },
            (Self::Text(text), ValueType::DateTime) => match Timestamp::parse(text) {
                Ok(moment) => Ok(Value::DateTime(moment)),
                Err(error) => Err(error.to_string()),
            },
            _ => refused(),
        }
    }

    /// The value as people read it.
    pub(crate) fn show(&self) -> String {
        match self {
            Self::Text(text) => format!("{text:?}"),
            Self::Integer(number) => number.to_string(),
            Self::Boolean(truth) => truth.to_string(),
            Self::Octets(octets) => Value::binary(octets).to_string(),
        }
    }
}

/// Octets written as a security identifier or in hexadecimal.
fn octets(text: &str) -> Option<Vec<u8>> {
    if text.starts_with("S-1-") {
        return Sid::parse(text).ok().map(|sid| sid.to_bytes());
    }
    hex(text)
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    let octet = |pair: &[u32]| pair.iter().fold(0, |octet, digit| octet * 16 + digit);
    digits.chunks(2).map(|pair| u8::try_from(octet(pair)).ok()).collect()
}

/// Reads the values of one attribute: one, or a list.
pub(crate) fn literals(page: &Page<'_>, what: &str, node: &Node) -> Vec<Literal> {
    match &node.kind {
        NodeKind::List(items) => items.iter().filter_map(|n| literal(page, what, n)).collect(),
        _ => literal(page, what, node).into_iter().collect(),
    }
}

/// Reads one value.
pub(crate) fn literal(page: &Page<'_>, what: &str, node: &Node) -> Option<Literal> {
    match &node.kind {
        NodeKind::Text(text) | NodeKind::Moment(text) => Some(Literal::Text(text.clone())),
        NodeKind::Integer(number) => Some(Literal::Integer(*number)),
        NodeKind::Boolean(truth) => Some(Literal::Boolean(*truth)),
        NodeKind::Table(_) => table_literal(page, what, node),
        NodeKind::Other(_) | NodeKind::List(_) => wrong(page, what, node, "a value"),
    }
}

fn table_literal(page: &Page<'_>, what: &str, node: &Node) -> Option<Literal> {
    let mut reader = Reader::new(page, what, node);
    let read = if let Some(text) = reader.text("hex") {
        hex(text).map(Literal::Octets)
    } else if let Some(text) = reader.text("sid") {
        Sid::parse(text).ok().map(|sid| Literal::Octets(sid.to_bytes()))
    } else if let Some(text) = reader.text("guid") {
        Guid::parse(text).ok().map(|guid| Literal::Octets(guid.to_directory().to_vec()))
    } else if let Some(text) = reader.text("repeat") {
        let times = reader.number("times").unwrap_or(1);
        usize::try_from(times)
            .ok()
            .filter(|n| *n <= 1_000_000)
            .map(|n| Literal::Text(text.repeat(n)))
    } else {
        None
    };
    if read.is_none() {
        let help = "a text, a number, true or false, { hex = \"00ff\" }, { sid = \"S-1-5-…\" }, \
                    { guid = \"…\" } or { repeat = \"x\", times = 449 }";
        page.error(node.span.clone(), format!("`{what}` is no value"), Some(help.to_owned()));
        return None;
    }
    reader.finish();
    read
}

/// Attribute values by name.
pub(crate) type Literals = Vec<(String, Vec<Literal>)>;

/// Reads a table of attribute values.
pub(crate) fn attributes(page: &Page<'_>, entries: &[Entry]) -> Literals {
    let read = |entry: &Entry| (entry.key.clone(), literals(page, &entry.key, &entry.node));
    entries.iter().map(read).collect()
}

/// One demand on the values of an attribute.
#[derive(Debug, Clone)]
pub(crate) enum Demand {
    /// Exactly these, in whatever order; none at all if there are none.
    Equal(Vec<Literal>),
    /// Others than these.
    Not(Vec<Literal>),
    /// At least these.
    Contains(Vec<Literal>),
    /// None of these.
    Excludes(Vec<Literal>),
    /// Some value, or none.
    Present(bool),
    /// A secret, to be drawn when it is sent.
    Secret,
    /// Every value matches.
    Matches(Regex),
    /// So many.
    Count(u64),
    /// A reference to the metaverse object that an object of a connector space is linked to.
    RefersTo { system: String, dn: String },
}

/// Everything demanded of the values of one attribute.
#[derive(Debug, Clone)]
pub(crate) struct Demands {
    pub(crate) line: usize,
    pub(crate) all: Vec<Demand>,
}

/// Demands by attribute.
pub(crate) type Expected = Vec<(String, Demands)>;

/// Reads a table of demands.
pub(crate) fn expected(page: &Page<'_>, entries: &[Entry]) -> Expected {
    let read = |entry: &Entry| (entry.key.clone(), demands_of(page, entry));
    entries.iter().map(read).collect()
}

fn demands_of(page: &Page<'_>, entry: &Entry) -> Demands {
    let line = page.line(entry.key_span.start);
    Demands { line, all: demands(page, &entry.key, &entry.node) }
}

/// Reads the demands on one attribute or text.
pub(crate) fn demands(page: &Page<'_>, what: &str, node: &Node) -> Vec<Demand> {
    let is_literal = |entry: &Entry| ["hex", "sid", "guid", "repeat"].contains(&entry.key.as_str());
    if !matches!(node.kind, NodeKind::Table(_)) || node.entries().iter().any(is_literal) {
        return vec![Demand::Equal(literals(page, what, node))];
    }
    let mut reader = Reader::new(page, what, node);
    let mut all = Vec::new();
    if let Some(pattern) = reader.text("matches") {
        match Regex::new(&format!("^(?:{pattern})$")) {
            Ok(regex) => all.push(Demand::Matches(regex)),
            Err(error) => {
                let message = format!("`{pattern}` is no regular expression");
                page.error(node.span.clone(), message, Some(error.to_string()));
            }
        }
    }
    all.extend(reader.boolean("present").map(Demand::Present));
    all.extend(reader.boolean("absent").map(|absent| Demand::Present(!absent)));
    all.extend(reader.boolean("secret").filter(|is| *is).map(|_| Demand::Secret));
    let list = |node: Option<&Node>, make: fn(Vec<Literal>) -> Demand| {
        node.map(|node| make(literals(page, what, node)))
    };
    all.extend(list(reader.node("not"), Demand::Not));
    all.extend(list(reader.node("contains"), Demand::Contains));
    all.extend(list(reader.node("excludes"), Demand::Excludes));
    all.extend(reader.node("count").and_then(|n| number_in(page, "count", n)).map(Demand::Count));
    if let Some(mut target) = reader.table("refers_to") {
        let (system, dn) = (target.required_text("system"), target.required_text("dn"));
        all.push(Demand::RefersTo { system, dn });
        target.finish();
    }
    if all.is_empty() {
        page.error(node.span.clone(), format!("`{what}` demands nothing"), None);
    }
    reader.finish();
    all
}
