//! The values of the paging and `DirSync` controls: a sequence of integers and one octet string.

use bytes::BytesMut;
use ldap3::asn1::{
    ASNTag as _, Integer, OctetString, PL, Sequence, Tag, TagClass, parse_tag, write,
};

/// Universal tag numbers (X.690 section 8).
const INTEGER: u64 = 2;
const OCTET_STRING: u64 = 4;

/// `SEQUENCE { INTEGER..., OCTET STRING }`.
pub(crate) fn encode(numbers: &[u32], octets: &[u8]) -> Vec<u8> {
    let mut inner: Vec<Tag> = numbers
        .iter()
        .map(|number| Tag::Integer(Integer { inner: i64::from(*number), ..Default::default() }))
        .collect();
    inner.push(Tag::OctetString(OctetString { inner: octets.to_vec(), ..Default::default() }));
    let sequence = Tag::Sequence(Sequence { inner, ..Default::default() }).into_structure();
    let mut buffer = BytesMut::new();
    // Writing to memory does not fail.
    let _written = write::encode_into(&mut buffer, sequence);
    buffer.to_vec()
}

/// The integers and the octet string of such a sequence; `None` for anything else.
pub(crate) fn decode(bytes: &[u8]) -> Option<(Vec<i64>, Vec<u8>)> {
    let (_, tag) = parse_tag(bytes).ok()?;
    let PL::C(parts) = tag.payload else { return None };
    let mut numbers = Vec::new();
    let mut octets = None;
    for part in parts {
        let PL::P(payload) = part.payload else { return None };
        match (part.class, part.id) {
            (TagClass::Universal, INTEGER) => numbers.push(integer(&payload)?),
            (TagClass::Universal, OCTET_STRING) => octets = Some(payload),
            _ => return None,
        }
    }
    octets.map(|octets| (numbers, octets))
}

/// Two's complement, big-endian.
fn integer(bytes: &[u8]) -> Option<i64> {
    let (first, rest) = bytes.split_first()?;
    if bytes.len() > 8 {
        return None;
    }
    let start = i64::from(first.cast_signed());
    Some(rest.iter().fold(start, |number, byte| number << 8 | i64::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_dirsync_request_is_encoded_as_the_specification_shows() {
        // [MS-ADTS] 3.1.1.3.4.1.3: flags, maximum bytes, cookie.
        let bytes = encode(&[0x800, 1000, 0], b"ab");
        assert_eq!(bytes, [48, 15, 2, 2, 8, 0, 2, 2, 3, 0xe8, 2, 1, 0, 4, 2, b'a', b'b']);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(numbers: Vec<u32>, octets: Vec<u8>) {
            let bytes = encode(&numbers, &octets);
            let numbers = numbers.into_iter().map(i64::from).collect();
            prop_assert_eq!(decode(&bytes), Some((numbers, octets)));
        }

        #[test]
        fn decoding_never_panics(bytes: Vec<u8>) {
            let _any = decode(&bytes);
        }
    }
}
