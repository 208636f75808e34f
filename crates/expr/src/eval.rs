//! Evaluation: a walk over the bound tree. Recursion is as deep as the source, which has a limit.

use crate::functions::{Arguments, Function, Kind, OnNull, Run};
use crate::limits::RESULT_BYTES_MAX;
use crate::operand::{Failure, Operand};
use crate::program::{Bound, BoundKind};
use crate::{ErrorKind, ExprError, Input, Random, Span};

/// One evaluation in progress.
pub(crate) struct Evaluator<'a> {
    pub(crate) input: &'a dyn Input,
    pub(crate) random: &'a mut dyn Random,
}

impl Evaluator<'_> {
    pub(crate) fn eval(&mut self, bound: &Bound) -> Result<Operand, ExprError> {
        match &bound.kind {
            BoundKind::Constant(value) => Ok(Operand::One(value.clone())),
            BoundKind::Attribute(name) => Ok(Operand::of_attribute(self.input.attribute(name))),
            BoundKind::Call { function, arguments } => {
                let result = match function.run {
                    Run::Lazy(run) => run(self, arguments)?,
                    Run::Eager(run) => {
                        let evaluated = self.arguments(function, arguments)?;
                        match null_result(function, &evaluated) {
                            Some(result) => result,
                            None => run(&Arguments::new(evaluated), self.random),
                        }
                        .map_err(|failure| failed(&failure, function, bound.span, arguments))?
                    }
                };
                check_size(&result, bound.span)?;
                Ok(result)
            }
        }
    }

    /// Evaluates an argument and converts it to `kind`.
    pub(crate) fn argument(&mut self, bound: &Bound, kind: Kind) -> Result<Operand, ExprError> {
        let operand = self.eval(bound)?;
        operand.convert(kind).map_err(|f| ExprError::new(f.kind, bound.span, f.message))
    }

    fn arguments(
        &mut self,
        function: &Function,
        arguments: &[Bound],
    ) -> Result<Vec<Operand>, ExprError> {
        arguments
            .iter()
            .enumerate()
            .map(|(i, argument)| {
                let kind = function.parameter(i).map_or(Kind::Any, |p| p.kind);
                self.argument(argument, kind)
            })
            .collect()
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
            OnNull::Pass => {}
        }
    }
    result
}

fn failed(failure: &Failure, function: &Function, call: Span, arguments: &[Bound]) -> ExprError {
    let span = failure.argument.and_then(|i| arguments.get(i)).map_or(call, |a| a.span);
    ExprError::new(failure.kind, span, format!("{}: {}", function.name, failure.message))
}

fn check_size(result: &Operand, span: Span) -> Result<(), ExprError> {
    match result {
        Operand::One(value) if value.as_str().is_some_and(|t| t.len() > RESULT_BYTES_MAX) => {
            let message = format!("the text is longer than {RESULT_BYTES_MAX} bytes");
            Err(ExprError::new(ErrorKind::Limit, span, message))
        }
        _ => Ok(()),
    }
}
