//! One flow of a rule.

use std::collections::BTreeMap;

use expr::types::{AttributeType, Role, Target};
use expr::{Ast, Program};
use model::{AttributeSchema, DnStyle, Name, ValueType};

use super::expression::{self, Source, Vocabulary};
use super::space::{DN, Lookup, Space};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::document::{FlowDocument, RuleDocument};
use crate::{Direction, Flow, MergeType};

/// The two sides of a rule.
pub(super) struct Sides<'a> {
    pub(super) source: Space<'a>,
    pub(super) target: Space<'a>,
    pub(super) dn_style: Option<DnStyle>,
    /// What the connector supplies as `%name%`; `None` when its document has errors.
    pub(super) parameters: Option<&'a BTreeMap<Name, ValueType>>,
}

/// Checks and compiles a flow; `None` if it does not compile.
pub(super) fn check(
    rule: &RuleDocument<'_>,
    document: &FlowDocument,
    sides: &Sides<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<(Flow, Ast)> {
    let source = Source { file: rule.file, written: &document.from };
    let target = check_target(rule, document, &sides.target, found);
    let words = Vocabulary {
        dialect: document.dialect,
        space: &sides.source,
        imported: match rule.direction {
            Direction::Inbound => &sides.source,
            Direction::Outbound => &sides.target,
        },
        parameters: sides.parameters,
    };
    let (ast, program) = source.compile(&words, found)?;
    let typed = target.map(|schema| typed(&document.to.value, schema, sides));
    source.check_types(&ast, &words, typed.as_ref(), found);
    if let Some(schema) = target {
        check_reference(source, rule, schema, &ast, &words, found);
        check_secrets(source, document, schema, (&ast, &program), &words, found);
    }
    if program.is_random() && !document.initial && !program.is_secret() {
        let message = "this flow gives another value at every synchronization";
        let warning = source.file.warning(code::RANDOM, document.from.span.clone(), message);
        let help = match rule.direction {
            Direction::Outbound => "add `initial = true`: the value is drawn once, at creation",
            Direction::Inbound => "draw it in an outbound flow with `initial = true`",
        };
        found.push(warning.with_help(help.to_owned()));
    }
    check_names(source, rule, document, &ast, found);
    check_merge(source, document, target, found);
    let flow = Flow {
        to: document.to.value.clone(),
        from: program,
        source: source.text().to_owned(),
        initial: document.initial,
        allow_null: document.allow_null,
        disables: document.disables.as_ref().is_some_and(|flag| flag.value),
        merge: document.merge.as_ref().map_or(MergeType::Update, |merge| merge.value),
    };
    Some((flow, ast))
}

fn check_target(
    rule: &RuleDocument<'_>,
    document: &FlowDocument,
    target: &Space<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<AttributeSchema> {
    let name = &document.to.value;
    let place = document.to.span.clone();
    match target.find(name) {
        Lookup::Found(schema) if schema.writable || document.is_test => Some(schema),
        Lookup::Found(_) => {
            let message = format!("`{name}` cannot be written");
            let error = rule.file.error(code::READ_ONLY, place, message);
            found.push(error.with_label("the system itself maintains it"));
            None
        }
        Lookup::Missing => {
            let error = rule.file.error(code::UNKNOWN_ATTRIBUTE, place, target.missing(name));
            found.push(error.with_help(target.advice(name)));
            None
        }
        Lookup::Unchecked => None,
    }
}

/// The target with what it is for. Which attributes are secrets the schema knows best.
fn typed<'a>(name: &'a str, schema: AttributeSchema, sides: &Sides<'_>) -> Target<'a> {
    let is_dn = name == DN && sides.target.intrinsic() == DN;
    let is_name = Target::named(name).role == Role::Name;
    let role = match sides.dn_style {
        _ if schema.secret => Role::Secret,
        Some(DnStyle::Ldap) if is_dn => Role::DistinguishedName,
        _ if is_name => Role::Name,
        _ => Role::Value,
    };
    let AttributeSchema { value_type, multi_valued, .. } = schema;
    Target { name, attribute: Some(AttributeType { value_type, multi_valued }), role }
}

/// A reference is translated by its flow, and only whole values can be: the metaverse refers to its
/// own objects, a connected system to its own.
fn check_reference(
    source: Source<'_>,
    rule: &RuleDocument<'_>,
    target: AttributeSchema,
    ast: &Ast,
    words: &Vocabulary<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let is_reference =
        |schema: AttributeSchema| !schema.secret && schema.value_type == ValueType::Reference;
    if !is_reference(target) || expression::gives_nothing(ast.root(), words) {
        return;
    }
    let direct = words.as_attribute(ast.root()).map(|name| words.space.find(name));
    let mut refuse = |place, message: &str, help: &str| {
        let error = source.file.error(code::REFERENCE, source.place(place), message);
        found.push(error.with_help(help.to_owned()));
    };
    if let Some(lookup) = direct {
        let is_text = lookup.found().is_some_and(|schema| schema.value_type == ValueType::String);
        if rule.direction == Direction::Inbound && is_text {
            let message = "a text leads to no metaverse object";
            refuse(ast.root().span, message, "flow it from an attribute of type `reference`");
        }
        return;
    }
    let named = expression::attributes(ast.root(), words);
    let inner = named
        .into_iter()
        .find(|(name, _, space)| space.find(name).found().is_some_and(is_reference));
    let help = "write the attribute alone, and choose between rules with their scopes";
    match inner {
        Some((_, span, _)) => refuse(span, "a reference flows only as it is", help),
        None if rule.direction == Direction::Inbound => {
            refuse(ast.root().span, "an expression leads to no metaverse object", help);
        }
        None => {}
    }
}

/// An account that has a name keeps it, whichever others become free.
fn check_names(
    source: Source<'_>,
    rule: &RuleDocument<'_>,
    document: &FlowDocument,
    ast: &Ast,
    found: &mut Vec<Diagnostic>,
) {
    let is_persistent = rule.direction == Direction::Outbound && !document.initial;
    if is_persistent && expression::asks_others(ast.root(), document.dialect) {
        let message = "this flow gives another name as soon as a better one is free";
        let warning = source.file.warning(code::NAME_CHANGES, document.from.span.clone(), message);
        let help = "add `initial = true`: the name is chosen once, at creation".to_owned();
        found.push(warning.with_help(help));
    }
}

/// Only a set can hold the values of several flows.
fn check_merge(
    source: Source<'_>,
    document: &FlowDocument,
    target: Option<AttributeSchema>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(merge) = document.merge.as_ref().filter(|merge| merge.value.merges()) else { return };
    if target.is_some_and(|target| !target.multi_valued) {
        let message = format!("`{}` has one value: nothing can be merged", document.to.value);
        let error = source.file.error(code::MERGE, merge.span.clone(), message);
        let help = "remove `merge`; of several flows the strongest counts".to_owned();
        found.push(error.with_help(help));
    }
}

/// Secrets are made at the moment of sending and go nowhere else.
fn check_secrets(
    source: Source<'_>,
    document: &FlowDocument,
    target: AttributeSchema,
    (ast, program): (&Ast, &Program),
    words: &Vocabulary<'_>,
    found: &mut Vec<Diagnostic>,
) {
    let place = document.from.span.clone();
    for (name, span, space) in expression::attributes(ast.root(), words) {
        if space.find(name).found().is_some_and(|schema| schema.secret) {
            let message = format!("`{name}` is a secret: it can be written, never read");
            found.push(source.file.error(code::SECRET, source.place(span), message));
        }
    }
    let name = &document.to.value;
    if program.is_random() && program.is_secret() && !target.secret {
        let message = format!("`{name}` would store a generated password");
        let help = "passwords flow only to attributes that are secret".to_owned();
        found.push(source.file.error(code::SECRET, place.clone(), message).with_help(help));
    }
    if target.secret && !document.initial {
        let message = format!("`{name}` is a secret and can only be set at creation");
        let error = source.file.error(code::SECRET, document.to.span.clone(), message);
        found.push(error.with_help("add `initial = true`".to_owned()));
    }
}
