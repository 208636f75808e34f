//! From one product's language to the other's, where that is exact.
//!
//! [`translate`] takes an expression with its static types and gives the same rule in the other
//! language, or every reason why there is none. Exact means: for each object for which the
//! original gives a result, the translation gives a result that means the same to a flow. Where the
//! original fails, the translation may give a value. Attributes are taken to hold what the types
//! say, and never an empty text.
//! Not here: the stored forms (`stored`), and what a word means to another product's schema.

mod build;
mod pairs;
#[cfg(test)]
mod tests;
mod to_entra;
mod to_mim;

use crate::types::{Count, Type, Types};
use crate::{Ast, Dialect, Node, NodeKind, Span, bind, parse_in};

/// An expression in the other language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// The expression.
    pub ast: Ast,
    /// What holds only under a condition, for whoever takes the rule over.
    pub remarks: Vec<String>,
}

/// Why a part has no exact translation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Inexact {
    /// The part.
    pub span: Span,
    /// The reason.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
}

impl Inexact {
    /// The stable code an administrator can look up.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        "EXP-0601"
    }
}

/// Translates an expression that binds into the language `to`.
///
/// # Errors
/// Every part that has no exact translation, in source order.
pub fn translate(types: &Types<'_>, to: Dialect) -> Result<Translation, Vec<Inexact>> {
    let ast = types.ast;
    if is_mim(ast.dialect()) == is_mim(to) {
        return Ok(Translation { ast: ast.clone(), remarks: Vec::new() });
    }
    let mut translator = Translator { types, reasons: Vec::new(), remarks: Vec::new() };
    let root = translator.root(ast.root(), to);
    let Translator { mut reasons, remarks, .. } = translator;
    if !reasons.is_empty() {
        reasons.sort_by_key(|reason| (reason.span.start, reason.span.end));
        reasons.dedup();
        return Err(reasons);
    }
    // Read again: the parts stand elsewhere now, and a translation can be beyond the limits.
    let printed = Ast { dialect: to, root }.to_string();
    match parse_in(to, &printed) {
        Ok(ast) if bind(&ast, None).is_ok() => Ok(Translation { ast, remarks }),
        _ => Err(vec![Inexact {
            span: types.ast.root().span,
            message: "the translation is larger than an expression may be".to_owned(),
            help: None,
        }]),
    }
}

const fn is_mim(dialect: Dialect) -> bool {
    matches!(dialect, Dialect::Mim | Dialect::Extension)
}

/// Where a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Its result is the result of the whole, where an empty text and nothing mean the same.
    Last,
    /// Something is computed from it.
    Inner,
}

/// One translation in progress.
struct Translator<'a> {
    types: &'a Types<'a>,
    reasons: Vec<Inexact>,
    remarks: Vec<String>,
}

impl Translator<'_> {
    fn root(&mut self, node: &Node, to: Dialect) -> Node {
        // An attribute alone flows with however many values it has.
        let is_attribute = self.is_attribute(node);
        match (is_mim(to), is_attribute) {
            (true, true) => self.mim(node, Place::Last),
            (true, false) => self.mim_value(node, Place::Last),
            (false, true) => self.entra(node, Place::Last),
            (false, false) => self.entra_value(node, Place::Last),
        }
    }

    /// What the part can give.
    fn of(&self, node: &Node) -> Type {
        self.types.at(node.span).unwrap_or(Type::UNKNOWN)
    }

    /// True for an attribute, unless it is a truth value.
    fn is_attribute(&self, node: &Node) -> bool {
        match &node.kind {
            NodeKind::Attribute(_) => true,
            NodeKind::Word(name) => self.truth(name).is_none(),
            _ => false,
        }
    }

    /// The truth value that a word of MIM's is, because no attribute has that name.
    fn truth(&self, name: &str) -> Option<bool> {
        let truth = crate::operand::boolean_word(name);
        truth.filter(|_| self.types.schema.attribute(name).is_none())
    }

    /// Says why there is no translation; what is given in its place is never seen.
    fn reason(&mut self, span: Span, message: impl Into<String>, help: &str) -> Node {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.reasons.push(Inexact { span, message: message.into(), help });
        build::text("")
    }

    /// Refuses what may be several values, unless a part of it has been refused already.
    fn check_one(&mut self, node: &Node, reasons_before: usize) {
        let of = self.of(node);
        if of.values.is_empty() || of.count == Count::One || self.reasons.len() > reasons_before {
            return;
        }
        if of.count == Count::Unknown {
            let help = "say what type the attributes have";
            self.reason(node.span, "the type of this part is not known", help);
        } else {
            let message = "several values are treated differently in the two languages";
            self.reason(node.span, message, "");
        }
    }

    fn remark(&mut self, remark: &str) {
        if !self.remarks.iter().any(|known| known == remark) {
            self.remarks.push(remark.to_owned());
        }
    }

    fn remark_escaping(&mut self) {
        self.remark(
            "EscapeDNComponent: MIM escapes as the connected system wants its names, Entra Connect always as LDAP does; the same for LDAP directories only",
        );
    }
}
