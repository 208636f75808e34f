//! Names taken apart as they are written: escapes stay.

/// One `attribute=value` of a name, both without blanks around them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// The attribute; empty if there is no `=`.
    pub(super) attribute: &'a str,
    /// The value, still escaped.
    pub(super) value: &'a str,
}

impl Part<'_> {
    /// True for a component of the domain's name.
    pub(super) fn is_domain(&self) -> bool {
        self.attribute.eq_ignore_ascii_case("dc")
    }
}

/// The components, leaf first. An empty name has none.
pub(super) fn parts(dn: &str) -> Vec<Part<'_>> {
    if dn.trim().is_empty() {
        return Vec::new();
    }
    let mut rest = Some(dn);
    std::iter::from_fn(|| {
        let text = rest?;
        let (first, more) = match text.split_at_checked(end(text)) {
            Some((first, more)) => (first, more.strip_prefix(',')),
            None => (text, None),
        };
        rest = more;
        Some(part(first))
    })
    .collect()
}

fn part(text: &str) -> Part<'_> {
    let (attribute, value) = text.split_once('=').unwrap_or(("", text));
    Part { attribute: attribute.trim(), value: trim_end(value.trim_start()) }
}

/// The offset of the first comma that is neither escaped nor quoted, or the length.
fn end(text: &str) -> usize {
    let mut is_escaped = false;
    let mut is_quoted = false;
    for (offset, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => return offset,
            _ => {}
        }
    }
    text.len()
}

/// Drops blanks at the end, but for one that is escaped.
fn trim_end(value: &str) -> &str {
    let trimmed = value.trim_end();
    let backslashes = trimmed.bytes().rev().take_while(|b| *b == b'\\').count();
    let kept = if backslashes % 2 == 1 { trimmed.len() + 1 } else { trimmed.len() };
    value.get(..kept).unwrap_or(trimmed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(dn: &str) -> Vec<&str> {
        parts(dn).iter().map(|part| part.value).collect()
    }

    #[test]
    fn values_keep_their_escapes_and_lose_their_blanks() {
        assert_eq!(
            values(r"CN=Smith\, John,OU=A\+B, DC = contoso "),
            [r"Smith\, John", r"A\+B", "contoso"]
        );
        assert_eq!(values(r"cn=ends in a blank\ ,dc=x"), [r"ends in a blank\ ", "x"]);
        assert_eq!(values(r"cn=backslash\\ ,dc=x"), [r"backslash\\", "x"]);
        assert_eq!(values(r#"cn="a, b",dc=x"#), [r#""a, b""#, "x"]);
        assert_eq!(values(" "), [""; 0]);
        assert_eq!(values("cn=a,"), ["a", ""]);
    }

    #[test]
    fn only_dc_names_the_domain() {
        let found: Vec<bool> = parts("ou=dc, DC=x").iter().map(Part::is_domain).collect();
        assert_eq!(found, [false, true]);
    }
}
