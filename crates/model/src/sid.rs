//! Security identifiers, binary and text ([MS-DTYP] 2.4.2).

use std::fmt;

/// A security identifier of revision 1.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sid {
    authority: u64,
    sub_authorities: Vec<u32>,
}

/// Octets or text that are not a SID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SidError {
    /// Wrong revision, count or length.
    #[error("these {0} octets are not a security identifier of revision 1")]
    Binary(usize),
    /// Not `S-1-authority-sub...`.
    #[error("{0:?} is not a security identifier of the form S-1-5-21-...")]
    Text(String),
}

/// [MS-DTYP] 2.4.2.2: SubAuthorityCount is at most 15.
const SUB_AUTHORITIES_MAX: usize = 15;

impl Sid {
    /// The SID with `authority` (48 bits) and `sub_authorities`; `None` beyond the limits.
    #[must_use]
    pub fn new(authority: u64, sub_authorities: Vec<u32>) -> Option<Self> {
        let fits = authority < 1 << 48 && sub_authorities.len() <= SUB_AUTHORITIES_MAX;
        fits.then_some(Self { authority, sub_authorities })
    }

    /// Reads the binary form, as `objectSid` holds it.
    ///
    /// # Errors
    /// [`SidError::Binary`] when revision, count and length do not agree.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SidError> {
        let error = || SidError::Binary(bytes.len());
        let [1, count, a0, a1, a2, a3, a4, a5, rest @ ..] = bytes else {
            return Err(error());
        };
        let (chunks, remainder) = rest.as_chunks::<4>();
        if !remainder.is_empty() || chunks.len() != usize::from(*count) {
            return Err(error());
        }
        let authority = u64::from_be_bytes([0, 0, *a0, *a1, *a2, *a3, *a4, *a5]);
        let sub_authorities = chunks.iter().map(|c| u32::from_le_bytes(*c)).collect();
        Self::new(authority, sub_authorities).ok_or_else(error)
    }

    /// The binary form.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let count = u8::try_from(self.sub_authorities.len()).unwrap_or(u8::MAX);
        let mut bytes = vec![1, count];
        bytes.extend(self.authority.to_be_bytes().iter().skip(2));
        for sub in &self.sub_authorities {
            bytes.extend(sub.to_le_bytes());
        }
        bytes
    }

    /// Reads `S-1-...` text.
    ///
    /// # Errors
    /// [`SidError::Text`] for anything else.
    pub fn parse(text: &str) -> Result<Self, SidError> {
        let error = || SidError::Text(text.to_owned());
        let mut parts = text.split('-');
        if !parts.next().is_some_and(|s| s.eq_ignore_ascii_case("s")) || parts.next() != Some("1") {
            return Err(error());
        }
        let authority = parts.next().ok_or_else(error)?;
        let authority = match authority.strip_prefix("0x") {
            Some(hex) => u64::from_str_radix(hex, 16),
            None => authority.parse(),
        }
        .map_err(|_e| error())?;
        let subs: Result<Vec<u32>, _> = parts.map(str::parse).collect();
        Self::new(authority, subs.map_err(|_e| error())?).ok_or_else(error)
    }

    /// The SID without its last part (a domain's SID, for an account's), and that part (the RID).
    #[must_use]
    pub fn split_rid(&self) -> Option<(Self, u32)> {
        let (rid, rest) = self.sub_authorities.split_last()?;
        Some((Self { authority: self.authority, sub_authorities: rest.to_vec() }, *rid))
    }

    /// The SID of the account `rid` in this domain; `None` when there is no room for it.
    #[must_use]
    pub fn with_rid(&self, rid: u32) -> Option<Self> {
        let mut subs = self.sub_authorities.clone();
        subs.push(rid);
        Self::new(self.authority, subs)
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.authority <= u64::from(u32::MAX) {
            write!(f, "S-1-{}", self.authority)?;
        } else {
            write!(f, "S-1-0x{:012X}", self.authority)?;
        }
        self.sub_authorities.iter().try_for_each(|sub| write!(f, "-{sub}"))
    }
}

impl fmt::Debug for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_domain_account_reads_as_documented() {
        let bytes = [
            1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 0x4e, 4, 0, 0,
        ];
        let sid = Sid::from_bytes(&bytes).unwrap();
        assert_eq!(sid.to_string(), "S-1-5-21-1-2-3-1102");
        assert_eq!(sid.to_bytes(), bytes);
        let (domain, rid) = sid.split_rid().unwrap();
        assert_eq!((domain.to_string().as_str(), rid), ("S-1-5-21-1-2-3", 1102));
        assert_eq!(domain.with_rid(rid), Some(sid));
    }

    #[test]
    fn malformed_sids_are_refused() {
        for bytes in [
            &[][..],
            &[2, 0, 0, 0, 0, 0, 0, 5],
            &[1, 1, 0, 0, 0, 0, 0, 5],
            &[1, 0, 0, 0, 0, 0, 0, 5, 1],
        ] {
            assert!(Sid::from_bytes(bytes).is_err());
        }
        for text in ["", "S-2-5", "S-1", "S-1-x", "S-1-5-4294967296"] {
            assert!(Sid::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_sid_survives_both_forms(authority in 0_u64..1 << 48, subs in proptest::collection::vec(any::<u32>(), 0..=15)) {
            let sid = Sid::new(authority, subs).unwrap();
            prop_assert_eq!(Sid::from_bytes(&sid.to_bytes()), Ok(sid.clone()));
            prop_assert_eq!(Sid::parse(&sid.to_string()), Ok(sid));
        }
    }
}
