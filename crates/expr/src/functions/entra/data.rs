//! Dates, octets, identifiers, names and conversions: the entries. The code is in the modules beside
//! this one, and in that of the other dialect where both agree.

use super::data_code as code;
use super::{
    BINARY, BOOLEAN, ENTRA, EXTENDED, Function, INTEGER, MOMENT, OnNull, Parameter, Purity,
    REFERENCE, Run, number, parameter, text,
};
use crate::ErrorKind;
use crate::functions::{Kind, convert, distinguished};

const TEXT: Parameter = text("string", OnNull::Propagate);
const VALUE: Parameter = parameter("value", Kind::Single, OnNull::Propagate);
const TEXT_OR_OCTETS: Parameter = parameter("value", Kind::TextOrOctets, OnNull::Propagate);
const INTERVAL: Parameter = text("interval", OnNull::Refuse(ErrorKind::Type));
const NAME: Parameter = parameter("dn", Kind::Reference, OnNull::Propagate);
const ENCODINGS: &[&str] = &["Unicode", "ASCII", "UTF8"];

/// The entries, but for those of certificates.
pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CBool",
        parameters: &[parameter("value", Kind::Single, OnNull::False)],
        returns: BOOLEAN,
        docs: "a number or a text as true or false; nothing is false",
        run: Run::Eager(code::to_boolean),
        ..ENTRA
    },
    Function {
        name: "CDate",
        parameters: &[TEXT],
        returns: MOMENT,
        docs: "a text as a date",
        run: Run::Eager(code::to_date),
        ..ENTRA
    },
    Function {
        name: "CGuid",
        parameters: &[TEXT],
        returns: BINARY,
        docs: "a GUID as the octets a directory stores",
        run: Run::Eager(convert::string_to_guid),
        ..ENTRA
    },
    Function {
        name: "CNum",
        parameters: &[VALUE],
        returns: INTEGER,
        docs: "a text or little-endian octets as a number",
        run: Run::Eager(code::to_number),
        ..ENTRA
    },
    Function {
        name: "CRef",
        parameters: &[TEXT],
        returns: REFERENCE,
        docs: "a name as a reference",
        run: Run::Eager(code::to_reference),
        ..ENTRA
    },
    Function {
        name: "CStr",
        parameters: &[VALUE],
        docs: "a number, a reference or a Boolean as a text",
        run: Run::Eager(code::to_text),
        ..ENTRA
    },
    Function {
        name: "CBin",
        parameters: &[number("number"), number("width")],
        returns: BINARY,
        docs: "a number as so many little-endian octets",
        run: Run::Eager(code::to_octets),
        ..ENTRA
    },
    Function {
        name: "ConvertFromBase64",
        parameters: &[
            TEXT,
            parameter("encoding", Kind::Words(ENCODINGS), OnNull::Refuse(ErrorKind::Type)),
        ],
        optional: 1,
        docs: "the text that Base64 holds, in UTF-16 unless told otherwise",
        run: Run::Eager(code::from_base64),
        ..ENTRA
    },
    Function {
        name: "ConvertToBase64",
        parameters: &[TEXT_OR_OCTETS],
        docs: "octets, or a text in UTF-16, as Base64",
        run: Run::Eager(code::to_base64),
        ..ENTRA
    },
    Function {
        name: "ConvertFromUTF8Hex",
        parameters: &[TEXT],
        docs: "the text that hexadecimal digits hold in UTF-8",
        run: Run::Eager(code::from_hexadecimal),
        ..ENTRA
    },
    Function {
        name: "ConvertToUTF8Hex",
        parameters: &[TEXT_OR_OCTETS],
        docs: "octets, or a text in UTF-8, as hexadecimal digits",
        run: Run::Eager(code::to_hexadecimal),
        ..ENTRA
    },
    Function {
        name: "Thumbprint",
        parameters: &[parameter("octets", Kind::Binary, OnNull::Propagate)],
        returns: BINARY,
        docs: "the SHA-256 hash of octets",
        run: Run::Eager(code::sha256),
        ..ENTRA
    },
    Function {
        name: "StringFromGuid",
        parameters: &[parameter("guid", Kind::Binary, OnNull::Propagate)],
        docs: "the text of a GUID that a directory stores",
        run: Run::Eager(code::guid_text),
        ..ENTRA
    },
    Function {
        name: "StringFromSid",
        parameters: &[parameter("sid", Kind::Binary, OnNull::Propagate)],
        docs: "the text of a security identifier",
        run: Run::Eager(convert::sid_to_string),
        ..ENTRA
    },
    Function {
        name: "Guid",
        parameters: &[],
        lifts: &[],
        purity: Purity::RANDOM,
        docs: "a new random GUID",
        run: Run::Eager(convert::new_guid),
        ..ENTRA
    },
    Function {
        name: "IsGuid",
        parameters: &[text("string", OnNull::False)],
        returns: BOOLEAN,
        docs: "true if a text is a GUID",
        run: Run::Eager(code::is_guid),
        ..ENTRA
    },
    Function {
        name: "Now",
        parameters: &[],
        lifts: &[],
        purity: Purity::READS_CLOCK,
        returns: MOMENT,
        docs: "the present moment",
        run: Run::Eager(code::now),
        ..ENTRA
    },
    Function {
        name: "IsDate",
        parameters: &[parameter("value", Kind::Any, OnNull::False)],
        lifts: &[],
        returns: BOOLEAN,
        docs: "true for a date and for a text that reads as one",
        run: Run::Eager(code::is_date),
        ..ENTRA
    },
    Function {
        name: "DateAdd",
        parameters: &[
            INTERVAL,
            number("count"),
            parameter("date", Kind::Moment, OnNull::Propagate),
        ],
        lifts: &[2],
        returns: MOMENT,
        docs: "a date so many units later",
        run: Run::Eager(code::date_add),
        ..ENTRA
    },
    Function {
        name: "DateDiff",
        parameters: &[
            INTERVAL,
            parameter("from", Kind::Moment, OnNull::Refuse(ErrorKind::Type)),
            parameter("to", Kind::Moment, OnNull::Refuse(ErrorKind::Type)),
        ],
        lifts: &[],
        returns: INTEGER,
        docs: "how many boundaries of a unit lie between two dates",
        run: Run::Eager(code::date_difference),
        ..EXTENDED
    },
    Function {
        name: "DateFromNum",
        parameters: &[parameter("number", Kind::Number, OnNull::Propagate)],
        returns: MOMENT,
        docs: "the date of a directory's time stamp",
        run: Run::Eager(code::date_from_number),
        ..ENTRA
    },
    Function {
        name: "NumFromDate",
        parameters: &[parameter("date", Kind::Moment, OnNull::Propagate)],
        returns: INTEGER,
        docs: "a date as a directory's time stamp",
        run: Run::Eager(code::number_from_date),
        ..ENTRA
    },
    Function {
        name: "FormatDateTime",
        parameters: &[
            parameter("date", Kind::Moment, OnNull::Propagate),
            text("format", OnNull::Refuse(ErrorKind::Type)),
        ],
        docs: "a date as a text of the given format",
        run: Run::Eager(code::format_date),
        ..ENTRA
    },
    Function {
        name: "DNComponent",
        parameters: &[NAME, number("index")],
        docs: "the value of a name's component, from the left, still escaped",
        run: Run::Eager(code::component),
        ..ENTRA
    },
    Function {
        name: "DNComponentRev",
        parameters: &[
            NAME,
            number("index"),
            parameter("option", Kind::Words(&["DC"]), OnNull::Refuse(ErrorKind::Type)),
        ],
        optional: 1,
        docs: "the value of a name's component from the right; with DC, the domain's are skipped",
        run: Run::Eager(code::component_from_right),
        ..ENTRA
    },
    Function {
        name: "EscapeDNComponent",
        parameters: &[TEXT],
        docs: "escapes the value of name=value",
        run: Run::Eager(distinguished::escape_component),
        ..ENTRA
    },
];
