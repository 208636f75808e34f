//! Mappings of synchronization rules as the synchronization server keeps them:
//! `<sync-rule-mapping>`, alone or in the `<export-flow>` or `<import-flow>` around it.

use super::flow::append;
use super::xml::{self, Element};
use super::{StoredError, StoredFlow, StoredSource};

/// One mapping. `<sync-rule-mapping>` tells what flows, the element around it where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerMapping {
    /// The element around the mapping, if it is there.
    pub frame: Option<ServerFrame>,
    /// `sync-rule-id`: the synchronization rule.
    pub rule_id: Option<String>,
    /// `sync-rule-mapping-id`: the mapping within it.
    pub mapping_id: Option<String>,
    /// Whether the flow counts only when the object is created.
    pub is_initial_flow_only: bool,
    /// Whether the flow tells if the rule is in force, and changes nothing.
    pub is_existence_test: bool,
    /// Where the values come from.
    pub source: ServerSource,
}

/// The element around a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerFrame {
    /// `<export-flow>`, in the flows of a connector.
    Export {
        /// `cd-attribute`: where the values go.
        destination: String,
        /// `id`, if there is one.
        id: Option<String>,
        /// Whether nothing is a result that leaves the value there; the opposite of allowing null.
        suppresses_deletions: bool,
    },
    /// `<import-flow>`, in the flows to one attribute of the metaverse, which the element around
    /// that one names.
    Import {
        /// `src-ma`: the connector.
        connector_id: String,
        /// `cd-object-type`: the type of the connector's objects.
        object_type: String,
        /// `id`, if there is one.
        id: Option<String>,
    },
}

/// Where the values of a mapping come from: its `mapping-type`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerSource {
    /// `direct`: one attribute, unchanged.
    Direct(String),
    /// `constant`: the same text for every object.
    Constant(String),
    /// `expression`: a flow of its own inside.
    Expression {
        /// The attributes that are listed with it, in order.
        attributes: Vec<String>,
        /// The flow.
        flow: StoredFlow,
    },
}

impl ServerMapping {
    /// Reads a document that is a `<sync-rule-mapping>` or a flow around one.
    ///
    /// # Errors
    /// [`StoredError`].
    pub fn read(xml: &str) -> Result<Self, StoredError> {
        Self::of_element(&xml::read(xml)?)
    }

    pub(super) fn of_element(root: &Element) -> Result<Self, StoredError> {
        let frame = frame(root)?;
        let mapping = match frame {
            None => root,
            Some(_) => root
                .child(MAPPING)
                .ok_or_else(|| StoredError::element(root, "has no <sync-rule-mapping>"))?,
        };
        if mapping.name != MAPPING {
            return Err(StoredError::element(mapping, "is no mapping of a synchronization rule"));
        }
        Ok(Self {
            frame,
            rule_id: owned(mapping, "sync-rule-id"),
            mapping_id: owned(mapping, "sync-rule-mapping-id"),
            is_initial_flow_only: is_true(mapping, "initial-flow-only"),
            is_existence_test: is_true(mapping, "is-existence-test"),
            source: source(mapping)?,
        })
    }

    /// Whether nothing is a result that deletes, as the element around the mapping says, or else
    /// the flow in it.
    #[must_use]
    pub const fn allows_null(&self) -> Option<bool> {
        match (&self.frame, &self.source) {
            (Some(ServerFrame::Export { suppresses_deletions, .. }), _) => {
                Some(!*suppresses_deletions)
            }
            (_, ServerSource::Expression { flow, .. }) => flow.allows_null,
            _ => None,
        }
    }

    /// The mapping, with the element around it, as XML on one line.
    ///
    /// # Errors
    /// [`StoredError::Character`].
    pub fn write(&self) -> Result<String, StoredError> {
        let mut out = String::new();
        let end = match &self.frame {
            None => "",
            Some(ServerFrame::Export { destination, id, suppresses_deletions }) => {
                out.push_str("<export-flow");
                attribute(&mut out, "cd-attribute", destination)?;
                optional(&mut out, "id", id.as_ref())?;
                attribute(&mut out, "suppress-deletions", word(*suppresses_deletions))?;
                out.push('>');
                "</export-flow>"
            }
            Some(ServerFrame::Import { connector_id, object_type, id }) => {
                out.push_str("<import-flow");
                attribute(&mut out, "src-ma", connector_id)?;
                attribute(&mut out, "cd-object-type", object_type)?;
                optional(&mut out, "id", id.as_ref())?;
                out.push('>');
                "</import-flow>"
            }
        };
        self.append_mapping(&mut out)?;
        out.push_str(end);
        Ok(out)
    }

    fn append_mapping(&self, out: &mut String) -> Result<(), StoredError> {
        let kind = match self.source {
            ServerSource::Direct(_) => DIRECT,
            ServerSource::Constant(_) => CONSTANT,
            ServerSource::Expression { .. } => EXPRESSION,
        };
        out.push_str("<sync-rule-mapping");
        attribute(out, "mapping-type", kind)?;
        optional(out, "sync-rule-id", self.rule_id.as_ref())?;
        optional(out, "sync-rule-mapping-id", self.mapping_id.as_ref())?;
        attribute(out, "initial-flow-only", word(self.is_initial_flow_only))?;
        attribute(out, "is-existence-test", word(self.is_existence_test))?;
        out.push('>');
        match &self.source {
            ServerSource::Direct(name) => append(out, SOURCE, name)?,
            ServerSource::Constant(text) => append(out, VALUE, text)?,
            ServerSource::Expression { attributes, flow } => {
                for name in attributes {
                    append(out, SOURCE, name)?;
                }
                out.push_str("<sync-rule-value>");
                flow.append(out)?;
                out.push_str("</sync-rule-value>");
            }
        }
        out.push_str("</sync-rule-mapping>");
        Ok(())
    }
}

const MAPPING: &str = "sync-rule-mapping";
const SOURCE: &str = "src-attribute";
const VALUE: &str = "sync-rule-value";
const DIRECT: &str = "direct";
const CONSTANT: &str = "constant";
const EXPRESSION: &str = "expression";

const fn word(truth: bool) -> &'static str {
    if truth { "true" } else { "false" }
}

fn attribute(out: &mut String, name: &str, value: &str) -> Result<(), StoredError> {
    out.push_str(&format!(" {name}=\""));
    xml::escape_attribute(out, value)?;
    out.push('"');
    Ok(())
}

fn optional(out: &mut String, name: &str, value: Option<&String>) -> Result<(), StoredError> {
    value.map_or(Ok(()), |value| attribute(out, name, value))
}

fn owned(element: &Element, name: &str) -> Option<String> {
    element.attribute(name).map(str::to_owned)
}

fn is_true(element: &Element, name: &str) -> bool {
    element.attribute(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn frame(root: &Element) -> Result<Option<ServerFrame>, StoredError> {
    let id = owned(root, "id");
    let required = |name: &str, missing: &'static str| {
        owned(root, name).ok_or_else(|| StoredError::element(root, missing))
    };
    match root.name.as_str() {
        "export-flow" => Ok(Some(ServerFrame::Export {
            destination: required("cd-attribute", "has no cd-attribute")?,
            id,
            suppresses_deletions: is_true(root, "suppress-deletions"),
        })),
        "import-flow" => Ok(Some(ServerFrame::Import {
            connector_id: required("src-ma", "has no src-ma")?,
            object_type: required("cd-object-type", "has no cd-object-type")?,
            id,
        })),
        _ => Ok(None),
    }
}

fn source(mapping: &Element) -> Result<ServerSource, StoredError> {
    let listed = mapping.children.iter().filter(|child| child.name == SOURCE);
    let attributes: Vec<String> = listed.map(|child| child.trimmed().to_owned()).collect();
    let value = mapping.child(VALUE);
    let missing = |what| StoredError::element(mapping, what);
    match mapping.attribute("mapping-type") {
        Some(DIRECT) => match attributes.as_slice() {
            [name] if !name.is_empty() => Ok(ServerSource::Direct(name.clone())),
            _ => Err(missing("is direct, but names no single <src-attribute>")),
        },
        Some(CONSTANT) => {
            let value = value.ok_or_else(|| missing("has no <sync-rule-value>"))?;
            constant(value).map(ServerSource::Constant)
        }
        Some(EXPRESSION) => {
            let flow = value.and_then(|value| value.children.first());
            let flow = flow.ok_or_else(|| missing("has no <sync-rule-value> with a flow"))?;
            Ok(ServerSource::Expression { attributes, flow: StoredFlow::of_element(flow)? })
        }
        _ => Err(missing("is neither direct nor constant nor an expression")),
    }
}

/// The text of a constant, which may stand in a flow of its own.
fn constant(value: &Element) -> Result<String, StoredError> {
    let Some(inner) = value.children.first() else { return Ok(value.text.clone()) };
    match StoredFlow::of_element(inner)?.source {
        StoredSource::Constant(text) => Ok(text),
        _ => Err(StoredError::element(inner, "is no constant")),
    }
}
