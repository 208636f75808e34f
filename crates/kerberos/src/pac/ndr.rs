//! Network Data Representation, as far as a PAC needs it ([C706] chapter 14, [MS-RPCE] 2.2.6).
//!
//! Invariants: nothing is read past the end, and no more is remembered than was read.

use model::Sid;

/// Common and private header of type serialization 1 ([MS-RPCE] 2.2.6.1, 2.2.6.2), and the
/// pointer to the structure.
const VERSION: u8 = 1;
const LITTLE_ENDIAN: u8 = 0x10;
const HEADERS: usize = 16;
const SUB_AUTHORITIES_MAX: usize = 15;

/// A place in a buffer.
pub(super) struct Ndr<'a> {
    buffer: &'a [u8],
    place: usize,
}

impl<'a> Ndr<'a> {
    /// Steps over the headers.
    pub(super) fn open(buffer: &'a [u8]) -> Option<Self> {
        if buffer.first() != Some(&VERSION) || buffer.get(1) != Some(&LITTLE_ENDIAN) {
            return None;
        }
        let mut ndr = Self { buffer, place: HEADERS };
        ndr.pointer()?.then_some(ndr)
    }

    fn octets(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.place.checked_add(count)?;
        let octets = self.buffer.get(self.place..end)?;
        self.place = end;
        Some(octets)
    }

    fn align(&mut self) -> Option<()> {
        self.place = self.place.checked_next_multiple_of(4)?;
        Some(())
    }

    pub(super) fn skip(&mut self, count: usize) -> Option<()> {
        self.octets(count).map(drop)
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.align()?;
        Some(u32::from_le_bytes(self.octets(4)?.try_into().ok()?))
    }

    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.u32()?).ok()
    }

    /// Whether a pointer leads somewhere.
    pub(super) fn pointer(&mut self) -> Option<bool> {
        Some(self.u32()? != 0)
    }

    /// Whether an `RPC_UNICODE_STRING` ([MS-DTYP] 2.3.10) has a text.
    pub(super) fn string_pointer(&mut self) -> Option<bool> {
        self.align()?;
        self.skip(4)?;
        self.pointer()
    }

    /// The text of such a string, where there is one.
    pub(super) fn string(&mut self, is_present: bool) -> Option<Option<String>> {
        if !is_present {
            return Some(None);
        }
        let room = self.count()?;
        let offset = self.u32()?;
        let length = self.count()?;
        if offset != 0 || length > room {
            return None;
        }
        let octets = self.octets(length.checked_mul(2)?)?;
        utf16(octets).map(Some)
    }

    /// An array of strings.
    pub(super) fn strings(&mut self) -> Option<Vec<String>> {
        let pointers = self.pointers(4)?;
        let mut strings = Vec::new();
        for is_present in pointers {
            strings.push(self.string(is_present)?.unwrap_or_default());
        }
        Some(strings)
    }

    /// The pointers of an array whose elements have one each, `before` octets from their start.
    fn pointers(&mut self, before: usize) -> Option<Vec<bool>> {
        let count = self.count()?;
        let mut pointers = Vec::new();
        for _ in 0..count {
            self.skip(before)?;
            pointers.push(self.pointer()?);
        }
        Some(pointers)
    }

    /// An array of `GROUP_MEMBERSHIP` ([MS-PAC] 2.2.2): the relative identifiers.
    pub(super) fn rids(&mut self, count: u32) -> Option<Vec<u32>> {
        if self.u32()? != count {
            return None;
        }
        let mut rids = Vec::new();
        for _ in 0..count {
            rids.push(self.u32()?);
            self.skip(4)?;
        }
        Some(rids)
    }

    /// An `RPC_SID` ([MS-DTYP] 2.4.2.3).
    pub(super) fn sid(&mut self) -> Option<Sid> {
        let count = self.count()?;
        if count > SUB_AUTHORITIES_MAX {
            return None;
        }
        Sid::from_bytes(self.octets(8 + 4 * count)?).ok()
    }

    /// An array of `KERB_SID_AND_ATTRIBUTES` ([MS-PAC] 2.2.1).
    pub(super) fn sids(&mut self, count: u32) -> Option<Vec<Sid>> {
        if self.u32()? != count {
            return None;
        }
        let mut pointers = Vec::new();
        for _ in 0..count {
            pointers.push(self.pointer()?);
            self.skip(4)?;
        }
        let mut sids = Vec::new();
        for is_present in pointers {
            if is_present {
                sids.push(self.sid()?);
            }
        }
        Some(sids)
    }
}

/// UTF-16 in little endian; `None` for half a unit or a lone surrogate.
pub(super) fn utf16(octets: &[u8]) -> Option<String> {
    let (units, rest) = octets.as_chunks::<2>();
    let units: Vec<u16> = units.iter().map(|unit| u16::from_le_bytes(*unit)).collect();
    if rest.is_empty() { String::from_utf16(&units).ok() } else { None }
}
