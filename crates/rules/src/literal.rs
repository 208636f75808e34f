//! Places inside a TOML string: an expression's error knows its offset in the text that the string
//! stands for, the administrator sees the string as written.
//!
//! Spec: TOML 1.1, string.

/// The byte offset in the literal `raw`, quotes included, of byte `offset` of the text it stands
/// for. An offset past the end gives the closing quote.
pub(crate) fn offset_in(raw: &str, offset: usize) -> usize {
    let Some(quote @ ('"' | '\'')) = raw.chars().next() else { return offset.min(raw.len()) };
    let is_long = raw.len() >= 6 && raw.chars().take(3).all(|c| c == quote);
    let quotes = if is_long { 3 } else { 1 };
    let end = raw.len().saturating_sub(quotes);
    let mut at = quotes;
    if is_long {
        // A line end right behind the opening quotes is not part of the text.
        let rest = raw.get(at..).unwrap_or_default();
        at += ["\r\n", "\n"].iter().find(|n| rest.starts_with(**n)).map_or(0, |n| n.len());
    }
    let mut decoded = 0;
    while at < end {
        let rest = raw.get(at..end).unwrap_or_default();
        let (written, stands_for) = if quote == '"' { unit(rest) } else { plain(rest) };
        if decoded + stands_for > offset || written == 0 {
            break;
        }
        at += written;
        decoded += stands_for;
    }
    at.min(end.max(1))
}

/// How many bytes the first character or escape of `rest` takes, and how many it stands for.
fn unit(rest: &str) -> (usize, usize) {
    let mut chars = rest.chars();
    if chars.next() != Some('\\') {
        return plain(rest);
    }
    let digits = match chars.next() {
        Some('x') => 2,
        Some('u') => 4,
        Some('U') => 8,
        Some('\n' | '\r' | ' ' | '\t') => {
            // A line that ends in a backslash goes on at the next character that is no space.
            let kept = rest.trim_start_matches('\\').trim_start_matches([' ', '\t', '\r', '\n']);
            return (rest.len() - kept.len(), 0);
        }
        Some(c) => return (1 + c.len_utf8(), 1),
        None => return (1, 1),
    };
    let hex = rest.get(2..2 + digits).unwrap_or_default();
    let character = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32);
    (2 + hex.len(), character.map_or(1, char::len_utf8))
}

fn plain(rest: &str) -> (usize, usize) {
    // CRLF stands for a line feed in neither form: both bytes are kept.
    rest.chars().next().map_or((0, 0), |c| (c.len_utf8(), c.len_utf8()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `mark` is searched in the text that the literal stands for, and again as written.
    fn check(document: &str, mark: &str) {
        let parsed = toml_edit::Document::parse(document).unwrap();
        let value = parsed.get("v").unwrap();
        let raw = document.get(value.span().unwrap()).unwrap();
        let decoded = value.as_str().unwrap();
        let found = offset_in(raw, decoded.find(mark).unwrap());
        let rest = raw.get(found..).unwrap();
        assert!(rest.starts_with(mark), "{raw:?} {decoded:?}: {rest}");
        assert!(offset_in(raw, decoded.len() + 5) < raw.len());
    }

    #[test]
    fn offsets_survive_quotes_escapes_and_line_ends() {
        check("v = 'Left(x, 2)'", "x");
        check(r#"v = "\"CN=\"+x""#, "x");
        check(r#"v = "\u00e9\U0001F600\x41\t+x""#, "x");
        check("v = '''\n\"a\"+\nx'''", "x");
        check("v = \"\"\"\r\n\"a\"+\\\n    x\"\"\"", "x");
        check(r#"v = "größe+x""#, "x");
        assert_eq!(offset_in("", 3), 0);
        assert_eq!(offset_in("\"", 3), 1);
    }
}
