//! What every deployment with an identity service has without writing it down: the metaverse type
//! of synchronization rules, the key that ties persons to their resources, and the rules that join,
//! project, provision and flow them (MIM's service management agent has the same built in).

use std::collections::BTreeMap;

use model::{AttributeSchema, Name, ObjectSchema, ValueType};

use crate::{
    DeletionRule, Direction, Flow, MergeType, MetaverseType, OnAmbiguous, Relationship, Rule,
    Scope, WhenOutOfScope,
};

/// The metaverse type of synchronization rules.
pub const RULE_TYPE: &str = "synchronizationRule";
/// The attribute that holds a rule's document.
pub const RULE_DEFINITION: &str = "definition";
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

/// The built-in attributes that a mapped metaverse type has on top of its own; for
/// [`RULE_TYPE`], the whole type.
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
    let name = |suffix: &str| {
        Name::from(format!("{}: {} {suffix}", mapping.connector, mapping.resource_type))
    };
    let rule = |name, direction, precedence, relationship, creates, flows| Rule {
        name,
        direction,
        connector: mapping.connector.clone(),
        object: mapping.resource_type.clone(),
        metaverse: mapping.metaverse.clone(),
        precedence,
        scope: Scope::default(),
        relationship,
        on_ambiguous: OnAmbiguous::default(),
        link: None,
        creates,
        when_out_of_scope: WhenOutOfScope::Leave,
        depends_on: None,
        flows,
    };
    let by = |metaverse: &str, object: &str| {
        let (metaverse, object) = (Name::new(metaverse), Name::new(object));
        vec![Relationship { metaverse, object, case_sensitive: false }]
    };
    let mut inbound = vec![flow(CS_OBJECT_ID, "dn", false)?];
    if mapping.metaverse == RULE_TYPE {
        for (from, to) in RULE_ATTRIBUTES {
            inbound.push(flow(to, from, false)?);
        }
        let rule = rule(name("in"), Direction::Inbound, 1, by(CS_OBJECT_ID, "dn"), true, inbound);
        return Ok(vec![rule]);
    }
    let mut outbound =
        vec![flow("dn", "object-id", true)?, flow("MVObjectID", "object-id", false)?];
    for (attribute, source) in PERSON_ATTRIBUTES {
        let selected = mapping.attributes.iter().any(|a| *a == attribute);
        if selected && known(source) {
            let mut flow = flow(attribute, source, false)?;
            flow.allow_null = true;
            outbound.push(flow);
        }
    }
    Ok(vec![
        rule(name("in"), Direction::Inbound, 1, by(CS_OBJECT_ID, "dn"), false, inbound),
        rule(name("in, new"), Direction::Inbound, 2, by("object-id", "MVObjectID"), true, vec![]),
        rule(name("out"), Direction::Outbound, 1, vec![], true, outbound),
    ])
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
