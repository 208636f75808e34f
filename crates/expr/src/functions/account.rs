//! Account names that Active Directory takes.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};
use model::Value;

use super::Arguments;
use super::case::to_lower;
use super::cut::units;
use crate::environment::Context;
use crate::limits::ACCOUNT_NAME_LENGTH;
use crate::operand::{Failure, Operand, text_of};

/// The first candidate of which something remains; nothing if there is none.
pub(super) fn account_name(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let texts = arguments.iter().filter_map(|argument| match argument {
        Operand::One(value) => text_of(value),
        _ => None,
    });
    let name = texts.map(|text| legal_name(&text)).find(|name| !name.is_empty());
    Ok(name.map_or(Operand::Null, |name| Operand::One(Value::string(&name))))
}

fn legal_name(candidate: &str) -> String {
    let folded = fold(candidate);
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(&folded);
    let cut = units(composed.trim_matches(is_edge), 0, ACCOUNT_NAME_LENGTH);
    cut.trim_end_matches(is_edge).to_owned()
}

/// Lower case, without what must not be in a name. Latin letters lose their marks; letters that
/// Unicode does not decompose take their usual transcription. Other scripts stay as they are.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut after_ascii = false;
    // Decomposition comes first: it turns some harmless characters into forbidden ones.
    for c in DecomposingNormalizerBorrowed::new_nfd().normalize_iter(text.chars()) {
        let category = CodePointMapData::<GeneralCategory>::new().get(c);
        let is_dropped_mark = after_ascii && category == GeneralCategory::NonspacingMark;
        if is_dropped_mark || INVISIBLE.contains(category) || FORBIDDEN.contains(c) {
            continue;
        }
        let letter = to_lower(c);
        match transcription(letter) {
            Some(letters) => folded.push_str(letters),
            None => folded.push(letter),
        }
        after_ascii = folded.ends_with(|last: char| last.is_ascii());
    }
    folded
}

/// [MS-SAMR] 3.1.1.6 names the characters a user's sAMAccountName must not have; `@` would make
/// the name read as a principal name.
const FORBIDDEN: &str = "\"/\\[]:;|=,+*?<>@";

const INVISIBLE: GeneralCategoryGroup =
    GeneralCategoryGroup::Control.union(GeneralCategoryGroup::Format);

const fn is_edge(c: char) -> bool {
    matches!(c, '.' | ' ')
}

const fn transcription(letter: char) -> Option<&'static str> {
    Some(match letter {
        'æ' => "ae",
        'ø' | 'œ' => "oe",
        'ß' => "ss",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        _ => return None,
    })
}
