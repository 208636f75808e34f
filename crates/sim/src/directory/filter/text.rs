//! The textual form of filters (RFC 4515 section 3), for tests that search without the wire.

use super::{DEPTH_MAX, Filter, Piece};

/// Reads a filter; `None` if it is not one.
pub(super) fn parse(text: &str) -> Option<Filter> {
    let (filter, rest) = filter(text.trim(), DEPTH_MAX)?;
    rest.trim().is_empty().then_some(filter)
}

fn filter(text: &str, depth: usize) -> Option<(Filter, &str)> {
    let depth = depth.checked_sub(1)?;
    let inner = text.strip_prefix('(')?;
    let (found, rest) = if let Some(list) = inner.strip_prefix('&') {
        let (all, rest) = filters(list, depth)?;
        (Filter::And(all), rest)
    } else if let Some(list) = inner.strip_prefix('|') {
        let (any, rest) = filters(list, depth)?;
        (Filter::Or(any), rest)
    } else if let Some(negated) = inner.strip_prefix('!') {
        let (inner, rest) = filter(negated, depth)?;
        (Filter::Not(Box::new(inner)), rest)
    } else {
        let (item, rest) = inner.split_at(inner.find(')')?);
        (self::item(item)?, rest)
    };
    Some((found, rest.strip_prefix(')')?))
}

fn filters(mut text: &str, depth: usize) -> Option<(Vec<Filter>, &str)> {
    let mut found = Vec::new();
    while text.starts_with('(') {
        let (next, rest) = filter(text, depth)?;
        found.push(next);
        text = rest;
    }
    Some((found, text))
}

fn item(text: &str) -> Option<Filter> {
    let (left, value) = text.split_once('=')?;
    if let Some(left) = left.strip_suffix(':') {
        let (name, rule) = left.split_once(':')?;
        return Some(Filter::Extensible(name.to_owned(), rule.to_owned(), unescape(value)?));
    }
    if let Some(name) = left.strip_suffix('>') {
        return Some(Filter::GreaterOrEqual(name.to_owned(), unescape(value)?));
    }
    if let Some(name) = left.strip_suffix('<') {
        return Some(Filter::LessOrEqual(name.to_owned(), unescape(value)?));
    }
    let name = left.strip_suffix('~').unwrap_or(left).to_owned();
    if name.is_empty() {
        return None;
    }
    if value == "*" {
        return Some(Filter::Present(name));
    }
    let mut parts = value.split('*');
    let initial = unescape(parts.next()?)?;
    let Some(last) = parts.next_back() else { return Some(Filter::Equal(name, initial)) };
    let mut pieces = vec![Piece::Initial(initial)];
    for part in parts {
        pieces.push(Piece::Any(unescape(part)?));
    }
    pieces.push(Piece::Final(unescape(last)?));
    Some(Filter::Substrings(name, pieces))
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut parts = text.split('\\');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend(rest.bytes());
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn equal(name: &str, value: &[u8]) -> Filter {
        Filter::Equal(name.to_owned(), value.to_vec())
    }

    #[test]
    fn texts_read_as_filters() {
        let check = |text: &str, expected: Option<Filter>| {
            assert_eq!(Filter::parse(text), expected, "{text}");
        };
        check("(manager=CN=a,DC=x)", Some(equal("manager", b"CN=a,DC=x")));
        check("(cn=a\\2a\\ff)", Some(equal("cn", b"a*\xFF")));
        let both = vec![equal("a", b"1"), Filter::Not(Box::new(Filter::Present("b".to_owned())))];
        check("(&(a=1)(!(b=*)))", Some(Filter::And(both)));
        let pieces = vec![
            Piece::Initial(b"a".to_vec()),
            Piece::Any(b"b".to_vec()),
            Piece::Final(b"c".to_vec()),
        ];
        check("(cn=a*b*c)", Some(Filter::Substrings("cn".to_owned(), pieces)));
        for text in ["", "cn=a", "(cn=a", "(cn=a))", "(=a)", "(cn=\\x)", "(&(cn=a)"] {
            check(text, None);
        }
    }
}
