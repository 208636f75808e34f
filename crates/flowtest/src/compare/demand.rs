//! Demands on values.

use model::{Attributes, Name, Value, Values};

use super::{Comparison, Difference};
use crate::describe;
use crate::document::{Demand, Demands, Expected, Literal};

/// The values that literals are, of the type that the values to compare have.
fn typed(literals: &[Literal], like: Option<&Values>) -> Option<Vec<Value>> {
    let value_type = like.and_then(Values::first).map(Value::value_type);
    let typed = |literal: &Literal| match value_type {
        Some(value_type) => literal.to_value(value_type).ok(),
        None => match literal {
            Literal::Text(text) => Some(Value::string(text)),
            Literal::Integer(number) => Some(Value::Integer(*number)),
            Literal::Boolean(truth) => Some(Value::Boolean(*truth)),
            Literal::Octets(octets) => Some(Value::binary(octets)),
        },
    };
    literals.iter().map(typed).collect()
}

fn show(literals: &[Literal]) -> String {
    match literals {
        [] => "(no value)".to_owned(),
        _ => literals.iter().map(Literal::show).collect::<Vec<_>>().join(", "),
    }
}

/// True if literals are exactly these values.
pub(super) fn equals(literals: &[Literal], values: Option<&Values>) -> bool {
    let typed = typed(literals, values);
    typed.is_some_and(|typed| Values::from_vec(typed).as_ref() == values)
}

/// What of the demands on a text is not met, in words; `None` if all is.
pub(crate) fn unmet_by_text(demands: &[Demand], text: &str) -> Option<String> {
    let values = Values::from_vec(vec![Value::string(text)]);
    demands.iter().find_map(|demand| unmet_one(demand, values.as_ref(), &|_, _| None))
}

/// What of a demand is not met, in words; `refers` finds what references refer to.
fn unmet_one(
    demand: &Demand,
    values: Option<&Values>,
    refers: &dyn Fn(&str, &str) -> Option<String>,
) -> Option<String> {
    let has = |literal: &Literal| {
        let typed = typed(std::slice::from_ref(literal), values).unwrap_or_default();
        typed.first().is_some_and(|value| values.is_some_and(|values| values.contains(value)))
    };
    let (is_met, expected) = match demand {
        Demand::Equal(literals) => (equals(literals, values), show(literals)),
        Demand::Not(literals) => {
            (!equals(literals, values), format!("other than {}", show(literals)))
        }
        Demand::Contains(literals) => {
            (literals.iter().all(has), format!("at least {}", show(literals)))
        }
        Demand::Excludes(literals) => {
            (!literals.iter().any(has), format!("none of {}", show(literals)))
        }
        Demand::Present(true) => (values.is_some(), "a value".to_owned()),
        Demand::Present(false) => (values.is_none(), "(no value)".to_owned()),
        Demand::Secret => (false, "a secret".to_owned()),
        Demand::Matches(regex) => {
            let all_match = |v: &Values| v.iter().all(|v| regex.is_match(&v.to_string()));
            (values.is_some_and(all_match), format!("a match of {}", regex.as_str()))
        }
        Demand::Count(count) => {
            let found = values.map_or(0, Values::len) as u64;
            (found == *count, format!("{count} values"))
        }
        Demand::RefersTo { system, dn } => {
            let uid = refers(system, dn);
            let is_met = uid.as_ref().is_some_and(|uid| {
                values.and_then(Values::single).and_then(Value::as_str) == Some(uid)
            });
            let uid = uid.unwrap_or_else(|| "which is not linked".to_owned());
            (is_met, format!("a reference to what {system} {dn} is linked to, {uid}"))
        }
    };
    (!is_met).then_some(expected)
}

impl Comparison<'_> {
    /// What of the demands is not met, in words; `None` if all is.
    pub(super) fn unmet(&self, demands: &[Demand], values: Option<&Values>) -> Option<String> {
        let refers = |system: &str, dn: &str| self.uid_of(system, dn);
        demands.iter().find_map(|demand| unmet_one(demand, values, &refers))
    }

    /// The public identifier of the metaverse object that an object is linked to.
    fn uid_of(&self, system: &str, dn: &str) -> Option<String> {
        let space = self.state.spaces.get(system)?;
        let mv = space.iter().find(|object| object.dn == dn)?.state.mv()?;
        self.state.metaverse.iter().find(|object| object.id == mv).map(|o| o.uid.to_string())
    }

    /// Compares a text.
    pub(super) fn text(
        &self,
        (line, what): (usize, &str),
        demands: &[Demand],
        text: Option<&str>,
    ) -> Option<Difference> {
        let values = text.and_then(|text| Values::from_vec(vec![Value::string(text)]));
        let expected = self.unmet(demands, values.as_ref())?;
        let found = describe::values(values.as_ref());
        Some(Difference { line, what: what.to_owned(), expected, found })
    }

    /// Compares attributes; `is_all` says that there are no others.
    pub(super) fn attributes(
        &self,
        prefix: &str,
        expected: &Expected,
        attributes: &Attributes,
        all_at: Option<usize>,
    ) -> Vec<Difference> {
        let mut found = Vec::new();
        for (name, Demands { line, all }) in expected {
            let values = attributes.get(name);
            found.extend(self.unmet(all, values).map(|expected| Difference {
                line: *line,
                what: format!("{prefix}{name}"),
                expected,
                found: describe::values(values),
            }));
        }
        let is_expected = |name: &Name| expected.iter().any(|(known, _)| name == known.as_str());
        if let Some(line) = all_at {
            let others = attributes.iter().filter(|(name, _)| !is_expected(name));
            found.extend(others.map(|(name, values)| Difference {
                line,
                what: format!("{prefix}{name}"),
                expected: "(no value)".to_owned(),
                found: describe::values(Some(values)),
            }));
        }
        found
    }
}
