//! What expressions of the Entra dialect read as `%name%`: what every connector supplies, what its
//! type adds, and what its document says under `rule_parameters`.

use std::collections::BTreeMap;

use model::{Name, Value, ValueType};

use crate::ConnectorDocument;

/// The connector's number in the store, as text.
const CONNECTOR_ID: &str = "Connector.ID";
/// The connector's name.
const CONNECTOR_NAME: &str = "Connector.Name";
/// The connector type that has constants of its own.
const ACTIVE_DIRECTORY: &str = "active-directory";

/// The bits that rules for Active Directory test (MS-ADTS 2.2.12, 2.2.16).
const ACTIVE_DIRECTORY_CONSTANTS: [(&str, i64); 6] = [
    ("ADS_UF_ACCOUNTDISABLE", 0x2),
    ("ADS_GROUP_TYPE_GLOBAL_GROUP", 0x2),
    ("ADS_GROUP_TYPE_DOMAIN_LOCAL_GROUP", 0x4),
    ("ADS_GROUP_TYPE_LOCAL_GROUP", 0x4),
    ("ADS_GROUP_TYPE_UNIVERSAL_GROUP", 0x8),
    ("ADS_GROUP_TYPE_SECURITY_ENABLED", 0x8000_0000),
];

impl ConnectorDocument {
    /// The parameters of the rules of this connector. `name` and `id` are what it is called and
    /// numbered.
    #[must_use]
    pub fn parameters(&self, name: &Name, id: &str) -> BTreeMap<Name, Value> {
        let mut parameters = self.rule_parameters.clone();
        if self.type_name == ACTIVE_DIRECTORY {
            for (name, bits) in ACTIVE_DIRECTORY_CONSTANTS {
                parameters.entry(Name::new(name)).or_insert(Value::Integer(bits));
            }
        }
        parameters.insert(Name::new(CONNECTOR_ID), Value::string(id));
        parameters.insert(Name::new(CONNECTOR_NAME), Value::string(name));
        parameters
    }

    /// The types of the parameters; text that begins with `0x` is read as a number.
    pub(crate) fn parameter_types(&self, name: &Name) -> BTreeMap<Name, ValueType> {
        let type_of = |value: &Value| match value.as_str().and_then(|text| text.strip_prefix("0x"))
        {
            Some(digits) if u64::from_str_radix(digits, 16).is_ok() => ValueType::Integer,
            _ => value.value_type(),
        };
        let parameters = self.parameters(name, "");
        parameters.iter().map(|(name, value)| (name.clone(), type_of(value))).collect()
    }
}

/// What is wrong with a parameter of an administrator.
pub(crate) fn refuse(name: &str, value: &Value) -> Option<String> {
    if name.trim() != name || name.is_empty() || name.contains('%') {
        return Some(format!("`{name}` cannot be written between percent signs"));
    }
    if [CONNECTOR_ID, CONNECTOR_NAME].contains(&name) {
        return Some(format!("the parameter `{name}` is built in"));
    }
    value.is_empty_text().then(|| format!("the parameter `{name}` must not be empty"))
}
