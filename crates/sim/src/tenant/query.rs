//! Query options of a Graph request (OData): only those the tenant can answer pass.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::answer::GraphError;
use super::properties;

/// The options of a request, by lower-case name without the dollar sign.
#[derive(Debug, Default)]
pub(super) struct Query(BTreeMap<String, String>);

impl Query {
    pub(super) fn parse(raw: Option<&str>) -> Self {
        let pairs = url::form_urlencoded::parse(raw.unwrap_or_default().as_bytes());
        let name = |n: &str| n.trim_start_matches('$').to_lowercase();
        Self(pairs.map(|(n, v)| (name(&n), v.into_owned())).collect())
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Refuses every option that is not `allowed`.
    pub(super) fn only(&self, allowed: &[&str]) -> Result<(), GraphError> {
        match self.0.keys().find(|n| !allowed.contains(&n.as_str())) {
            None => Ok(()),
            Some(name) => Err(GraphError::unsupported_query(format!(
                "The query option '{name}' is not supported here."
            ))),
        }
    }

    /// The selected properties; empty when nothing is selected. Refuses names that do not exist
    /// and, for collections, properties stored outside the directory.
    pub(super) fn select(&self, is_collection: bool) -> Result<Vec<String>, GraphError> {
        let mut names = Vec::new();
        for name in self.get("select").unwrap_or_default().split(',').map(str::trim) {
            if name.is_empty() {
                continue;
            }
            let property = properties::find(name).ok_or_else(|| {
                GraphError::bad_request(format!(
                    "Type 'microsoft.graph.user' has no property '{name}'."
                ))
            })?;
            if is_collection && property.is_elsewhere {
                let message = format!("'{name}' is not available for more than one user.");
                return Err(GraphError::not_implemented(message));
            }
            names.push(name.to_owned());
        }
        Ok(names)
    }

    /// The page size asked for, if one was.
    pub(super) fn top(&self) -> Result<Option<usize>, GraphError> {
        let Some(text) = self.get("top") else { return Ok(None) };
        match text.parse() {
            Ok(size @ 1..=999) => Ok(Some(size)),
            _ => Err(GraphError::bad_request(format!(
                "The page size '{text}' is not from 1 to 999."
            ))),
        }
    }

    /// The filter, if one was given.
    pub(super) fn filter(&self) -> Result<Option<Equality>, GraphError> {
        self.get("filter").map(Equality::parse).transpose()
    }
}

/// The one kind of filter the tenant understands: `property eq value`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Equality {
    property: String,
    value: Value,
}

impl Equality {
    fn parse(text: &str) -> Result<Self, GraphError> {
        let unsupported =
            || GraphError::unsupported_query("Only the filter 'property eq value' is supported.");
        let (property, rest) = text.trim().split_once(' ').ok_or_else(unsupported)?;
        let literal = rest.trim().strip_prefix("eq ").ok_or_else(unsupported)?.trim();
        if properties::find(property).is_none() {
            return Err(GraphError::unsupported_query(format!(
                "There is no property '{property}' to filter by."
            )));
        }
        let value = match literal {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            quoted => quoted
                .strip_prefix('\'')
                .and_then(|q| q.strip_suffix('\''))
                .filter(|q| !q.replace("''", "").contains('\''))
                .map(|q| Value::String(q.replace("''", "'")))
                .ok_or_else(unsupported)?,
        };
        Ok(Self { property: property.to_owned(), value })
    }

    /// True if the user has the value; text compares without regard to case.
    pub(super) fn matches(&self, user: &Map<String, Value>) -> bool {
        match (user.get(&self.property).unwrap_or(&Value::Null), &self.value) {
            (Value::String(a), Value::String(b)) => a.to_lowercase() == b.to_lowercase(),
            (a, b) => a == b,
        }
    }
}
