use super::*;
use crate::steps::steps;
use crate::vectors::{Surroundings, render};
use crate::{Dialect, parse_in};

fn shown(dialect: Dialect, source: &str) -> Vec<String> {
    let object = serde_json::json!({ "a": "x", "n": 3, "several": ["p", "q"] });
    let surroundings = Surroundings::of_attributes(&object).unwrap();
    let steps = steps(&parse_in(dialect, source).unwrap(), &surroundings, &mut Sequence(1));
    let result = |result: Result<Operand, ExprError>| match result {
        Ok(operand) => render(&operand).to_string(),
        Err(error) => error.message,
    };
    steps.into_iter().map(|step| format!("{} -> {}", step.source, result(step.result))).collect()
}

#[test]
fn steps_show_the_branch_that_is_taken() {
    assert_eq!(
        shown(Dialect::Mim, "IIF(Eq(a, \"x\"), UpperCase(a) + \"!\", Left(n, -1))"),
        [
            "a -> \"x\"",
            "Eq(a, \"x\") -> true",
            "a -> \"x\"",
            "UpperCase(a) -> \"X\"",
            "UpperCase(a) + \"!\" -> \"X!\"",
            "IIF(Eq(a, \"x\"), UpperCase(a) + \"!\", Left(n, -1)) -> \"X!\"",
        ]
    );
}

#[test]
fn steps_end_at_an_error_and_leave_out_what_has_no_meaning_by_itself() {
    assert_eq!(
        shown(Dialect::Entra, "Select($v, [several], $v & [a]) & ([n] + 1)"),
        [
            "Select($v, [several], $v & [a]) -> [\"px\",\"qx\"]",
            "[n] -> 3",
            "[n] + 1 -> 4",
            "Select($v, [several], $v & [a]) & ([n] + 1) -> [\"px4\",\"qx4\"]",
        ]
    );
    let failed = shown(Dialect::Entra, "Len([n])");
    assert_eq!(failed.len(), 2, "{failed:?}");
    assert!(failed[1].starts_with("Len([n]) -> Len: expected a text"), "{failed:?}");
}

#[test]
fn what_is_within_a_secret_is_one_too() {
    let ast = parse_in(Dialect::EntraExtended, "Redact([a] & \"!\")").unwrap();
    let attributes = serde_json::json!({ "a": "x" });
    let surroundings = Surroundings::of_attributes(&attributes).unwrap();
    let steps = steps(&ast, &surroundings, &mut Sequence(1));
    assert_eq!(steps.len(), 3);
    assert!(steps.iter().all(|step| step.is_secret));
}
