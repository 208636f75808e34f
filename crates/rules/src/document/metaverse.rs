//! `metaverse.toml`: object types, their attributes, and when their objects go.

use model::{AttributeSchema, Name, ValueType};

use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node::{Entry, Node, NodeKind, Spanned};
use crate::reader::Reader;

/// When the objects of a type go.
#[derive(Debug)]
pub(crate) enum DeletionDocument {
    Last { excluding: Vec<Spanned<Name>> },
    Any { connectors: Vec<Spanned<Name>> },
}

/// Which contributor to an attribute wins.
#[derive(Debug)]
pub(crate) enum PrecedenceDocument {
    /// Rules and connectors, strongest first.
    Ranked(Vec<Spanned<Name>>),
    /// No order.
    Equal,
}

/// One attribute of a type.
#[derive(Debug)]
pub(crate) struct AttributeDocument {
    pub(crate) name: Spanned<Name>,
    pub(crate) schema: AttributeSchema,
    pub(crate) indexed: bool,
    pub(crate) precedence: Option<PrecedenceDocument>,
}

/// One object type.
#[derive(Debug)]
pub(crate) struct TypeDocument {
    pub(crate) name: Spanned<Name>,
    pub(crate) deletion: Option<DeletionDocument>,
    pub(crate) attributes: Vec<AttributeDocument>,
}

/// The document.
#[derive(Debug)]
pub(crate) struct MetaverseDocument<'a> {
    pub(crate) file: File<'a>,
    pub(crate) types: Vec<TypeDocument>,
}

#[derive(Clone, Copy)]
enum DeletionWord {
    Last,
    Any,
}

/// Reads the document.
pub(super) fn read<'a>(
    file: File<'a>,
    root: &Node,
    found: &mut Vec<Diagnostic>,
) -> MetaverseDocument<'a> {
    let mut reader = Reader::root(file, root);
    let mut types = Vec::new();
    for entry in reader.named("types") {
        let Some(mut table) = reader.table_in(&format!("types.{}", entry.key), &entry.node) else {
            continue;
        };
        let deletion = read_deletion(&mut table);
        let attributes = table.named("attributes");
        let attributes =
            attributes.iter().filter_map(|entry| read_attribute(&mut table, entry)).collect();
        types.push(TypeDocument { name: name_of(entry), deletion, attributes });
        reader.absorb(table);
    }
    reader.finish(found);
    MetaverseDocument { file, types }
}

fn name_of(entry: &Entry) -> Spanned<Name> {
    Spanned { value: Name::new(&entry.key), span: entry.key_span.clone() }
}

fn read_attribute<'a>(parent: &mut Reader<'a>, entry: &'a Entry) -> Option<AttributeDocument> {
    let mut table = parent.table_in(&format!("attributes.{}", entry.key), &entry.node)?;
    let words = ValueType::ALL.map(|value_type| (value_type.as_str(), value_type));
    let value_type = table.required_word("type", &words);
    let multi = table.boolean("multi").unwrap_or_default();
    let indexed = table.boolean("indexed").unwrap_or_default();
    let precedence = read_precedence(&mut table);
    parent.absorb(table);
    let value_type = value_type?.value;
    let schema = if multi {
        AttributeSchema::multi(value_type)
    } else {
        AttributeSchema::single(value_type)
    };
    Some(AttributeDocument { name: name_of(entry), schema, indexed, precedence })
}

/// A list of contributors, or the word for none in particular.
fn read_precedence(table: &mut Reader<'_>) -> Option<PrecedenceDocument> {
    let node = &table.entry("precedence")?.node;
    if matches!(node.kind, NodeKind::List(_)) {
        let listed = table.distinct_texts("precedence").into_iter();
        let listed = listed.map(|t| Spanned { value: Name::new(t.value), span: t.span });
        return Some(PrecedenceDocument::Ranked(listed.collect()));
    }
    let NodeKind::Text(word) = &node.kind else {
        let message = format!(
            "`precedence` must be a list of rules and connectors, or \"equal\", not {}",
            node.describe()
        );
        table.report(table.file.error(code::WRONG_TYPE, node.span.clone(), message));
        return None;
    };
    if word == "equal" {
        return Some(PrecedenceDocument::Equal);
    }
    let (message, help) = if word == "manual" {
        (
            "there is no manual precedence: no code decides between contributors".to_owned(),
            "list the contributors, or let one flow choose with `IIF(IsPresent(…),…,…)`",
        )
    } else {
        (
            format!("`{word}` is no possible `precedence`"),
            "possible: \"equal\", or a list of rules and connectors, strongest first",
        )
    };
    let error = table.file.error(code::BAD_VALUE, node.span.clone(), message);
    table.report(error.with_help(help.to_owned()));
    None
}

fn read_deletion(parent: &mut Reader<'_>) -> Option<DeletionDocument> {
    let mut table = parent.table("deletion")?;
    let words = [("any", DeletionWord::Any), ("last", DeletionWord::Last)];
    let rule = table.required_word("rule", &words);
    let connectors = names(&mut table, "connectors");
    let excluding = names(&mut table, "excluding");
    let deletion = rule.map(|rule| {
        let (deletion, other, unused) = match rule.value {
            DeletionWord::Any => (DeletionDocument::Any { connectors }, "excluding", excluding),
            DeletionWord::Last => (DeletionDocument::Last { excluding }, "connectors", connectors),
        };
        let is_empty = matches!(&deletion,
            DeletionDocument::Any { connectors } if connectors.is_empty());
        if let Some(first) = unused.first() {
            let message = format!("`{other}` does not go with this deletion rule");
            let help = "`connectors` goes with \"any\", `excluding` with \"last\"".to_owned();
            let error = table.file.error(code::EXCLUSIVE_KEYS, first.span.clone(), message);
            table.report(error.with_help(help));
        } else if is_empty {
            let message = "the deletion rule \"any\" names no connector";
            let error = table.file.error(code::DELETION, rule.span, message);
            let help = "`connectors` lists those whose objects take the metaverse object along";
            table.report(error.with_help(help.to_owned()));
        }
        deletion
    });
    parent.absorb(table);
    deletion
}

fn names(table: &mut Reader<'_>, key: &'static str) -> Vec<Spanned<Name>> {
    let texts = table.texts(key);
    texts.into_iter().map(|t| Spanned { value: Name::new(t.value), span: t.span }).collect()
}
