//! Damaged documents are reported, whatever the damage.

use proptest::prelude::*;
use rules::Sources;

use crate::api::API;
use crate::fixture::{edited, rendered};
use crate::gateway::GATEWAY;

/// Every kind of document.
fn sources() -> Sources {
    edited(&[("proxeny.toml", "", API), ("gateway.toml", "", GATEWAY)])
}

/// One of the files with some bytes changed and its end cut off. Text that is no UTF-8 any more
/// keeps replacement characters: reading files is the caller's part.
fn damaged() -> impl Strategy<Value = Sources> {
    let count = sources().files.len();
    let changes = proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
    (0..count, changes, any::<prop::sample::Index>(), any::<bool>()).prop_map(
        |(file, changes, end, cut)| {
            let mut sources = sources();
            let mut bytes = sources.files[file].text.clone().into_bytes();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if cut {
                bytes.truncate(end.index(bytes.len()));
            }
            sources.files[file].text = String::from_utf8_lossy(&bytes).into_owned();
            sources
        },
    )
}

/// One word of a file replaced by another word of any file: damage that is still TOML.
fn rearranged() -> impl Strategy<Value = Sources> {
    let index = any::<prop::sample::Index>;
    (index(), index(), index(), index()).prop_map(|(file, word, other_file, other)| {
        let mut sources = sources();
        let pick = |file: prop::sample::Index, word: prop::sample::Index, sources: &Sources| {
            let number = file.index(sources.files.len());
            let text = &sources.files[number].text;
            let words: Vec<&str> =
                text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
            (number, words[word.index(words.len())].to_owned())
        };
        let (number, old) = pick(file, word, &sources);
        let (_, new) = pick(other_file, other, &sources);
        let text = &mut sources.files[number].text;
        *text = text.replacen(&old, &new, 1);
        sources
    })
}

proptest! {
    #[test]
    fn damage_never_panics(sources in damaged()) {
        rendered(&sources);
    }

    #[test]
    fn words_in_wrong_places_never_panic(sources in rearranged()) {
        rendered(&sources);
    }
}
