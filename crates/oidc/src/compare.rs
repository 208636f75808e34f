//! Comparison of secret texts in a time that says nothing about where they differ.

use std::hint::black_box;

use ring::digest::{SHA256, digest};

/// The SHA-256 of a text.
pub(crate) fn sha256(text: &str) -> [u8; 32] {
    let mut octets = [0; 32];
    for (octet, hashed) in octets.iter_mut().zip(digest(&SHA256, text.as_bytes()).as_ref()) {
        *octet = *hashed;
    }
    octets
}

/// True if two texts are equal.
pub(crate) fn same_text(left: &str, right: &str) -> bool {
    same_hash(&sha256(left), &sha256(right))
}

/// True if two hashes are equal.
pub(crate) fn same_hash(left: &[u8; 32], right: &[u8; 32]) -> bool {
    let differences = left.iter().zip(right).fold(0, |all, (l, r)| black_box(all | (l ^ r)));
    differences == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_equal_only_to_themselves() {
        assert!(same_text("state", "state") && same_text("", ""));
        for other in ["", "stat", "State", "states", "state\0"] {
            assert!(!same_text("state", other), "{other:?}");
        }
        let zero = [0; 32];
        for place in 0..32 {
            let mut other = zero;
            other[place] = 1;
            assert!(!same_hash(&zero, &other));
        }
    }
}
