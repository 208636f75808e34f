//! The primitives: variable-length counts, little-endian numbers, counted octets.

use model::Name;

use crate::StoreError;
use crate::codec::NameTable;

/// The version octet every record begins with.
const VERSION: u8 = 1;
/// Metaverse objects that hold shares; see `super::objects`.
pub(super) const VERSION_SHARES: u8 = 2;

/// A record under construction.
pub(super) struct Output {
    bytes: Vec<u8>,
}

impl Output {
    /// An empty record: the version octet alone.
    pub(super) fn new() -> Self {
        Self { bytes: vec![VERSION] }
    }

    /// An empty record of a later version.
    pub(super) fn of_version(version: u8) -> Self {
        Self { bytes: vec![version] }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.bytes
    }

    pub(super) fn octet(&mut self, octet: u8) {
        self.bytes.push(octet);
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Seven bits per octet, low bits first, the top bit set on all but the last.
    pub(super) fn count(&mut self, mut number: u64) {
        while number > 0x7f {
            self.bytes.push(number.to_le_bytes().first().map_or(0, |low| low | 0x80));
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes().first().map_or(0, |low| *low));
    }

    pub(super) fn length(&mut self, length: usize) {
        self.count(length as u64);
    }

    pub(super) fn number(&mut self, number: i64) {
        self.raw(&number.to_le_bytes());
    }

    pub(super) fn text(&mut self, text: &str) {
        self.length(text.len());
        self.raw(text.as_bytes());
    }

    pub(super) fn optional_text(&mut self, text: Option<&str>) {
        self.octet(u8::from(text.is_some()));
        if let Some(text) = text {
            self.text(text);
        }
    }

    pub(super) fn id(&mut self, id: u16) {
        self.count(u64::from(id));
    }
}

/// How many octets [`Output::count`] writes.
pub(super) const fn count_octets(number: usize) -> usize {
    let bits = usize::BITS - number.leading_zeros();
    if bits == 0 { 1 } else { bits.div_ceil(7) as usize }
}

/// A record being read.
pub(super) struct Input<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Input<'a> {
    /// Begins to read the record `bytes`, called `what` in errors.
    pub(super) fn new(bytes: &'a [u8], what: &'static str) -> Result<Self, StoreError> {
        let (input, version) = Self::versioned(bytes, what, VERSION)?;
        input.require(version == VERSION)?;
        Ok(input)
    }

    /// Begins to read a record of any version up to `newest`, and says which it is.
    pub(super) fn versioned(
        bytes: &'a [u8],
        what: &'static str,
        newest: u8,
    ) -> Result<(Self, u8), StoreError> {
        let mut input = Self { rest: bytes, what };
        let version = input.octet()?;
        input.require((VERSION..=newest).contains(&version))?;
        Ok((input, version))
    }

    /// Part of a record, to be read to its own end.
    pub(super) const fn part(&self, bytes: &'a [u8]) -> Self {
        Self { rest: bytes, what: self.what }
    }

    pub(super) fn corrupt(&self) -> StoreError {
        StoreError::Corrupt { what: self.what.to_owned() }
    }

    pub(super) fn require(&self, holds: bool) -> Result<(), StoreError> {
        if holds { Ok(()) } else { Err(self.corrupt()) }
    }

    pub(super) const fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Fails unless everything was read.
    pub(super) fn end(&self) -> Result<(), StoreError> {
        self.require(self.is_at_end())
    }

    pub(super) fn octet(&mut self) -> Result<u8, StoreError> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| self.corrupt())?;
        self.rest = rest;
        Ok(*first)
    }

    pub(super) fn raw(&mut self, length: usize) -> Result<&'a [u8], StoreError> {
        let (bytes, rest) = self.rest.split_at_checked(length).ok_or_else(|| self.corrupt())?;
        self.rest = rest;
        Ok(bytes)
    }

    pub(super) fn count(&mut self) -> Result<u64, StoreError> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let octet = self.octet()?;
            let bits = u64::from(octet & 0x7f);
            // Only one bit of a tenth octet fits; a last octet of 0 would be a second spelling.
            self.require(shift < 63 || bits <= 1)?;
            number |= bits << shift;
            if octet & 0x80 == 0 {
                self.require(octet != 0 || shift == 0)?;
                return Ok(number);
            }
        }
        Err(self.corrupt())
    }

    pub(super) fn length(&mut self) -> Result<usize, StoreError> {
        let length = self.count()?;
        usize::try_from(length).map_err(|_e| self.corrupt())
    }

    pub(super) fn counted(&mut self) -> Result<&'a [u8], StoreError> {
        let length = self.length()?;
        self.raw(length)
    }

    pub(super) fn number(&mut self) -> Result<i64, StoreError> {
        let bytes = self.raw(8)?;
        let bytes = bytes.try_into().map_err(|_e| self.corrupt())?;
        Ok(i64::from_le_bytes(bytes))
    }

    pub(super) fn text(&mut self) -> Result<&'a str, StoreError> {
        let bytes = self.counted()?;
        std::str::from_utf8(bytes).map_err(|_e| self.corrupt())
    }

    pub(super) fn flag(&mut self) -> Result<bool, StoreError> {
        match self.octet()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt()),
        }
    }

    pub(super) fn optional_text(&mut self) -> Result<Option<String>, StoreError> {
        if self.flag()? { Ok(Some(self.text()?.to_owned())) } else { Ok(None) }
    }

    pub(super) fn id(&mut self) -> Result<u16, StoreError> {
        let id = self.count()?;
        u16::try_from(id).map_err(|_e| self.corrupt())
    }

    pub(super) fn name(&mut self, names: &NameTable) -> Result<Name, StoreError> {
        let id = self.id()?;
        names.name(id).cloned().ok_or_else(|| self.corrupt())
    }

    pub(super) fn optional_name(&mut self, names: &NameTable) -> Result<Option<Name>, StoreError> {
        if self.flag()? { Ok(Some(self.name(names)?)) } else { Ok(None) }
    }
}
