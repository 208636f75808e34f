//! Function trees: `<fn id="…"><arg>…</arg></fn>`.

use super::StoredError;
use super::xml::{self, Element};
use crate::{Ast, Node, NodeKind, parse};

/// The id of concatenation in stored trees.
const JOIN: &str = "+";

/// One call of a stored tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCall {
    /// The function's name, or `+`.
    pub id: String,
    /// True on the root of a part that was typed as text; without effect on evaluation.
    pub is_custom: bool,
    /// The arguments.
    pub arguments: Vec<StoredArgument>,
}

/// One argument of a stored call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredArgument {
    /// Another call.
    Call(StoredCall),
    /// One token: a literal with its quotes, a number, an attribute, `$parameter` or `[//lookup]`.
    Token(String),
}

impl StoredCall {
    /// Reads a document that is one `<fn>`.
    ///
    /// # Errors
    /// [`StoredError`], also for an argument that is no token.
    pub fn read(xml: &str) -> Result<Self, StoredError> {
        Self::of_element(&xml::read(xml)?)
    }

    /// Recursion is as deep as the document, which has a limit.
    pub(super) fn of_element(element: &Element) -> Result<Self, StoredError> {
        if element.name != "fn" {
            return Err(StoredError::element(element, "stands where <fn> belongs"));
        }
        let Some(id) = element.attribute("id").filter(|id| !id.is_empty()) else {
            return Err(StoredError::element(element, "has no id"));
        };
        if !element.trimmed().is_empty() {
            return Err(StoredError::element(element, "has text outside its arguments"));
        }
        let is_custom =
            element.attribute("isCustomExpression").is_some_and(|v| v.eq_ignore_ascii_case("true"));
        let arguments = element.children.iter().map(argument).collect::<Result<_, _>>()?;
        Ok(Self { id: id.to_owned(), is_custom, arguments })
    }

    /// The tree as XML on one line.
    ///
    /// # Errors
    /// [`StoredError::Character`].
    pub fn write(&self) -> Result<String, StoredError> {
        let mut out = String::new();
        self.append(&mut out)?;
        Ok(out)
    }

    pub(super) fn append(&self, out: &mut String) -> Result<(), StoredError> {
        out.push_str("<fn id=\"");
        xml::escape_attribute(out, &self.id)?;
        out.push_str("\" isCustomExpression=\"");
        out.push_str(if self.is_custom { "true\">" } else { "false\">" });
        for argument in &self.arguments {
            out.push_str("<arg>");
            match argument {
                StoredArgument::Call(call) => call.append(out)?,
                StoredArgument::Token(token) => xml::escape(out, token)?,
            }
            out.push_str("</arg>");
        }
        out.push_str("</fn>");
        Ok(())
    }

    /// The expression that the tree stands for.
    ///
    /// # Errors
    /// [`StoredError::Expression`], with a place in the text of the tree.
    pub fn ast(&self) -> Result<Ast, StoredError> {
        let mut source = String::new();
        self.print(&mut source);
        Ok(parse(&source)?)
    }

    fn print(&self, out: &mut String) {
        out.push_str(&self.id);
        out.push('(');
        for (i, argument) in self.arguments.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            match argument {
                StoredArgument::Call(call) => call.print(out),
                StoredArgument::Token(token) => out.push_str(token),
            }
        }
        out.push(')');
    }

    /// The tree of an expression typed as text; nothing for one that is a single token, which is
    /// stored without a tree, and for operators that stored trees do not know.
    #[must_use]
    pub fn of_ast(ast: &Ast) -> Option<Self> {
        match argument_of(ast.root())? {
            StoredArgument::Call(call) => Some(Self { is_custom: true, ..call }),
            StoredArgument::Token(_) => None,
        }
    }
}

impl StoredArgument {
    /// How a part of an expression is stored.
    pub(super) fn of_node(node: &Node) -> Option<Self> {
        argument_of(node)
    }
}

fn argument(element: &Element) -> Result<StoredArgument, StoredError> {
    if element.name != "arg" {
        return Err(StoredError::element(element, "stands where <arg> belongs"));
    }
    match (element.children.as_slice(), element.trimmed()) {
        ([call], "") => StoredCall::of_element(call).map(StoredArgument::Call),
        ([], token) if is_token(token) => Ok(StoredArgument::Token(token.to_owned())),
        ([], _) => Err(StoredError::element(element, "holds no single token")),
        _ => Err(StoredError::element(element, "holds more than one token or <fn>")),
    }
}

fn is_token(text: &str) -> bool {
    // Parentheses around a token, and what tools print around one, would be read as one, too.
    let is_plain = match text.as_bytes() {
        [b'"', ..] | [b'[', b'/', b'/', ..] => true,
        [b'[', ..] => false,
        _ => !text.contains('('),
    };
    is_plain && parse(text).is_ok_and(|ast| !is_call(ast.root()))
}

const fn is_call(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Call { .. } | NodeKind::Join(_))
}

fn argument_of(node: &Node) -> Option<StoredArgument> {
    let (id, arguments) = match &node.kind {
        NodeKind::Join(operands) => (JOIN, operands),
        NodeKind::Call { name, arguments, .. } => (name.as_str(), arguments),
        // Operators of the other dialect print as no token: stored trees do not know them.
        _ => {
            let token = node.to_string();
            return is_token(&token).then_some(StoredArgument::Token(token));
        }
    };
    let arguments = arguments.iter().map(argument_of).collect::<Option<_>>()?;
    Some(StoredArgument::Call(StoredCall { id: id.to_owned(), is_custom: false, arguments }))
}
