//! Evaluation: a walk over the bound tree. Recursion is as deep as the source, which has a limit.

use model::{Name, Value, Values};

use crate::environment::{Context, Environment, TOO_LONG};
use crate::functions::{Arguments, Eager, Function, Kind, OnNull, Run};
use crate::limits::{RESULT_BYTES_MAX, STEPS_MAX};
use crate::operand::{Failure, Operand};
use crate::operators;
use crate::program::{Bound, BoundKind};
use crate::{Dialect, ErrorKind, ExprError, Input, Random, Span};

/// One evaluation in progress.
pub(crate) struct Evaluator<'a> {
    pub(crate) dialect: Dialect,
    /// Where attributes come from if not from `environment`.
    pub(crate) input: Option<&'a dyn Input>,
    pub(crate) environment: &'a dyn Environment,
    pub(crate) random: &'a mut dyn Random,
    /// The values of the variables in scope, the innermost last.
    pub(crate) variables: Vec<Operand>,
    /// Parts evaluated so far.
    pub(crate) steps: u32,
}

impl Evaluator<'_> {
    pub(crate) fn eval(&mut self, bound: &Bound) -> Result<Operand, ExprError> {
        self.spend(1, bound.span)?;
        let result = match &bound.kind {
            BoundKind::Constant(value) => Operand::One(value.clone()),
            BoundKind::Attribute(name) => self.attribute(name),
            BoundKind::Parameter(name) => self.parameter(name, bound.span)?,
            BoundKind::Variable(depth) => {
                self.variables.get(*depth).cloned().unwrap_or(Operand::Null)
            }
            BoundKind::Special(operand) => operand.clone(),
            BoundKind::Negate(operand) => {
                let operand = self.eval(operand)?;
                operators::negate(&operand)
                    .map_err(|failure| ExprError::new(failure.kind, bound.span, failure.message))?
            }
            BoundKind::Chain { first, rest } => operators::chain(self, first, rest)?,
            BoundKind::Call { function, arguments } => {
                let result = match function.run {
                    Run::Lazy(run) => run(self, arguments)?,
                    Run::Eager(run) => self.call(function, run, bound.span, arguments)?,
                };
                check_size(&result, bound.span)?;
                result
            }
        };
        self.spend(result.weight(), bound.span)?;
        Ok(result)
    }

    /// Counts steps of work.
    pub(crate) fn spend(&mut self, steps: u32, span: Span) -> Result<(), ExprError> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > STEPS_MAX {
            return Err(ExprError::new(ErrorKind::Limit, span, TOO_LONG));
        }
        Ok(())
    }

    fn attribute(&self, name: &Name) -> Operand {
        if let Some(input) = self.input {
            return Operand::of_attribute(input.attribute(name));
        }
        match self.environment.attribute(name) {
            crate::Given::Several(values) if self.dialect == Dialect::Mim => {
                Operand::of_attribute(Values::from_vec(values.to_vec()).as_ref())
            }
            given => Operand::given(given),
        }
    }

    /// A parameter that holds hexadecimal text, `0x2`, is a number.
    fn parameter(&self, name: &str, span: Span) -> Result<Operand, ExprError> {
        let given = self.environment.parameter(name).ok_or_else(|| {
            let message = format!("there is no parameter '%{name}%'");
            ExprError::new(ErrorKind::UnknownParameter, span, message)
        })?;
        let operand = Operand::given(given);
        let digits = operand.value().and_then(Value::as_str).and_then(|t| t.strip_prefix("0x"));
        let number = digits.and_then(|digits| u64::from_str_radix(digits, 16).ok());
        Ok(number.map_or(operand, |bits| Operand::number(bits.cast_signed())))
    }

    /// Evaluates `body` with a further variable in scope.
    pub(crate) fn eval_with(
        &mut self,
        variable: Operand,
        body: &Bound,
    ) -> Result<Operand, ExprError> {
        self.variables.push(variable);
        let result = self.eval(body);
        self.variables.pop();
        result
    }

    /// Evaluates an argument and converts it to `kind`.
    pub(crate) fn argument(&mut self, bound: &Bound, kind: Kind) -> Result<Operand, ExprError> {
        let operand = self.eval(bound)?;
        operand.convert(kind).map_err(|f| ExprError::new(f.kind, bound.span, f.message))
    }

    fn call(
        &mut self,
        function: &Function,
        run: Eager,
        span: Span,
        arguments: &[Bound],
    ) -> Result<Operand, ExprError> {
        let operands = arguments.iter().map(|a| self.eval(a)).collect::<Result<Vec<_>, _>>()?;
        let (random, steps) = (&mut *self.random, &mut self.steps);
        let mut context = Context { environment: self.environment, random, steps };
        lifted(function, run, operands, &mut context)
            .map_err(|failure| failed(&failure, function, span, arguments))
    }
}

/// Calls the function, element by element where an argument it lifts is a list.
fn lifted(
    function: &Function,
    run: Eager,
    operands: Vec<Operand>,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let mut length = None;
    for (i, operand) in operands.iter().enumerate().filter(|(i, _)| function.lifts.contains(i)) {
        if let Operand::List(elements) = operand {
            match length {
                Some(known) if known != elements.len() => {
                    let message = "the values of the arguments differ in number";
                    return Err(Failure::of_argument(i, ErrorKind::MvLength, message));
                }
                _ => length = Some(elements.len()),
            }
        }
    }
    let Some(length) = length else {
        return applied(function, run, operands, context);
    };
    let mut bytes: usize = 0;
    let mut results = Vec::with_capacity(length);
    for at in 0..length {
        let of_element = operands.iter().enumerate().map(|(i, operand)| match operand {
            Operand::List(elements) if function.lifts.contains(&i) => {
                elements.get(at).cloned().unwrap_or(Operand::Null)
            }
            other => other.clone(),
        });
        let of_element: Vec<Operand> = of_element.collect();
        context.spend(&of_element)?;
        let result = applied(function, run, of_element, context)?;
        bytes = bytes.saturating_add(result.size());
        if bytes > RESULT_BYTES_MAX {
            let message = format!("the values are longer than {RESULT_BYTES_MAX} bytes");
            return Err(Failure::new(ErrorKind::Limit, message));
        }
        match result {
            // One element may become several, such as the extensions of certificates.
            Operand::List(several) => results.extend(several),
            one => results.push(one),
        }
    }
    Ok(Operand::list_with_holes(results))
}

/// One call with arguments that are not lifted.
fn applied(
    function: &Function,
    run: Eager,
    operands: Vec<Operand>,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    if let Some(i) = operands.iter().position(|operand| matches!(operand, Operand::Flow(_))) {
        let message = "a flow constant is not a value";
        return Err(Failure::of_argument(i, ErrorKind::Type, message));
    }
    let fit = |(i, operand): (usize, Operand)| {
        let kind = function.parameter(i).map_or(Kind::Any, |p| p.kind);
        operand.convert(kind).map_err(|failure| Failure { argument: Some(i), ..failure })
    };
    let operands = operands.into_iter().enumerate().map(fit).collect::<Result<Vec<_>, _>>()?;
    match null_result(function, &operands) {
        Some(result) => result,
        None => run(&Arguments::new(operands), context),
    }
}

/// What absent arguments make of a call before its code runs. Refusal comes first: whether a rule
/// is wrong must not depend on the order of its arguments.
fn null_result(function: &Function, arguments: &[Operand]) -> Option<Result<Operand, Failure>> {
    let mut result = None;
    for (i, _) in arguments.iter().enumerate().filter(|(_, a)| **a == Operand::Null) {
        let parameter = function.parameter(i)?;
        match parameter.on_null {
            OnNull::Refuse(kind) => {
                let message = format!("'{}' must not be absent", parameter.name);
                return Some(Err(Failure::of_argument(i, kind, message)));
            }
            OnNull::Propagate => result = result.or(Some(Ok(Operand::Null))),
            OnNull::EmptyText => result = result.or_else(|| Some(Ok(Operand::text("")))),
            OnNull::Zero => result = result.or(Some(Ok(Operand::number(0)))),
            OnNull::False => result = result.or(Some(Ok(Operand::truth(false)))),
            OnNull::Pass => {}
        }
    }
    result
}

fn failed(failure: &Failure, function: &Function, call: Span, arguments: &[Bound]) -> ExprError {
    let span = failure.argument.and_then(|i| arguments.get(i)).map_or(call, |a| a.span);
    let message = match failure.kind {
        ErrorKind::User => failure.message.clone(),
        _ => format!("{}: {}", function.name, failure.message),
    };
    ExprError::new(failure.kind, span, message)
}

/// Refuses what has become too long.
pub(crate) fn check_size(result: &Operand, span: Span) -> Result<(), ExprError> {
    if result.size() > RESULT_BYTES_MAX {
        let message = format!("the text is longer than {RESULT_BYTES_MAX} bytes");
        return Err(ExprError::new(ErrorKind::Limit, span, message));
    }
    Ok(())
}
