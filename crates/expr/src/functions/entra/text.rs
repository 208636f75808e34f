//! Texts, numbers, predicates and lists: the entries. The code is in the modules beside this one,
//! and in that of the other dialect where both agree.

use super::text_code as code;
use super::{
    BOOLEAN, ENTRA, EXTENDED, Function, INTEGER, OnNull, Parameter, Purity, Returns, Run,
    list_values, number, parameter, text,
};
use crate::ErrorKind;
use crate::functions::{Kind, bits, case, cut, join};

const TEXT: Parameter = text("string", OnNull::Propagate);
const OCTETS_OR_EMPTY: Parameter = parameter("string", Kind::TextOrOctets, OnNull::EmptyText);
const TEXT_OR_EMPTY: Parameter = text("string", OnNull::EmptyText);
const TEXT_OR_ZERO: Parameter = text("string", OnNull::Zero);
const SOUGHT: Parameter = text("sought", OnNull::Zero);
const PAD: Parameter = text("padCharacter", OnNull::Refuse(ErrorKind::Value));
const MASK: Parameter = parameter("value", Kind::Number, OnNull::Propagate);
const FLAG: Parameter = parameter("flag", Kind::Number, OnNull::Propagate);
const CULTURE: Parameter = text("culture", OnNull::Pass);
const LIST: Parameter = parameter("values", Kind::List, OnNull::Propagate);
const LIST_OR_ZERO: Parameter = parameter("values", Kind::List, OnNull::Zero);
const LIST_NEEDED: Parameter = parameter("values", Kind::List, OnNull::Refuse(ErrorKind::Range));
const COMPARE: Parameter = parameter(
    "compare",
    Kind::Words(&["vbBinaryCompare", "vbTextCompare"]),
    OnNull::Refuse(ErrorKind::Type),
);
const CASE: Parameter = parameter(
    "case",
    Kind::Words(&["CaseSensitive", "CaseInsensitive"]),
    OnNull::Refuse(ErrorKind::Type),
);
const WHOLE: Parameter = parameter("value", Kind::Any, OnNull::False);

/// A transformation of one text.
const ONE_TEXT: Function = Function { parameters: &[TEXT], ..ENTRA };

/// A question about a whole argument.
const QUESTION: Function = Function { parameters: &[WHOLE], lifts: &[], returns: BOOLEAN, ..ENTRA };

/// A function of a collection.
const OF_LIST: Function = Function { lifts: &[], returns: INTEGER, ..ENTRA };

/// The entries.
pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "UCase",
        docs: "maps each character to upper case",
        run: Run::Eager(case::upper),
        ..ONE_TEXT
    },
    Function {
        name: "LCase",
        docs: "maps each character to lower case",
        run: Run::Eager(case::lower),
        ..ONE_TEXT
    },
    Function {
        name: "PCase",
        dialects: EXTENDED.dialects,
        parameters: &[TEXT, text("separators", OnNull::Propagate)],
        optional: 1,
        docs: "capitalizes the words, or what follows any of the separators",
        run: Run::Eager(code::title),
        ..ENTRA
    },
    Function {
        name: "PCase",
        docs: "capitalizes the words; one in capitals only is kept",
        run: Run::Eager(code::title),
        ..ONE_TEXT
    },
    Function {
        name: "LTrim",
        docs: "drops white space at the start",
        run: Run::Eager(cut::left_trim),
        ..ONE_TEXT
    },
    Function {
        name: "RTrim",
        docs: "drops white space at the end",
        run: Run::Eager(cut::right_trim),
        ..ONE_TEXT
    },
    Function {
        name: "Trim",
        docs: "drops white space at both ends",
        run: Run::Eager(cut::trim),
        ..ONE_TEXT
    },
    Function {
        name: "Left",
        parameters: &[OCTETS_OR_EMPTY, number("count")],
        returns: Returns::Arguments(&[0]),
        docs: "the first characters or octets",
        run: Run::Eager(code::left),
        ..ENTRA
    },
    Function {
        name: "Right",
        parameters: &[OCTETS_OR_EMPTY, number("count")],
        returns: Returns::Arguments(&[0]),
        docs: "the last characters or octets",
        run: Run::Eager(code::right),
        ..ENTRA
    },
    Function {
        name: "Mid",
        parameters: &[OCTETS_OR_EMPTY, number("start"), number("count")],
        returns: Returns::Arguments(&[0]),
        docs: "characters or octets from a position",
        run: Run::Eager(code::mid),
        ..ENTRA
    },
    Function {
        name: "Len",
        parameters: &[parameter("string", Kind::TextOrOctets, OnNull::Zero)],
        returns: INTEGER,
        docs: "the number of characters or octets",
        run: Run::Eager(code::length),
        ..ENTRA
    },
    Function {
        name: "Word",
        parameters: &[
            TEXT_OR_EMPTY,
            number("index"),
            text("delimiters", OnNull::Refuse(ErrorKind::Type)),
        ],
        docs: "the word at a position between delimiters",
        run: Run::Eager(cut::word),
        ..ENTRA
    },
    Function {
        name: "PadLeft",
        parameters: &[TEXT_OR_EMPTY, number("length"), PAD],
        docs: "fills up to a length at the front",
        run: Run::Eager(join::left_pad),
        ..ENTRA
    },
    Function {
        name: "PadRight",
        parameters: &[TEXT_OR_EMPTY, number("length"), PAD],
        docs: "fills up to a length at the end",
        run: Run::Eager(join::right_pad),
        ..ENTRA
    },
    Function {
        name: "InStr",
        parameters: &[TEXT_OR_ZERO, SOUGHT, number("start"), COMPARE],
        optional: 2,
        lifts: &[0, 1],
        returns: INTEGER,
        docs: "the position of the first match; 0 for none",
        run: Run::Eager(code::first),
        ..ENTRA
    },
    Function {
        name: "InStrRev",
        parameters: &[TEXT_OR_ZERO, SOUGHT, number("start"), COMPARE],
        optional: 2,
        lifts: &[0, 1],
        returns: INTEGER,
        docs: "the position of the last match; 0 for none",
        run: Run::Eager(code::last),
        ..ENTRA
    },
    Function {
        name: "Replace",
        parameters: &[TEXT, text("old", OnNull::Propagate), text("new", OnNull::Pass)],
        reads_escapes: true,
        docs: "replaces every occurrence of a text",
        run: Run::Eager(join::replace),
        ..ENTRA
    },
    Function {
        name: "ReplaceChars",
        parameters: &[TEXT, text("pattern", OnNull::Propagate)],
        docs: "replaces single characters by texts, as in 'ä:ae,ö:oe'",
        run: Run::Eager(code::replace_characters),
        ..ENTRA
    },
    Function {
        name: "Split",
        parameters: &[TEXT, text("delimiter", OnNull::Propagate), number("limit")],
        optional: 1,
        lifts: &[],
        docs: "cuts a text into several at a delimiter",
        run: Run::Eager(list_values::split),
        ..ENTRA
    },
    Function {
        name: "Join",
        parameters: &[LIST, text("delimiter", OnNull::Propagate)],
        optional: 1,
        lifts: &[],
        docs: "joins several texts, a space or the delimiter between them",
        run: Run::Eager(list_values::join),
        ..ENTRA
    },
    Function {
        name: "Contains",
        parameters: &[LIST_OR_ZERO, SOUGHT, CASE],
        optional: 1,
        docs: "the position of the first value with a text in it; 0 for none",
        run: Run::Eager(list_values::contains),
        ..OF_LIST
    },
    Function {
        name: "Count",
        parameters: &[LIST_OR_ZERO],
        docs: "the number of values",
        run: Run::Eager(list_values::count),
        ..OF_LIST
    },
    Function {
        name: "Item",
        parameters: &[LIST_NEEDED, number("index")],
        returns: Returns::Arguments(&[0]),
        docs: "the value at a position",
        run: Run::Eager(list_values::item),
        ..OF_LIST
    },
    Function {
        name: "ItemOrNull",
        parameters: &[LIST, number("index")],
        returns: Returns::Arguments(&[0]),
        docs: "the value at a position, or nothing",
        run: Run::Eager(list_values::item_or_null),
        ..OF_LIST
    },
    Function {
        name: "RemoveDuplicates",
        parameters: &[LIST],
        returns: Returns::Arguments(&[0]),
        docs: "keeps the first of equal values",
        run: Run::Eager(list_values::remove_duplicates),
        ..OF_LIST
    },
    Function {
        name: "BitAnd",
        parameters: &[MASK, FLAG],
        lifts: &[0, 1],
        returns: INTEGER,
        docs: "the bits set in both numbers",
        run: Run::Eager(bits::and),
        ..ENTRA
    },
    Function {
        name: "BitOr",
        parameters: &[MASK, FLAG],
        lifts: &[0, 1],
        returns: INTEGER,
        docs: "the bits set in either number",
        run: Run::Eager(bits::or),
        ..ENTRA
    },
    Function {
        name: "IsBitSet",
        parameters: &[
            parameter("value", Kind::Number, OnNull::False),
            parameter("flag", Kind::Number, OnNull::False),
        ],
        returns: BOOLEAN,
        docs: "true if the numbers share a bit",
        run: Run::Eager(code::is_bit_set),
        ..ENTRA
    },
    Function {
        name: "IsNumeric",
        docs: "true for a number and for a text that reads as one",
        run: Run::Eager(code::is_numeric),
        ..QUESTION
    },
    Function {
        name: "IsString",
        docs: "true for a text and for what converts to one",
        run: Run::Eager(code::is_string),
        ..QUESTION
    },
    Function {
        name: "RandomNum",
        parameters: &[number("least"), number("greatest")],
        lifts: &[],
        returns: INTEGER,
        purity: Purity::RANDOM,
        docs: "a random number from one bound to the other",
        run: Run::Eager(bits::random_num),
        ..ENTRA
    },
    Function {
        name: "RandomString",
        parameters: &[
            number("length"),
            number("digits"),
            number("specials"),
            number("upper"),
            number("lower"),
            text("avoid", OnNull::Refuse(ErrorKind::Type)),
        ],
        optional: 1,
        lifts: &[],
        purity: Purity::RANDOM.and(Purity::SECRET),
        docs: "a random text with at least so many characters of each class",
        run: Run::Eager(code::random_text),
        ..EXTENDED
    },
    Function {
        name: "Append",
        parameters: &[TEXT, text("suffix", OnNull::Pass)],
        docs: "puts a text behind another",
        run: Run::Eager(join::concatenate),
        ..EXTENDED
    },
    Function {
        name: "NormalizeDiacritics",
        parameters: &[TEXT],
        docs: "takes the marks off letters",
        run: Run::Eager(code::without_marks),
        ..EXTENDED
    },
    Function {
        name: "StripSpaces",
        parameters: &[TEXT],
        docs: "drops every space",
        run: Run::Eager(code::strip_spaces),
        ..EXTENDED
    },
    Function {
        name: "ToLower",
        parameters: &[TEXT, CULTURE],
        optional: 1,
        docs: "maps each character to lower case, whatever the culture",
        run: Run::Eager(case::lower),
        ..EXTENDED
    },
    Function {
        name: "ToUpper",
        parameters: &[TEXT, CULTURE],
        optional: 1,
        docs: "maps each character to upper case, whatever the culture",
        run: Run::Eager(case::upper),
        ..EXTENDED
    },
];
