//! Addresses in HTML: the attributes that hold them, style elements and style attributes. Scripts
//! are not touched, and neither is anything else.

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use lol_html::html_content::{ContentType, TextChunk};
use lol_html::send::{Element, ElementContentHandlers, HtmlRewriter, Settings};
use lol_html::{AsciiCompatibleEncoding, HandlerResult, MemorySettings, Selector};

use super::headers::refresh;
use super::map::UrlMap;
use super::{RewriteError, css};
use crate::limits::REWRITE_OCTETS_MAX;

/// Attributes whose value is one address.
const ADDRESSES: [&str; 12] = [
    "href",
    "src",
    "action",
    "formaction",
    "data",
    "poster",
    "background",
    "cite",
    "longdesc",
    "manifest",
    "codebase",
    "ping",
];
/// Attributes whose value is a list of addresses with descriptors.
const LISTS: [&str; 2] = ["srcset", "imagesrcset"];

type Out = Arc<Mutex<Vec<u8>>>;
type Sink = Box<dyn FnMut(&[u8]) + Send>;

/// Rewrites one document, fed piece by piece.
pub(crate) struct HtmlPieces {
    rewriter: HtmlRewriter<'static, Sink>,
    out: Out,
}

impl HtmlPieces {
    /// `charset` is the answer's; without one the document's own counts, then UTF-8. Nothing for a
    /// character set that does not contain ASCII.
    pub(crate) fn new(charset: Option<&str>, map: &Arc<UrlMap>) -> Option<Self> {
        let encoding = match charset {
            None => AsciiCompatibleEncoding::utf_8(),
            Some(label) => {
                let encoding = encoding_rs::Encoding::for_label_no_replacement(label.as_bytes())?;
                AsciiCompatibleEncoding::new(encoding)?
            }
        };
        let out = Out::default();
        let sink: Sink = {
            let out = out.clone();
            Box::new(move |octets: &[u8]| lock(&out).extend_from_slice(octets))
        };
        let memory = MemorySettings::new()
            .with_max_allowed_memory_usage(REWRITE_OCTETS_MAX)
            .with_graceful_bail_out_on_memory_limit_exceeded(true);
        let settings = Settings::new_send()
            .with_encoding(encoding)
            .with_adjust_charset_on_meta_tag(charset.is_none())
            .with_memory_settings(memory)
            .with_strict(false)
            .append_element_content_handler((selector("*")?, attributes(map.clone())))
            .append_element_content_handler((selector("style")?, styles(map.clone())));
        Some(Self { rewriter: HtmlRewriter::new(settings, sink), out })
    }

    /// Takes a piece and gives what is decided.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Result<Vec<u8>, RewriteError> {
        self.rewriter.write(piece).map_err(|_e| RewriteError)?;
        Ok(std::mem::take(&mut *lock(&self.out)))
    }

    /// Gives the rest.
    pub(crate) fn finish(self) -> Result<Vec<u8>, RewriteError> {
        self.rewriter.end().map_err(|_e| RewriteError)?;
        Ok(std::mem::take(&mut *lock(&self.out)))
    }
}

fn lock(out: &Out) -> std::sync::MutexGuard<'_, Vec<u8>> {
    out.lock().unwrap_or_else(PoisonError::into_inner)
}

fn selector(text: &str) -> Option<Cow<'static, Selector>> {
    text.parse().ok().map(Cow::Owned)
}

fn attributes(map: Arc<UrlMap>) -> ElementContentHandlers<'static> {
    ElementContentHandlers::default().element(
        move |element: &mut Element<'_, '_>| -> HandlerResult {
            let is_meta = element.tag_name() == "meta";
            let changed: Vec<(String, String)> = element
                .attributes()
                .iter()
                .filter_map(|attribute| {
                    let (name, value) = (attribute.name(), attribute.value());
                    change(&name, &value, is_meta, &map).map(|new| (name, new))
                })
                .collect();
            for (name, value) in changed {
                element.set_attribute(&name, &value)?;
            }
            Ok(())
        },
    )
}

fn change(name: &str, value: &str, is_meta: bool, map: &UrlMap) -> Option<String> {
    match name {
        _ if ADDRESSES.contains(&name) => map.outward(value),
        _ if LISTS.contains(&name) => Some(list(value, map)).filter(|new| new != value),
        "style" if value.contains('(') => Some(css::rewrite(value, map)).filter(|new| new != value),
        "content" if is_meta => refresh(value, map).or_else(|| map.outward(value)),
        _ => None,
    }
}

/// `address descriptor, address descriptor` (HTML, srcset).
fn list(value: &str, map: &UrlMap) -> String {
    let candidate = |part: &str| {
        let trimmed = part.trim_start();
        let blanks = part.len() - trimmed.len();
        let url = trimmed.split_ascii_whitespace().next().unwrap_or_default();
        let rest = trimmed.strip_prefix(url).unwrap_or_default();
        let url = map.outward(url).unwrap_or_else(|| url.to_owned());
        format!("{}{url}{rest}", part.get(..blanks).unwrap_or_default())
    };
    value.split(',').map(candidate).collect::<Vec<_>>().join(",")
}

fn styles(map: Arc<UrlMap>) -> ElementContentHandlers<'static> {
    let mut held = String::new();
    ElementContentHandlers::default().text(move |chunk: &mut TextChunk<'_>| -> HandlerResult {
        held.push_str(chunk.as_str());
        if !chunk.last_in_text_node() && held.len() <= REWRITE_OCTETS_MAX {
            chunk.remove();
            return Ok(());
        }
        let whole = std::mem::take(&mut held);
        chunk.replace(&css::rewrite(&whole, &map), ContentType::Html);
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::map::tests::map;

    fn rewrite(charset: Option<&str>, text: &[u8], size: usize) -> Vec<u8> {
        let mut pieces = HtmlPieces::new(charset, &Arc::new(map())).unwrap();
        let mut result = Vec::new();
        for piece in text.chunks(size) {
            result.extend(pieces.push(piece).unwrap());
        }
        result.extend(pieces.finish().unwrap());
        result
    }

    #[test]
    fn g5_075_addresses_in_html_are_translated_and_scripts_are_not() {
        let given = r#"<!doctype html><base href="http://web01.corp.local:8080/portal/">
<link rel=stylesheet href=/portal/s.css><a href='/portal/x?a=1&amp;b=2'>/portal/x</a>
<img src="https://web02.corp.local/i.png" srcset="/portal/1.png 1x, /portal/2.png 2x">
<form action="/portal/post"><button formaction="/portal/other"></button></form>
<meta http-equiv="refresh" content="3;url=/portal/next"><meta name=d content="/ not an address">
<style>a{background:url(/portal/b.png)}</style><p style="background:url('/portal/c.png')">ä</p>
<script src="/portal/s.js">fetch("/portal/api"); var a = "http://web01.corp.local:8080/portal/";</script>
<!-- /portal/ -->"#;
        let expected = r#"<!doctype html><base href="https://portal.contoso.com/">
<link rel=stylesheet href="/s.css"><a href="/x?a=1&amp;b=2">/portal/x</a>
<img src="https://wiki.contoso.com/w/i.png" srcset="/1.png 1x, /2.png 2x">
<form action="/post"><button formaction="/other"></button></form>
<meta http-equiv="refresh" content="3;url=/next"><meta name=d content="/ not an address">
<style>a{background:url(/b.png)}</style><p style="background:url('/c.png')">ä</p>
<script src="/s.js">fetch("/portal/api"); var a = "http://web01.corp.local:8080/portal/";</script>
<!-- /portal/ -->"#;
        for size in [1, 7, 4096] {
            let result = rewrite(None, given.as_bytes(), size);
            assert_eq!(String::from_utf8(result).unwrap(), expected, "{size}");
        }
    }

    #[test]
    fn the_character_set_stays() {
        let given = b"<a href=\"/portal/\xe4\" title=\"\xe4\">\xf6</a>";
        let result = rewrite(Some("windows-1252"), given, 100);
        assert_eq!(result, b"<a href=\"/\xe4\" title=\"\xe4\">\xf6</a>");
        assert!(HtmlPieces::new(Some("utf-16"), &Arc::new(map())).is_none());
    }
}
