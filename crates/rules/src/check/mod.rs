//! A configuration as a whole: every reference followed, every rule compiled, every error at once.

mod across;
mod condition;
mod connector;
mod dependency;
mod deployment;
mod expression;
mod flow;
mod gateway;
mod metaverse;
mod precedence;
mod rule;
mod run_profile;
mod space;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ::connector::{Descriptor, Validated};
use model::{Name, ValueType};

use self::connector::{CheckedConnector, has_errors};
use self::deployment::Profiles;
use self::rule::{CheckedRule, Context};
use crate::builtin::EXPECTED_RULES_RESOURCE;
use crate::code;
use crate::config::{ConnectorDocument, Deployment, Indexed, Metaverse, rules_of_mappings};
use crate::diagnostic::{Diagnostic, File, sort};
use crate::document::{self, ConnectorSource, Documents, RuleDocument};
use crate::source::Sources;
use crate::{
    DETECTED_RULE_TYPE, Direction, EXPECTED_RULE_TYPE, Flow, GatewayConfig, RULE_TYPE, Rule,
    Schemas, ServiceMapping,
};

/// The outcome of a check.
#[derive(Debug)]
pub struct Checked {
    /// The deployment; `None` if there is any error.
    pub deployment: Option<Deployment>,
    /// The connectors whose settings passed.
    pub validated: BTreeMap<Name, Arc<dyn Validated>>,
    /// Everything found, by file and position.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// The errors alone.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.is_error())
    }
}

/// Checks a deployment's configuration. `descriptors` are the connector types there are.
#[must_use]
pub fn check(sources: &Sources, descriptors: &[&Descriptor]) -> Checked {
    let mut found = Vec::new();
    let documents = document::read(sources, &mut found);
    let names: BTreeSet<Name> = documents.connectors.iter().map(|c| c.name.clone()).collect();
    let names = names.union(&documents.unread).cloned().collect();
    let metaverse_unread = !documents.metaverse_is_read;
    let mut metaverse = match &documents.metaverse {
        Some(document) => metaverse::check(document, &names, &mut found),
        None => Metaverse::default(),
    };
    let mut connectors = BTreeMap::new();
    let mut validated = BTreeMap::new();
    let mut unread = documents.unread.clone();
    for source in &documents.connectors {
        let name = &source.name;
        let Some(checked) = connector::check(source, sources, descriptors, &mut found) else {
            unread.insert(name.clone());
            continue;
        };
        let CheckedConnector { document, validated: passed } = checked;
        match passed {
            Some(passed) if !unread.contains(name) => {
                validated.insert(name.clone(), passed);
            }
            _ => {
                unread.insert(name.clone());
            }
        }
        connectors.insert(name.clone(), document);
    }
    let mappings = mappings(&documents, &connectors, &validated, &mut metaverse, &mut found);
    let profiles = profiles(&names, &connectors, &validated);
    let schemas = schemas(&validated, &connectors, &metaverse);
    let context = Context { schemas: &schemas, unread, metaverse_unread };
    let rules = check_rules(&documents.rules, &context, &mut found);
    check_precedences(&documents, &names, &rules, (&mappings, &metaverse), &mut found);
    dependency::check(&rules, documents.rules_are_read, &mut found);
    let around = gateway::Surroundings {
        metaverse: &metaverse,
        metaverse_is_read: documents.metaverse_is_read,
        connectors: &connectors,
    };
    let gateway = documents.gateway.as_ref().and_then(|g| gateway::check(g, &around, &mut found));
    let deployment = documents.deployment.as_ref().map(|document| Deployment {
        store_url: document.store_url.clone(),
        history: document.history,
        is_staging: document.is_staging,
        api: document.api.clone(),
        indexed: indexed(&metaverse, &rules, &mappings, gateway.as_ref()),
        gateway,
        sequences: deployment::sequences(document, &profiles, &mut found),
        schedules: deployment::schedules(document, &mut found),
        metaverse: metaverse.clone(),
        connectors,
        service_mappings: mappings,
        rules: texts(&documents.rules),
    });
    let deployment = deployment.filter(|_| !has_errors(&found));
    sort(&mut found);
    Checked { deployment, validated, diagnostics: found }
}

/// What a sequence can run of each connector.
fn profiles(
    names: &BTreeSet<Name>,
    connectors: &BTreeMap<Name, ConnectorDocument>,
    validated: &BTreeMap<Name, Arc<dyn Validated>>,
) -> Profiles {
    let of = |name: &Name| {
        let passed = validated.get(name);
        let own = connectors.get(name);
        let own = own.into_iter().flat_map(|document| document.run_profiles.keys().cloned());
        let offered = passed.map(|v| deployment::profiles(v.capabilities()).chain(own));
        (name.clone(), offered.map(Iterator::collect))
    };
    names.iter().map(of).collect()
}

/// Checks whom the attributes of the metaverse rank.
fn check_precedences(
    documents: &Documents<'_>,
    connectors: &BTreeSet<Name>,
    rules: &[CheckedRule<'_, '_>],
    (mappings, metaverse): (&[ServiceMapping], &Metaverse),
    found: &mut Vec<Diagnostic>,
) {
    let Some(document) = documents.metaverse.as_ref().filter(|_| documents.metaverse_is_read)
    else {
        return;
    };
    let builtin = rules_of_mappings(mappings, metaverse);
    let rules_are_read = documents.rules_are_read;
    let known = precedence::Known { connectors, rules, builtin: &builtin, rules_are_read };
    precedence::check_lists(document, &known, found);
}

/// The mappings of service resources. Adds to the metaverse what is built in for them.
fn mappings(
    documents: &Documents<'_>,
    connectors: &BTreeMap<Name, ConnectorDocument>,
    validated: &BTreeMap<Name, Arc<dyn Validated>>,
    metaverse: &mut Metaverse,
    found: &mut Vec<Diagnostic>,
) -> Vec<ServiceMapping> {
    let mut mappings: Vec<ServiceMapping> = Vec::new();
    for source in &documents.connectors {
        let Some(document) = connectors.get(&source.name) else { continue };
        for (resource_type, target) in &document.maps_to {
            if !metaverse::add_builtin(metaverse, target) && documents.metaverse_is_read {
                let known: Vec<&str> = metaverse.types.keys().map(Name::as_str).collect();
                let message = format!("the metaverse has no object type `{target}`");
                let error = mapping_error(source, resource_type, message);
                let known = known
                    .into_iter()
                    .chain([RULE_TYPE, EXPECTED_RULE_TYPE, DETECTED_RULE_TYPE])
                    .collect::<Vec<_>>();
                found.push(error.with_help(crate::similar::advice(target, &known)));
            }
            let other = mappings.iter().find(|m| m.metaverse == *target && *target == RULE_TYPE);
            if let Some(other) = other {
                let message = "synchronization rules come from one service only".to_owned();
                let error = mapping_error(source, resource_type, message);
                found.push(error.with_help(format!("`{}` brings them already", other.connector)));
            }
            let schema =
                validated.get(&source.name).and_then(|v| v.schema().types.get(resource_type));
            mappings.push(ServiceMapping {
                connector: source.name.clone(),
                resource_type: resource_type.clone(),
                metaverse: target.clone(),
                attributes: schema.into_iter().flat_map(|s| s.keys().cloned()).collect(),
            });
        }
    }
    metaverse::add_entry_lists(metaverse, &mappings);
    mappings
}

fn mapping_error(
    source: &ConnectorSource<'_>,
    resource_type: &Name,
    message: String,
) -> Diagnostic {
    let place = source.root.locate(&format!("objects.{resource_type}.maps_to"));
    source.file.error(code::MAPPING, place, message)
}

fn schemas(
    validated: &BTreeMap<Name, Arc<dyn Validated>>,
    connectors: &BTreeMap<Name, ConnectorDocument>,
    metaverse: &Metaverse,
) -> Schemas {
    let of = |(name, v): (&Name, &Arc<dyn Validated>)| (name.clone(), v.schema().clone());
    let styles =
        |(name, v): (&Name, &Arc<dyn Validated>)| (name.clone(), v.capabilities().dn_style);
    let parameters = |(name, document): (&Name, &ConnectorDocument)| {
        (name.clone(), document.parameter_types(name))
    };
    Schemas {
        connectors: validated.iter().map(of).collect(),
        dn_styles: validated.iter().map(styles).collect(),
        parameters: connectors.iter().map(parameters).collect(),
        metaverse: metaverse.clone(),
    }
}

fn check_rules<'d, 'a>(
    documents: &'d [RuleDocument<'a>],
    context: &Context<'_>,
    found: &mut Vec<Diagnostic>,
) -> Vec<CheckedRule<'d, 'a>> {
    let rules: Vec<CheckedRule<'d, 'a>> =
        documents.iter().map(|document| rule::check(document, context, found)).collect();
    across::check(&rules, found);
    precedence::check(&rules, &context.schemas.metaverse, found);
    rules
}

fn texts(rules: &[RuleDocument<'_>]) -> BTreeMap<Name, String> {
    rules.iter().map(|rule| (rule.name.value.clone(), rule.file.text.to_owned())).collect()
}

/// What joins, names and references look up, beside what the metaverse declares.
fn indexed(
    metaverse: &Metaverse,
    rules: &[CheckedRule<'_, '_>],
    mappings: &[ServiceMapping],
    gateway: Option<&GatewayConfig>,
) -> Indexed {
    let mut indexed = Indexed::default();
    for mapping in mappings.iter().filter(|mapping| mapping.has_expected_rules()) {
        let names = indexed.connector_space.entry(mapping.connector.clone()).or_default();
        names.insert(Name::new(EXPECTED_RULES_RESOURCE));
    }
    indexed.metaverse.extend(metaverse.types.values().flat_map(|t| t.indexed.iter().cloned()));
    for CheckedRule { rule, asts, .. } in rules {
        for (flow, (_, ast)) in rule.flows.iter().zip(asts) {
            if let Some(from) = reference_source(metaverse, rule, flow) {
                let names = indexed.connector_space.entry(rule.connector.clone()).or_default();
                names.insert(from.clone());
                indexed.metaverse.insert(flow.to.clone());
            }
            if flow.to == space::DN || !expression::asks_others(ast.root(), ast.dialect()) {
                continue;
            }
            let names = match rule.direction {
                Direction::Inbound => &mut indexed.metaverse,
                Direction::Outbound => {
                    indexed.connector_space.entry(rule.connector.clone()).or_default()
                }
            };
            names.insert(flow.to.clone());
        }
        for pair in &rule.relationship {
            if pair.metaverse != space::OBJECT_ID {
                indexed.metaverse.insert(pair.metaverse.clone());
            }
            if rule.direction == Direction::Outbound && pair.object != space::DN {
                let names = indexed.connector_space.entry(rule.connector.clone()).or_default();
                names.insert(pair.object.clone());
            }
        }
    }
    for application in gateway.iter().flat_map(|gateway| &gateway.applications) {
        indexed.metaverse.extend(gateway.map(|g| g.accounts.found_by(application.find_by).clone()));
    }
    indexed
}

/// The attribute that a flow brings references into the metaverse from. Whoever refers to an object
/// is looked up when that object is connected or goes.
fn reference_source<'a>(metaverse: &Metaverse, rule: &Rule, flow: &'a Flow) -> Option<&'a Name> {
    let target = metaverse.types.get(&rule.metaverse)?.attributes.get(&flow.to)?;
    let is_reference =
        rule.direction == Direction::Inbound && target.value_type == ValueType::Reference;
    flow.from.as_direct_attribute().filter(|_| is_reference)
}

impl Deployment {
    /// What rules are compiled against. `validated` comes from the same [`check`].
    #[must_use]
    pub fn schemas(&self, validated: &BTreeMap<Name, Arc<dyn Validated>>) -> Schemas {
        schemas(validated, &self.connectors, &self.metaverse)
    }
}

/// Compiles the document of one rule; `file` is what diagnostics call it.
///
/// # Errors
/// Every error in it, none of the warnings.
pub fn compile_rule(file: &str, text: &str, schemas: &Schemas) -> Result<Rule, Vec<Diagnostic>> {
    let mut rules = compile_rules([(file, text)], schemas)?;
    // One document without an error is one rule.
    rules.pop().ok_or_else(Vec::new)
}

/// Compiles the documents of rules that belong together, given as pairs of name and text, and
/// checks them against each other.
///
/// # Errors
/// Every error in all of them, none of the warnings.
pub fn compile_rules<'a>(
    documents: impl IntoIterator<Item = (&'a str, &'a str)>,
    schemas: &Schemas,
) -> Result<Vec<Rule>, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let documents: Vec<RuleDocument<'a>> = documents
        .into_iter()
        .filter_map(|(path, text)| document::read_rule(File { path, text }, &mut found))
        .collect();
    let context = Context { schemas, unread: BTreeSet::new(), metaverse_unread: false };
    let rules = check_rules(&documents, &context, &mut found);
    found.retain(Diagnostic::is_error);
    if found.is_empty() {
        return Ok(rules.into_iter().map(|checked| checked.rule).collect());
    }
    sort(&mut found);
    Err(found)
}
