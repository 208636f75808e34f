//! From Entra Connect's language to MIM's.

use model::ValueType as T;

use super::{Place, Translator, build, pairs};
use crate::functions;
use crate::operand::{boolean_word, is_decimal};
use crate::types::{Type, ValueTypes};
use crate::{Dialect, Node, NodeKind, Operator, Span, parse};

const TEXT: ValueTypes = ValueTypes::only(T::String);
const NUMBER: ValueTypes = ValueTypes::only(T::Integer);
const TRUTH: ValueTypes = ValueTypes::only(T::Boolean);

/// One side of a comparison, translated.
struct Side {
    node: Node,
    values: ValueTypes,
    /// True for a literal that is text and no decimal number.
    is_plain_text: bool,
}

impl Translator<'_> {
    /// A part that must be one value.
    pub(super) fn mim_value(&mut self, node: &Node, place: Place) -> Node {
        let before = self.reasons.len();
        let translated = self.mim(node, place);
        self.check_one(node, before);
        translated
    }

    fn mim_inner(&mut self, node: &Node) -> Node {
        self.mim_value(node, Place::Inner)
    }

    /// A part, however many values it has.
    pub(super) fn mim(&mut self, node: &Node, place: Place) -> Node {
        match &node.kind {
            NodeKind::Text(_) | NodeKind::Integer(_) => node.clone(),
            NodeKind::Attribute(name) => self.mim_attribute(node, name),
            NodeKind::SystemParameter(name) => {
                let message = format!("MIM's language has no parameters such as %{name}%");
                self.reason(node.span, message, "put its value there")
            }
            NodeKind::Variable(_) => self.reason(node.span, "MIM's language has no variables", ""),
            NodeKind::Constant(name) => self.mim_constant(node, name),
            NodeKind::Negate(_) => self.reason(node.span, "MIM's language has no arithmetic", ""),
            NodeKind::Chain { first, rest } => self.mim_chain(node, first, rest, place),
            NodeKind::Call { name, arguments, .. } => self.mim_call(node, name, arguments, place),
            _ => self.reason(node.span, "Entra Connect's language has no such part", ""),
        }
    }

    fn mim_attribute(&mut self, node: &Node, name: &str) -> Node {
        let is_word = boolean_word(name).is_none()
            && parse(name).is_ok_and(|ast| ast.root.kind == NodeKind::Word(name.to_owned()));
        if is_word {
            return build::word(name);
        }
        let message = format!("MIM's language cannot write the name of [{name}]");
        self.reason(node.span, message, "")
    }

    fn mim_constant(&mut self, node: &Node, name: &str) -> Node {
        match name {
            "True" => self.mim_truth(true, node.span),
            "False" => self.mim_truth(false, node.span),
            "NULL" => build::call("Null", Vec::new()),
            "CRLF" => build::call("CRLF", Vec::new()),
            _ => self.reason(node.span, format!("MIM's language has no {name}"), ""),
        }
    }

    fn mim_truth(&mut self, truth: bool, span: Span) -> Node {
        let word = if truth { "true" } else { "false" };
        if self.truth(word).is_none() {
            let message = format!("in MIM's language '{word}' is an attribute here");
            return self.reason(span, message, "");
        }
        build::word(word)
    }

    fn mim_chain(
        &mut self,
        node: &Node,
        first: &Node,
        rest: &[(Operator, Node)],
        place: Place,
    ) -> Node {
        let tier = rest.first().map_or(0, |(operator, _)| operator.tier());
        match tier {
            0 => self.mim_logic(first, rest),
            1 => self.mim_comparisons(first, rest),
            _ if rest.iter().all(|(operator, _)| *operator == Operator::Join) => {
                let rest = rest.iter().map(|(_, operand)| operand);
                let operands: Vec<&Node> = std::iter::once(first).chain(rest).collect();
                self.mim_join(node, &operands, place)
            }
            _ => self.reason(node.span, "MIM's language has no arithmetic", ""),
        }
    }

    /// Logic looks at its right side only where the left does not decide; so does `IIF`.
    fn mim_logic(&mut self, first: &Node, rest: &[(Operator, Node)]) -> Node {
        let mut condition = self.mim_inner(first);
        for (operator, operand) in rest {
            let right = self.mim_condition(operand);
            condition = if *operator == Operator::And {
                let otherwise = self.mim_truth(false, operand.span);
                build::iif(condition, right, otherwise)
            } else {
                let holds = self.mim_truth(true, operand.span);
                build::iif(condition, holds, right)
            };
        }
        condition
    }

    /// A condition as true or false.
    fn mim_condition(&mut self, node: &Node) -> Node {
        let translated = self.mim_inner(node);
        if self.of(node) == Type::one(T::Boolean) {
            return translated;
        }
        self.mim_choice(translated, true, node.span)
    }

    /// True or false where the condition holds, the opposite elsewhere.
    fn mim_choice(&mut self, condition: Node, holds: bool, span: Span) -> Node {
        let (yes, no) = (self.mim_truth(holds, span), self.mim_truth(!holds, span));
        build::iif(condition, yes, no)
    }

    fn mim_side(&mut self, node: &Node) -> Side {
        let is_plain_text = build::literal(node).is_some_and(|text| !is_decimal(text));
        Side { node: self.mim_inner(node), values: self.of(node).values, is_plain_text }
    }

    fn mim_comparisons(&mut self, first: &Node, rest: &[(Operator, Node)]) -> Node {
        let mut left = self.mim_side(first);
        for (operator, operand) in rest {
            let before = self.reasons.len();
            let right = self.mim_side(operand);
            let span = first.span.to(operand.span);
            // Of values of different types Entra Connect makes an error.
            let common = left.values.and(right.values);
            let is_plain_text = left.is_plain_text || right.is_plain_text;
            if self.reasons.len() == before {
                self.check_comparison(*operator, common, is_plain_text, span);
            }
            let name = match operator {
                Operator::NotEqual => "NotEquals",
                Operator::Less => "LessThan",
                Operator::LessOrEqual => "LessThanOrEquals",
                Operator::Greater => "GreaterThan",
                Operator::GreaterOrEqual => "GreaterThanOrEquals",
                _ => "Eq",
            };
            let node = build::call(name, vec![left.node, right.node]);
            left = Side { node, values: TRUTH, is_plain_text: false };
        }
        left.node
    }

    fn check_comparison(
        &mut self,
        operator: Operator,
        common: ValueTypes,
        is_plain_text: bool,
        span: Span,
    ) {
        let is_order = !matches!(operator, Operator::Equal | Operator::NotEqual);
        if common.contains(T::DateTime) {
            self.reason(span, "MIM's language has no dates", "");
        } else if common.contains(T::Reference) && !is_order {
            let message = "Entra Connect ignores case in references, MIM does not";
            self.reason(span, message, "");
        } else if common.contains(T::String) && is_order && !is_plain_text {
            let message = "MIM compares decimal texts as numbers, Entra Connect as texts";
            self.reason(span, message, "");
        }
    }

    /// MIM joins nothing with nothing to an empty text, Entra Connect to nothing.
    fn mim_join(&mut self, node: &Node, operands: &[&Node], place: Place) -> Node {
        let before = self.reasons.len();
        let joined: Vec<Node> = operands.iter().map(|operand| self.mim_inner(operand)).collect();
        if self.reasons.len() > before {
            return build::sum(joined);
        }
        if operands.iter().any(|operand| self.of(operand).values.contains(T::Binary)) {
            return self.reason(node.span, "MIM's language does not join octets", "");
        }
        if place == Place::Last || !operands.iter().all(|operand| self.of(operand).may_be_absent) {
            return build::sum(joined);
        }
        self.mim_if_any(node, operands, joined)
    }

    /// The joined operands, or nothing if all of them are. To ask for an operand is to compute it
    /// again, which is left to attributes.
    fn mim_if_any(&mut self, node: &Node, operands: &[&Node], joined: Vec<Node>) -> Node {
        if !operands.iter().all(|operand| self.is_attribute(operand)) {
            let message = "where all of this is absent, MIM makes an empty text of it";
            let help = "joined with a literal, even an empty one, it is never absent";
            return self.reason(node.span, message, help);
        }
        let present = |operand: &Node| build::call("IsPresent", vec![operand.clone()]);
        let mut condition = None;
        for operand in joined.iter().rev() {
            condition = Some(match condition {
                None => present(operand),
                Some(others) => {
                    let holds = self.mim_truth(true, node.span);
                    build::iif(present(operand), holds, others)
                }
            });
        }
        let Some(condition) = condition else { return build::text("") };
        build::iif(condition, build::sum(joined), build::call("Null", Vec::new()))
    }

    fn mim_call(&mut self, node: &Node, name: &str, arguments: &[Node], place: Place) -> Node {
        match (name, arguments) {
            ("IIF", [condition, value_true, value_false]) => {
                let condition = self.mim_inner(condition);
                let value_true = self.mim_value(value_true, place);
                let value_false = self.mim_value(value_false, place);
                build::iif(condition, value_true, value_false)
            }
            ("Switch", pairs) => self.mim_switch(pairs, place),
            ("Coalesce", values) => self.mim_coalesce(values, place),
            ("Not", [condition]) => {
                let condition = self.mim_inner(condition);
                self.mim_choice(condition, false, node.span)
            }
            ("IsNull" | "IsPresent" | "IsNullOrEmpty" | "IsEmpty", [value]) => {
                self.mim_question(node, name, value)
            }
            // A number that shares no bit is zero, which is no condition that holds.
            ("IsBitSet", [value, flag]) => {
                let bits = vec![self.mim_inner(value), self.mim_inner(flag)];
                self.mim_choice(build::call("BitAnd", bits), true, node.span)
            }
            ("CStr", [value]) => self.mim_text(value, place),
            ("CNum", [value]) => self.mim_conversion(node, name, value, NUMBER),
            ("CBool", [value]) => {
                let condition = self.mim_conversion(node, name, value, NUMBER.or(TRUTH));
                self.mim_choice(condition, true, node.span)
            }
            ("Append", [text, suffix]) => self.mim_append(text, suffix),
            ("ToUpper", [text]) => build::call("UpperCase", vec![self.mim_inner(text)]),
            ("ToLower", [text]) => build::call("LowerCase", vec![self.mim_inner(text)]),
            ("Replace", [text, old, new]) => self.mim_replace([text, old, new]),
            ("Left" | "Right", [text, _]) if self.of(text).values.contains(T::Binary) => {
                self.mim_octets(node, name, text)
            }
            ("Mid", [text, ..]) if self.of(text).values.contains(T::Binary) => {
                self.mim_octets(node, name, text)
            }
            ("Mid", [_, _, count]) => self.mim_mid(count, arguments),
            _ => self.mim_pair(node, name, arguments),
        }
    }

    /// A function that has another name only, or belongs to both languages.
    fn mim_pair(&mut self, node: &Node, name: &str, arguments: &[Node]) -> Node {
        let is_ours = functions::find(name, Dialect::EntraExtended)
            .is_some_and(|function| function.dialects.contains(&Dialect::Extension));
        let called = if is_ours { Some(name) } else { pairs::in_mim(name) };
        let Some(called) = called else {
            let message = format!("MIM's language has no {name}");
            let help =
                if name == "PCase" { "ProperCase lowers words in capitals, too" } else { "" };
            return self.reason(node.span, message, help);
        };
        if called == "EscapeDNComponent" {
            self.remark_escaping();
        }
        let arguments = arguments.iter().map(|argument| self.mim_inner(argument));
        build::call(called, arguments.collect())
    }

    fn mim_octets(&mut self, node: &Node, name: &str, value: &Node) -> Node {
        let before = self.reasons.len();
        let translated = self.mim_inner(value);
        if self.reasons.len() > before {
            return translated;
        }
        self.reason(node.span, format!("MIM's {name} takes no octets"), "")
    }

    /// The value after the first condition that holds.
    fn mim_switch(&mut self, pairs: &[Node], place: Place) -> Node {
        let mut cases = Vec::new();
        for pair in pairs.chunks(2) {
            let [condition, value] = pair else { continue };
            cases.push((self.mim_inner(condition), self.mim_value(value, place)));
        }
        let mut result = build::call("Null", Vec::new());
        for (condition, value) in cases.into_iter().rev() {
            let always = condition.kind == NodeKind::Word("true".to_owned());
            result = if always { value } else { build::iif(condition, value, result) };
        }
        result
    }

    /// The first value that is there.
    fn mim_coalesce(&mut self, values: &[Node], place: Place) -> Node {
        let mut result = None;
        for value in values.iter().rev() {
            let before = self.reasons.len();
            let translated = self.mim_value(value, place);
            let is_settled = self.reasons.len() > before || !self.of(value).may_be_absent;
            result = Some(match result {
                Some(others) if !is_settled => {
                    self.mim_if_present(value, translated, others, |value| value)
                }
                _ => translated,
            });
        }
        result.unwrap_or_else(|| build::text(""))
    }

    /// What `then` makes of an attribute that is present, else `otherwise`. To ask for anything else
    /// is to compute it twice.
    fn mim_if_present(
        &mut self,
        value: &Node,
        translated: Node,
        otherwise: Node,
        then: impl FnOnce(Node) -> Node,
    ) -> Node {
        if !self.is_attribute(value) {
            let message = "MIM would compute this twice to see whether it is present";
            return self.reason(value.span, message, "make the value an attribute first");
        }
        let present = build::call("IsPresent", vec![translated.clone()]);
        build::iif(present, then(translated), otherwise)
    }

    /// A question about presence. An attribute is never an empty text.
    fn mim_question(&mut self, node: &Node, name: &str, value: &Node) -> Node {
        let before = self.reasons.len();
        let is_attribute = self.is_attribute(value);
        let translated =
            if is_attribute { self.mim(value, Place::Inner) } else { self.mim_inner(value) };
        if self.reasons.len() > before {
            return translated;
        }
        let values = self.of(value).values;
        let present = |value| build::call("IsPresent", vec![value]);
        match name {
            "IsNull" => self.mim_choice(present(translated), false, node.span),
            "IsEmpty" if is_attribute => self.mim_truth(false, node.span),
            "IsEmpty" if values.without(TEXT).is_empty() => {
                build::call("Eq", vec![translated, build::text("")])
            }
            "IsPresent" if is_attribute || !values.contains(T::String) => present(translated),
            "IsNullOrEmpty" if is_attribute || !values.contains(T::String) => {
                self.mim_choice(present(translated), false, node.span)
            }
            "IsPresent" | "IsNullOrEmpty" if values.without(TEXT).is_empty() => {
                let comparison = if name == "IsPresent" { "NotEquals" } else { "Eq" };
                let joined = build::sum(vec![translated, build::text("")]);
                build::call(comparison, vec![joined, build::text("")])
            }
            _ => self.reason(node.span, "this may be of different types", ""),
        }
    }

    fn mim_text(&mut self, value: &Node, place: Place) -> Node {
        let before = self.reasons.len();
        let translated = self.mim_inner(value);
        let of = self.of(value);
        if of.values.without(TEXT).is_empty() || self.reasons.len() > before {
            return translated;
        }
        let text = |value| build::sum(vec![value, build::text("")]);
        if place == Place::Last || !of.may_be_absent {
            return text(translated);
        }
        self.mim_if_present(value, translated, build::call("Null", Vec::new()), text)
    }

    /// A conversion that changes nothing for values of these types.
    fn mim_conversion(&mut self, node: &Node, name: &str, value: &Node, of: ValueTypes) -> Node {
        let before = self.reasons.len();
        let translated = self.mim_inner(value);
        if self.reasons.len() == before && !self.of(value).values.without(of).is_empty() {
            let help = "MIM reads numbers from text where it needs one";
            return self.reason(node.span, format!("MIM's language has no {name}"), help);
        }
        translated
    }

    /// Nothing stays nothing, whatever is put behind it.
    fn mim_append(&mut self, text: &Node, suffix: &Node) -> Node {
        let before = self.reasons.len();
        let translated = self.mim_inner(text);
        let suffix = self.mim_inner(suffix);
        let joined = |text| build::sum(vec![text, suffix]);
        if !self.of(text).may_be_absent || self.reasons.len() > before {
            return joined(translated);
        }
        self.mim_if_present(text, translated, build::call("Null", Vec::new()), joined)
    }

    /// MIM reads escapes in every literal, Entra Connect not in the first.
    fn mim_replace(&mut self, arguments: [&Node; 3]) -> Node {
        let [_, old, _] = arguments;
        let before = self.reasons.len();
        let mut translated = Vec::new();
        for (i, argument) in arguments.into_iter().enumerate() {
            let text = self.mim_inner(argument);
            let was_read = i > 0 && build::literal(argument).is_some();
            let has_escapes = build::literal(&text).is_some_and(build::has_escapes);
            translated.push(match has_escapes && !was_read {
                true => build::sum(vec![text, build::text("")]),
                false => text,
            });
        }
        if self.reasons.len() == before && self.of(old).may_be_absent {
            let message = "where there is nothing to look for, MIM's ReplaceString fails";
            return self.reason(old.span, message, "");
        }
        build::call("ReplaceString", translated)
    }

    /// A negative count takes everything, to MIM nothing.
    fn mim_mid(&mut self, count: &Node, arguments: &[Node]) -> Node {
        let translated = arguments.iter().map(|argument| self.mim_inner(argument)).collect();
        if !matches!(count.kind, NodeKind::Integer(0..)) {
            let message = "a negative count means another thing to MIM";
            return self.reason(count.span, message, "a literal count can be translated");
        }
        build::call("Mid", translated)
    }
}
