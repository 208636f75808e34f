//! Patterns of random results: regular expressions, which may begin with conditions `(?=…)`.

use regex::{Regex, RegexBuilder};

/// Bytes that a compiled pattern may take.
const COMPILED_BYTES_MAX: usize = 1024 * 1024;

/// True if the pattern can be used.
pub(super) fn is_valid(pattern: &str) -> bool {
    compile(pattern).is_some()
}

/// True if `text` fits `pattern`.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    compile(pattern).is_some_and(|parts| parts.iter().all(|part| part.is_match(text)))
}

/// The conditions that the pattern begins with, then the rest: all must fit from the beginning.
fn compile(pattern: &str) -> Option<Vec<Regex>> {
    let regex =
        |source: &str| RegexBuilder::new(source).size_limit(COMPILED_BYTES_MAX).build().ok();
    let Some(mut rest) = pattern.strip_prefix('^') else {
        return regex(pattern).map(|whole| vec![whole]);
    };
    let mut parts = Vec::new();
    while let Some(condition) = rest.strip_prefix("(?=") {
        let end = closing(condition)?;
        parts.push(regex(&format!("^(?:{})", condition.get(..end)?))?);
        rest = condition.get(end + 1..)?;
    }
    parts.push(regex(&format!("^{rest}"))?);
    Some(parts)
}

/// Where the parenthesis is that closes what `text` is the inside of.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut is_class, mut is_escaped) = (0_usize, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            ']' => is_class = false,
            _ if is_class => {}
            '[' => is_class = true,
            '(' => depth += 1,
            ')' if depth == 0 => return Some(at),
            ')' => depth -= 1,
            _ => {}
        }
    }
    None
}
