//! What an import reads, as lines: entries, errors, and at the end how complete the read was.

use connector::{Completeness, DiscoveryError, DiscoveryErrorType, ImportEntry, ImportPage};
use model::{AttributeChange, Changes, Image, Name};
use serde_json::{Map, Value as Json, json};

use super::LineWriter;
use super::value::{attributes, attributes_json, list, values, values_json};
use crate::error::StepError;

const ERROR_TYPES: [DiscoveryErrorType; 9] = [
    DiscoveryErrorType::MissingDn,
    DiscoveryErrorType::InvalidDn,
    DiscoveryErrorType::MissingAnchorComponent,
    DiscoveryErrorType::DuplicateObject,
    DiscoveryErrorType::MissingObjectType,
    DiscoveryErrorType::InvalidAttributeValue,
    DiscoveryErrorType::MultiSingleMismatch,
    DiscoveryErrorType::NeedFullObject,
    DiscoveryErrorType::ReadError,
];

/// Writes a page.
pub(crate) fn write_page(writer: &mut LineWriter, page: &ImportPage) -> Result<(), StepError> {
    for entry in &page.entries {
        writer.line(&entry_json(entry))?;
    }
    for error in &page.errors {
        let DiscoveryError { error_type, object, message } = error;
        let error_type = error_type.as_str();
        let error = json!({ "type": error_type, "object": object, "message": message });
        writer.line(&json!({ "error": error }))?;
    }
    match &page.end {
        Some(end) => writer.line(&json!({ "end": end_json(end) })),
        None => Ok(()),
    }
}

fn entry_json(entry: &ImportEntry) -> Json {
    match entry {
        ImportEntry::Object(image) => json!({ "object": {
            "type": image.object_type.as_str(),
            "anchor": image.anchor,
            "dn": image.dn,
            "attributes": attributes_json(&image.attributes),
        }}),
        ImportEntry::Change { anchor, dn, changes } => {
            let changes: Map<String, Json> = changes
                .iter()
                .map(|(name, change)| (name.to_string(), change_json(change)))
                .collect();
            json!({ "change": { "anchor": anchor, "dn": dn, "changes": changes } })
        }
        ImportEntry::Deleted { anchor } => json!({ "deleted": { "anchor": anchor } }),
    }
}

fn change_json(change: &AttributeChange) -> Json {
    let list = |values: &[model::Value]| {
        model::Values::from_vec(values.to_vec()).map_or_else(|| json!([]), |v| values_json(&v))
    };
    match change {
        AttributeChange::Set(values) => json!({ "set": values_json(values) }),
        AttributeChange::Update { add, remove } => {
            json!({ "add": list(add), "remove": list(remove) })
        }
        AttributeChange::Clear => json!({ "clear": true }),
    }
}

fn end_json(end: &Completeness) -> Json {
    match end {
        Completeness::Complete { watermark } => json!({ "complete": { "watermark": watermark } }),
        Completeness::Delta { watermark } => json!({ "delta": { "watermark": watermark } }),
        Completeness::Incomplete { reason } => json!({ "incomplete": { "reason": reason } }),
    }
}

/// Adds what a line says to a page; false if it says nothing that is known.
pub(crate) fn read_line(line: &Json, page: &mut ImportPage) -> bool {
    read(line, page).is_some()
}

fn read(line: &Json, page: &mut ImportPage) -> Option<()> {
    let (kind, said) = line.as_object()?.iter().next()?;
    let text = |name: &str| said.get(name)?.as_str().map(str::to_owned);
    match kind.as_str() {
        "object" => page.entries.push(ImportEntry::Object(Image {
            object_type: Name::from(text("type")?),
            anchor: text("anchor"),
            dn: text("dn")?,
            attributes: attributes(said.get("attributes")?)?,
        })),
        "change" => {
            let changes = said.get("changes")?.as_object()?.iter();
            let changes = changes.map(|(name, json)| Some((Name::new(name), change(json)?)));
            let changes: Changes = changes.collect::<Option<_>>()?;
            page.entries.push(ImportEntry::Change {
                anchor: text("anchor")?,
                dn: text("dn"),
                changes,
            });
        }
        "deleted" => page.entries.push(ImportEntry::Deleted { anchor: text("anchor")? }),
        "error" => {
            let word = text("type")?;
            let known = ERROR_TYPES.into_iter().find(|known| known.as_str() == word);
            page.errors.push(DiscoveryError {
                error_type: known?,
                object: text("object")?,
                message: text("message")?,
            });
        }
        "end" => page.end = Some(end(said)?),
        _ => return None,
    }
    Some(())
}

fn change(json: &Json) -> Option<AttributeChange> {
    if let Some(set) = json.get("set") {
        return values(set).map(AttributeChange::Set);
    }
    if json.get("clear").is_some() {
        return Some(AttributeChange::Clear);
    }
    let (add, remove) = (list(json.get("add")?)?, list(json.get("remove")?)?);
    Some(AttributeChange::Update { add, remove })
}

fn end(json: &Json) -> Option<Completeness> {
    let (kind, said) = json.as_object()?.iter().next()?;
    let text = |name: &str| said.get(name)?.as_str().map(str::to_owned);
    match kind.as_str() {
        "complete" => Some(Completeness::Complete { watermark: text("watermark") }),
        "delta" => Some(Completeness::Delta { watermark: text("watermark")? }),
        "incomplete" => Some(Completeness::Incomplete { reason: text("reason")? }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use model::{Attributes, Values};

    use super::*;

    #[test]
    fn every_entry_and_every_end_comes_back() {
        let mut attributes = Attributes::new();
        attributes.set_one("mail", "ada@treyresearch.example");
        let image = |anchor: Option<&str>| Image {
            object_type: Name::new("user"),
            anchor: anchor.map(str::to_owned),
            dn: "CN=a".to_owned(),
            attributes: attributes.clone(),
        };
        let changes = Changes::from([
            (Name::new("a"), AttributeChange::Set(Values::one("x"))),
            (Name::new("b"), AttributeChange::Clear),
            (
                Name::new("c"),
                AttributeChange::Update { add: vec!["x".into()], remove: vec!["y".into()] },
            ),
        ]);
        let entries = [
            ImportEntry::Object(image(Some("1"))),
            ImportEntry::Object(image(None)),
            ImportEntry::Change { anchor: "1".to_owned(), dn: Some("CN=b".to_owned()), changes },
            ImportEntry::Deleted { anchor: "2".to_owned() },
        ];
        for entry in entries {
            let mut page = ImportPage::default();
            assert!(read_line(&entry_json(&entry), &mut page));
            assert_eq!(page.entries, [entry]);
        }
        let ends = [
            Completeness::Complete { watermark: None },
            Completeness::Complete { watermark: Some("w".to_owned()) },
            Completeness::Delta { watermark: "w".to_owned() },
            Completeness::Incomplete { reason: "cut".to_owned() },
        ];
        for expected in ends {
            assert_eq!(end(&end_json(&expected)), Some(expected));
        }
    }

    #[test]
    fn lines_of_something_else_are_none() {
        for text in ["{}", "[]", "{\"object\":{}}", "{\"row\":{\"anchor\":\"1\"}}", "{\"end\":{}}"]
        {
            let line = serde_json::from_str(text).unwrap();
            assert!(!read_line(&line, &mut ImportPage::default()), "{text}");
        }
    }
}
