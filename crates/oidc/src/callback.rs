//! What the browser brings back from the provider (RFC 6749 section 4.1.2, RFC 9207).

use std::fmt;

use model::Secret;
use url::form_urlencoded;

use crate::OidcError;
use crate::limits::{CALLBACK_SIZE_MAX, DESCRIPTION_LENGTH_MAX};

/// An answer of the provider: a code, or a refusal.
#[derive(Clone)]
pub struct CallbackQuery {
    pub(crate) state: Secret,
    pub(crate) answer: Answer,
    pub(crate) issuer: Option<String>,
}

#[derive(Clone)]
pub(crate) enum Answer {
    Code(Secret),
    Refusal { error: String, description: String },
}

impl fmt::Debug for CallbackQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let answer = match &self.answer {
            Answer::Code(_) => "code",
            Answer::Refusal { .. } => "refusal",
        };
        f.debug_struct("CallbackQuery").field("answer", &answer).finish_non_exhaustive()
    }
}

impl CallbackQuery {
    /// Reads the query of the request, without `?`, or the form of a posted answer. Parameters that
    /// mean nothing here are passed over.
    ///
    /// # Errors
    /// [`OidcError::BadCallback`] when a parameter is there twice, the state is missing, or there is
    /// not exactly one of `code` and `error`.
    pub fn parse(query: &str) -> Result<Self, OidcError> {
        if query.len() > CALLBACK_SIZE_MAX {
            return Err(OidcError::BadCallback("it is too long"));
        }
        let state = single(query, "state")?.ok_or(OidcError::BadCallback("state is missing"))?;
        let answer = match (single(query, "code")?, single(query, "error")?) {
            (Some(code), None) if !code.is_empty() => Answer::Code(Secret::new(code)),
            (None, Some(error)) if !error.is_empty() => {
                let description = single(query, "error_description")?.unwrap_or_default();
                Answer::Refusal { error: code_text(&error), description: shown(&description) }
            }
            _ => return Err(OidcError::BadCallback("code and error, or neither")),
        };
        Ok(Self { state: Secret::new(state), answer, issuer: single(query, "iss")? })
    }
}

/// A parameter that is there once or not at all.
pub(crate) fn single(query: &str, name: &str) -> Result<Option<String>, OidcError> {
    let mut values = form_urlencoded::parse(query.as_bytes()).filter(|(n, _)| n == name);
    let first = values.next().map(|(_, value)| value.into_owned());
    if values.next().is_some() {
        return Err(OidcError::BadCallback("a parameter is there twice"));
    }
    Ok(first)
}

/// An error code, whatever the sender makes of it: letters, digits and a few signs.
pub(crate) fn code_text(error: &str) -> String {
    let is_kept = |c: &char| c.is_ascii_alphanumeric() || "._-".contains(*c);
    error.chars().filter(is_kept).take(64).collect()
}

/// A text fit to be shown: one line, not too long.
pub(crate) fn shown(text: &str) -> String {
    let visible = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    visible.take(DESCRIPTION_LENGTH_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn problem(query: &str) -> String {
        CallbackQuery::parse(query).unwrap_err().to_string()
    }

    #[test]
    fn an_answer_is_a_code_or_a_refusal() {
        let good = CallbackQuery::parse("code=c%2B1&state=s+t&session_state=x&iss=i").unwrap();
        assert_eq!((good.state.expose(), good.issuer.as_deref()), ("s t", Some("i")));
        assert!(matches!(&good.answer, Answer::Code(code) if code.expose() == "c+1"));
        assert_eq!(format!("{good:?}"), "CallbackQuery { answer: \"code\", .. }");
        let query = "error=access_denied%0a&error_description=no%0D%0Ahere&state=s";
        let CallbackQuery { answer, .. } = CallbackQuery::parse(query).unwrap();
        let Answer::Refusal { error, description } = answer else { panic!("a refusal") };
        assert_eq!((error.as_str(), description.as_str()), ("access_denied", "no  here"));
    }

    #[test]
    fn what_is_neither_or_twice_is_refused() {
        for query in ["code=c", "", "error=e", "state"] {
            assert!(CallbackQuery::parse(query).is_err(), "{query}");
        }
        for query in ["state=s", "code=&state=s", "error=&state=s", "code=c&error=e&state=s"] {
            assert!(problem(query).ends_with("code and error, or neither"), "{query}");
        }
        for query in ["code=c&code=c&state=s", "code=c&state=s&state=s", "code=c&state=s&iss=&iss="]
        {
            assert!(problem(query).ends_with("there twice"), "{query}");
        }
        let long = format!("state=s&code={}", "c".repeat(CALLBACK_SIZE_MAX));
        assert!(problem(&long).ends_with("too long"));
    }

    proptest! {
        #[test]
        fn any_query_is_read_or_refused(query in "[a-z=&%0-9+]{0,80}") {
            if let Ok(read) = CallbackQuery::parse(&query) {
                let shown = format!("{read:?}");
                prop_assert_eq!(shown, "CallbackQuery { answer: \"code\", .. }".replace(
                    "code",
                    if matches!(read.answer, Answer::Code(_)) { "code" } else { "refusal" },
                ));
            }
        }
    }
}
