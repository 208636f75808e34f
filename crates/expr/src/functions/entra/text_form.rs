//! The form of a text: title case, letters without their marks.

use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use icu_properties::CodePointMapData;
use icu_properties::props::{GeneralCategory, GeneralCategoryGroup};

use crate::functions::case::{ends_word, to_lower, to_title, to_upper};
use crate::functions::cut::CharacterSet;

/// Capitalizes each word. The rest of a word in capitals only is kept, that of any other becomes
/// lower case; what follows an apostrophe always does.
pub(super) fn title(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let category = category(c);
        if !GeneralCategoryGroup::Letter.contains(category) {
            result.push(c);
            continue;
        }
        result.push(to_title(c));
        let tail = rest.as_str();
        let end = tail.find(|c| c != '\'' && ends_word(self::category(c))).unwrap_or(tail.len());
        let (word, after) = tail.split_at(end);
        push_rest(word, category == GeneralCategory::LowercaseLetter, &mut result);
        rest = after.chars();
    }
    result
}

/// Appends what follows the first letter of a word, part by part between apostrophes.
fn push_rest(word: &str, first_is_lower: bool, result: &mut String) {
    let mut has_lower = first_is_lower;
    for part in word.split_inclusive('\'') {
        has_lower |= part.chars().any(|c| category(c) == GeneralCategory::LowercaseLetter);
        if has_lower {
            result.extend(part.chars().map(to_lower));
        } else {
            result.push_str(part);
        }
        has_lower = true;
    }
}

fn category(c: char) -> GeneralCategory {
    CodePointMapData::<GeneralCategory>::new().get(c)
}

/// The first character and each after one of `separators` in upper case, all others in lower case.
pub(super) fn title_after(text: &str, separators: &str) -> String {
    let separators = CharacterSet::of(separators);
    let mut starts = true;
    let capitalize = |c| {
        let mapped = if starts { to_upper(c) } else { to_lower(c) };
        starts = separators.contains(c);
        mapped
    };
    text.chars().map(capitalize).collect()
}

/// Letters without their marks; those that Unicode does not decompose take their usual
/// transcription.
pub(super) fn without_marks(text: &str) -> String {
    let mut transcribed = String::with_capacity(text.len());
    for c in text.chars() {
        match transcription(c) {
            Some(letters) => transcribed.push_str(letters),
            None => transcribed.push(c),
        }
    }
    let bare = DecomposingNormalizerBorrowed::new_nfd()
        .normalize_iter(transcribed.chars())
        .filter(|c| category(*c) != GeneralCategory::NonspacingMark)
        .collect::<String>();
    // Scripts whose syllables decompose without marks get them back whole.
    ComposingNormalizerBorrowed::new_nfc().normalize(&bare).into_owned()
}

const fn transcription(letter: char) -> Option<&'static str> {
    Some(match letter {
        'æ' => "ae",
        'Æ' => "AE",
        'ø' | 'œ' => "oe",
        'Ø' | 'Œ' => "OE",
        'ß' => "ss",
        'ẞ' => "SS",
        'ł' => "l",
        'Ł' => "L",
        'ı' => "i",
        'İ' => "I",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_in_capitals_keeps_them() {
        assert_eq!(title("TEsT"), "Test");
        assert_eq!(title("TEST"), "TEST");
        assert_eq!(title("tEST"), "Test");
        assert_eq!(title("IT department"), "IT Department");
    }

    #[test]
    fn a_hyphen_ends_a_word_and_an_apostrophe_does_not() {
        assert_eq!(title("jean-luc o'neil"), "Jean-Luc O'neil");
        assert_eq!(title("O'NEIL"), "O'neil");
        assert_eq!(title("MCDONALD'S"), "MCDONALD's");
    }

    #[test]
    fn a_digit_starts_no_word_but_continues_one() {
        assert_eq!(title("1st b2b"), "1St B2b");
        assert_eq!(title("$tEsT"), "$Test");
        assert_eq!(title(""), "");
    }

    #[test]
    fn separators_can_be_given() {
        assert_eq!(title_after("PINTO-DE'SILVA", " '-"), "Pinto-De'Silva");
        assert_eq!(title_after("john smith", ""), "John smith");
    }

    #[test]
    fn letters_lose_their_marks() {
        assert_eq!(without_marks("Zoë åäöñçšž"), "Zoe aaoncsz");
        assert_eq!(without_marks("Æsir Østby Straße Łódź ıİ"), "AEsir OEstby Strasse Lodz iI");
        assert_eq!(without_marks("한글"), "한글");
    }
}
