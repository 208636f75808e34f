//! Flows of Microsoft Identity Manager: `<export-flow>` and `<import-flow>`.

use super::xml::{self, Element};
use super::{StoredCall, StoredError};

/// One stored flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredFlow {
    /// True for `<export-flow>`.
    pub is_export: bool,
    /// Whether nothing is a result that deletes; only export flows say.
    pub allows_null: Option<bool>,
    /// Where the values go.
    pub destination: String,
    /// What is in `<scoping>`, as text.
    pub scoping: String,
    /// Where the values come from.
    pub source: StoredSource,
}

/// Where the values of a stored flow come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredSource {
    /// One attribute, unchanged.
    Attribute(String),
    /// The same text for every object.
    Constant(String),
    /// An expression.
    Expression {
        /// The attributes that are listed with it, in order.
        attributes: Vec<String>,
        /// The tree.
        call: StoredCall,
    },
}

impl StoredFlow {
    /// Reads a document that is one flow.
    ///
    /// # Errors
    /// [`StoredError`].
    pub fn read(xml: &str) -> Result<Self, StoredError> {
        Self::of_element(&xml::read(xml)?)
    }

    pub(super) fn of_element(root: &Element) -> Result<Self, StoredError> {
        let is_export = match root.name.as_str() {
            "export-flow" => true,
            "import-flow" => false,
            _ => return Err(StoredError::element(root, "is no flow")),
        };
        let allows_null = root.attribute("allows-null").map(|v| v.eq_ignore_ascii_case("true"));
        let destination = root.child("dest").map(|dest| dest.trimmed().to_owned());
        let destination = destination.ok_or_else(|| StoredError::element(root, "has no <dest>"))?;
        let scoping = root.child("scoping").map(|s| s.trimmed().to_owned()).unwrap_or_default();
        let source = source(root)?;
        Ok(Self { is_export, allows_null, destination, scoping, source })
    }

    /// The flow as XML on one line.
    ///
    /// # Errors
    /// [`StoredError::Character`].
    pub fn write(&self) -> Result<String, StoredError> {
        let mut out = String::new();
        self.append(&mut out)?;
        Ok(out)
    }

    pub(super) fn append(&self, out: &mut String) -> Result<(), StoredError> {
        let name = if self.is_export { "export-flow" } else { "import-flow" };
        out.push_str(&format!("<{name}"));
        if let Some(allows) = self.allows_null {
            out.push_str(&format!(" allows-null=\"{allows}\""));
        }
        out.push_str("><src>");
        match &self.source {
            StoredSource::Attribute(attribute) => append(out, "attr", attribute)?,
            StoredSource::Constant(text) => xml::escape(out, text)?,
            StoredSource::Expression { attributes, .. } => {
                for attribute in attributes {
                    append(out, "attr", attribute)?;
                }
            }
        }
        out.push_str("</src>");
        append(out, "dest", &self.destination)?;
        append(out, "scoping", &self.scoping)?;
        if let StoredSource::Expression { call, .. } = &self.source {
            call.append(out)?;
        }
        out.push_str(&format!("</{name}>"));
        Ok(())
    }
}

/// Appends an element with nothing but text.
pub(super) fn append(out: &mut String, name: &str, text: &str) -> Result<(), StoredError> {
    out.push_str(&format!("<{name}>"));
    xml::escape(out, text)?;
    out.push_str(&format!("</{name}>"));
    Ok(())
}

/// The attributes that `<src>` lists; an empty `<attr/>` lists none.
pub(super) fn attributes(src: &Element) -> Vec<String> {
    let named = src.children.iter().filter(|child| child.name == "attr");
    named.map(|attr| attr.trimmed().to_owned()).filter(|name| !name.is_empty()).collect()
}

fn source(root: &Element) -> Result<StoredSource, StoredError> {
    let src = root.child("src").ok_or_else(|| StoredError::element(root, "has no <src>"))?;
    let mut attributes = attributes(src);
    if let Some(call) = root.child("fn") {
        return Ok(StoredSource::Expression { attributes, call: StoredCall::of_element(call)? });
    }
    match (attributes.pop(), attributes.is_empty()) {
        (Some(attribute), true) => Ok(StoredSource::Attribute(attribute)),
        (Some(_), false) => Err(StoredError::element(src, "lists attributes without a <fn>")),
        (None, _) => Ok(StoredSource::Constant(src.text.clone())),
    }
}
