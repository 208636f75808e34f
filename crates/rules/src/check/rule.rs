//! One rule against the schemas.

use std::collections::{BTreeMap, BTreeSet};

use expr::Ast;
use model::{DnStyle, Name, ObjectSchema, ValueType};

use super::condition;
use super::flow::{self, Sides};
use super::space::{DN, Lookup, Side, Space, advice_of};
use crate::code;
use crate::diagnostic::Diagnostic;
use crate::document::{PairDocument, RuleDocument};
use crate::node::Spanned;
use crate::source::METAVERSE_FILE;
use crate::{
    Applies, DETECTED_RULE_TYPE, DETECTED_RULES, Direction, EXPECTED_RULE_TYPE, EXPECTED_RULES,
    LinkType, Relationship, Rule, Schemas, WhenOutOfScope,
};

/// What rules are checked against, and what of it is missing for errors of its own.
pub(super) struct Context<'a> {
    pub(super) schemas: &'a Schemas,
    /// Connectors whose schemas are not known because their documents have errors.
    pub(super) unread: BTreeSet<Name>,
    /// The metaverse is not known because its document has errors.
    pub(super) metaverse_unread: bool,
}

/// A rule that was checked. Flows that do not compile are left out.
pub(super) struct CheckedRule<'d, 'a> {
    pub(super) document: &'d RuleDocument<'a>,
    pub(super) rule: Rule,
    /// For each flow of the rule its number in the document and its syntax.
    pub(super) asts: Vec<(usize, Ast)>,
}

/// Checks a rule and compiles what compiles.
pub(super) fn check<'d, 'a>(
    document: &'d RuleDocument<'a>,
    context: &Context<'_>,
    found: &mut Vec<Diagnostic>,
) -> CheckedRule<'d, 'a> {
    let connector_space = connector_space(document, context, found);
    let metaverse = metaverse(document, context, found);
    let dn_style = context.schemas.dn_styles.get(&document.connector.value).copied();
    let (source, target) = match document.direction {
        Direction::Inbound => (&connector_space, &metaverse),
        Direction::Outbound => (&metaverse, &connector_space),
    };
    let scope = condition::scope(document.file, &document.scope, source, found);
    let relationship = document
        .relationship
        .iter()
        .filter_map(|pair| relationship(document, pair, &metaverse, &connector_space, found))
        .collect();
    let parameters = context.schemas.parameters.get(&document.connector.value);
    let sides = Sides { source: source.clone(), target: target.clone(), dn_style, parameters };
    let (mut flows, mut existence_tests) = (Vec::new(), Vec::new());
    let mut asts = Vec::new();
    for (index, flow_document) in document.flows.iter().enumerate() {
        let checked = flow::check(document, flow_document, &sides, found);
        if let Some((flow, ast)) = checked {
            if flow_document.is_test {
                existence_tests.push(flow);
                continue;
            }
            flows.push(flow);
            asts.push((index, ast));
        }
    }
    if document.link.as_ref().is_some_and(|link| link.value == LinkType::JoinNoFlow) {
        warn_of_flows(document, found);
        flows.clear();
        asts.clear();
    }
    check_duplicates(document, found);
    check_disabling(document, found);
    check_name(document, dn_style, found);
    check_policy(document, &metaverse, found);
    check_tests(document, &metaverse, found);
    let rule = Rule {
        name: document.name.value.clone(),
        direction: document.direction,
        connector: document.connector.value.clone(),
        object: document.object.value.clone(),
        metaverse: document.metaverse.value.clone(),
        precedence: document.precedence.value,
        scope,
        relationship,
        on_ambiguous: document.on_ambiguous,
        link: document.link.as_ref().map(|link| link.value),
        creates: document.creates,
        when_out_of_scope: document.when_out_of_scope,
        applies: document.applies,
        depends_on: document.depends_on.as_ref().map(|rule| rule.value.clone()),
        flows,
        existence_tests,
    };
    CheckedRule { document, rule, asts }
}

fn connector_space<'a>(
    document: &RuleDocument<'_>,
    context: &Context<'a>,
    found: &mut Vec<Diagnostic>,
) -> Space<'a> {
    let (connector, object) = (&document.connector, &document.object);
    let side =
        Side::ConnectorSpace { connector: connector.value.clone(), object: object.value.clone() };
    let mut schema: Option<&ObjectSchema> = None;
    if let Some(known) = context.schemas.connectors.get(&connector.value) {
        schema = known.types.get(&object.value);
        if schema.is_none() {
            let names: Vec<&str> = known.types.keys().map(Name::as_str).collect();
            let add = format!("select it with [objects.{}]", object.value);
            let message = format!(
                "connector `{}` has no object type `{}` selected",
                connector.value, object.value
            );
            let error = document.file.error(code::UNKNOWN_NAME, object.span.clone(), message);
            found.push(error.with_help(advice_of(&object.value, &names, add)));
        }
    } else if !context.unread.contains(&connector.value) {
        let names = context.schemas.connectors.keys().chain(&context.unread);
        let names: Vec<&str> = names.map(Name::as_str).collect();
        let message = format!("there is no connector `{}`", connector.value);
        let add = format!("describe it in connectors/{}.toml", connector.value);
        let error = document.file.error(code::UNKNOWN_NAME, connector.span.clone(), message);
        found.push(error.with_help(advice_of(&connector.value, &names, add)));
    }
    Space { side, schema }
}

fn metaverse<'a>(
    document: &RuleDocument<'_>,
    context: &Context<'a>,
    found: &mut Vec<Diagnostic>,
) -> Space<'a> {
    let object = &document.metaverse;
    let side = Side::Metaverse { object: object.value.clone() };
    if context.metaverse_unread {
        return Space { side, schema: None };
    }
    let types = &context.schemas.metaverse.types;
    let schema = types.get(&object.value).map(|found| &found.attributes);
    if schema.is_none() {
        let names: Vec<&str> = types.keys().map(Name::as_str).collect();
        let message = format!("the metaverse has no object type `{}`", object.value);
        let add = format!("add [types.{}] to {METAVERSE_FILE}", object.value);
        let error = document.file.error(code::UNKNOWN_NAME, object.span.clone(), message);
        found.push(error.with_help(advice_of(&object.value, &names, add)));
    }
    Space { side, schema }
}

fn relationship(
    document: &RuleDocument<'_>,
    pair: &PairDocument,
    metaverse_space: &Space<'_>,
    connector_space: &Space<'_>,
    found: &mut Vec<Diagnostic>,
) -> Option<Relationship> {
    let PairDocument { metaverse, object, .. } = pair;
    let file = document.file;
    let mut schema_of = |name: &Spanned<Name>, space: &Space<'_>| match space.find(&name.value) {
        Lookup::Found(schema) => Some(schema),
        Lookup::Unchecked => None,
        Lookup::Missing => {
            let message = space.missing(&name.value);
            let error = file.error(code::UNKNOWN_ATTRIBUTE, name.span.clone(), message);
            found.push(error.with_help(space.advice(&name.value)));
            None
        }
    };
    let left = schema_of(metaverse, metaverse_space);
    let right = schema_of(object, connector_space);
    let (left, right) = (left?, right?);
    if right.secret {
        let message = format!("`{}` is a secret: nothing can be compared with it", object.value);
        found.push(file.error(code::SECRET, object.span.clone(), message));
        return None;
    }
    if left.value_type != right.value_type {
        let message = format!(
            "`{}` is {} and `{}` is {}: they are never equal",
            metaverse.value, left.value_type, object.value, right.value_type
        );
        found.push(file.error(code::TYPE_MISMATCH, object.span.clone(), message));
        return None;
    }
    if left.value_type == ValueType::Reference {
        let message = format!(
            "`{}` and `{}` refer to objects of their own side: they are never equal",
            metaverse.value, object.value
        );
        found.push(file.error(code::REFERENCE, object.span.clone(), message));
        return None;
    }
    Some(Relationship {
        metaverse: metaverse.value.clone(),
        object: object.value.clone(),
        case_sensitive: pair.case_sensitive,
    })
}

/// Two flows to one attribute make sense only if one of them is for the creation.
fn check_duplicates(document: &RuleDocument<'_>, found: &mut Vec<Diagnostic>) {
    let mut seen = BTreeMap::new();
    for flow in document.flows.iter().filter(|flow| !flow.is_test) {
        let disables = flow.disables.as_ref().is_some_and(|flag| flag.value);
        if let Some(first) = seen.insert((&flow.to.value, flow.initial, disables), &flow.to.span) {
            let (line, _) = crate::diagnostic::position(document.file.text, first.start);
            let message = format!("a second flow to `{}`", flow.to.value);
            let error = document.file.error(code::DUPLICATE_FLOW, flow.to.span.clone(), message);
            let help = format!("the first is in line {line}; one expression may use `IIF`");
            found.push(error.with_help(help));
        }
    }
}

/// A policy reaches only objects that can have expected rule entries.
fn check_policy(document: &RuleDocument<'_>, metaverse: &Space<'_>, found: &mut Vec<Diagnostic>) {
    if document.applies == Applies::Policy && metaverse.find(EXPECTED_RULES) == Lookup::Missing {
        let object = &document.metaverse;
        let message = format!("no policy reaches metaverse objects of type `{}`", object.value);
        let error = document.file.error(code::POLICY, object.span.clone(), message);
        let help = format!(
            "map resources to `{}` in a connector of type \"service\", and `ExpectedRuleEntry` to \
             `{EXPECTED_RULE_TYPE}`",
            object.value
        );
        found.push(error.with_help(help));
    }
}

/// What existence tests find is kept by the identity service alone.
fn check_tests(document: &RuleDocument<'_>, metaverse: &Space<'_>, found: &mut Vec<Diagnostic>) {
    let Some(test) = document.flows.iter().find(|flow| flow.is_test) else { return };
    if metaverse.find(DETECTED_RULES) == Lookup::Missing {
        let message = format!(
            "nothing keeps detected rule entries of metaverse objects of type `{}`",
            document.metaverse.value
        );
        let warning = document.file.warning(code::UNKEPT_TEST, test.to.span.clone(), message);
        let help = format!(
            "map `DetectedRuleEntry` to `{DETECTED_RULE_TYPE}` in a connector of type \"service\""
        );
        found.push(warning.with_help(help));
    }
}

/// An object of a tree can only be created at a place.
fn check_name(document: &RuleDocument<'_>, dn_style: Option<DnStyle>, found: &mut Vec<Diagnostic>) {
    let is_needed = document.direction == Direction::Outbound
        && document.creates
        && dn_style == Some(DnStyle::Ldap);
    if is_needed && !document.flows.iter().any(|flow| flow.to.value == DN && !flow.is_test) {
        let place = document.creates_place.clone();
        let message = "this rule creates objects but does not name them";
        let error = document.file.error(code::NO_DN, place, message);
        let help = "add a flow to `dn`, usually with `initial = true`".to_owned();
        found.push(error.with_help(help));
    }
}

/// A rule of Entra Connect's may have flows and say that they do not count.
fn warn_of_flows(document: &RuleDocument<'_>, found: &mut Vec<Diagnostic>) {
    let Some(flow) = document.flows.first() else { return };
    let message = "no attribute flows by a rule whose link is \"join-no-flow\"";
    let place = flow.to.span.clone();
    let warning = document.file.warning(code::NO_FLOW, place, message);
    found.push(warning.with_help("remove the flows, or give the rule another `link`".to_owned()));
}

/// An object is disabled by flows, and only by a rule that says so.
fn check_disabling(document: &RuleDocument<'_>, found: &mut Vec<Diagnostic>) {
    if document.direction == Direction::Inbound {
        return;
    }
    let flags = document.flows.iter().filter_map(|flow| flow.disables.as_ref());
    let disabling: Vec<&Spanned<bool>> = flags.filter(|flag| flag.value).collect();
    let disables = document.when_out_of_scope == WhenOutOfScope::Disable;
    let error = match disabling.first() {
        None if disables => {
            let message = "nothing says how objects are disabled";
            let place = document.out_of_scope_place.clone();
            let error = document.file.error(code::DISABLE, place, message);
            error.with_help(
                "add a flow with `disables = true`, such as one to `userAccountControl`".to_owned(),
            )
        }
        Some(flag) if !disables => {
            let message = "this flow would never run";
            let error = document.file.error(code::DISABLE, flag.span.clone(), message);
            error.with_help("add `when_out_of_scope = \"disable\"` to the rule".to_owned())
        }
        _ => return,
    };
    found.push(error);
}
