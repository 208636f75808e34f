//! XML as stored rules use it: elements, attributes, text. No entity but the predefined ones, no
//! document type, no comments inside a token's text.

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::StoredError;
use crate::limits::DEPTH_MAX;

/// Bytes of XML that one rule may have.
const XML_BYTES_MAX: usize = 1024 * 1024;

/// Elements inside one another: a call is an element in an argument.
const ELEMENT_DEPTH_MAX: usize = 2 * DEPTH_MAX + 8;

/// An element.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) children: Vec<Self>,
    /// All text directly inside, in one piece.
    pub(super) text: String,
    /// Where its start tag ends, in bytes.
    pub(super) at: usize,
}

impl Element {
    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first child of this name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text without white space around it.
    pub(super) fn trimmed(&self) -> &str {
        self.text.trim_matches([' ', '\t', '\r', '\n'])
    }
}

/// Reads a document of one element.
pub(super) fn read(xml: &str) -> Result<Element, StoredError> {
    if xml.len() > XML_BYTES_MAX {
        return Err(StoredError::Limit { what: "more than 1 MiB of XML" });
    }
    let mut reader = Reader::from_str(xml);
    // What is open, the outermost first; the first is the document itself.
    let mut open = vec![Element::default()];
    loop {
        let event = reader.read_event();
        let at = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let syntax = |message: String| StoredError::Xml { at, message };
        match event.map_err(|error| syntax(error.to_string()))? {
            Event::Start(start) => {
                if open.len() > ELEMENT_DEPTH_MAX {
                    return Err(StoredError::Limit { what: "too many elements in one another" });
                }
                open.push(element(&start, at)?);
            }
            Event::Empty(start) => close(&mut open, element(&start, at)?),
            Event::End(_) => {
                if let Some(done) = open.pop() {
                    close(&mut open, done);
                }
            }
            Event::Text(text) => push(&mut open, &text.xml10_content()),
            Event::CData(text) => push(&mut open, &text.xml10_content()),
            Event::GeneralRef(reference) => {
                let name = reference.xml10_content();
                let character =
                    reference.resolve_char_ref().map_err(|error| syntax(error.to_string()))?;
                match (character, quick_xml::escape::resolve_xml_entity(&name)) {
                    (Some(c), _) => push(&mut open, c.encode_utf8(&mut [0; 4])),
                    (None, Some(text)) => push(&mut open, text),
                    (None, None) => return Err(syntax(format!("there is no entity '{name}'"))),
                }
            }
            Event::DocType(_) => return Err(syntax("a document type does not belong here".into())),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            Event::Eof => return document(open, at),
        }
    }
}

fn document(mut open: Vec<Element>, at: usize) -> Result<Element, StoredError> {
    let syntax = |message: &str| StoredError::Xml { at, message: message.to_owned() };
    match (open.pop(), open.pop()) {
        (Some(mut document), None) => {
            let root = document.children.pop().ok_or_else(|| syntax("there is no element"))?;
            if document.children.is_empty() && document.trimmed().is_empty() {
                Ok(root)
            } else {
                Err(syntax("there is more than one element"))
            }
        }
        _ => Err(syntax("an element is never closed")),
    }
}

fn close(open: &mut [Element], done: Element) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(done);
    }
}

fn push(open: &mut [Element], text: &str) {
    if let Some(parent) = open.last_mut() {
        parent.text.push_str(text);
    }
}

fn element(start: &BytesStart<'_>, at: usize) -> Result<Element, StoredError> {
    let mut attributes = Vec::new();
    let syntax = |message: String| StoredError::Xml { at, message };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| syntax(error.to_string()))?;
        let value = attribute.normalized_value(XmlVersion::Implicit1_0);
        let value = value.map_err(|error| syntax(error.to_string()))?;
        attributes.push((attribute.key.0.to_owned(), value.into_owned()));
    }
    let name = start.name().0.to_owned();
    Ok(Element { name, attributes, at, ..Element::default() })
}

/// Appends `text` escaped for between double quotes, where a reader makes blanks of line ends.
pub(super) fn escape_attribute(out: &mut String, text: &str) -> Result<(), StoredError> {
    let mut escaped = String::new();
    escape(&mut escaped, text)?;
    for c in escaped.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            '\n' => out.push_str("&#10;"),
            '\t' => out.push_str("&#9;"),
            _ => out.push(c),
        }
    }
    Ok(())
}

/// Appends `text` escaped for between tags.
pub(super) fn escape(out: &mut String, text: &str) -> Result<(), StoredError> {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Bare, a reader would make another line end of it.
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => return Err(StoredError::Character),
            _ => out.push(c),
        }
    }
    Ok(())
}
