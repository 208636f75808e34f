//! The metaverse: what its document declares, and what is built in.

use std::collections::BTreeSet;

use model::{AttributeSchema, Name, ValueType};

use super::space::{OBJECT_ID, advice_of};
use crate::builtin::is_builtin_type;
use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::document::{DeletionDocument, MetaverseDocument, PrecedenceDocument};
use crate::node::Spanned;
use crate::source::connector_file;
use crate::{
    AttributePrecedence, DeletionRule, Metaverse, MetaverseType, ServiceMapping, builtin_type,
};

/// Checks the document. `connectors` are those there are.
pub(super) fn check(
    document: &MetaverseDocument<'_>,
    connectors: &BTreeSet<Name>,
    found: &mut Vec<Diagnostic>,
) -> Metaverse {
    let file = document.file;
    let mut metaverse = Metaverse::default();
    for declared in &document.types {
        let name = &declared.name.value;
        if is_builtin_type(name) {
            let message = format!("the type `{name}` is built in");
            found.push(file.error(code::BUILT_IN, declared.name.span.clone(), message));
            continue;
        }
        let builtin = builtin_type(name);
        let mut object_type = MetaverseType::default();
        for attribute in &declared.attributes {
            let is_other = builtin
                .attributes
                .get(&attribute.name.value)
                .is_some_and(|builtin| *builtin != attribute.schema);
            if is_other || attribute.name.value == OBJECT_ID {
                let message = format!("the attribute `{}` is built in", attribute.name.value);
                found.push(file.error(code::BUILT_IN, attribute.name.span.clone(), message));
                continue;
            }
            object_type.attributes.insert(attribute.name.value.clone(), attribute.schema);
            if attribute.indexed {
                object_type.indexed.insert(attribute.name.value.clone());
            }
            if let Some(precedence) = &attribute.precedence {
                let precedence = match precedence {
                    PrecedenceDocument::Equal => AttributePrecedence::Equal,
                    PrecedenceDocument::Ranked(listed) => AttributePrecedence::Ranked(
                        listed.iter().map(|name| name.value.clone()).collect(),
                    ),
                };
                object_type.precedence.insert(attribute.name.value.clone(), precedence);
            }
        }
        if let Some(deletion) = &declared.deletion {
            object_type.deletion = check_deletion(file, deletion, connectors, found);
        }
        metaverse.types.insert(name.clone(), object_type);
    }
    metaverse
}

fn check_deletion(
    file: File<'_>,
    document: &DeletionDocument,
    connectors: &BTreeSet<Name>,
    found: &mut Vec<Diagnostic>,
) -> DeletionRule {
    let mut check = |names: &[Spanned<Name>]| -> Vec<Name> {
        for name in names.iter().filter(|name| !connectors.contains(&name.value)) {
            let known: Vec<&str> = connectors.iter().map(Name::as_str).collect();
            let message = format!("there is no connector `{}`", name.value);
            let add = format!("describe it in {}", connector_file(&name.value));
            let error = file.error(code::DELETION, name.span.clone(), message);
            found.push(error.with_help(advice_of(&name.value, &known, add)));
        }
        names.iter().map(|name| name.value.clone()).collect()
    };
    match document {
        DeletionDocument::Last { excluding } => DeletionRule::Last { excluding: check(excluding) },
        DeletionDocument::Any { connectors } => DeletionRule::Any { connectors: check(connectors) },
    }
}

/// Adds what a type that service resources map to has beside its own; the type of rules is built in
/// as a whole. False if there is no such type.
pub(super) fn add_builtin(metaverse: &mut Metaverse, name: &Name) -> bool {
    let builtin = builtin_type(name);
    if is_builtin_type(name) {
        metaverse.types.insert(name.clone(), builtin);
        return true;
    }
    let Some(object_type) = metaverse.types.get_mut(name) else { return false };
    object_type.attributes.extend(builtin.attributes);
    object_type.indexed.extend(builtin.indexed);
    true
}

/// Adds to the types whose resources can have entries the references to them.
pub(super) fn add_entry_lists(metaverse: &mut Metaverse, mappings: &[ServiceMapping]) {
    for mapping in mappings {
        let of_connector = || mappings.iter().filter(|other| other.connector == mapping.connector);
        for (list, entry_type) in mapping.entry_lists() {
            let object_type = metaverse.types.get_mut(&mapping.metaverse);
            let object_type = object_type.filter(|_| !is_builtin_type(&mapping.metaverse));
            let Some(object_type) = object_type else { continue };
            if of_connector().any(|other| other.metaverse == *entry_type) {
                let schema = AttributeSchema::multi(ValueType::Reference);
                object_type.attributes.insert(Name::new(list), schema);
                object_type.indexed.insert(Name::new(list));
            }
        }
    }
}
