//! Reads the keys of a table and collects what is wrong with them: unknown and missing keys, wrong
//! types, words that are none of those possible.

use std::cell::RefCell;
use std::ops::Range;

use rules::{Diagnostic, Severity};

use crate::node::{Entry, Node, NodeKind};
use crate::similar;

/// What is wrong with a test's own text.
const MALFORMED: &str = "FLW-0101";

/// A document being read, and what was found in it.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    pub(crate) path: &'a str,
    pub(crate) text: &'a str,
    found: RefCell<Vec<Diagnostic>>,
}

impl<'a> Page<'a> {
    pub(crate) const fn new(path: &'a str, text: &'a str) -> Self {
        Self { path, text, found: RefCell::new(Vec::new()) }
    }

    /// Adds an error at `span`.
    pub(crate) fn error(
        &self,
        span: Range<usize>,
        message: impl Into<String>,
        help: Option<String>,
    ) {
        let (line, column) = self.position(span.start);
        self.found.borrow_mut().push(Diagnostic {
            code: MALFORMED,
            severity: Severity::Error,
            message: message.into(),
            file: self.path.to_owned(),
            span: Some(span),
            line,
            column,
            label: String::new(),
            help,
            is_confidential: false,
        });
    }

    /// The line of a byte, from 1.
    pub(crate) fn line(&self, at: usize) -> usize {
        self.position(at).0
    }

    fn position(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before.get(start..).unwrap_or_default().chars().count() + 1;
        (before.matches('\n').count() + 1, column)
    }

    /// Everything found, in order of place.
    pub(crate) fn into_findings(self) -> Vec<Diagnostic> {
        let mut found = self.found.into_inner();
        found.sort_by_key(|finding| finding.span.as_ref().map_or(0, |span| span.start));
        found
    }
}

/// A table being read.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    pub(crate) page: &'a Page<'a>,
    entries: &'a [Entry],
    place: Range<usize>,
    known: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    /// A reader of the table in `node`; reports and reads nothing where it is none.
    pub(crate) fn new(page: &'a Page<'a>, what: &str, node: &'a Node) -> Self {
        if !matches!(node.kind, NodeKind::Table(_)) {
            wrong::<()>(page, what, node, "a table");
        }
        let entries = node.entries();
        Self { page, entries, place: node.span.clone(), known: Vec::new() }
    }

    /// The line the table begins at.
    pub(crate) fn line(&self) -> usize {
        self.page.line(self.place.start)
    }

    /// Where the table begins.
    pub(crate) fn place(&self) -> Range<usize> {
        self.place.clone()
    }

    /// The value of `name`, if given.
    pub(crate) fn node(&mut self, name: &'static str) -> Option<&'a Node> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.entries.iter().find(|entry| entry.key == name).map(|entry| &entry.node)
    }

    /// True if the key is there.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == name)
    }

    /// Reports that `name` is missing if it is.
    pub(crate) fn require(&mut self, name: &'static str) {
        if self.node(name).is_none() {
            self.page.error(self.place.clone(), format!("`{name}` is missing"), None);
        }
    }

    /// Text, if given.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        let node = self.node(name)?;
        match &node.kind {
            NodeKind::Text(text) => Some(text),
            _ => wrong(self.page, name, node, "text in quotes"),
        }
    }

    /// Text that must be given; empty after a complaint.
    pub(crate) fn required_text(&mut self, name: &'static str) -> String {
        self.require(name);
        self.text(name).unwrap_or_default().to_owned()
    }

    /// True or false, if given.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let node = self.node(name)?;
        match node.kind {
            NodeKind::Boolean(truth) => Some(truth),
            _ => wrong(self.page, name, node, "true or false"),
        }
    }

    /// A whole number that is not negative, if given.
    pub(crate) fn number(&mut self, name: &'static str) -> Option<u64> {
        let node = self.node(name)?;
        number_in(self.page, name, node)
    }

    /// One of a closed set of words, if given.
    pub(crate) fn word<T: Clone>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<T> {
        let text = self.text(name)?;
        let found = choices.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
            let span = self.node(name).map_or(0..0, |node| node.span.clone());
            let help = similar::advice(text, &words);
            self.page.error(span, format!("`{text}` is no possible `{name}`"), Some(help));
        }
        found.map(|(_, value)| value.clone())
    }

    /// Texts: a list of them or a single one; none if not given.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<&'a str> {
        let Some(node) = self.node(name) else { return Vec::new() };
        let items = match &node.kind {
            NodeKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        let text = |item: &'a Node| match &item.kind {
            NodeKind::Text(text) => Some(text.as_str()),
            _ => wrong(self.page, name, item, "text in quotes"),
        };
        items.iter().filter_map(text).collect()
    }

    /// Tables: a list of them or a single one; none if not given.
    pub(crate) fn tables(&mut self, name: &'static str) -> Vec<Self> {
        let Some(node) = self.node(name) else { return Vec::new() };
        let items = match &node.kind {
            NodeKind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(node),
        };
        items.iter().map(|item| Reader::new(self.page, name, item)).collect()
    }

    /// A table, if given.
    pub(crate) fn table(&mut self, name: &'static str) -> Option<Self> {
        let node = self.node(name)?;
        Some(Reader::new(self.page, name, node))
    }

    /// The entries of a table whose keys are names of the author's own; none if not given.
    pub(crate) fn named(&mut self, name: &'static str) -> &'a [Entry] {
        let Some(node) = self.node(name) else { return &[] };
        if !matches!(node.kind, NodeKind::Table(_)) {
            wrong::<()>(self.page, name, node, "a table");
        }
        node.entries()
    }

    /// Ends the reading: keys that nobody asked for are errors.
    pub(crate) fn finish(self) {
        for entry in self.entries.iter().filter(|e| !self.known.iter().any(|k| *k == e.key)) {
            let help = similar::advice(&entry.key, &self.known);
            let message = format!("`{}` means nothing here", entry.key);
            self.page.error(entry.key_span.clone(), message, Some(help));
        }
    }
}

/// A whole number that is not negative.
pub(crate) fn number_in(page: &Page<'_>, what: &str, node: &Node) -> Option<u64> {
    let NodeKind::Integer(number) = node.kind else {
        return wrong(page, what, node, "a whole number");
    };
    let number = u64::try_from(number).ok();
    if number.is_none() {
        page.error(node.span.clone(), format!("`{what}` must not be negative"), None);
    }
    number
}

/// Reports a value of the wrong type.
pub(crate) fn wrong<T>(page: &Page<'_>, what: &str, node: &Node, expected: &str) -> Option<T> {
    let message = format!("`{what}` must be {expected}, not {}", node.describe());
    page.error(node.span.clone(), message, None);
    None
}
