//! Addresses in style sheets: `url(…)` and `@import "…"` (CSS Syntax 3), fed piece by piece.
//!
//! Works on octets, so that every character set that contains ASCII passes unharmed.

use super::map::UrlMap;
use crate::limits::REWRITE_OCTETS_MAX;

const URL: &[u8] = b"url(";
const IMPORT: &[u8] = b"@import";

/// Rewrites one style sheet.
#[derive(Debug, Default)]
pub(crate) struct CssRewriter {
    /// What was not decided yet.
    held: Vec<u8>,
}

impl CssRewriter {
    /// Takes a piece and gives what is decided.
    pub(crate) fn push(&mut self, piece: &[u8], map: &UrlMap) -> Vec<u8> {
        self.held.extend_from_slice(piece);
        let mut result = Vec::with_capacity(self.held.len());
        let used = scan(&self.held, map, &mut result);
        self.held.drain(..used);
        if self.held.len() > REWRITE_OCTETS_MAX {
            // Nobody's address is that long.
            result.append(&mut self.held);
        }
        result
    }

    /// Gives the rest.
    pub(crate) fn finish(self, map: &UrlMap) -> Vec<u8> {
        let mut result = Vec::with_capacity(self.held.len());
        let used = scan(&self.held, map, &mut result);
        result.extend(self.held.get(used..).unwrap_or_default());
        result
    }
}

/// A whole style sheet or declaration.
pub(crate) fn rewrite(text: &str, map: &UrlMap) -> String {
    let mut rewriter = CssRewriter::default();
    let mut result = rewriter.push(text.as_bytes(), map);
    result.extend(rewriter.finish(map));
    String::from_utf8(result).unwrap_or_else(|_e| text.to_owned())
}

/// Copies what is decided, rewritten; says how much that was.
fn scan(text: &[u8], map: &UrlMap, result: &mut Vec<u8>) -> usize {
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|r| !r.is_empty()) {
        let length = match address(rest) {
            Address::None => 1,
            Address::Incomplete => return at,
            Address::Found { before, length } => {
                let (head, after) = rest.split_at_checked(before).unwrap_or((rest, &[]));
                let url = after.get(..length).unwrap_or_default();
                let changed = std::str::from_utf8(url).ok().and_then(|u| map.outward(u));
                result.extend_from_slice(head);
                result.extend_from_slice(changed.as_deref().map_or(url, str::as_bytes));
                at += before + length;
                continue;
            }
        };
        result.extend(rest.get(..length).unwrap_or_default());
        at += length;
    }
    at
}

enum Address {
    /// None begins here.
    None,
    /// What is there may be the beginning of one.
    Incomplete,
    /// An address of `length` octets begins `before` octets from here.
    Found { before: usize, length: usize },
}

fn address(rest: &[u8]) -> Address {
    let is_start = |word: &[u8]| {
        let length = word.len().min(rest.len());
        rest.get(..length).zip(word.get(..length)).is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
    };
    let word = if is_start(URL) {
        URL
    } else if is_start(IMPORT) {
        IMPORT
    } else {
        return Address::None;
    };
    let Some(after) = rest.get(word.len()..) else { return Address::Incomplete };
    let blanks = after.iter().take_while(|b| b.is_ascii_whitespace()).count();
    let before = word.len() + blanks;
    let Some(&first) = after.get(blanks) else { return Address::Incomplete };
    let (skipped, end): (usize, &[u8]) = match first {
        b'"' => (1, b"\""),
        b'\'' => (1, b"'"),
        _ if word == IMPORT => return Address::None,
        _ => (0, b") \t\r\n"),
    };
    let body = rest.get(before + skipped..).unwrap_or_default();
    match body.iter().position(|b| end.contains(b)) {
        Some(length) => Address::Found { before: before + skipped, length },
        None => Address::Incomplete,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::translate::map::tests::map;

    #[test]
    fn g5_075_addresses_in_style_sheets_are_translated() {
        for (given, expected) in [
            ("a{b:url(/portal/x.png)}", "a{b:url(/x.png)}"),
            (
                "a{b:URL( 'https://web02.corp.local/x' )}",
                "a{b:URL( 'https://wiki.contoso.com/w/x' )}",
            ),
            ("@import \"/portal/y.css\";", "@import \"/y.css\";"),
            ("@import url(\"/portal/y.css\");", "@import url(\"/y.css\");"),
            ("a{b:url(data:image/png;base64,AA==)}", "a{b:url(data:image/png;base64,AA==)}"),
            ("a{b:url(/portal/un", "a{b:url(/portal/un"),
            ("curl(", "curl("),
        ] {
            assert_eq!(rewrite(given, &map()), expected);
        }
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(cuts in proptest::collection::vec(0_usize..60, 0..6)) {
            let text = "p{a:url(/portal/x)} @import '/portal/z'; q{b:url( \"/portal/y\" )} u";
            let mut cuts = cuts;
            cuts.sort_unstable();
            let (mut rewriter, mut result, mut at) = (CssRewriter::default(), Vec::new(), 0);
            for cut in cuts.into_iter().chain([text.len()]) {
                result.extend(rewriter.push(&text.as_bytes()[at..cut.max(at)], &map()));
                at = cut.max(at);
            }
            result.extend(rewriter.finish(&map()));
            prop_assert_eq!(String::from_utf8(result).unwrap(), rewrite(text, &map()));
        }

        #[test]
        fn what_is_no_address_stays(text in "[ -~\u{e4}]{0,80}") {
            prop_assume!(!text.contains("/portal") && !text.contains("//"));
            prop_assert_eq!(rewrite(&text, &map()), text);
        }
    }
}
