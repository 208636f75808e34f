//! What surrounds an evaluation, out of JSON.

use std::collections::BTreeMap;

use model::{Timestamp, Value};
use serde_json::Value as Json;

use super::VectorError;
use super::json::scalar;
use crate::{DnStyle, Environment, Given};

/// What surrounds an evaluation, held in memory.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    attributes: Held,
    confirmed: Held,
    parameters: Held,
    taken: Vec<String>,
    now: Option<Timestamp>,
    dn_style: DnStyle,
}

type Held = BTreeMap<String, Values>;

#[derive(Debug, Clone)]
enum Values {
    One(Value),
    Several(Vec<Value>),
}

impl Surroundings {
    /// An object with these attributes, a JSON object of name and value, and nothing else.
    ///
    /// # Errors
    /// [`VectorError::Key`] for what is no value.
    pub fn of_attributes(attributes: &Json) -> Result<Self, VectorError> {
        Ok(Self { attributes: held("attrs", attributes)?, ..Self::default() })
    }

    /// What the keys `attrs`, `params`, `imported`, `taken`, `now` and `dn_style` say.
    ///
    /// # Errors
    /// [`VectorError::Key`] for what is no value.
    pub fn of_vector(vector: &Json) -> Result<Self, VectorError> {
        let map = |key| vector.get(key).map_or_else(|| Ok(Held::new()), |json| held(key, json));
        let word = |key: &'static str| vector.get(key).map(|json| (key, json.as_str()));
        let now = match word("now") {
            None => None,
            Some((key, text)) => {
                let moment = text.and_then(|text| Timestamp::parse(text).ok());
                Some(moment.ok_or(VectorError::Key { key })?)
            }
        };
        let dn_style = match word("dn_style") {
            None | Some((_, Some("ldap"))) => DnStyle::Ldap,
            Some((_, Some("hierarchical"))) => DnStyle::Hierarchical,
            Some((_, Some("extrinsic"))) => DnStyle::Extrinsic,
            Some((key, _)) => return Err(VectorError::Key { key }),
        };
        Ok(Self {
            attributes: map("attrs")?,
            confirmed: map("imported")?,
            parameters: map("params")?,
            taken: super::words(vector, "taken")?.unwrap_or_default(),
            now,
            dn_style,
        })
    }

    /// The same with this present moment, unless there is one.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        self.now = self.now.or(Some(now));
        self
    }
}

fn held(key: &'static str, json: &Json) -> Result<Held, VectorError> {
    let wrong = || VectorError::Key { key };
    let mut held = Held::new();
    for (name, json) in json.as_object().ok_or_else(wrong)? {
        let values = match json {
            Json::Array(items) => {
                let values = items.iter().map(scalar).collect::<Option<_>>();
                Values::Several(values.ok_or_else(wrong)?)
            }
            Json::Null => continue,
            Json::Object(object) if object.contains_key("null") => continue,
            one => Values::One(scalar(one).ok_or_else(wrong)?),
        };
        held.insert(name.clone(), values);
    }
    Ok(held)
}

fn given(values: Option<&Values>) -> Given<'_> {
    match values {
        None => Given::Nothing,
        Some(Values::One(value)) => Given::One(value),
        Some(Values::Several(values)) => Given::Several(values),
    }
}

impl Environment for Surroundings {
    fn attribute(&self, name: &str) -> Given<'_> {
        // A parameter of a MIM rule is asked for like an attribute.
        match name.strip_prefix('$') {
            Some(parameter) => given(self.parameters.get(parameter)),
            None => given(self.attributes.get(name)),
        }
    }

    fn confirmed(&self, name: &str) -> Given<'_> {
        given(self.confirmed.get(name))
    }

    fn parameter(&self, name: &str) -> Option<Given<'_>> {
        self.parameters.get(name).map(|values| given(Some(values)))
    }

    fn now(&self) -> Timestamp {
        self.now.unwrap_or(Timestamp(0))
    }

    fn is_taken(&self, name: &str) -> bool {
        self.taken.iter().any(|taken| taken.to_lowercase() == name.to_lowercase())
    }

    fn dn_style(&self) -> DnStyle {
        self.dn_style
    }
}
