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
    /// What to compare with, and whether it was written as a list.
    pub(crate) values: Vec<Spanned<Literal>>,
    pub(crate) is_list: bool,
    /// Where it is said that letter case counts.
    pub(crate) case_sensitive: Option<Spanned<bool>>,
}

/// Reads a scope: conditions that must all hold, or groups of such, of which one must.
pub(super) fn read_scope(parent: &mut Reader<'_>) -> Vec<Vec<ConditionDocument>> {
    let name = "scope";
    let is_group = |node: &Node| node.entries().iter().any(|entry| entry.key == "all");
    if !parent.list(name).iter().any(is_group) {
        let conditions = read(parent, name);
        return if conditions.is_empty() { Vec::new() } else { vec![conditions] };
    }
    parent.tables(name).into_iter().map(|group| read_group(parent, group, "a group")).collect()
}

/// Reads conditions that must all hold; `what` they are names them when there are none.
pub(super) fn read_group<'a>(
    parent: &mut Reader<'a>,
    mut group: Reader<'a>,
    what: &str,
) -> Vec<ConditionDocument> {
    let conditions = read(&mut group, "all");
    // Without conditions it would match everything.
    if group.list("all").is_empty() {
        let message = format!("{what} needs conditions in `all`");
        let error = group.file.error(code::MISSING_KEY, group.place(), message);
        group.report(error);
    }
    parent.absorb(group);
    conditions
}

/// Reads a list of conditions.
fn read(parent: &mut Reader<'_>, name: &'static str) -> Vec<ConditionDocument> {
    let mut conditions = Vec::new();
    for mut table in parent.tables(name) {
        let attribute = table.required_text("attribute");
        let operator = read_operator(&mut table);
        let is_list =
            table.entry("value").is_some_and(|e| matches!(e.node.kind, NodeKind::List(_)));
        let values = match table.entry("value") {
            Some(entry) => read_values(&mut table, &entry.node),
            None => Some(Vec::new()),
        };
        let case_sensitive = table.boolean("case_sensitive").zip(table.entry("case_sensitive"));
        let case_sensitive =
            case_sensitive.map(|(value, entry)| Spanned { value, span: entry.span() });
        if let (Some(attribute), Some(operator), Some(values)) = (attribute, operator, values) {
            let attribute = Spanned { value: Name::new(attribute.value), span: attribute.span };
            let condition =
                ConditionDocument { attribute, operator, values, is_list, case_sensitive };
            conditions.push(condition);
        }
        parent.absorb(table);
    }
    conditions
}

fn read_operator(table: &mut Reader<'_>) -> Option<Spanned<Operator>> {
    let word = table.required_text("operator")?;
    match Operator::parse(word.value) {
        Some(value) => Some(Spanned { value, span: word.span }),
        None => table.word("operator", &Operator::ALL),
    }
}

/// One value or a list of them.
fn read_values(table: &mut Reader<'_>, node: &Node) -> Option<Vec<Spanned<Literal>>> {
    match &node.kind {
        NodeKind::List(items) => items.iter().map(|item| read_value(table, item)).collect(),
        _ => read_value(table, node).map(|value| vec![value]),
    }
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
