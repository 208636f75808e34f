//! The reference for administrators names everything there is.

const CONFIGURATION: &str = include_str!("../../../../docs/configuration.md");
const ERROR_CODES: &str = include_str!("../../../../docs/error-codes.md");

#[test]
fn every_code_is_explained() {
    let codes =
        include_str!("../../src/code.rs").split('"').filter(|part| part.starts_with("CFG-"));
    let mut count = 0;
    for code in codes {
        assert!(ERROR_CODES.contains(&format!("| {code} |")), "docs/error-codes.md lacks {code}");
        count += 1;
    }
    assert!(count > 30);
}

#[test]
fn every_function_operator_and_option_is_explained() {
    for function in expr::FUNCTIONS {
        let signature = format!("`{}`", function.signature());
        assert!(CONFIGURATION.contains(&signature), "docs/configuration.md lacks {signature}");
    }
    let operators = rules::Operator::ALL.map(|(word, _)| word);
    let options = rules::Deprovisioning::ALL.map(|(word, _)| word);
    let types = model::ValueType::ALL.map(model::ValueType::as_str);
    for word in operators.iter().chain(&options).chain(&types) {
        let word = format!("`{word}`");
        assert!(CONFIGURATION.contains(&word), "docs/configuration.md lacks {word}");
    }
}
