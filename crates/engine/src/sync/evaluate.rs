//! One flow evaluated: its surroundings, what its result means, and how its failure reads.

use std::fmt;

use expr::{Dialect, Environment, ExprError, FlowValue, Given, Input, Operand, Random};
use model::{DnStyle, ObjectSchema, Timestamp, Value, Values};
use rules::{Flow, Rule};

use crate::setup::ConnectorSetup;

/// Characters of an expression that an error message quotes.
const QUOTED_MAX: usize = 200;

/// What the expressions of one object's flows can read.
pub(crate) struct Surroundings<'a> {
    /// The attributes of the source.
    pub(crate) source: &'a dyn Input,
    /// Which of them hold several values; `None` when that is not known.
    pub(crate) schema: Option<&'a ObjectSchema>,
    /// The connector-space object as last imported, without pending exports: the source itself
    /// where data comes in, the target where it goes out.
    pub(crate) confirmed: (&'a dyn Input, Option<&'a ObjectSchema>),
    /// The connector of the rule.
    pub(crate) connector: &'a ConnectorSetup,
    /// The present moment.
    pub(crate) now: Timestamp,
}

/// What a flow wants of its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// These values.
    Value(Values),
    /// Empty text that a MIM expression gives on purpose.
    EmptyText,
    /// Nothing; weaker flows may know better.
    Nothing,
    /// As if the flow did not exist.
    Ignored,
    /// No value, whatever weaker flows say.
    AuthoritativeNull,
}

/// Evaluates a flow. `is_taken` says which names another object has already.
///
/// # Errors
/// Those of the expression.
pub(crate) fn evaluate(
    flow: &Flow,
    around: &Surroundings<'_>,
    is_taken: &dyn Fn(&str) -> bool,
    random: &mut dyn Random,
) -> Result<Outcome, ExprError> {
    if let Some(name) = flow.from.as_direct_attribute() {
        let values = around.source.attribute(name);
        return Ok(values.map_or(Outcome::Nothing, |values| Outcome::Value(values.clone())));
    }
    let is_mim = flow.from.dialect() == Dialect::Mim;
    let environment = OfFlow { around, keeps_lists: !is_mim, is_taken };
    let result = flow.from.compute(&environment, random)?;
    if is_mim && matches!(&result, Operand::One(Value::String(text)) if text.is_empty()) {
        return Ok(Outcome::EmptyText);
    }
    Ok(match result.into_flow() {
        FlowValue::Value(values) => Outcome::Value(values),
        FlowValue::Nothing => Outcome::Nothing,
        FlowValue::IgnoreThisFlow => Outcome::Ignored,
        FlowValue::AuthoritativeNull => Outcome::AuthoritativeNull,
    })
}

/// The message of a flow that failed: the reason, the expression, the rule and the destination,
/// never a value.
pub(crate) fn failure(rule: &Rule, flow: &Flow, reason: &dyn fmt::Display) -> String {
    let words: Vec<&str> = flow.source.split_whitespace().collect();
    let mut quoted = words.join(" ");
    if let Some((end, _)) = quoted.char_indices().nth(QUOTED_MAX) {
        quoted.truncate(end);
        quoted.push('…');
    }
    format!("the flow `{quoted}` of rule `{}` to {} failed: {reason}", rule.name, flow.to)
}

/// The surroundings as one expression sees them.
struct OfFlow<'a> {
    around: &'a Surroundings<'a>,
    /// One value of a multi-valued attribute is a list, too.
    keeps_lists: bool,
    is_taken: &'a dyn Fn(&str) -> bool,
}

impl OfFlow<'_> {
    fn given<'v>(
        &self,
        (source, schema): (&'v dyn Input, Option<&ObjectSchema>),
        name: &str,
    ) -> Given<'v> {
        let Some(values) = source.attribute(name) else { return Given::Nothing };
        let is_list = || schema.and_then(|schema| schema.get(name)).is_some_and(|s| s.multi_valued);
        match values.single() {
            Some(value) if !(self.keeps_lists && is_list()) => Given::One(value),
            _ => Given::Set(values),
        }
    }
}

impl Environment for OfFlow<'_> {
    fn attribute(&self, name: &str) -> Given<'_> {
        self.given((self.around.source, self.around.schema), name)
    }

    fn confirmed(&self, name: &str) -> Given<'_> {
        self.given(self.around.confirmed, name)
    }

    fn parameter(&self, name: &str) -> Option<Given<'_>> {
        self.around.connector.parameters.get(name).map(Given::One)
    }

    fn now(&self) -> Timestamp {
        self.around.now
    }

    fn is_taken(&self, name: &str) -> bool {
        (self.is_taken)(name)
    }

    fn dn_style(&self) -> expr::DnStyle {
        match self.around.connector.dn_style {
            DnStyle::Ldap => expr::DnStyle::Ldap,
            DnStyle::Anchor => expr::DnStyle::Extrinsic,
        }
    }
}
