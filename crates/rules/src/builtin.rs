//! What every deployment with an identity service has without writing it down: the metaverse type
//! of synchronization rules, the key that ties persons to their resources, and the rules that join,
//! project, provision and flow them (MIM's service management agent has the same built in).

use std::collections::BTreeMap;

use model::{AttributeSchema, Name, ObjectSchema, ValueType};

use crate::{
    Applies, DeletionRule, Direction, Flow, MergeType, MetaverseType, OnAmbiguous, Relationship,
    Rule, Scope, WhenOutOfScope,
};

/// The metaverse type of synchronization rules.
pub const RULE_TYPE: &str = "synchronizationRule";
/// The attribute that holds a rule's document.
pub const RULE_DEFINITION: &str = "definition";
/// The metaverse type of expected rule entries: each says that a rule is to be applied to an object,
/// or withdrawn from it.
pub const EXPECTED_RULE_TYPE: &str = "expectedRuleEntry";
/// The metaverse attribute that refers to an object's expected rule entries.
pub const EXPECTED_RULES: &str = "expectedRulesList";
/// The metaverse type of detected rule entries: each says that an object is as a rule would have it.
pub const DETECTED_RULE_TYPE: &str = "detectedRuleEntry";
/// The metaverse attribute that refers to an object's detected rule entries.
pub const DETECTED_RULES: &str = "detectedRulesList";
/// The resource attribute that it goes to.
const DETECTED_RULES_RESOURCE: &str = "DetectedRulesList";
/// The resource attribute that it comes from.
pub(crate) const EXPECTED_RULES_RESOURCE: &str = "ExpectedRulesList";
/// The metaverse attribute that holds the identity of the service resource.
const CS_OBJECT_ID: &str = "csObjectID";

/// Which resource type of the service maps to which metaverse type, and which attributes to which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceMapping {
    /// The service connector.
    pub connector: Name,
    /// The resource type.
    pub resource_type: Name,
    /// The metaverse type.
    pub metaverse: Name,
    /// Selected resource attributes.
    pub attributes: Vec<Name>,
}

impl ServiceMapping {
    /// True if the resource type has the attribute, and it is selected.
    fn is_selected(&self, attribute: &str) -> bool {
        self.attributes.iter().any(|name| *name == attribute)
    }

    /// True if the resources refer to expected rule entries.
    pub(crate) fn has_expected_rules(&self) -> bool {
        self.is_selected(EXPECTED_RULES_RESOURCE)
    }

    /// The attributes that refer to entries, each with the metaverse type of those.
    pub(crate) fn entry_lists(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let lists = [
            (EXPECTED_RULES_RESOURCE, EXPECTED_RULES, EXPECTED_RULE_TYPE),
            (DETECTED_RULES_RESOURCE, DETECTED_RULES, DETECTED_RULE_TYPE),
        ];
        let selected = lists.into_iter().filter(|(attribute, ..)| self.is_selected(attribute));
        selected.map(|(_, list, entry_type)| (list, entry_type))
    }
}

/// The metaverse attribute that a resource attribute maps to.
const PERSON_ATTRIBUTES: [(&str, &str); 10] = [
    ("AccountName", "accountName"),
    ("DisplayName", "displayName"),
    ("Domain", "domain"),
    ("Email", "mail"),
    ("EmployeeType", "employeeType"),
    ("FirstName", "givenName"),
    ("LastName", "sn"),
    ("MobilePhone", "mobilePhone"),
    ("ObjectSID", "objectSid"),
    ("UserType", "userType"),
];

const RULE_ATTRIBUTES: [(&str, &str); 7] = [
    ("DisplayName", "displayName"),
    ("Definition", RULE_DEFINITION),
    ("FlowType", "flowType"),
    ("ConnectedSystem", "connectedSystem"),
    ("ConnectedObjectType", "connectedObjectType"),
    ("ILMObjectType", "ilmObjectType"),
    ("Precedence", "precedence"),
];

/// The attributes of expected rule entries in the metaverse.
pub mod entry {
    /// The name of the rule.
    pub const RULE: &str = "synchronizationRuleName";
    /// `Add` or `Remove`.
    pub const ACTION: &str = "expectedRuleEntryAction";
    /// What the engine has made of it: `Applied`, `Pending` or `Not Applied`.
    pub const STATUS: &str = "status";
    /// Why it is not applied.
    pub const STATUS_ERROR: &str = "statusError";
}

/// The attributes of detected rule entries in the metaverse.
pub mod detected {
    /// The name of the rule.
    pub const RULE: &str = "synchronizationRuleName";
    /// The object of the connector space.
    pub const CONNECTOR: &str = "connector";
    /// The metaverse object it is linked to.
    pub const PARENT: &str = "resourceParent";
}

/// What flows out of detected rule entries.
const DETECTED_ATTRIBUTES: [(&str, &str); 4] = [
    ("DisplayName", "displayName"),
    ("SynchronizationRuleName", detected::RULE),
    ("Connector", detected::CONNECTOR),
    ("ResourceParent", detected::PARENT),
];

/// What flows in of expected rule entries.
const ENTRY_ATTRIBUTES: [(&str, &str); 3] = [
    ("DisplayName", "displayName"),
    ("SynchronizationRuleName", entry::RULE),
    ("ExpectedRuleEntryAction", entry::ACTION),
];
/// What flows back.
const ENTRY_STATUS: [(&str, &str); 2] =
    [("SynchronizationRuleStatus", entry::STATUS), ("StatusError", entry::STATUS_ERROR)];

/// True for metaverse types that are built in as a whole.
pub(crate) fn is_builtin_type(metaverse: &str) -> bool {
    [RULE_TYPE, EXPECTED_RULE_TYPE, DETECTED_RULE_TYPE].contains(&metaverse)
}

/// The built-in attributes that a mapped metaverse type has on top of its own; for [`RULE_TYPE`],
/// [`EXPECTED_RULE_TYPE`] and [`DETECTED_RULE_TYPE`], the whole type.
#[must_use]
pub fn builtin_type(metaverse: &str) -> MetaverseType {
    let mut attributes = ObjectSchema::new();
    attributes.insert(Name::new(CS_OBJECT_ID), AttributeSchema::single(ValueType::String));
    if metaverse == RULE_TYPE {
        for (_, name) in RULE_ATTRIBUTES {
            let numeric = matches!(name, "flowType" | "precedence");
            let value_type = if numeric { ValueType::Integer } else { ValueType::String };
            attributes.insert(Name::new(name), AttributeSchema::single(value_type));
        }
    }
    if metaverse == EXPECTED_RULE_TYPE {
        for (_, name) in ENTRY_ATTRIBUTES.into_iter().chain(ENTRY_STATUS) {
            attributes.insert(Name::new(name), AttributeSchema::single(ValueType::String));
        }
    }
    if metaverse == DETECTED_RULE_TYPE {
        for (_, name) in DETECTED_ATTRIBUTES {
            let is_parent = name == detected::PARENT;
            let value_type = if is_parent { ValueType::Reference } else { ValueType::String };
            attributes.insert(Name::new(name), AttributeSchema::single(value_type));
        }
    }
    let indexed = std::iter::once(Name::new(CS_OBJECT_ID)).collect();
    let deletion = DeletionRule::default();
    MetaverseType { attributes, indexed, deletion, precedence: BTreeMap::new() }
}

/// The built-in rules of one mapping. `known` says whether the metaverse type has an attribute:
/// flows to and from others are left out.
///
/// # Errors
/// Never in practice: the built-in expressions are attribute names.
pub fn builtin_rules(
    mapping: &ServiceMapping,
    known: &dyn Fn(&str) -> bool,
) -> Result<Vec<Rule>, expr::ExprError> {
    if mapping.metaverse == RULE_TYPE {
        return Ok(vec![projecting(mapping, &RULE_ATTRIBUTES)?]);
    }
    if mapping.metaverse == EXPECTED_RULE_TYPE {
        let mut out = rule(mapping, "out", Direction::Outbound, 1);
        out.flows = cleared_flows(mapping, &ENTRY_STATUS, &|_| true)?;
        return Ok(vec![projecting(mapping, &ENTRY_ATTRIBUTES)?, out]);
    }
    let mut resource = rule(mapping, "in", Direction::Inbound, 1);
    resource.relationship = by(CS_OBJECT_ID, "dn");
    resource.flows = vec![flow(CS_OBJECT_ID, "dn", false)?];
    if mapping.is_selected(EXPECTED_RULES_RESOURCE) && known(EXPECTED_RULES) {
        resource.flows.push(flow(EXPECTED_RULES, EXPECTED_RULES_RESOURCE, false)?);
    }
    let mut new_resource = rule(mapping, "in, new", Direction::Inbound, 2);
    new_resource.relationship = by("object-id", "MVObjectID");
    // What the engine has detected is made by it alone.
    new_resource.creates = mapping.metaverse != DETECTED_RULE_TYPE;
    let mut out = rule(mapping, "out", Direction::Outbound, 1);
    out.creates = true;
    out.flows = vec![flow("dn", "object-id", true)?, flow("MVObjectID", "object-id", false)?];
    let flowing: &[(&str, &str)] = match mapping.metaverse.as_str() {
        DETECTED_RULE_TYPE => &DETECTED_ATTRIBUTES,
        _ => &PERSON_ATTRIBUTES,
    };
    out.flows.extend(cleared_flows(mapping, flowing, known)?);
    let list = [(DETECTED_RULES_RESOURCE, DETECTED_RULES)];
    out.flows.extend(cleared_flows(mapping, &list, known)?);
    Ok(vec![resource, new_resource, out])
}

/// A rule of a mapping that does nothing yet.
fn rule(mapping: &ServiceMapping, suffix: &str, direction: Direction, precedence: u32) -> Rule {
    Rule {
        name: Name::from(format!("{}: {} {suffix}", mapping.connector, mapping.resource_type)),
        direction,
        connector: mapping.connector.clone(),
        object: mapping.resource_type.clone(),
        metaverse: mapping.metaverse.clone(),
        precedence,
        scope: Scope::default(),
        relationship: Vec::new(),
        on_ambiguous: OnAmbiguous::default(),
        link: None,
        creates: false,
        when_out_of_scope: WhenOutOfScope::Leave,
        applies: Applies::Filter,
        depends_on: None,
        flows: Vec::new(),
        existence_tests: Vec::new(),
    }
}

/// The rule that makes metaverse objects of resources, with these attributes.
fn projecting(
    mapping: &ServiceMapping,
    attributes: &[(&str, &str)],
) -> Result<Rule, expr::ExprError> {
    let mut inbound = rule(mapping, "in", Direction::Inbound, 1);
    inbound.relationship = by(CS_OBJECT_ID, "dn");
    inbound.creates = true;
    inbound.flows.push(flow(CS_OBJECT_ID, "dn", false)?);
    for (from, to) in attributes {
        inbound.flows.push(flow(to, from, false)?);
    }
    Ok(inbound)
}

/// Flows to those of the attributes that are selected; no value clears them.
fn cleared_flows(
    mapping: &ServiceMapping,
    attributes: &[(&str, &str)],
    known: &dyn Fn(&str) -> bool,
) -> Result<Vec<Flow>, expr::ExprError> {
    let mut flows = Vec::new();
    for (attribute, source) in attributes {
        if mapping.is_selected(attribute) && known(source) {
            flows.push(Flow { allow_null: true, ..flow(attribute, source, false)? });
        }
    }
    Ok(flows)
}

fn by(metaverse: &str, object: &str) -> Vec<Relationship> {
    let (metaverse, object) = (Name::new(metaverse), Name::new(object));
    vec![Relationship { metaverse, object, case_sensitive: false }]
}

fn flow(to: &str, from: &str, initial: bool) -> Result<Flow, expr::ExprError> {
    let ast = expr::parse(from)?;
    let program = expr::bind(&ast, None).map_err(first)?;
    Ok(Flow {
        to: Name::new(to),
        from: program,
        source: from.to_owned(),
        initial,
        allow_null: false,
        disables: false,
        merge: MergeType::Update,
    })
}

fn first(errors: Vec<expr::ExprError>) -> expr::ExprError {
    let nothing =
        || expr::ExprError::new(expr::ErrorKind::Parse, expr::Span::default(), "does not bind");
    errors.into_iter().next().unwrap_or_else(nothing)
}
