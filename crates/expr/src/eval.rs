//! Evaluation: a walk over the bound tree. Recursion is as deep as the source, which has a limit.

use model::{Name, Value, Values};
use smallvec::SmallVec;

use crate::environment::{Context, Environment, Given, TOO_LONG};
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
    pub(crate) variables: SmallVec<[Operand; 2]>,
    /// Parts evaluated so far.
    pub(crate) steps: u32,
}

impl Evaluator<'_> {
    pub(crate) fn eval(&mut self, bound: &Bound) -> Result<Operand, ExprError> {
        let mut result = Operand::Null;
        self.eval_into(bound, &mut result)?;
        Ok(result)
    }

    /// Evaluates in place, which spares moving the result out of a larger one.
    pub(crate) fn eval_into(
        &mut self,
        bound: &Bound,
        result: &mut Operand,
    ) -> Result<(), ExprError> {
        self.spend(1, bound.span)?;
        match &bound.kind {
            BoundKind::Constant(value) => *result = Operand::One(value.clone()),
            BoundKind::Attribute(name) => self.attribute_into(name, result),
            BoundKind::Parameter(name) => *result = self.parameter(name, bound.span)?,
            BoundKind::Variable(depth) => {
                *result = self.variables.get(*depth).cloned().unwrap_or(Operand::Null);
            }
            BoundKind::Special(operand) => *result = operand.clone(),
            BoundKind::Negate(operand) => {
                let operand = self.eval(operand)?;
                *result = operators::negate(&operand)
                    .map_err(|failure| ExprError::new(failure.kind, bound.span, failure.message))?;
            }
            BoundKind::Chain { first, rest } => *result = operators::chain(self, first, rest)?,
            BoundKind::Call { function, arguments } => {
                match function.run {
                    Run::Lazy(run) => *result = run(self, arguments)?,
                    Run::Eager(run) => self.call(function, run, bound.span, arguments, result)?,
                }
                check_size(result, bound.span)?;
            }
        }
        self.spend(result.weight(), bound.span)
    }

    /// Counts steps of work.
    pub(crate) fn spend(&mut self, steps: u32, span: Span) -> Result<(), ExprError> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > STEPS_MAX {
            return Err(ExprError::new(ErrorKind::Limit, span, TOO_LONG));
        }
        Ok(())
    }

    fn attribute_into(&self, name: &Name, result: &mut Operand) {
        let given = match self.input {
            Some(input) => match input.attribute(name) {
                None => Given::Nothing,
                Some(values) => values.single().map_or(Given::Set(values), Given::One),
            },
            None => self.environment.attribute(name),
        };
        let is_mim = self.dialect == Dialect::Mim;
        *result = match given {
            Given::One(value) if is_mim => Operand::One(value.clone()),
            Given::Several(values) if is_mim => {
                Operand::of_attribute(Values::from_vec(values.to_vec()).as_ref())
            }
            Given::Set(values) if is_mim => Operand::of_attribute(Some(values)),
            given => Operand::given(given),
        };
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
        result: &mut Operand,
    ) -> Result<(), ExprError> {
        let mut operands = Arguments::absent(arguments.len());
        let mut is_lifted = false;
        for (i, (argument, operand)) in arguments.iter().zip(operands.iter_mut()).enumerate() {
            self.eval_into(argument, operand)?;
            is_lifted |= matches!(operand, Operand::List(_)) && function.lifts.contains(&i);
        }
        let (random, steps) = (&mut *self.random, &mut self.steps);
        let mut context = Context { environment: self.environment, random, steps };
        *result = if is_lifted {
            lifted(function, run, &operands, &mut context)
        } else {
            applied(function, run, &mut operands, &mut context)
        }
        .map_err(|failure| failed(&failure, function, span, arguments))?;
        Ok(())
    }
}

/// Calls the function element by element: an argument it lifts is a list.
fn lifted(
    function: &Function,
    run: Eager,
    operands: &Arguments,
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
    let length = length.unwrap_or_default();
    let mut bytes: usize = 0;
    let mut results = Vec::with_capacity(length);
    for at in 0..length {
        let of_element = operands.iter().enumerate().map(|(i, operand)| match operand {
            Operand::List(elements) if function.lifts.contains(&i) => {
                elements.get(at).cloned().unwrap_or(Operand::Null)
            }
            other => other.clone(),
        });
        let mut of_element: Arguments = of_element.collect();
        context.spend(&of_element)?;
        let result = applied(function, run, &mut of_element, context)?;
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
    operands: &mut Arguments,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    if let Some(i) = operands.iter().position(|operand| matches!(operand, Operand::Flow(_))) {
        let message = "a flow constant is not a value";
        return Err(Failure::of_argument(i, ErrorKind::Type, message));
    }
    for (i, operand) in operands.iter_mut().enumerate() {
        let kind = function.parameter(i).map_or(Kind::Any, |p| p.kind);
        operand.fit(kind).map_err(|failure| Failure { argument: Some(i), ..failure })?;
    }
    match null_result(function, operands) {
        Some(result) => result,
        None => run(operands, context),
    }
}

/// What absent arguments make of a call before its code runs. Refusal comes first: whether a rule
/// is wrong must not depend on the order of its arguments.
fn null_result(function: &Function, arguments: &Arguments) -> Option<Result<Operand, Failure>> {
    let mut result = None;
    for (i, _) in arguments.iter().enumerate().filter(|(_, a)| **a == Operand::Null) {
        let parameter = function.parameter(i)?;
        match parameter.on_null {
            OnNull::Refuse(kind) => {
                let message = format!("'{}' must not be absent", parameter.name);
                return Some(Err(Failure::of_argument(i, kind, message)));
            }
            OnNull::Propagate => result = result.or(Some(Ok(Operand::Null))),
            OnNull::EmptyText => result = result.or_else(|| Some(Ok(Operand::empty_text()))),
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
