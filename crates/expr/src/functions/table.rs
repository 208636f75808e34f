//! The table of functions, in the order documentation lists them.

use model::ValueType;

use super::{Dialect, Function, Kind, OnNull, Parameter, Purity, Returns, Run};
use super::{
    account, bits, case, convert, cut, date, distinguished, join, logic, password, unique,
};
use crate::ErrorKind;

const STRING: Returns = Returns::Type(ValueType::String);
const INTEGER: Returns = Returns::Type(ValueType::Integer);
const BOOLEAN: Returns = Returns::Type(ValueType::Boolean);
const BINARY: Returns = Returns::Type(ValueType::Binary);

/// What most entries have in common: a deterministic MIM function that makes text.
const MIM: Function = Function {
    name: "",
    dialects: &[Dialect::Mim],
    parameters: &[],
    optional: 0,
    variadic: false,
    group: 1,
    lifts: &[],
    returns: STRING,
    purity: Purity::DETERMINISTIC,
    outermost: false,
    reads_escapes: false,
    docs: "",
    run: Run::Eager(logic::null),
};

const fn parameter(name: &'static str, kind: Kind, on_null: OnNull) -> Parameter {
    Parameter { name, kind, on_null }
}

const fn text(name: &'static str, on_null: OnNull) -> Parameter {
    parameter(name, Kind::Text, on_null)
}

/// A number that must be there.
const fn count(name: &'static str) -> Parameter {
    parameter(name, Kind::Integer, OnNull::Refuse(ErrorKind::Type))
}

const STR: Parameter = text("str", OnNull::Propagate);
const STR_OR_EMPTY: Parameter = text("str", OnNull::EmptyText);
const PAD: Parameter = text("padCharacter", OnNull::Refuse(ErrorKind::Value));
const MASK: Parameter = parameter("mask", Kind::Integer, OnNull::Propagate);
const FLAG: Parameter = parameter("flag", Kind::Integer, OnNull::Propagate);
const COMPARED: &[Parameter] =
    &[parameter("arg1", Kind::Single, OnNull::Pass), parameter("arg2", Kind::Single, OnNull::Pass)];

/// What the parser makes of `+`.
pub(crate) const JOIN: &str = "Concatenate";

/// Every function, in every dialect.
pub static FUNCTIONS: &[Function] = &[
    Function {
        name: JOIN,
        parameters: &[text("strs", OnNull::Pass)],
        variadic: true,
        docs: "joins texts; the same as +",
        run: Run::Eager(join::concatenate),
        ..MIM
    },
    Function {
        name: "UpperCase",
        parameters: &[STR],
        docs: "maps each character to upper case",
        run: Run::Eager(case::upper),
        ..MIM
    },
    Function {
        name: "LowerCase",
        parameters: &[STR],
        docs: "maps each character to lower case",
        run: Run::Eager(case::lower),
        ..MIM
    },
    Function {
        name: "ProperCase",
        parameters: &[STR],
        docs: "begins each word with a capital and lowers the rest",
        run: Run::Eager(case::proper),
        ..MIM
    },
    Function {
        name: "LTrim",
        parameters: &[STR],
        docs: "removes white space at the start",
        run: Run::Eager(cut::left_trim),
        ..MIM
    },
    Function {
        name: "RTrim",
        parameters: &[STR],
        docs: "removes white space at the end",
        run: Run::Eager(cut::right_trim),
        ..MIM
    },
    Function {
        name: "Trim",
        parameters: &[STR],
        docs: "removes white space at both ends",
        run: Run::Eager(cut::trim),
        ..MIM
    },
    Function {
        name: "RightPad",
        parameters: &[STR_OR_EMPTY, count("length"), PAD],
        docs: "fills up at the end to a length",
        run: Run::Eager(join::right_pad),
        ..MIM
    },
    Function {
        name: "LeftPad",
        parameters: &[STR_OR_EMPTY, count("length"), PAD],
        docs: "fills up at the start to a length",
        run: Run::Eager(join::left_pad),
        ..MIM
    },
    Function {
        name: "BitOr",
        parameters: &[MASK, FLAG],
        returns: INTEGER,
        docs: "sets the bits that either number has",
        run: Run::Eager(bits::or),
        ..MIM
    },
    Function {
        name: "BitAnd",
        parameters: &[MASK, FLAG],
        returns: INTEGER,
        docs: "keeps the bits that both numbers have",
        run: Run::Eager(bits::and),
        ..MIM
    },
    Function {
        name: "DateTimeFormat",
        parameters: &[
            text("dateTimeString", OnNull::Propagate),
            text("format", OnNull::Refuse(ErrorKind::Type)),
        ],
        docs: "writes a date in another format, such as yyyyMMddHHmmss",
        run: Run::Eager(date::date_time_format),
        ..MIM
    },
    Function {
        name: "ConvertSidToString",
        parameters: &[parameter("ObjectSID", Kind::Binary, OnNull::Propagate)],
        docs: "writes a binary security identifier as S-1-...",
        run: Run::Eager(convert::sid_to_string),
        ..MIM
    },
    Function {
        name: "ConvertStringToGuid",
        parameters: &[text("stringGuid", OnNull::Propagate)],
        returns: BINARY,
        docs: "reads GUID text into its 16 octets, as Active Directory orders them",
        run: Run::Eager(convert::string_to_guid),
        ..MIM
    },
    Function {
        name: "ReplaceString",
        parameters: &[
            text("attribute", OnNull::Propagate),
            text("oldValue", OnNull::Refuse(ErrorKind::Value)),
            text("newValue", OnNull::Pass),
        ],
        reads_escapes: true,
        docs: "replaces each occurrence of one text by another",
        run: Run::Eager(join::replace),
        ..MIM
    },
    Function {
        name: "Word",
        parameters: &[
            STR_OR_EMPTY,
            count("wordIndex"),
            text("delimiters", OnNull::Refuse(ErrorKind::Type)),
        ],
        docs: "takes the n-th piece between any of the delimiter characters, from 1",
        run: Run::Eager(cut::word),
        ..MIM
    },
    Function {
        name: "Left",
        parameters: &[STR_OR_EMPTY, count("numChars")],
        docs: "takes the first n characters",
        run: Run::Eager(cut::left),
        ..MIM
    },
    Function {
        name: "Right",
        parameters: &[STR_OR_EMPTY, count("numChars")],
        docs: "takes the last n characters",
        run: Run::Eager(cut::right),
        ..MIM
    },
    Function {
        name: "Mid",
        parameters: &[STR_OR_EMPTY, count("pos"), count("numChars")],
        docs: "takes n characters from a position, from 1",
        run: Run::Eager(cut::mid),
        ..MIM
    },
    Function {
        name: "CRLF",
        docs: "carriage return and line feed",
        run: Run::Eager(join::crlf),
        ..MIM
    },
    Function {
        name: "RandomNum",
        parameters: &[count("start"), count("end")],
        returns: INTEGER,
        purity: Purity::RANDOM,
        docs: "draws a number, both bounds included; not for passwords",
        run: Run::Eager(bits::random_num),
        ..MIM
    },
    Function {
        name: "EscapeDNComponent",
        parameters: &[text("dnStr", OnNull::Propagate)],
        docs: "escapes the value of one name=value component of an LDAP name",
        run: Run::Eager(distinguished::escape_for_system),
        ..MIM
    },
    Function {
        name: "Null",
        returns: Returns::Nothing,
        docs: "nothing: the flow contributes no value",
        ..MIM
    },
    Function {
        name: "IIF",
        parameters: &[
            parameter("condition", Kind::Truth, OnNull::Pass),
            parameter("valueTrue", Kind::Single, OnNull::Pass),
            parameter("valueFalse", Kind::Single, OnNull::Pass),
        ],
        returns: Returns::Arguments(&[1, 2]),
        docs: "takes one of two values; only that one is evaluated",
        run: Run::Lazy(logic::iif),
        ..MIM
    },
    Function {
        name: "Eq",
        parameters: COMPARED,
        returns: BOOLEAN,
        docs: "true if both values are equal, or both absent",
        run: Run::Eager(logic::equal),
        ..MIM
    },
    Function {
        name: "NotEquals",
        parameters: COMPARED,
        returns: BOOLEAN,
        docs: "true if Eq is false",
        run: Run::Eager(logic::not_equal),
        ..MIM
    },
    Function {
        name: "LessThan",
        parameters: COMPARED,
        returns: BOOLEAN,
        docs: "true if the first value comes before the second",
        run: Run::Eager(logic::less),
        ..MIM
    },
    Function {
        name: "GreaterThan",
        parameters: COMPARED,
        returns: BOOLEAN,
        docs: "true if the first value comes after the second",
        run: Run::Eager(logic::greater),
        ..MIM
    },
    Function {
        name: "LessThanOrEquals",
        parameters: COMPARED,
        returns: BOOLEAN,
        docs: "true if the first value does not come after the second",
        run: Run::Eager(logic::less_or_equal),
        ..MIM
    },
    Function {
        name: "GreaterThanOrEquals",
        parameters: COMPARED,
        returns: BOOLEAN,
        docs: "true if the first value does not come before the second",
        run: Run::Eager(logic::greater_or_equal),
        ..MIM
    },
    Function {
        name: "IsPresent",
        parameters: &[parameter("attr", Kind::Any, OnNull::Pass)],
        returns: BOOLEAN,
        docs: "true if there is a value, even an empty text",
        run: Run::Eager(logic::is_present),
        ..MIM
    },
    Function {
        name: "Guid",
        purity: Purity::RANDOM,
        docs: "makes a new GUID text of version 4",
        run: Run::Eager(convert::new_guid),
        ..MIM
    },
    Function {
        name: "SingleValueAssignment",
        parameters: &[parameter("value", Kind::Any, OnNull::Pass)],
        returns: Returns::Arguments(&[0]),
        docs: "passes its argument on",
        run: Run::Eager(logic::identity),
        ..MIM
    },
    Function {
        name: "RandomPassword",
        dialects: &[Dialect::Extension],
        parameters: &[count("length")],
        purity: Purity::RANDOM.and(Purity::SECRET),
        docs: "makes a password of 8 to 128 characters of all four classes",
        run: Run::Eager(password::random_password),
        ..MIM
    },
    Function {
        name: "AccountName",
        dialects: &[Dialect::Extension],
        parameters: &[text("candidates", OnNull::Pass)],
        variadic: true,
        docs: "makes the first candidate that has usable characters into a legal account name",
        run: Run::Eager(account::account_name),
        ..MIM
    },
    Function {
        name: "UniqueName",
        dialects: &[Dialect::Extension],
        parameters: &[text("base", OnNull::Propagate), count("n")],
        purity: Purity::ASKS_OTHERS,
        docs: "takes the base, or if another object has that name the first of base2, base3, ... base(n) that is free",
        run: Run::Eager(unique::unique_name),
        ..MIM
    },
];
