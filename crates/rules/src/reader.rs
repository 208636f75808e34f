//! Reads the keys of one table and collects what is wrong with them: unknown and missing keys,
//! wrong types, words that are none of those possible.

use std::ops::Range;

use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node::{Entry, Node, NodeKind, Spanned};
use crate::similar;

/// A table being read.
pub(crate) struct Reader<'a> {
    pub(crate) file: File<'a>,
    entries: &'a [Entry],
    /// Where the table stands; `None` for the document itself.
    place: Option<Range<usize>>,
    known: Vec<&'static str>,
    found: Vec<Diagnostic>,
}

impl<'a> Reader<'a> {
    /// A reader of the document.
    pub(crate) fn root(file: File<'a>, root: &'a Node) -> Self {
        Self::of(file, root.entries(), None)
    }

    const fn of(file: File<'a>, entries: &'a [Entry], place: Option<Range<usize>>) -> Self {
        Self { file, entries, place, known: Vec::new(), found: Vec::new() }
    }

    /// A reader of the table in `node`, which `what` names.
    pub(crate) fn table_in(&mut self, what: &str, node: &'a Node) -> Option<Self> {
        match &node.kind {
            NodeKind::Table(entries) => Some(Self::of(self.file, entries, Some(node.span.clone()))),
            _ => self.wrong(what, node, "a table"),
        }
    }

    /// The key `name` with its value, if given.
    pub(crate) fn entry(&mut self, name: &'static str) -> Option<&'a Entry> {
        if !self.known.contains(&name) {
            self.known.push(name);
        }
        self.entries.iter().find(|entry| entry.key == name)
    }

    /// True if the key is there. Does not make it a known one.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.key == name)
    }

    /// The key `name` with its value, which must be given.
    pub(crate) fn required(&mut self, name: &'static str) -> Option<&'a Entry> {
        let entry = self.entry(name);
        if entry.is_none() {
            let message = format!("`{name}` is missing");
            self.report(self.file.error(code::MISSING_KEY, self.place.clone(), message));
        }
        entry
    }

    /// Text, if given.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<Spanned<&'a str>> {
        let entry = self.entry(name)?;
        self.text_in(name, &entry.node)
    }

    /// Text that must be given and not be empty.
    pub(crate) fn required_text(&mut self, name: &'static str) -> Option<Spanned<&'a str>> {
        self.required(name)?;
        self.filled_text(name)
    }

    /// Text that must not be empty, if given.
    pub(crate) fn filled_text(&mut self, name: &'static str) -> Option<Spanned<&'a str>> {
        let entry = self.entry(name)?;
        let text = self.text_in(name, &entry.node)?;
        if text.value.trim().is_empty() {
            let message = format!("`{name}` must not be empty");
            self.report(self.file.error(code::BAD_VALUE, text.span, message));
            return None;
        }
        Some(text)
    }

    /// The text in `node`, which `what` names.
    pub(crate) fn text_in(&mut self, what: &str, node: &'a Node) -> Option<Spanned<&'a str>> {
        match &node.kind {
            NodeKind::Text(text) => Some(Spanned { value: text, span: node.span.clone() }),
            _ => self.wrong(what, node, "text in quotes"),
        }
    }

    /// True or false, if given.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        let entry = self.entry(name)?;
        match entry.node.kind {
            NodeKind::Boolean(truth) => Some(truth),
            _ => self.wrong(name, &entry.node, "true or false"),
        }
    }

    /// A whole number within `range`, if given.
    pub(crate) fn number(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<Spanned<u32>> {
        let entry = self.entry(name)?;
        let NodeKind::Integer(number) = entry.node.kind else {
            return self.wrong(name, &entry.node, "a whole number");
        };
        let span = entry.node.span.clone();
        match u32::try_from(number).ok().filter(|number| range.contains(number)) {
            Some(value) => Some(Spanned { value, span }),
            None => {
                let (least, most) = range.into_inner();
                let message = match most {
                    u32::MAX => format!("`{name}` must be at least {least}"),
                    most => format!("`{name}` must be between {least} and {most}"),
                };
                self.report(self.file.error(code::BAD_VALUE, span, message));
                None
            }
        }
    }

    /// A whole number within `range` that must be given.
    pub(crate) fn required_number(
        &mut self,
        name: &'static str,
        range: std::ops::RangeInclusive<u32>,
    ) -> Option<Spanned<u32>> {
        self.required(name)?;
        self.number(name, range)
    }

    /// One of a closed set of words, if given.
    pub(crate) fn word<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<Spanned<T>> {
        let text = self.text(name)?;
        let found = choices.iter().find(|(word, _)| *word == text.value);
        if let Some((_, value)) = found {
            return Some(Spanned { value: *value, span: text.span });
        }
        let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
        let message = format!("`{}` is no possible `{name}`", text.value);
        let help = similar::advice(text.value, &words);
        self.report(self.file.error(code::BAD_VALUE, text.span, message).with_help(help));
        None
    }

    /// One of a closed set of words that must be given.
    pub(crate) fn required_word<T: Copy>(
        &mut self,
        name: &'static str,
        choices: &[(&'static str, T)],
    ) -> Option<Spanned<T>> {
        self.required(name)?;
        self.word(name, choices)
    }

    /// The items of a list; none if not given.
    pub(crate) fn list(&mut self, name: &'static str) -> &'a [Node] {
        let Some(entry) = self.entry(name) else { return &[] };
        self.list_in(name, &entry.node)
    }

    fn list_in(&mut self, what: &str, node: &'a Node) -> &'a [Node] {
        match &node.kind {
            NodeKind::List(items) => items,
            _ => self.wrong(what, node, "a list").unwrap_or_default(),
        }
    }

    /// A list of texts; empty if not given.
    pub(crate) fn texts(&mut self, name: &'static str) -> Vec<Spanned<&'a str>> {
        let Some(entry) = self.entry(name) else { return Vec::new() };
        self.texts_in(name, &entry.node)
    }

    /// The texts of the list in `node`, which `what` names.
    pub(crate) fn texts_in(&mut self, what: &str, node: &'a Node) -> Vec<Spanned<&'a str>> {
        let items = self.list_in(what, node);
        items.iter().filter_map(|item| self.text_in(&format!("{what}[]"), item)).collect()
    }

    /// A list of texts, each with its place, of which none may be empty or stand twice (letter case
    /// aside); empty if not given.
    pub(crate) fn distinct_texts(&mut self, name: &'static str) -> Vec<Spanned<&'a str>> {
        let mut kept: Vec<Spanned<&'a str>> = Vec::new();
        for text in self.texts(name) {
            let is_known = kept.iter().any(|other| other.value.eq_ignore_ascii_case(text.value));
            let message = match text.value.trim() {
                "" => format!("`{name}[]` must not be empty"),
                _ if is_known => format!("`{}` stands in `{name}` twice", text.value),
                _ => {
                    kept.push(text);
                    continue;
                }
            };
            self.report(self.file.error(code::BAD_VALUE, text.span, message));
        }
        kept
    }

    /// A list of tables; empty if not given.
    pub(crate) fn tables(&mut self, name: &'static str) -> Vec<Self> {
        let items = self.list(name);
        items.iter().filter_map(|item| self.table_in(&format!("{name}[]"), item)).collect()
    }

    /// A table, if given.
    pub(crate) fn table(&mut self, name: &'static str) -> Option<Self> {
        let entry = self.entry(name)?;
        self.table_in(name, &entry.node)
    }

    /// The entries of a table whose keys are the administrator's own names; none if not given.
    pub(crate) fn named(&mut self, name: &'static str) -> &'a [Entry] {
        self.table(name).map(|table| table.entries).unwrap_or_default()
    }

    /// Where the table stands.
    pub(crate) fn place(&self) -> Option<Range<usize>> {
        self.place.clone()
    }

    /// What was found so far, without judging keys that nobody asked for.
    pub(crate) fn findings(self) -> Vec<Diagnostic> {
        self.found
    }

    /// Adds a finding.
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Ends the reading of a table inside this one.
    pub(crate) fn absorb(&mut self, inner: Self) {
        inner.finish(&mut self.found);
    }

    /// Ends the reading: adds every finding to `found`, unknown keys included.
    pub(crate) fn finish(mut self, found: &mut Vec<Diagnostic>) {
        for entry in self.entries {
            if self.known.iter().any(|known| *known == entry.key) {
                continue;
            }
            let message = format!("`{}` means nothing here", entry.key);
            let help = similar::advice(&entry.key, &self.known);
            let error = self.file.error(code::UNKNOWN_KEY, entry.key_span.clone(), message);
            self.found.push(error.with_help(help));
        }
        found.append(&mut self.found);
    }

    fn wrong<T>(&mut self, what: &str, node: &Node, expected: &str) -> Option<T> {
        let message = format!("`{what}` must be {expected}, not {}", node.describe());
        self.report(self.file.error(code::WRONG_TYPE, node.span.clone(), message));
        None
    }
}
