//! Octets written as text: Base64, hexadecimal digits, and the text encodings behind them.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};

/// Padded; odd bits at the end are let pass, as .NET does.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Base64 with padding.
pub(super) fn base64_of(octets: &[u8]) -> String {
    BASE64.encode(octets)
}

/// What Base64 text stands for; white space in it means nothing.
pub(super) fn from_base64(text: &[u8]) -> Option<Vec<u8>> {
    let written: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    BASE64.decode(written).ok()
}

/// Upper-case hexadecimal digits.
pub(super) fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{octet:02X}");
        text
    })
}

/// What hexadecimal digits stand for, in either case.
pub(super) fn from_hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|c| c.to_digit(16)).collect();
    let (pairs, odd) = digits.as_deref()?.as_chunks::<2>();
    if !odd.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect()
}

/// UTF-16, little-endian.
pub(super) fn utf16_of(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The text that `octets` are in an encoding of the language.
pub(super) fn decoded(octets: &[u8], encoding: &str) -> Option<String> {
    match encoding {
        "UTF8" => String::from_utf8(octets.to_vec()).ok(),
        "ASCII" if octets.is_ascii() => String::from_utf8(octets.to_vec()).ok(),
        "Unicode" => {
            let (units, odd) = octets.as_chunks::<2>();
            let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
            if odd.is_empty() { String::from_utf16(&units).ok() } else { None }
        }
        _ => None,
    }
}

/// A number's little-endian octets, as many as `width`, which is 1 to 8; the rest is cut off.
pub(super) fn little_endian(number: i64, width: i64) -> Option<Vec<u8>> {
    let width = usize::try_from(width).ok().filter(|width| (1..=8).contains(width))?;
    Some(number.to_le_bytes().into_iter().take(width).collect())
}

/// The unsigned number that little-endian octets are, if it fits.
pub(super) fn from_little_endian(octets: &[u8]) -> Option<i64> {
    if octets.len() > 8 {
        return None;
    }
    let number = octets.iter().rev().fold(0_u64, |n, octet| (n << 8) | u64::from(*octet));
    i64::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_holds_utf16_unless_told_otherwise() {
        assert_eq!(base64_of(&utf16_of("é")), "6QA=");
        assert_eq!(base64_of(&utf16_of("😀")), "PdgA3g==");
        let octets = from_base64(b"SABl AGwA\r\nbABvAA==").unwrap();
        assert_eq!(decoded(&octets, "Unicode").as_deref(), Some("Hello"));
        assert_eq!(from_base64(b"!!!"), None);
        assert_eq!(from_base64(b"SGk"), None);
    }

    #[test]
    fn octets_that_are_no_text_of_the_encoding_are_refused() {
        assert_eq!(decoded(&[0xe9, 0], "Unicode").as_deref(), Some("é"));
        assert_eq!(decoded(&[0xc3, 0xa9], "UTF8").as_deref(), Some("é"));
        assert_eq!(decoded(&[0xe9], "UTF8"), None);
        assert_eq!(decoded(&[0xe9], "ASCII"), None);
        assert_eq!(decoded(&[0xe9], "Unicode"), None);
        assert_eq!(decoded(&[0x3d, 0xd8], "Unicode"), None);
    }

    #[test]
    fn hexadecimal_digits_come_in_pairs() {
        assert_eq!(hexadecimal("é".as_bytes()), "C3A9");
        assert_eq!(from_hexadecimal("c3A9"), Some(vec![0xc3, 0xa9]));
        for odd in ["C3A", "ZZ", "+1"] {
            assert_eq!(from_hexadecimal(odd), None, "{odd}");
        }
    }

    #[test]
    fn numbers_are_little_endian_and_unsigned() {
        assert_eq!(little_endian(32, 2), Some(vec![0x20, 0]));
        assert_eq!(little_endian(-1, 8), Some(vec![0xff; 8]));
        assert_eq!(little_endian(0x1_02, 1), Some(vec![2]));
        assert_eq!(little_endian(1, 9), None);
        assert_eq!(little_endian(1, 0), None);
        assert_eq!(from_little_endian(&[0x20, 0]), Some(32));
        assert_eq!(from_little_endian(&[0xff; 8]), None);
        assert_eq!(from_little_endian(&[0; 9]), None);
    }
}
