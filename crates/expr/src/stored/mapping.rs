//! Mappings of Entra Connect: `<mapping>`.

use super::flow::{append, attributes};
use super::xml;
use super::{StoredError, xml::Element};

/// One stored mapping. Its expression is text and is read by the parser of the dialect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    /// Where the values go.
    pub destination: String,
    /// Where they come from.
    pub source: MappingSource,
    /// What becomes of values that are there.
    pub merge: MergeType,
}

/// Where the values of a mapping come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingSource {
    /// Attributes, unchanged.
    Attributes(Vec<String>),
    /// The same text for every object.
    Constant(String),
    /// An expression.
    Expression {
        /// The attributes that are listed with it. They are not reliable: too few and too many
        /// occur.
        attributes: Vec<String>,
        /// The expression as it was typed.
        text: String,
    },
}

/// What becomes of values that are there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MergeType {
    /// The rule of highest precedence gives all values.
    #[default]
    Update,
    /// The values of all rules together.
    Merge,
    /// The same, and values that differ in case alone are one.
    MergeCaseInsensitive,
    /// The values replace all others.
    Replace,
}

impl MergeType {
    const ALL: [Self; 4] = [Self::Update, Self::Merge, Self::MergeCaseInsensitive, Self::Replace];

    /// The word in the document.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Update => "Update",
            Self::Merge => "Merge",
            Self::MergeCaseInsensitive => "MergeCaseInsensitive",
            Self::Replace => "Replace",
        }
    }
}

impl Mapping {
    /// Reads a document that is one `<mapping>`.
    ///
    /// # Errors
    /// [`StoredError`].
    pub fn read(xml: &str) -> Result<Self, StoredError> {
        Self::of_element(&xml::read(xml)?)
    }

    pub(super) fn of_element(root: &Element) -> Result<Self, StoredError> {
        if root.name != "mapping" {
            return Err(StoredError::element(root, "is no mapping"));
        }
        let destination = root.child("dest").map(|dest| dest.trimmed().to_owned());
        let destination = destination.ok_or_else(|| StoredError::element(root, "has no <dest>"))?;
        let merge = match root.child("valueMergeType") {
            None => MergeType::default(),
            Some(element) => {
                let word = element.trimmed();
                let known = MergeType::ALL.into_iter().find(|merge| merge.as_str() == word);
                known.ok_or_else(|| StoredError::element(element, "has an unknown word"))?
            }
        };
        Ok(Self { destination, source: source(root), merge })
    }

    /// The mapping as XML on one line.
    ///
    /// # Errors
    /// [`StoredError::Character`].
    pub fn write(&self) -> Result<String, StoredError> {
        let mut out = String::from("<mapping>");
        append(&mut out, "dest", &self.destination)?;
        out.push_str("<src>");
        match &self.source {
            MappingSource::Attributes(attributes)
            | MappingSource::Expression { attributes, .. } => {
                for attribute in attributes {
                    append(&mut out, "attr", attribute)?;
                }
            }
            MappingSource::Constant(text) => xml::escape(&mut out, text)?,
        }
        out.push_str("</src>");
        if let MappingSource::Expression { text, .. } = &self.source {
            append(&mut out, "expression", text)?;
        }
        append(&mut out, "valueMergeType", self.merge.as_str())?;
        out.push_str("</mapping>");
        Ok(out)
    }
}

fn source(root: &Element) -> MappingSource {
    let src = root.child("src");
    let attributes = src.map(attributes).unwrap_or_default();
    match root.child("expression").filter(|expression| !expression.trimmed().is_empty()) {
        Some(expression) => MappingSource::Expression { attributes, text: expression.text.clone() },
        None if !attributes.is_empty() => MappingSource::Attributes(attributes),
        None => MappingSource::Constant(src.map(|src| src.text.clone()).unwrap_or_default()),
    }
}
