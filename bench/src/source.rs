//! An in-process source that parses JSON as a tenant's connector does.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Lines};
use std::path::PathBuf;

use async_trait::async_trait;
use connector::{
    Capabilities, Completeness, Connector, ConnectorError, ErrorKind, ExportSession, ImportEntry,
    ImportKind, ImportPage, ImportSession,
};
use model::{Attributes, DnStyle, Image, Name, Schema, Values};
use serde::Deserializer as _;
use serde::de::{MapAccess, Visitor};

/// Objects in a page, as a tenant has them.
pub(crate) const PAGE: usize = 999;

/// Lines of JSON, read in pages.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    pub(crate) lines: PathBuf,
    pub(crate) schema: Schema,
}

#[async_trait]
impl Connector for Source {
    fn capabilities(&self) -> Capabilities {
        Capabilities { dn_style: DnStyle::Anchor, delta_import: false, export: false }
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        Ok(())
    }

    async fn open_import(&self, _: ImportKind) -> Result<Box<dyn ImportSession>, ConnectorError> {
        let file = File::open(&self.lines).map_err(|_e| unreadable())?;
        Ok(Box::new(Read { lines: BufReader::new(file).lines(), names: Names::default() }))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        Err(ConnectorError::new(ErrorKind::Configuration, "the source is read only"))
    }
}

/// What a file that the benchmark itself has written cannot be.
pub(crate) fn unreadable() -> ConnectorError {
    ConnectorError::new(ErrorKind::UnexpectedData, "a line is not a user")
}

struct Read {
    lines: Lines<BufReader<File>>,
    names: Names,
}

/// The names of attributes, each made once, as a connector has them from its schema.
#[derive(Default)]
struct Names(HashMap<String, Name>);

impl Names {
    fn get(&mut self, name: &str) -> Name {
        if let Some(known) = self.0.get(name) {
            return known.clone();
        }
        let new = Name::new(name);
        self.0.insert(name.to_owned(), new.clone());
        new
    }
}

#[async_trait]
impl ImportSession for Read {
    async fn next_page(&mut self) -> Result<ImportPage, ConnectorError> {
        let mut entries = Vec::with_capacity(PAGE);
        for line in self.lines.by_ref().take(PAGE) {
            let entry = line.ok().and_then(|line| decode(&line, &mut self.names));
            entries.push(entry.ok_or_else(unreadable)?);
        }
        let end = (entries.len() < PAGE).then_some(Completeness::Complete { watermark: None });
        Ok(ImportPage { entries, errors: Vec::new(), end })
    }

    async fn fetch(&mut self, _: &[String]) -> Result<Vec<ImportEntry>, ConnectorError> {
        Ok(Vec::new())
    }
}

fn decode(line: &str, names: &mut Names) -> Option<ImportEntry> {
    let mut reader = serde_json::Deserializer::from_str(line);
    let attributes = reader.deserialize_map(Members(names)).ok()?;
    let id = attributes.text("id")?.to_owned();
    let object_type = names.get("user");
    Some(ImportEntry::Object(Image { object_type, anchor: Some(id.clone()), dn: id, attributes }))
}

/// Reads a user's members straight into attributes.
struct Members<'n>(&'n mut Names);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a user")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let mut members = Vec::with_capacity(map.size_hint().unwrap_or_default());
        while let Some((name, text)) = map.next_entry::<Cow<'de, str>, Cow<'de, str>>()? {
            members.push((self.0.get(&name), Values::one(text.as_ref())));
        }
        Ok(members.into_iter().collect())
    }
}
