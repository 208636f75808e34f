//! One table of a script, read key by key.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use toml_edit::{DocumentMut, Item, TableLike};

use super::ScriptError;

/// A table and which of its keys were asked for.
pub(super) struct Entry<'a> {
    number: usize,
    /// What stands before a key in errors: nothing, or the name of this table.
    path: String,
    table: &'a dyn TableLike,
    known: Vec<&'static str>,
}

/// Reads every `[[fault]]` of a script.
pub(super) fn entries<T>(
    text: &str,
    read: fn(&mut Entry<'_>) -> Result<T, ScriptError>,
) -> Result<Vec<T>, ScriptError> {
    let document: DocumentMut = text.parse().map_err(ScriptError::Syntax)?;
    let mut faults = Vec::new();
    for (key, item) in document.iter() {
        let tables = item.as_array_of_tables().filter(|_| key == "fault");
        let tables = tables.ok_or_else(|| ScriptError::TopLevel(key.to_owned()))?;
        for (number, table) in (1..).zip(tables) {
            let mut entry = Entry { number, path: String::new(), table, known: Vec::new() };
            faults.push(read(&mut entry)?);
            entry.finish()?;
        }
    }
    Ok(faults)
}

impl<'a> Entry<'a> {
    pub(super) fn text(&mut self, key: &'static str) -> Result<Option<&'a str>, ScriptError> {
        self.typed(key, Item::as_str, "a text")
    }

    pub(super) fn flag(&mut self, key: &'static str) -> Result<bool, ScriptError> {
        Ok(self.typed(key, Item::as_bool, "true or false")?.unwrap_or_default())
    }

    pub(super) fn number(
        &mut self,
        key: &'static str,
        range: RangeInclusive<u32>,
    ) -> Result<Option<u32>, ScriptError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        let number = item.as_integer().and_then(|n| u32::try_from(n).ok());
        let number = number.filter(|n| range.contains(n));
        let wanted = || format!("a whole number from {} to {}", range.start(), range.end());
        number.map(Some).ok_or_else(|| self.wrong(key, wanted()))
    }

    /// How often something happens: once, if nothing is said.
    pub(super) fn times(&mut self) -> Result<u32, ScriptError> {
        Ok(self.number("times", 1..=u32::MAX)?.unwrap_or(1))
    }

    /// A table of texts.
    pub(super) fn texts(
        &mut self,
        key: &'static str,
    ) -> Result<BTreeMap<String, String>, ScriptError> {
        let mut texts = BTreeMap::new();
        let table = self.typed(key, Item::as_table_like, "a table of texts")?;
        for (name, item) in table.into_iter().flat_map(TableLike::iter) {
            let text = item.as_str().ok_or_else(|| self.wrong(key, "a table of texts"))?;
            texts.insert(name.to_owned(), text.to_owned());
        }
        Ok(texts)
    }

    /// A table within this one; `None` if it is something else or not there.
    pub(super) fn table(&mut self, key: &'static str) -> Option<Self> {
        let table = self.item(key)?.as_table_like()?;
        let path = format!("{}{key}.", self.path);
        Some(Entry { number: self.number, path, table, known: Vec::new() })
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn missing(&self, key: &str) -> ScriptError {
        ScriptError::Missing { entry: self.number, key: format!("{}{key}", self.path) }
    }

    pub(super) fn wrong(&self, key: &str, expected: impl Into<String>) -> ScriptError {
        let key = format!("{}{key}", self.path);
        ScriptError::Value { entry: self.number, key, expected: expected.into() }
    }

    /// Insists that every key was asked for.
    pub(super) fn finish(&self) -> Result<(), ScriptError> {
        let mut keys = self.table.iter().map(|(key, _)| key);
        match keys.find(|key| !self.known.contains(key)) {
            None => Ok(()),
            Some(key) => Err(ScriptError::UnknownKey {
                entry: self.number,
                key: format!("{}{key}", self.path),
                known: self.known.join(", "),
            }),
        }
    }

    fn item(&mut self, key: &'static str) -> Option<&'a Item> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        self.table.get(key)
    }

    fn typed<T>(
        &mut self,
        key: &'static str,
        read: fn(&'a Item) -> Option<T>,
        expected: &str,
    ) -> Result<Option<T>, ScriptError> {
        let Some(item) = self.item(key) else { return Ok(None) };
        read(item).map(Some).ok_or_else(|| self.wrong(key, expected))
    }
}
