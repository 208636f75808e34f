//! The forms that decide themselves what is evaluated, and the questions about presence.

use model::Value;

use super::{BOOLEAN, ENTRA, EXTENDED, Function, INTEGER, Kind, OnNull, Parameter, Returns, Run};
use super::{any, list, parameter, text};
use crate::environment::Context;
use crate::eval::Evaluator;
use crate::functions::{Arguments, Purity, logic};
use crate::limits::RESULT_BYTES_MAX;
use crate::operand::{Failure, FlowConstant, Operand};
use crate::operators::truth;
use crate::program::Bound;
use crate::{ErrorKind, ExprError};

const VARIABLE: Parameter = parameter("variable", Kind::Variable, OnNull::Pass);

const fn branch(name: &'static str) -> Parameter {
    parameter(name, Kind::Branch, OnNull::Pass)
}

const fn literal(name: &'static str) -> Parameter {
    parameter(name, Kind::Literal, OnNull::Pass)
}

/// A question about a value as a whole.
const QUESTION: Function =
    Function { parameters: &[any("value")], lifts: &[], returns: BOOLEAN, ..ENTRA };

/// A form: not lifted, of any type.
const FORM: Function = Function { lifts: &[], returns: Returns::Arguments(&[]), ..ENTRA };

/// The entries.
pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "IIF",
        parameters: &[any("condition"), branch("valueTrue"), branch("valueFalse")],
        returns: Returns::Arguments(&[1, 2]),
        docs: "takes one of two values; only that one is evaluated; several conditions choose each",
        run: Run::Lazy(iif),
        ..FORM
    },
    Function {
        name: "Switch",
        parameters: &[any("condition"), branch("value")],
        variadic: true,
        group: 2,
        docs: "takes the value after the first condition that is true",
        run: Run::Lazy(switch),
        ..FORM
    },
    Function {
        name: "With",
        parameters: &[VARIABLE, any("value"), branch("body")],
        returns: Returns::Arguments(&[2]),
        docs: "computes a value once and names it in the body",
        run: Run::Lazy(with),
        ..FORM
    },
    Function {
        name: "Select",
        parameters: &[VARIABLE, list("values"), any("body")],
        docs: "computes the body for each value; what is nothing vanishes",
        run: Run::Lazy(select),
        ..FORM
    },
    Function {
        name: "Where",
        parameters: &[VARIABLE, list("values"), any("condition")],
        docs: "keeps the values for which the condition is true",
        run: Run::Lazy(keep),
        ..FORM
    },
    Function {
        name: "Error",
        parameters: &[text("message", OnNull::Pass)],
        returns: Returns::Nothing,
        docs: "fails the object with a message",
        run: Run::Eager(error),
        ..FORM
    },
    Function {
        name: "ImportedValue",
        parameters: &[literal("attribute")],
        docs: "the values as last imported, without pending exports",
        run: Run::Eager(imported_value),
        ..FORM
    },
    Function {
        name: "ValueCount",
        parameters: &[literal("attribute")],
        returns: INTEGER,
        docs: "how many values an attribute has",
        run: Run::Eager(value_count),
        ..FORM
    },
    Function {
        name: "IsNull",
        docs: "true if there is no value; an empty text is one",
        run: Run::Eager(is_null),
        ..QUESTION
    },
    Function {
        name: "IsEmpty",
        docs: "true if the value is the empty text",
        run: Run::Eager(is_empty),
        ..QUESTION
    },
    Function {
        name: "IsNullOrEmpty",
        docs: "true if there is no value or only an empty text",
        run: Run::Eager(is_null_or_empty),
        ..QUESTION
    },
    Function {
        name: "IsPresent",
        docs: "true if there is a value other than an empty text",
        run: Run::Eager(is_present),
        ..QUESTION
    },
    Function {
        name: "Not",
        parameters: &[parameter("condition", Kind::Any, OnNull::Pass)],
        returns: BOOLEAN,
        docs: "true if the condition is false",
        run: Run::Eager(not),
        ..EXTENDED
    },
    Function {
        name: "Coalesce",
        parameters: &[branch("values")],
        variadic: true,
        lifts: &[],
        returns: Returns::Arguments(&[]),
        docs: "takes the first value that is there",
        run: Run::Lazy(coalesce),
        ..EXTENDED
    },
    Function {
        name: "IgnoreFlowIfNullOrEmpty",
        parameters: &[any("value")],
        lifts: &[],
        returns: Returns::Arguments(&[0]),
        outermost: true,
        docs: "passes its argument on, or IgnoreThisFlow if there is none",
        run: Run::Eager(ignore_flow),
        ..EXTENDED
    },
    Function {
        name: "Redact",
        parameters: &[any("value")],
        lifts: &[],
        returns: Returns::Arguments(&[0]),
        purity: Purity::SECRET,
        docs: "passes its argument on as a secret",
        run: Run::Eager(logic::identity),
        ..EXTENDED
    },
    Function {
        name: "SelectUniqueValue",
        parameters: &[branch("first"), branch("others")],
        variadic: true,
        lifts: &[],
        purity: Purity::ASKS_OTHERS,
        outermost: true,
        docs: "takes the first candidate that no other object has",
        run: Run::Lazy(select_unique_value),
        ..EXTENDED
    },
];

fn at(bound: &Bound) -> impl FnOnce(Failure) -> ExprError {
    let span = bound.span;
    move |failure| ExprError::new(failure.kind, span, failure.message)
}

/// Evaluates the condition, then only the branch it chooses; with several conditions the branches
/// of which at least one is chosen.
fn iif(evaluator: &mut Evaluator<'_>, arguments: &[Bound]) -> Result<Operand, ExprError> {
    let [condition, value_true, value_false] = arguments else { return Ok(Operand::Null) };
    let mut chosen_by = Operand::Null;
    evaluator.eval_into(condition, &mut chosen_by)?;
    let conditions = match chosen_by {
        Operand::List(conditions) => conditions,
        one => {
            let is_true = truth(&one).map_err(at(condition))?;
            return evaluator.eval(if is_true { value_true } else { value_false });
        }
    };
    let truths: Vec<bool> =
        conditions.iter().map(truth).collect::<Result<_, _>>().map_err(at(condition))?;
    let on_true = branch_of(evaluator, value_true, &truths, true)?;
    let on_false = branch_of(evaluator, value_false, &truths, false)?;
    let choose = |(i, is_true): (usize, &bool)| match if *is_true { &on_true } else { &on_false } {
        Operand::List(elements) => elements.get(i).cloned().unwrap_or(Operand::Null),
        one => one.clone(),
    };
    Ok(Operand::list_with_holes(truths.iter().enumerate().map(choose).collect()))
}

/// The branch for the conditions that are `wanted`; nothing if there are none.
fn branch_of(
    evaluator: &mut Evaluator<'_>,
    branch: &Bound,
    truths: &[bool],
    wanted: bool,
) -> Result<Operand, ExprError> {
    if !truths.contains(&wanted) {
        return Ok(Operand::Null);
    }
    match evaluator.eval(branch)? {
        Operand::List(elements) if elements.len() != truths.len() => {
            let message = "there are not as many values as conditions";
            Err(ExprError::new(ErrorKind::MvLength, branch.span, message))
        }
        Operand::Flow(_) => {
            let message = "a flow constant cannot be one of several values";
            Err(ExprError::new(ErrorKind::Type, branch.span, message))
        }
        operand => Ok(operand),
    }
}

/// Evaluates every condition, then the value after the first that is true.
fn switch(evaluator: &mut Evaluator<'_>, arguments: &[Bound]) -> Result<Operand, ExprError> {
    let mut chosen = None;
    for pair in arguments.chunks(2) {
        let [condition, value] = pair else { continue };
        let is_true = truth(&evaluator.eval(condition)?).map_err(at(condition))?;
        if is_true && chosen.is_none() {
            chosen = Some(value);
        }
    }
    chosen.map_or(Ok(Operand::Null), |value| evaluator.eval(value))
}

fn with(evaluator: &mut Evaluator<'_>, arguments: &[Bound]) -> Result<Operand, ExprError> {
    let [_, value, body] = arguments else { return Ok(Operand::Null) };
    let value = evaluator.eval(value)?;
    evaluator.eval_with(value, body)
}

/// The elements that `Select` and `Where` go through.
fn elements(evaluator: &mut Evaluator<'_>, bound: &Bound) -> Result<Vec<Operand>, ExprError> {
    match evaluator.argument(bound, Kind::List)? {
        Operand::List(elements) => Ok(elements),
        _ => Ok(Vec::new()),
    }
}

fn select(evaluator: &mut Evaluator<'_>, arguments: &[Bound]) -> Result<Operand, ExprError> {
    let [_, values, body] = arguments else { return Ok(Operand::Null) };
    let mut results = Vec::new();
    let mut bytes: usize = 0;
    for element in elements(evaluator, values)? {
        match evaluator.eval_with(element, body)? {
            Operand::Null => {}
            result @ (Operand::One(_) | Operand::Moment(_)) => {
                bytes = bytes.saturating_add(result.size());
                if bytes > RESULT_BYTES_MAX {
                    let message = format!("the values are longer than {RESULT_BYTES_MAX} bytes");
                    return Err(ExprError::new(ErrorKind::Limit, body.span, message));
                }
                results.push(result);
            }
            result => {
                let message = format!("expected one value, found {}", result.describe());
                return Err(ExprError::new(ErrorKind::Type, body.span, message));
            }
        }
    }
    Ok(Operand::list(results))
}

fn keep(evaluator: &mut Evaluator<'_>, arguments: &[Bound]) -> Result<Operand, ExprError> {
    let [_, values, condition] = arguments else { return Ok(Operand::Null) };
    let mut kept = Vec::new();
    for element in elements(evaluator, values)? {
        let found = evaluator.eval_with(element.clone(), condition)?;
        if truth(&found).map_err(at(condition))? {
            kept.push(element);
        }
    }
    Ok(Operand::list(kept))
}

fn error(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Err(Failure::new(ErrorKind::User, arguments.text(0)))
}

fn imported_value(arguments: &Arguments, context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(context.confirmed(arguments.text(0)))
}

fn value_count(arguments: &Arguments, context: &mut Context<'_>) -> Result<Operand, Failure> {
    let values = Operand::given(context.environment.attribute(arguments.text(0)));
    let count = match values {
        Operand::Null => 0,
        Operand::List(elements) => i64::try_from(elements.len()).unwrap_or(i64::MAX),
        _ => 1,
    };
    Ok(Operand::number(count))
}

fn is_null(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::truth(*arguments.any(0) == Operand::Null))
}

fn is_empty(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let is_text = |value: &Value| matches!(value, Value::String(text) if text.is_empty());
    Ok(Operand::truth(arguments.single(0).is_some_and(is_text)))
}

fn is_absent(operand: &Operand) -> bool {
    match operand {
        Operand::Null => true,
        Operand::One(Value::String(text)) => text.is_empty(),
        _ => false,
    }
}

fn is_null_or_empty(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::truth(is_absent(arguments.any(0))))
}

fn is_present(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::truth(!is_absent(arguments.any(0))))
}

fn not(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    Ok(Operand::truth(!truth(arguments.any(0))?))
}

fn coalesce(evaluator: &mut Evaluator<'_>, arguments: &[Bound]) -> Result<Operand, ExprError> {
    for argument in arguments {
        let operand = evaluator.eval(argument)?;
        if operand != Operand::Null {
            return Ok(operand);
        }
    }
    Ok(Operand::Null)
}

fn ignore_flow(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let value = arguments.any(0);
    if is_absent(value) {
        return Ok(Operand::Flow(FlowConstant::IgnoreThisFlow));
    }
    Ok(value.clone())
}

fn select_unique_value(
    evaluator: &mut Evaluator<'_>,
    arguments: &[Bound],
) -> Result<Operand, ExprError> {
    for argument in arguments {
        let candidate = evaluator.argument(argument, Kind::StrictText)?;
        let is_free = match candidate.value().and_then(Value::as_str) {
            None | Some("") => false,
            Some(name) => !evaluator.environment.is_taken(name),
        };
        if is_free {
            return Ok(candidate);
        }
    }
    let span = match arguments {
        [first, .., last] => first.span.to(last.span),
        _ => crate::Span::default(),
    };
    let message = "every candidate is taken already";
    Err(ExprError::new(ErrorKind::Value, span, message))
}
