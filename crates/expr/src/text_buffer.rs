//! A text in the making. A short one, which nearly every value is, grows without memory of its own.

use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::operand::Operand;

/// Octets of the longest text that needs none.
const SHORT: usize = 128;

/// A text in the making.
#[derive(Debug, Default)]
pub(crate) struct TextBuffer(SmallVec<[u8; SHORT]>);

impl TextBuffer {
    /// Nothing yet, of what will have this many octets.
    pub(crate) fn with_capacity(octets: usize) -> Self {
        Self(SmallVec::with_capacity(octets))
    }

    /// Octets so far.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn push(&mut self, c: char) {
        match u8::try_from(c) {
            Ok(octet) if octet.is_ascii() => self.0.push(octet),
            _ => self.push_str(c.encode_utf8(&mut [0; 4])),
        }
    }

    pub(crate) fn push_str(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    /// The text so far.
    pub(crate) fn as_str(&self) -> &str {
        // Only whole characters go in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The text.
    pub(crate) fn finish(&self) -> Arc<str> {
        Arc::from(self.as_str())
    }
}

impl Extend<char> for TextBuffer {
    fn extend<I: IntoIterator<Item = char>>(&mut self, characters: I) {
        characters.into_iter().for_each(|c| self.push(c));
    }
}

impl fmt::Write for TextBuffer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push_str(text);
        Ok(())
    }
}

impl From<TextBuffer> for Operand {
    fn from(buffer: TextBuffer) -> Self {
        Self::text(buffer.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_holds_what_went_in_whatever_its_length() {
        for length in [0, 1, SHORT - 1, SHORT, SHORT + 1, 3 * SHORT] {
            let text = "aé😀".repeat(length);
            let mut buffer = TextBuffer::default();
            buffer.extend(text.chars());
            assert_eq!((buffer.as_str(), buffer.len()), (text.as_str(), text.len()));
            buffer.push_str("ß");
            assert_eq!(*buffer.finish(), *format!("{text}ß"));
        }
    }
}
