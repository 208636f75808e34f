//! Bodies on their way to the browser: decoded, rewritten, never held as a whole.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder};
use bytes::{Bytes, BytesMut};
use futures_util::{Stream, TryStreamExt as _, stream};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::StatusCode;
use hyper::body::Frame;
use hyper::header::{self, HeaderMap, HeaderValue};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio_util::io::StreamReader;

use super::css::CssRewriter;
use super::html::HtmlPieces;
use super::map::UrlMap;
use crate::body::{BodyError, GatewayBody};

const PIECE_OCTETS: usize = 16 * 1024;

/// What a body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Html,
    Css,
}

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
    /// The zlib format (RFC 9110 8.4.1.2).
    Deflate,
    Brotli,
}

enum Rewriter {
    Html(Box<HtmlPieces>),
    Css(CssRewriter),
}

/// Rewrites the body of an answer if it is HTML or CSS in a form that can be read; adjusts the
/// header to it.
pub(crate) fn translate(
    status: StatusCode,
    headers: &mut HeaderMap,
    body: GatewayBody,
    map: &Arc<UrlMap>,
) -> GatewayBody {
    let Some((kind, charset)) = kind(headers) else { return body };
    let is_whole = status != StatusCode::PARTIAL_CONTENT && status != StatusCode::NOT_MODIFIED;
    let Some(coding) = coding(headers).filter(|_| is_whole) else { return body };
    let rewriter = match kind {
        Kind::Html => {
            HtmlPieces::new(charset.as_deref(), map).map(|pieces| Rewriter::Html(Box::new(pieces)))
        }
        Kind::Css if is_ascii_compatible(charset.as_deref()) => {
            Some(Rewriter::Css(CssRewriter::default()))
        }
        Kind::Css => None,
    };
    let Some(rewriter) = rewriter else { return body };
    for name in [header::CONTENT_LENGTH, header::CONTENT_ENCODING, header::ACCEPT_RANGES] {
        headers.remove(name);
    }
    headers.remove("content-md5");
    headers.remove("digest");
    weaken(headers);
    let pieces = pieces(decoded(body, coding), rewriter, map.clone());
    GatewayBody::new(StreamBody::new(pieces.map_ok(Frame::data)))
}

/// The header of a request whose answer will be rewritten: encodings that can be undone, and
/// nothing in parts.
pub(crate) fn ask_for_readable(headers: &mut HeaderMap) {
    let offered = headers.get(header::ACCEPT_ENCODING).and_then(|v| v.to_str().ok());
    let readable = |part: &&str| {
        let coding = part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        matches!(coding.as_str(), "gzip" | "deflate" | "br" | "identity")
    };
    let kept: Vec<&str> =
        offered.unwrap_or_default().split(',').map(str::trim).filter(readable).collect();
    let kept = if kept.is_empty() { "identity".to_owned() } else { kept.join(", ") };
    if let Ok(value) = HeaderValue::try_from(kept) {
        headers.insert(header::ACCEPT_ENCODING, value);
    }
}

fn kind(headers: &HeaderMap) -> Option<(Kind, Option<String>)> {
    let value = headers.get(header::CONTENT_TYPE)?.to_str().ok()?;
    let mut parts = value.split(';').map(str::trim);
    let kind = match parts.next()?.to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => Kind::Html,
        "text/css" => Kind::Css,
        _ => return None,
    };
    let charset = parts.filter_map(|p| p.split_once('=')).find_map(|(name, value)| {
        name.trim()
            .eq_ignore_ascii_case("charset")
            .then(|| value.trim().trim_matches('"').to_owned())
    });
    Some((kind, charset))
}

fn is_ascii_compatible(charset: Option<&str>) -> bool {
    let encoding = |label: &str| encoding_rs::Encoding::for_label(label.as_bytes());
    charset.is_none_or(|label| encoding(label).is_some_and(|e| e.is_ascii_compatible()))
}

fn coding(headers: &HeaderMap) -> Option<Coding> {
    let mut all = headers.get_all(header::CONTENT_ENCODING).iter();
    let Some(only) = all.next() else { return Some(Coding::Identity) };
    if all.next().is_some() {
        return None;
    }
    match only.to_str().ok()?.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Some(Coding::Identity),
        "gzip" | "x-gzip" => Some(Coding::Gzip),
        "deflate" => Some(Coding::Deflate),
        "br" => Some(Coding::Brotli),
        _ => None,
    }
}

/// What the browser gets is another representation than the tag names octet by octet.
fn weaken(headers: &mut HeaderMap) {
    let tag = headers.get(header::ETAG).and_then(|v| v.to_str().ok());
    let weak = tag.filter(|t| !t.starts_with("W/")).map(|t| format!("W/{t}"));
    if let Some(weak) = weak.and_then(|t| HeaderValue::try_from(t).ok()) {
        headers.insert(header::ETAG, weak);
    }
}

type Reader = Pin<Box<dyn AsyncRead + Send>>;

fn decoded(body: GatewayBody, coding: Coding) -> Reader {
    let data = body.into_data_stream().map_err(io::Error::other);
    let reader = StreamReader::new(data);
    match coding {
        Coding::Identity => Box::pin(reader),
        Coding::Gzip => Box::pin(GzipDecoder::new(reader)),
        Coding::Brotli => Box::pin(BrotliDecoder::new(reader)),
        Coding::Deflate => Box::pin(ZlibDecoder::new(reader)),
    }
}

fn pieces(
    reader: Reader,
    rewriter: Rewriter,
    map: Arc<UrlMap>,
) -> impl Stream<Item = Result<Bytes, BodyError>> + Send {
    stream::try_unfold((reader, Some(rewriter), map), |(mut reader, rewriter, map)| async move {
        let Some(mut rewriter) = rewriter else { return Ok(None) };
        loop {
            let mut piece = BytesMut::with_capacity(PIECE_OCTETS);
            let count =
                reader.read_buf(&mut piece).await.map_err(|e| BodyError::Backend(e.into()))?;
            if count == 0 {
                let rest = rewriter.finish(&map)?;
                return Ok(Some((Bytes::from(rest), (reader, None, map))));
            }
            let done = rewriter.push(&piece, &map)?;
            if !done.is_empty() {
                return Ok(Some((Bytes::from(done), (reader, Some(rewriter), map))));
            }
        }
    })
}

impl Rewriter {
    fn push(&mut self, piece: &[u8], map: &UrlMap) -> Result<Vec<u8>, BodyError> {
        match self {
            Self::Html(html) => html.push(piece).map_err(|e| BodyError::Backend(e.into())),
            Self::Css(css) => Ok(css.push(piece, map)),
        }
    }

    fn finish(self, map: &UrlMap) -> Result<Vec<u8>, BodyError> {
        match self {
            Self::Html(html) => html.finish().map_err(|e| BodyError::Backend(e.into())),
            Self::Css(css) => Ok(css.finish(map)),
        }
    }
}
