//! Keyed hashes of anchors, contents and join values. The key is the store's own: whoever can
//! write attributes in a connected system must not be able to make a change look like none.

use model::{Guid, Image, MvId, Value, ValueType};
use xxhash_rust::xxh3::{Xxh3, xxh3_64_with_secret, xxh3_128_with_secret};

/// Octets of the key.
pub const HASH_KEY_OCTETS: usize = 192;

/// The hash functions of one store.
#[derive(Clone)]
pub struct Hasher {
    key: [u8; HASH_KEY_OCTETS],
}

impl std::fmt::Debug for Hasher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Hasher(…)")
    }
}

impl Hasher {
    /// The functions keyed by `key`, drawn once when the store is made.
    #[must_use]
    pub const fn new(key: [u8; HASH_KEY_OCTETS]) -> Self {
        Self { key }
    }

    /// The key, for the store to keep.
    #[must_use]
    pub const fn key(&self) -> &[u8; HASH_KEY_OCTETS] {
        &self.key
    }

    /// The hash of any text, for index keys.
    #[must_use]
    pub fn text(&self, text: &str) -> u64 {
        xxh3_64_with_secret(text.as_bytes(), &self.key)
    }

    /// The hash of an anchor.
    #[must_use]
    pub fn anchor(&self, anchor: &str) -> u64 {
        self.text(anchor)
    }

    /// The hash of everything an import delivers of an object.
    #[must_use]
    pub fn content(&self, image: &Image) -> u128 {
        let mut state = Xxh3::with_secret(self.key);
        feed(&mut state, image.object_type.as_bytes());
        feed(&mut state, image.anchor.as_deref().unwrap_or_default().as_bytes());
        feed(&mut state, image.dn.as_bytes());
        for (name, values) in image.attributes.iter() {
            feed(&mut state, name.as_bytes());
            state.update(&(values.len() as u64).to_le_bytes());
            for value in values {
                feed_value(&mut state, value);
            }
        }
        state.digest128()
    }

    /// The public identifier of a metaverse object: unguessable without the key, never repeated as
    /// ids are not (RFC 9562 section 5.8, version 8).
    #[must_use]
    pub fn uid(&self, id: MvId) -> Guid {
        let mut bytes = xxh3_128_with_secret(&id.0.to_le_bytes(), &self.key).to_be_bytes();
        let [_, _, _, _, _, _, version, _, variant, ..] = &mut bytes;
        *version = *version & 0x0f | 0x80;
        *variant = *variant & 0x3f | 0x80;
        Guid::from_bytes(bytes)
    }
}

/// The version of a list of texts: equal for equal texts in equal order, in every store. It tells
/// versions apart and is no proof against somebody who makes two texts look alike.
#[must_use]
pub fn fingerprint<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut state = Xxh3::new();
    for text in texts {
        feed(&mut state, text.as_bytes());
    }
    format!("{:032x}", state.digest128())
}

fn feed(state: &mut Xxh3, bytes: &[u8]) {
    state.update(&(bytes.len() as u64).to_le_bytes());
    state.update(bytes);
}

fn feed_value(state: &mut Xxh3, value: &Value) {
    state.update(&[type_tag(value.value_type())]);
    match value {
        Value::String(text) | Value::Reference(text) => feed(state, text.as_bytes()),
        Value::Integer(number) => state.update(&number.to_le_bytes()),
        Value::Boolean(truth) => state.update(&[u8::from(*truth)]),
        Value::Binary(bytes) => feed(state, bytes),
        Value::DateTime(moment) => state.update(&moment.0.to_le_bytes()),
    }
}

const fn type_tag(value_type: ValueType) -> u8 {
    match value_type {
        ValueType::String => 1,
        ValueType::Integer => 2,
        ValueType::Boolean => 3,
        ValueType::Binary => 4,
        ValueType::Reference => 5,
        ValueType::DateTime => 6,
    }
}

/// The form in which joins compare a value: text without regard to case, everything else exactly.
#[must_use]
pub fn join_key(value: &Value) -> String {
    match value {
        Value::String(text) | Value::Reference(text) => text.to_lowercase(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Attributes, Name};

    fn image(attributes: &[(&str, &str)]) -> Image {
        let mut set = Attributes::new();
        for (name, value) in attributes {
            set.set_one(name, *value);
        }
        Image {
            object_type: Name::new("user"),
            anchor: Some("1".to_owned()),
            dn: "1".to_owned(),
            attributes: set,
        }
    }

    // Equal octets cancel each other out inside the function, so a key here must not repeat one.
    fn key(factor: u8) -> [u8; HASH_KEY_OCTETS] {
        std::array::from_fn(|i| u8::try_from(i).unwrap().wrapping_mul(factor))
    }

    #[test]
    fn the_key_and_every_part_matter() {
        let a = Hasher::new(key(3));
        let base = a.content(&image(&[("x", "ab"), ("y", "c")]));
        assert_eq!(base, a.content(&image(&[("y", "c"), ("x", "ab")])));
        assert_ne!(base, a.content(&image(&[("x", "a"), ("y", "bc")])));
        assert_ne!(base, a.content(&image(&[("xa", "b"), ("y", "c")])));
        let b = Hasher::new(key(5));
        assert_ne!(a.text("a"), b.text("a"));
        assert_ne!(base, b.content(&image(&[("x", "ab"), ("y", "c")])));
    }

    #[test]
    fn uids_are_of_version_8_and_differ() {
        let hasher = Hasher::new([7; HASH_KEY_OCTETS]);
        let (a, b) = (hasher.uid(MvId(1)).to_string(), hasher.uid(MvId(2)).to_string());
        assert_ne!(a, b);
        assert_eq!(a.chars().nth(14), Some('8'));
    }
}
