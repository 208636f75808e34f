//! LDAP messages on a byte stream.
//!
//! The message codec of `ldap3_proto` does the work, except for search filters: it holds their
//! values as text and would drop a connection over `(objectGUID=\a1...)`. So the filter is taken
//! out of the message before that codec sees it, and decoded by [`Filter`]. A message with a
//! readable id but otherwise wrong is reported as such, so that it can be answered.
//! Spec: RFC 4511 section 4.1.1 and 5.1.

use std::io;

use bytes::{Buf as _, BytesMut};
use ldap3_lber::common::TagClass;
use ldap3_lber::parse::{DEFAULT_MAX_BER_DEPTH, Parser};
use ldap3_lber::structure::{PL, StructureTag};
use ldap3_proto::LdapCodec;
use ldap3_proto::proto::LdapMsg;
use tokio_util::codec::{Decoder, Encoder};

use super::filter::Filter;

/// Largest message accepted.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Protocol operation tags ([RFC 4511] section 4.2 on).
const SEARCH_REQUEST: u64 = 3;

/// A message from a client.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message, with the filter if it is a search.
    Message(Box<LdapMsg>, Option<Filter>),
    /// A message with this id and operation tag that cannot be decoded.
    Malformed(i32, u64),
}

/// The server's side of the codec.
#[derive(Default)]
pub(super) struct Codec {
    inner: LdapCodec,
}

impl Decoder for Codec {
    type Item = Incoming;
    type Error = io::Error;

    fn decode(&mut self, buffer: &mut BytesMut) -> io::Result<Option<Incoming>> {
        let Some(length) = message_length(buffer)? else { return Ok(None) };
        if buffer.len() < length {
            buffer.reserve(length - buffer.len());
            return Ok(None);
        }
        let frame = buffer.get(..length).unwrap_or_default();
        let parsed = Parser::new(DEFAULT_MAX_BER_DEPTH).parse(frame).map(|(_, tag)| tag);
        let tag = parsed.map_err(|_e| invalid("not a message"))?;
        buffer.advance(length);
        interpret(tag).map(Some)
    }
}

/// What the server writes.
#[derive(Debug)]
pub(super) enum Outgoing {
    Message(LdapMsg),
    /// Octets a fault asks for.
    Raw(Vec<u8>),
}

impl Encoder<Outgoing> for Codec {
    type Error = io::Error;

    fn encode(&mut self, outgoing: Outgoing, buffer: &mut BytesMut) -> io::Result<()> {
        match outgoing {
            Outgoing::Message(message) => self.inner.encode(message, buffer),
            Outgoing::Raw(octets) => {
                buffer.extend(octets);
                Ok(())
            }
        }
    }
}

fn invalid(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Octets of the message at the start of the buffer; `None` while its header is incomplete.
fn message_length(buffer: &[u8]) -> io::Result<Option<usize>> {
    let [tag, first, rest @ ..] = buffer else { return Ok(None) };
    if *tag != 0x30 {
        return Err(invalid("not a message"));
    }
    if *first < 0x80 {
        return Ok(Some(2 + usize::from(*first)));
    }
    let count = usize::from(*first & 0x7F);
    if !(1..=4).contains(&count) {
        return Err(invalid("length"));
    }
    let Some(octets) = rest.get(..count) else { return Ok(None) };
    let length = octets.iter().fold(0_usize, |n, octet| n << 8 | usize::from(*octet));
    if length > MESSAGE_BYTES_MAX {
        return Err(invalid("message too large"));
    }
    Ok(Some(2 + count + length))
}

fn interpret(mut tag: StructureTag) -> io::Result<Incoming> {
    let PL::C(parts) = &mut tag.payload else { return Err(invalid("not a message")) };
    let [id, operation, ..] = parts.as_mut_slice() else {
        return Err(invalid("not a message"));
    };
    let (id, kind) = (message_id(id).ok_or_else(|| invalid("message id"))?, operation.id);
    let mut filter = None;
    if operation.class == TagClass::Application && kind == SEARCH_REQUEST {
        filter = take_filter(operation);
        if filter.is_none() {
            return Ok(Incoming::Malformed(id, kind));
        }
    }
    Ok(match LdapMsg::try_from(tag) {
        Ok(message) => Incoming::Message(Box::new(message), filter),
        Err(_) => Incoming::Malformed(id, kind),
    })
}

fn message_id(tag: &StructureTag) -> Option<i32> {
    let PL::P(octets) = &tag.payload else { return None };
    if octets.is_empty() || octets.len() > 4 {
        return None;
    }
    let id = octets.iter().fold(0_u32, |n, octet| n << 8 | u32::from(*octet));
    i32::try_from(id).ok()
}

/// Position of the filter among the parts of a search request (RFC 4511 section 4.5.1).
const FILTER_POSITION: usize = 6;

/// Takes the filter out and leaves `(objectClass=*)` in its place.
fn take_filter(operation: &mut StructureTag) -> Option<Filter> {
    let PL::C(parts) = &mut operation.payload else { return None };
    let placeholder =
        StructureTag { class: TagClass::Context, id: 7, payload: PL::P(b"objectClass".to_vec()) };
    Filter::decode(std::mem::replace(parts.get_mut(FILTER_POSITION)?, placeholder))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A search for `(objectGUID=\ff...)` below `DC=x` with message id 2.
    fn binary_search() -> Vec<u8> {
        let filter: Vec<u8> =
            [&[0xA3, 30, 4, 10], b"objectGUID".as_slice(), &[4, 16], &[0xFF; 16]].concat();
        let fixed = [&[4, 4], b"DC=x".as_slice(), &[10, 1, 2, 10, 1, 0, 2, 1, 0, 2, 1, 0, 1, 1, 0]];
        let body = [fixed.concat(), filter, vec![0x30, 0]].concat();
        let operation = [vec![0x63, u8::try_from(body.len()).unwrap()], body].concat();
        let inner = [vec![2, 1, 2], operation].concat();
        [vec![0x30, u8::try_from(inner.len()).unwrap()], inner].concat()
    }

    #[test]
    fn binary_assertion_values_arrive() {
        let bytes = binary_search();
        let mut buffer = BytesMut::new();
        for (i, byte) in bytes.iter().enumerate() {
            buffer.extend([*byte]);
            let decoded = Codec::default().decode(&mut buffer).unwrap();
            assert_eq!(decoded.is_some(), i + 1 == bytes.len());
            if let Some(Incoming::Message(message, filter)) = decoded {
                assert_eq!(message.msgid, 2);
                let expected = Filter::Equal("objectGUID".to_owned(), vec![0xFF; 16]);
                assert_eq!(filter, Some(expected));
            }
        }
        assert!(buffer.is_empty());
    }

    #[test]
    fn a_malformed_operation_keeps_its_id() {
        let mut buffer = BytesMut::from(&[0x30, 7, 2, 1, 5, 0x63, 2, 4, 0][..]);
        let decoded = Codec::default().decode(&mut buffer).unwrap();
        assert!(matches!(decoded, Some(Incoming::Malformed(5, 3))));
    }

    #[test]
    fn what_is_no_message_ends_the_stream() {
        for bytes in [&b"GET / HTTP/1.1"[..], &[0x30, 0x84, 0x7F, 0, 0, 0], &[0x30, 0x80]] {
            assert!(Codec::default().decode(&mut BytesMut::from(bytes)).is_err());
        }
    }
}
