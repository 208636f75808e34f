//! From MIM's language to Entra Connect's.

use model::ValueType as T;

use super::{Place, Translator, build, pairs};
use crate::functions::{self, Kind};
use crate::operand::{boolean_word, decimal, is_decimal};
use crate::types::ValueTypes;
use crate::{Dialect, Node, NodeKind, Operator};

const TEXT: ValueTypes = ValueTypes::only(T::String);
const NUMBER: ValueTypes = ValueTypes::only(T::Integer);
const TRUTH: ValueTypes = ValueTypes::only(T::Boolean);
const REFERENCE: ValueTypes = ValueTypes::only(T::Reference);
const OCTETS: ValueTypes = ValueTypes::only(T::Binary);

/// The arguments of a comparison, translated, with their types.
struct Compared {
    translated: [Node; 2],
    types: [ValueTypes; 2],
}

impl Translator<'_> {
    /// A part that must be one value.
    pub(super) fn entra_value(&mut self, node: &Node, place: Place) -> Node {
        let before = self.reasons.len();
        let translated = self.entra(node, place);
        self.check_one(node, before);
        translated
    }

    /// A part, however many values it has.
    pub(super) fn entra(&mut self, node: &Node, place: Place) -> Node {
        match &node.kind {
            NodeKind::Text(_) | NodeKind::Integer(_) => node.clone(),
            NodeKind::Word(name) => match self.truth(name) {
                Some(true) => build::constant("True"),
                Some(false) => build::constant("False"),
                None => build::node(NodeKind::Attribute(name.clone())),
            },
            NodeKind::Parameter(name) => {
                let message = format!("Entra Connect has no parameters of a rule such as ${name}");
                self.reason(node.span, message, "put its value there, or an attribute that has it")
            }
            NodeKind::Lookup(path) => {
                let message = format!("Entra Connect has no lookups such as [//{path}]");
                self.reason(node.span, message, "make the value an attribute of the object")
            }
            _ => match build::called(node) {
                Some((name, arguments)) => self.entra_call(node, name, arguments, place),
                None => self.reason(node.span, "MIM's language has no such part", ""),
            },
        }
    }

    fn entra_call(&mut self, node: &Node, name: &str, arguments: &[Node], place: Place) -> Node {
        match (name, arguments) {
            (functions::JOIN, operands) => self.entra_join(operands, place),
            ("SingleValueAssignment", [value]) => self.entra_value(value, place),
            ("Null", []) => build::constant("NULL"),
            ("CRLF", []) => build::constant("CRLF"),
            ("IIF", [condition, value_true, value_false]) => {
                let condition = self.entra_value(condition, Place::Inner);
                let value_true = self.entra_value(value_true, place);
                let value_false = self.entra_value(value_false, place);
                build::iif(condition, value_true, value_false)
            }
            ("IsPresent", [value]) => self.entra_presence(value),
            ("Eq", [left, right]) => self.entra_equality(node, Operator::Equal, [left, right]),
            ("NotEquals", [left, right]) => {
                self.entra_equality(node, Operator::NotEqual, [left, right])
            }
            ("LessThan", [left, right]) => self.entra_order(node, Operator::Less, [left, right]),
            ("LessThanOrEquals", [left, right]) => {
                self.entra_order(node, Operator::LessOrEqual, [left, right])
            }
            ("GreaterThan", [left, right]) => {
                self.entra_order(node, Operator::Greater, [left, right])
            }
            ("GreaterThanOrEquals", [left, right]) => {
                self.entra_order(node, Operator::GreaterOrEqual, [left, right])
            }
            // PCase keeps words in capitals only.
            ("ProperCase", [text]) => {
                let lower = build::call("LCase", vec![self.entra_text(text)]);
                build::call("PCase", vec![lower])
            }
            ("Mid", [text, position, count]) => self.entra_mid(text, position, count),
            ("ReplaceString", arguments) => self.entra_replace(arguments),
            _ => self.entra_pair(node, name, arguments),
        }
    }

    /// A function that has another name only, or belongs to both languages.
    fn entra_pair(&mut self, node: &Node, name: &str, arguments: &[Node]) -> Node {
        let Some(function) = functions::find(name, Dialect::Mim) else {
            return self.reason(node.span, format!("there is no function '{name}'"), "");
        };
        if function.dialects.contains(&Dialect::Extension) {
            let kept = arguments.iter().map(|argument| self.entra_converted(argument));
            return build::call(name, kept.collect());
        }
        let Some(called) = pairs::in_entra(name) else {
            let message = format!("no function of Entra Connect's gives the same as {name}");
            let help = match name {
                "DateTimeFormat" => "FormatDateTime(CDate(...), ...) reads and writes dates",
                _ => "",
            };
            return self.reason(node.span, message, help);
        };
        if name == "EscapeDNComponent" {
            self.remark_escaping();
        }
        let arguments = arguments.iter().enumerate().map(|(i, argument)| {
            match function.parameter(i).map(|parameter| parameter.kind) {
                Some(Kind::Text) => self.entra_text(argument),
                Some(Kind::Integer) => self.entra_number(argument),
                _ => self.entra_value(argument, Place::Inner),
            }
        });
        build::call(called, arguments.collect())
    }

    /// An argument that is converted alike in both languages, unless it is a date.
    fn entra_converted(&mut self, node: &Node) -> Node {
        let before = self.reasons.len();
        let translated = self.entra_value(node, Place::Inner);
        if self.reasons.len() == before && self.of(node).values.contains(T::DateTime) {
            let message = "MIM takes a date for text, Entra Connect does not";
            return self.reason(node.span, message, "FormatDateTime makes it text");
        }
        translated
    }

    /// An argument that must be text, which MIM makes of other values.
    fn entra_text(&mut self, node: &Node) -> Node {
        let translated = self.entra_converted(node);
        if self.of(node).values.without(TEXT).is_empty() {
            return translated;
        }
        build::call("CStr", vec![translated])
    }

    /// An argument that must be a number, which MIM reads from text.
    fn entra_number(&mut self, node: &Node) -> Node {
        if let Some(number) = build::literal(node).and_then(number_of) {
            return build::number(number);
        }
        let translated = self.entra_value(node, Place::Inner);
        if self.of(node).values.contains(T::String) {
            return build::call("CNum", vec![translated]);
        }
        translated
    }

    /// MIM joins nothing with nothing to an empty text, Entra Connect to nothing.
    fn entra_join(&mut self, operands: &[Node], place: Place) -> Node {
        let mut rest = Vec::new();
        for operand in operands {
            rest.push((Operator::Join, self.entra_converted(operand)));
        }
        let may_be_nothing = operands.iter().all(|operand| self.of(operand).may_be_absent);
        let is_alone = operands.len() == 1;
        let is_text = |node: &Node| self.of(node).values.without(TEXT).is_empty();
        let is_other = is_alone && !operands.iter().all(is_text);
        if (may_be_nothing && place == Place::Inner) || is_other {
            rest.push((Operator::Join, build::text("")));
        }
        if rest.is_empty() {
            return build::text("");
        }
        let (_, first) = rest.remove(0);
        if rest.is_empty() {
            return first;
        }
        build::node(NodeKind::Chain { first: Box::new(first), rest })
    }

    /// MIM finds an empty text present; an attribute never is one.
    fn entra_presence(&mut self, value: &Node) -> Node {
        if self.is_attribute(value) {
            return build::call("IsPresent", vec![self.entra(value, Place::Inner)]);
        }
        let translated = self.entra_value(value, Place::Inner);
        if !self.of(value).values.contains(T::String) {
            return build::call("IsPresent", vec![translated]);
        }
        let is_null = build::call("IsNull", vec![translated]);
        build::operation(is_null, Operator::Equal, build::constant("False"))
    }

    fn entra_compared(&mut self, nodes: [&Node; 2]) -> Option<Compared> {
        let before = self.reasons.len();
        let mut translated = nodes.map(|node| self.entra_value(node, Place::Inner));
        if self.reasons.len() > before {
            return None;
        }
        let mut types = nodes.map(|node| self.of(node).values);
        // A literal compares as what it says, where it says what the other side is.
        for (this, that) in [(0, 1), (1, 0)] {
            let other = types.get(that).copied().unwrap_or_default();
            let text = nodes.get(this).and_then(|node| build::literal(node));
            let read = match (text, other) {
                (Some(text), NUMBER) => number_of(text).map(|n| (build::number(n), NUMBER)),
                (Some(text), TRUTH) => boolean_word(text)
                    .map(|t| (build::constant(if t { "True" } else { "False" }), TRUTH)),
                _ => None,
            };
            if let (Some((node, of)), Some(slot), Some(known)) =
                (read, translated.get_mut(this), types.get_mut(this))
            {
                (*slot, *known) = (node, of);
            }
        }
        Some(Compared { translated, types })
    }

    fn entra_equality(&mut self, node: &Node, operator: Operator, nodes: [&Node; 2]) -> Node {
        let Some(compared) = self.entra_compared(nodes) else { return build::text("") };
        let [left, right] = compared.types;
        let both = left.or(right);
        let is_absent = left.is_empty() || right.is_empty();
        if is_absent || (left == right && [TEXT, NUMBER, TRUTH, OCTETS].contains(&left)) {
            let [left, right] = compared.translated;
            return build::operation(left, operator, right);
        }
        if both.without(TEXT.or(REFERENCE)).is_empty() {
            return as_texts(compared, operator);
        }
        let message = "MIM compares values of different types, Entra Connect does not";
        self.reason(node.span, message, "convert one side to the type of the other")
    }

    fn entra_order(&mut self, node: &Node, operator: Operator, nodes: [&Node; 2]) -> Node {
        let Some(compared) = self.entra_compared(nodes) else { return build::text("") };
        let [left, right] = compared.types;
        if left.is_empty() || right.is_empty() {
            return build::constant("False");
        }
        if (left, right) == (NUMBER, NUMBER) {
            let [left, right] = compared.translated;
            return build::operation(left, operator, right);
        }
        let is_text = left.or(right).without(TEXT.or(REFERENCE)).is_empty();
        let is_no_number = |node: &Node| build::literal(node).is_some_and(|text| !is_decimal(text));
        if is_text
            && (left == REFERENCE || right == REFERENCE || nodes.into_iter().any(is_no_number))
        {
            return as_texts(compared, operator);
        }
        let (message, help) = if is_text {
            let message = "MIM compares decimal texts as numbers, Entra Connect as texts";
            (message, "declare the attributes as integer if they hold numbers")
        } else {
            ("the two languages order values of these types differently", "")
        };
        self.reason(node.span, message, help)
    }

    /// Of a negative count MIM makes an empty text, Entra Connect the whole.
    fn entra_mid(&mut self, text: &Node, position: &Node, count: &Node) -> Node {
        let text = self.entra_text(text);
        let position = self.entra_number(position);
        let count = match &count.kind {
            NodeKind::Integer(number) => build::number(*number.max(&0)),
            _ => {
                let message = "a negative count means another thing to Entra Connect";
                self.reason(count.span, message, "a literal count can be translated")
            }
        };
        build::call("Mid", vec![text, position, count])
    }

    /// MIM reads escapes in every literal, Entra Connect not in the first.
    fn entra_replace(&mut self, arguments: &[Node]) -> Node {
        let mut translated = Vec::new();
        for (i, argument) in arguments.iter().enumerate() {
            let mut text = self.entra_text(argument);
            let was_literal = build::literal(argument).is_some();
            if let NodeKind::Text(literal) = &mut text.kind
                && build::has_escapes(literal)
            {
                if was_literal && i == 0 {
                    *literal =
                        literal.replace("\\n", "\n").replace("\\r", "\r").replace("\\t", "\t");
                } else if !was_literal && i > 0 {
                    text = build::operation(text, Operator::Join, build::text(""));
                }
            }
            translated.push(text);
        }
        build::call("Replace", translated)
    }
}

/// The number that a text of MIM's stands for.
fn number_of(text: &str) -> Option<i64> {
    decimal(text).ok().filter(|_| is_decimal(text))
}

/// Both sides as texts: references too are compared character by character.
fn as_texts(compared: Compared, operator: Operator) -> Node {
    let Compared { translated: [left, right], types: [of_left, of_right] } = compared;
    let text = |node, of: ValueTypes| match of.contains(T::Reference) {
        true => build::call("CStr", vec![node]),
        false => node,
    };
    build::operation(text(left, of_left), operator, text(right, of_right))
}
