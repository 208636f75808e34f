//! Conditions of scoping and connector filters.

use model::Name;

use crate::Operator;
use crate::code;
use crate::node::{Node, NodeKind, Spanned};
use crate::reader::Reader;

/// A value to compare with, before the attribute's type is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Literal {
    Text(String),
    Integer(i64),
    Boolean(bool),
}

/// One condition as written.
#[derive(Debug)]
pub(crate) struct ConditionDocument {
    pub(crate) attribute: Spanned<Name>,
    pub(crate) operator: Spanned<Operator>,
    pub(crate) value: Option<Spanned<Literal>>,
}

/// Reads a list of conditions.
pub(super) fn read(parent: &mut Reader<'_>, name: &'static str) -> Vec<ConditionDocument> {
    let mut conditions = Vec::new();
    for mut table in parent.tables(name) {
        let attribute = table.required_text("attribute");
        let operator = table.required_word("operator", &Operator::ALL);
        let value = match table.entry("value") {
            Some(entry) => read_value(&mut table, &entry.node).map(Some),
            None => Some(None),
        };
        if let (Some(attribute), Some(operator), Some(value)) = (attribute, operator, value) {
            let attribute = Spanned { value: Name::new(attribute.value), span: attribute.span };
            conditions.push(ConditionDocument { attribute, operator, value });
        }
        parent.absorb(table);
    }
    conditions
}

fn read_value(table: &mut Reader<'_>, node: &Node) -> Option<Spanned<Literal>> {
    let value = match &node.kind {
        NodeKind::Text(text) => Literal::Text(text.clone()),
        NodeKind::Integer(number) => Literal::Integer(*number),
        NodeKind::Boolean(truth) => Literal::Boolean(*truth),
        NodeKind::Other(_) | NodeKind::List(_) | NodeKind::Table(_) => {
            let what = node.describe();
            let message =
                format!("`value` must be text, a whole number or a truth value, not {what}");
            table.report(table.file.error(code::WRONG_TYPE, node.span.clone(), message));
            return None;
        }
    };
    Some(Spanned { value, span: node.span.clone() })
}
