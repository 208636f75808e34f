//! Account names that Active Directory takes.

use std::borrow::Cow;

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use super::Arguments;
use super::case::to_lower;
use super::cut::units;
use crate::environment::Context;
use crate::limits::ACCOUNT_NAME_LENGTH;
use crate::operand::{Failure, Operand, text_of};
use crate::text_buffer::TextBuffer;

/// The first candidate of which something remains; nothing if there is none.
pub(super) fn account_name(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    for argument in arguments.iter() {
        let Operand::One(value) = argument else { continue };
        let Some(text) = text_of(value) else { continue };
        let mut folded = TextBuffer::default();
        fold_into(&text, &mut folded);
        let name = legal_name(folded.as_str());
        if !name.is_empty() {
            return Ok(Operand::text(name.as_ref()));
        }
    }
    Ok(Operand::Null)
}

fn legal_name(folded: &str) -> Cow<'_, str> {
    // ASCII is composed as it is.
    if folded.is_ascii() {
        return Cow::Borrowed(cut(folded));
    }
    let composed = ComposingNormalizerBorrowed::new_nfc().normalize(folded);
    Cow::Owned(cut(&composed).to_owned())
}

fn cut(name: &str) -> &str {
    units(name.trim_matches(is_edge), 0, ACCOUNT_NAME_LENGTH).trim_end_matches(is_edge)
}

/// Lower case, without what must not be in a name. Latin letters lose their marks; letters that
/// Unicode does not decompose take their usual transcription. Other scripts stay as they are.
fn fold_into(text: &str, folded: &mut TextBuffer) {
    if text.is_ascii() {
        let is_kept = |c: &char| !c.is_ascii_control() && !FORBIDDEN.contains(*c);
        folded.extend(text.chars().filter(is_kept).map(|c| c.to_ascii_lowercase()));
        return;
    }
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
        after_ascii = letter.is_ascii() || transcription(letter).is_some();
    }
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
