//! GUIDs: text form and the byte order Active Directory stores them in.

use std::fmt;

/// A GUID, held in the order its text is written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid([u8; 16]);

/// Text or octets that are not a GUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GuidError {
    /// Not 8-4-4-4-12 hexadecimal digits.
    #[error("{0:?} is not a GUID of the form 8-4-4-4-12 hexadecimal digits")]
    Text(String),
    /// Not 16 octets.
    #[error("a GUID has 16 octets, not {0}")]
    Length(usize),
}

impl Guid {
    /// The GUID whose octets, in the order the text is written, are `bytes`.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The octets in the order the text is written.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Reads `objectGUID` octets: the first three groups little-endian ([MS-DTYP] 2.3.4.2).
    ///
    /// # Errors
    /// [`GuidError::Length`] unless there are 16 octets.
    pub fn from_directory(bytes: &[u8]) -> Result<Self, GuidError> {
        let b: [u8; 16] = bytes.try_into().map_err(|_e| GuidError::Length(bytes.len()))?;
        Ok(Self(swap_first_groups(b)))
    }

    /// The octets in Active Directory's order.
    #[must_use]
    pub const fn to_directory(&self) -> [u8; 16] {
        swap_first_groups(self.0)
    }

    /// Reads text in either case, with or without braces.
    ///
    /// # Errors
    /// [`GuidError::Text`] for anything else.
    pub fn parse(text: &str) -> Result<Self, GuidError> {
        let error = || GuidError::Text(text.to_owned());
        let inner = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        let mut groups = inner.split('-');
        let mut digits = String::with_capacity(32);
        for length in [8, 4, 4, 4, 12] {
            let group = groups.next().filter(|g| g.len() == length).ok_or_else(error)?;
            digits.push_str(group);
        }
        if groups.next().is_some() || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(error());
        }
        let mut bytes = [0_u8; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            *byte = pair.iter().fold(0, |n, d| n * 16 + hex_digit(*d));
        }
        Ok(Self(bytes))
    }
}

const fn hex_digit(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

const fn swap_first_groups(b: [u8; 16]) -> [u8; 16] {
    let [b0, b1, b2, b3, b4, b5, b6, b7, b8, b9, b10, b11, b12, b13, b14, b15] = b;
    [b3, b2, b1, b0, b5, b4, b7, b6, b8, b9, b10, b11, b12, b13, b14, b15]
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = [b'-'; 36];
        let groups = [0..8, 9..13, 14..18, 19..23, 24..36];
        let digits = self.0.iter().flat_map(|octet| [octet >> 4, octet & 15]);
        for (place, digit) in groups.into_iter().flatten().zip(digits) {
            if let Some(place) = text.get_mut(place) {
                *place = if digit < 10 { b'0' + digit } else { b'a' - 10 + digit };
            }
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_e| fmt::Error)?)
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn directory_order_swaps_the_first_three_groups() {
        let guid = Guid::parse("{00112233-4455-6677-8899-AABBCCDDEEFF}").unwrap();
        assert_eq!(guid.to_directory()[..8], [0x33, 0x22, 0x11, 0, 0x55, 0x44, 0x77, 0x66]);
        assert_eq!(guid.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
    }

    #[test]
    fn other_text_is_refused() {
        for text in [
            "",
            "00112233445566778899aabbccddeeff",
            "00112233-4455-6677-8899-aabbccddeefg",
            "00112233-4455-6677-8899-aabbccddeeff-",
            "0011223é-4455-6677-8899-aabbccddeef",
        ] {
            assert!(Guid::parse(text).is_err(), "{text}");
        }
        assert_eq!(Guid::from_directory(&[0; 15]), Err(GuidError::Length(15)));
    }

    proptest! {
        #[test]
        fn every_guid_survives_both_forms(bytes: [u8; 16]) {
            let guid = Guid::from_bytes(bytes);
            prop_assert_eq!(Guid::parse(&guid.to_string()), Ok(guid));
            prop_assert_eq!(Guid::from_directory(&guid.to_directory()), Ok(guid));
        }
    }
}
