//! Random expressions: well typed for the most part, from forms with places to fill.
//!
//! A place in braces asks for a part of a type: `t` text, `n` number, `b` Boolean, `d` moment, `r`
//! reference, `x` octets, `a` anything, in upper case several of them; `T?` one or several. `{s}`
//! is a small number, `{c}` one character. `$@` is a variable's name; after `{+t}` it is in scope
//! and of that type.

use crate::choices::Choices;
use crate::world::{ATTRIBUTES, NUMBERS, TEXTS};

/// How deep expressions go.
const DEPTH: usize = 4;

/// One language.
struct Language {
    is_entra: bool,
    /// The types of parts.
    types: &'static [char],
    forms: Forms,
}

/// For each type what gives it.
pub(crate) type Forms = &'static [(char, &'static [&'static str])];

/// Characters for texts of no meaning.
const PALETTE: &str = "aAbB zZ09.,;:=-+'\"\\/@_#<>()éÉßÆøłΣςσıİ😀𐐨𐐀ǆǅ\u{301}\u{a0}\u{2019}\t\n\u{7}€²Ⅷⅷª\u{345}中ﬁ\u{fffe}";

const TYPES: &[char] = &['t', 'n', 'b', 'd', 'r', 'x', 'T', 'N', 'R', 'D', 'X', 'B'];

const MIM_TYPES: &[char] = &['t', 'n', 'b', 'r', 'x', 'T'];

/// An expression of Entra Connect with the functions of cloud provisioning.
pub(crate) fn entra(octets: Vec<u8>) -> String {
    let language = Language { is_entra: true, types: TYPES, forms: ENTRA };
    let mut generator =
        Generator { choices: Choices::new(octets), language, variables: Vec::new() };
    match generator.choices.below(24) {
        1 => generator.fill("IgnoreFlowIfNullOrEmpty({a})", DEPTH),
        2 => generator.fill("SelectUniqueValue({t}, {t}, {a})", DEPTH),
        3 => generator.fill("IIF({b}, IgnoreThisFlow, {a})", DEPTH),
        4 => generator.fill("Switch({b}, {a}, {b}, AuthoritativeNull, True, {a})", DEPTH),
        5 => generator.fill("Coalesce({a}, IgnoreThisFlow)", DEPTH),
        _ => generator.part('a', DEPTH),
    }
}

/// An expression of Entra Connect of one value, from some of its forms.
pub(crate) fn entra_from(octets: Vec<u8>, forms: Forms) -> String {
    let language = Language { is_entra: true, types: &['t', 'n', 'b', 'r', 'x'], forms };
    let mut generator =
        Generator { choices: Choices::new(octets), language, variables: Vec::new() };
    generator.part('a', DEPTH)
}

/// An expression of Microsoft Identity Manager.
pub(crate) fn mim(octets: Vec<u8>) -> String {
    let language = Language { is_entra: false, types: MIM_TYPES, forms: MIM };
    let mut generator =
        Generator { choices: Choices::new(octets), language, variables: Vec::new() };
    generator.part('a', DEPTH)
}

struct Generator {
    choices: Choices,
    language: Language,
    /// The variables in scope and their types.
    variables: Vec<(&'static str, char)>,
}

impl Generator {
    fn part(&mut self, kind: char, depth: usize) -> String {
        let known = self.language.types;
        // Now and then of another type.
        let kind =
            if kind == 'a' || self.choices.rarely(24) { self.choices.of(known) } else { kind };
        let forms = self.language.forms.iter().find(|(of, _)| *of == kind).map(|(_, forms)| *forms);
        match forms {
            Some(forms) if depth > 0 && self.choices.below(4) > 0 => {
                let form = self.choices.of(forms);
                self.fill(form, depth - 1)
            }
            _ => self.leaf(kind),
        }
    }

    fn fill(&mut self, form: &str, depth: usize) -> String {
        let variable = self.choices.of(&["x", "y"]);
        let mut bound = 0;
        let mut out = String::new();
        let mut rest = form.replace('@', variable);
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let (place, after) = after.split_once('}').unwrap();
            let letters: Vec<char> = place.chars().collect();
            match letters.as_slice() {
                ['+', kind] => {
                    self.variables.push((variable, *kind));
                    bound += 1;
                }
                ['s'] => out.push_str(&self.choices.below(8).to_string()),
                ['c'] => {
                    let c =
                        self.choices.of(&["\",\"", "\"0\"", "\" \"", "\"\"", "\"@\"", "\"ab\""]);
                    out.push_str(c);
                }
                [kind, '?'] => {
                    let is_several = self.choices.below(3) == 2;
                    let kind = if is_several { *kind } else { kind.to_ascii_lowercase() };
                    out.push_str(&self.part(kind, depth));
                }
                _ => out.push_str(&self.part(letters[0], depth)),
            }
            rest = after.to_owned();
        }
        out.push_str(&rest);
        self.variables.truncate(self.variables.len() - bound);
        out
    }

    fn leaf(&mut self, kind: char) -> String {
        let variables: Vec<&str> =
            self.variables.iter().filter(|(_, of)| *of == kind).map(|(name, _)| *name).collect();
        if !variables.is_empty() && self.choices.below(2) == 0 {
            return format!("${}", self.choices.of(&variables));
        }
        let is_entra = self.language.is_entra;
        match (self.choices.below(3), kind) {
            (0, 't') => self.literal(),
            (0, 'n') => self.number(),
            (0, 'b') => self.choices.of(&["True", "False"]).to_owned(),
            _ if self.choices.rarely(12) => (if is_entra { "NULL" } else { "Null()" }).to_owned(),
            (1, 't') if self.choices.rarely(6) => self
                .choices
                .of(if is_entra { &["%Forest.LDAP%", "CRLF"] } else { &["$p", "[//Target/Name]"] })
                .to_owned(),
            (1, 'n') if is_entra && self.choices.rarely(6) => {
                self.choices.of(&["%Flag%", "&HFF"]).to_owned()
            }
            _ => {
                let names: Vec<&str> = ATTRIBUTES
                    .iter()
                    .filter(|(_, of)| *of == kind)
                    .map(|(name, _)| *name)
                    .collect();
                let name = if names.is_empty() { "t1" } else { self.choices.of(&names) };
                if is_entra { format!("[{name}]") } else { name.to_owned() }
            }
        }
    }

    fn literal(&mut self) -> String {
        let text = match self.choices.below(4) {
            0 | 1 => self.choices.of(TEXTS).to_owned(),
            2 => [self.choices.of(TEXTS), self.choices.of(TEXTS)].concat(),
            _ => {
                let palette: Vec<char> = PALETTE.chars().collect();
                (0..self.choices.below(12)).map(|_| self.choices.of(&palette)).collect()
            }
        };
        let text = if self.language.is_entra { text.replace('\\', "\\\\") } else { text };
        format!("\"{}\"", text.replace('"', "\"\""))
    }

    fn number(&mut self) -> String {
        let number = self.choices.of(NUMBERS);
        if self.language.is_entra && number == i64::MIN {
            return "&H8000000000000000".to_owned();
        }
        number.to_string()
    }
}

const MIM: &[(char, &[&str])] = &[
    (
        't',
        &[
            "({t} + {t})",
            "{t} + {a} + {t}",
            "+({t}, {n}, {b})",
            "Concatenate({t}, {t}, {a})",
            "UpperCase({t})",
            "LowerCase({t})",
            "ProperCase({t})",
            "LTrim({t})",
            "RTrim({t})",
            "Trim({t})",
            "RightPad({t}, {s}, {c})",
            "LeftPad({n}, {s}, {t})",
            "DateTimeFormat({t}, \"yyyy-MM-dd HH:mm:ss.fff tt\")",
            "ConvertSidToString({x})",
            "ReplaceString({t}, {t}, {t})",
            "ReplaceString({t}, \"\\n\", \"a\")",
            "Word({t}, {s}, {t})",
            "Word({t}, {n}, {c})",
            "Left({t}, {s})",
            "Left({t}, {n})",
            "Right({t}, {s})",
            "Right({t}, {n})",
            "Mid({t}, {s}, {s})",
            "Mid({t}, {n}, {n})",
            "CRLF()",
            "EscapeDNComponent({t})",
            "EscapeDNComponent(\"CN=\" + {t})",
            "IIF({b}, {t}, {t})",
            "IIF({a}, {t}, {a})",
            "SingleValueAssignment({t})",
        ],
    ),
    (
        'n',
        &[
            "BitOr({n}, {n})",
            "BitAnd({n}, {n})",
            "BitAnd({a}, {n})",
            "RandomNum({s}, 0)",
            "RandomNum(3, 3)",
            "IIF({b}, {n}, {n})",
        ],
    ),
    (
        'b',
        &[
            "Eq({a}, {a})",
            "Eq({t}, {t})",
            "Eq({r}, {t})",
            "Eq({n}, {t})",
            "NotEquals({t}, {b})",
            "LessThan({r}, {t})",
            "NotEquals({n}, {a})",
            "LessThan({n}, {n})",
            "LessThan({t}, {t})",
            "GreaterThan({n}, {t})",
            "LessThanOrEquals({a}, {a})",
            "GreaterThanOrEquals({t}, {t})",
            "IsPresent({a})",
            "IIF({b}, {b}, {b})",
        ],
    ),
    ('x', &["ConvertStringToGuid({t})", "IIF({b}, {x}, {x})"]),
];

const ENTRA: &[(char, &[&str])] = &[
    (
        't',
        &[
            "({t} & {t})",
            "{t} & {a}",
            "CStr({n})",
            "CStr({r})",
            "CStr({a})",
            "ConvertFromBase64({t})",
            "ConvertFromBase64({t}, UTF8)",
            "ConvertFromBase64(ConvertToBase64({t}))",
            "ConvertFromBase64({t}, ASCII)",
            "ConvertToBase64({x})",
            "ConvertToBase64({t})",
            "ConvertFromUTF8Hex({t})",
            "ConvertToUTF8Hex({x})",
            "ConvertToUTF8Hex({t})",
            "DNComponent({r}, {s})",
            "DNComponentRev({r}, {s})",
            "DNComponentRev({r}, {s}, DC)",
            "EscapeDNComponent({t})",
            "EscapeDNComponent(\"cn=\" & {t})",
            "FormatDateTime({d}, \"yyyyMMddHHmmss.0Z dddd MMM h:mm tt\")",
            "Item({T}, {s})",
            "ItemOrNull({T}, {s})",
            "Join({T})",
            "Join({T}, {t})",
            "LCase({t})",
            "UCase({t})",
            "PCase({t})",
            "PCase({t}, \" '-\")",
            "PCase({t}, {t})",
            "Left({t}, {s})",
            "Left({t}, {n})",
            "Right({t}, {s})",
            "Mid({t}, {s}, {s})",
            "Mid({t}, {n}, {n})",
            "LTrim({t})",
            "RTrim({t})",
            "Trim({t})",
            "PadLeft({t}, {s}, {c})",
            "PadRight({t}, {s}, {t})",
            "Replace({t}, {t}, {t})",
            "Replace({t}, \"\\n\", \"a\\t\")",
            "ReplaceChars({t}, \"a:b, b:,é:e\")",
            "ReplaceChars({t}, {t})",
            "StringFromGuid({x})",
            "StringFromSid({x})",
            "Word({t}, {s}, {t})",
            "Append({t}, {t})",
            "NormalizeDiacritics({t})",
            "StripSpaces({t})",
            "ToLower({t})",
            "ToUpper({t}, \"tr\")",
            "IIF({b}, {t}, {t})",
            "IIF({a}, {t}, {a})",
            "Switch({b}, {t}, {b}, {a})",
            "Coalesce({t}, {t})",
            "Redact({t})",
            "With($@, {t}, {+t}{t})",
            "With($@, {n}, {+n}{t})",
            "With($@, IIF({b}, IgnoreThisFlow, {t}), {+t}{t})",
            "Error({t})",
            "ImportedValue(\"t1\")",
        ],
    ),
    (
        'n',
        &[
            "({n} + {n})",
            "({n} - {n} * {n})",
            "-{n}",
            "{n} * {a}",
            "BitAnd({n}, {n})",
            "BitOr({n}, {n})",
            "CNum({t})",
            "CNum({x})",
            "CNum({a})",
            "Count({T})",
            "Count({B})",
            "Contains({T}, {t})",
            "Contains({R}, {t}, CaseInsensitive)",
            "Contains({T}, {t}, \"CaseInsensitive\")",
            "InStr({t}, {t})",
            "InStr({t}, {t}, {s})",
            "InStr({t}, {t}, {s}, vbTextCompare)",
            "InStrRev({t}, {t})",
            "InStrRev({t}, {t}, {s})",
            "InStrRev({t}, {t}, {n}, vbTextCompare)",
            "Len({t})",
            "Len({x})",
            "NumFromDate({d})",
            "ValueCount(\"T1\")",
            "DateDiff(\"d\", {d}, {d})",
            "DateDiff(\"ww\", {d}, {d})",
            "DateDiff(\"m\", {d}, {d})",
            "DateDiff(\"h\", {d}, {d})",
            "Item({N}, {s})",
            "ItemOrNull({N}, {n})",
            "IIF({b}, {n}, {n})",
            "With($@, {n}, {+n}{n})",
        ],
    ),
    (
        'b',
        &[
            "({t} = {t})",
            "({n} <> {n})",
            "({a} = {a})",
            "({r} = {r})",
            "({n} < {n})",
            "({t} <= {t})",
            "({d} > {d})",
            "({a} >= {a})",
            "({b} && {b})",
            "({b} || {b})",
            "{b} && {a} || {b}",
            "{t} = {t} && {n} < {n}",
            "CBool({a})",
            "CBool({n})",
            "CBool({t})",
            "IsBitSet({n}, {n})",
            "IsDate({t})",
            "IsDate({a})",
            "IsEmpty({a})",
            "IsGuid({t})",
            "IsNull({a})",
            "IsNullOrEmpty({a})",
            "IsNumeric({a})",
            "IsNumeric({t})",
            "IsPresent({a})",
            "IsString({a})",
            "Not({b})",
            "Not({a})",
            "IIF({b}, {b}, {b})",
        ],
    ),
    (
        'd',
        &[
            "CDate({t})",
            "DateAdd(\"m\", {n}, {d})",
            "DateAdd(\"yyyy\", {s}, {d})",
            "DateAdd(\"q\", -1, {d})",
            "DateAdd(\"ww\", {s}, {d})",
            "DateAdd(\"s\", {n}, {d})",
            "DateAdd({t}, {s}, {d})",
            "DateFromNum({n})",
            "DateFromNum(NumFromDate({d}))",
            "Now()",
            "Item({D}, 1)",
            "IIF({b}, {d}, {d})",
        ],
    ),
    ('r', &["CRef({t})", "CRef(\"cn=\" & {t})", "Item({R}, {s})", "IIF({b}, {r}, {r})"]),
    (
        'x',
        &[
            "CGuid({t})",
            "CBin({n}, {s})",
            "Left({x}, {s})",
            "Right({x}, {n})",
            "Mid({x}, {s}, {s})",
            "Mid({x}, {n}, {n})",
            "({x} & {x})",
            "Item({X}, {s})",
            "IIF({b}, {x}, {x})",
        ],
    ),
    (
        'T',
        &[
            "Split({t}, {c})",
            "Split({t}, \",\", {s})",
            "Split({T?}, {t})",
            "RemoveDuplicates({T})",
            "RemoveDuplicates(Trim({T}))",
            "Select($@, {T}, {+t}{t})",
            "Select($@, {N}, {+n}{t})",
            "Select($@, {T}, {+t}IIF({b}, {t}, NULL))",
            "Where($@, {T}, {+t}{b})",
            "({T?} & {T})",
            "({T} & {a})",
            "LCase({T})",
            "Trim({T})",
            "PCase({T}, \" \")",
            "Left({T}, {s})",
            "Left({T}, InStr({T?}, {t}))",
            "Mid({T}, {s}, {s})",
            "Word({T}, 1, {t})",
            "Replace({T}, {t}, {T?})",
            "PadLeft({T}, {s}, \"x\")",
            "CStr({N})",
            "CStr({R})",
            "DNComponent({R}, 1)",
            "IIF({B}, {T?}, {T?})",
            "IIF(({T} = {t}), NULL, {T})",
            "IIF({b}, {T}, {T})",
            "Switch({b}, {T}, {b}, {T?})",
            "Coalesce({T}, {T})",
            "ImportedValue(\"T1\")",
            "With($@, {T}, {+T}{T})",
        ],
    ),
    (
        'N',
        &[
            "InStr({T}, {T?})",
            "InStr({t}, {T})",
            "InStrRev({T}, {t})",
            "Len({T})",
            "CNum({T})",
            "({N} + {N?})",
            "({n} * {N})",
            "-{N}",
            "BitAnd({N}, {N?})",
            "BitOr({n}, {N})",
            "Select($@, {T}, {+t}{n})",
            "Where($@, {N}, {+n}{b})",
            "IIF({B}, {N?}, {n})",
            "RemoveDuplicates({N})",
        ],
    ),
    (
        'B',
        &[
            "({T} = {T?})",
            "({N?} < {N})",
            "({B} && {B?})",
            "({b} || {B})",
            "({R} = {r})",
            "Not({B})",
            "CBool({T})",
            "IsBitSet({N}, {n})",
            "IsGuid({T})",
            "({D} > {d})",
        ],
    ),
    (
        'D',
        &["CDate({T})", "DateAdd(\"d\", {s}, {D})", "DateFromNum({N})", "Where($@, {D}, {+d}{b})"],
    ),
    ('R', &["CRef({T})", "RemoveDuplicates({R})", "Where($@, {R}, {+r}{b})"]),
    ('X', &["Left({X}, {s})", "CBin({N}, 4)", "RemoveDuplicates({X})", "CGuid({T})"]),
];
