//! Random surroundings: an object with attributes of every type and shape, any of them absent.

use std::collections::BTreeMap;

use expr::{DnStyle, Environment, Given};
use model::{Timestamp, Value};

use crate::choices::Choices;

/// The values of an attribute.
#[derive(Debug, Clone)]
pub(crate) enum Held {
    /// Of a single-valued one.
    One(Value),
    /// Of a multi-valued one.
    Several(Vec<Value>),
}

impl Held {
    fn given(&self) -> Given<'_> {
        match self {
            Self::One(value) => Given::One(value),
            Self::Several(values) => Given::Several(values),
        }
    }
}

/// What surrounds an evaluation.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) attributes: BTreeMap<String, Held>,
    pub(crate) confirmed: BTreeMap<String, Held>,
    pub(crate) parameters: BTreeMap<String, Held>,
    pub(crate) taken: Vec<String>,
    pub(crate) now: Timestamp,
    pub(crate) dn_style: DnStyle,
}

impl Environment for World {
    fn attribute(&self, name: &str) -> Given<'_> {
        self.attributes.get(name).map_or(Given::Nothing, Held::given)
    }

    fn confirmed(&self, name: &str) -> Given<'_> {
        self.confirmed.get(name).map_or(Given::Nothing, Held::given)
    }

    fn parameter(&self, name: &str) -> Option<Given<'_>> {
        self.parameters.get(name).map(Held::given)
    }

    fn now(&self) -> Timestamp {
        self.now
    }

    fn is_taken(&self, name: &str) -> bool {
        self.taken.iter().any(|taken| taken.eq_ignore_ascii_case(name))
    }

    fn dn_style(&self) -> DnStyle {
        self.dn_style
    }
}

/// Texts at which something can go wrong.
pub(crate) const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "b",
    "Ada Lovelace",
    "ADA lovelace",
    "TEsT of IT",
    "jean-luc o'neil",
    "1st mcDONALD (x)",
    "stra\u{df}e \u{df}",
    "ΣΟΦΟΣ",
    "σοφος",
    "\u{130}I\u{131}i",
    "e\u{301}\u{e9}",
    "😀",
    "a😀b😀",
    "𐐀𐐨",
    " \u{a0}x\u{3000}\u{85}",
    "\u{200b}y\u{feff}",
    "a\tb\r\nc",
    "a\\nb",
    "a\u{10}C",
    "x\u{0}",
    "say \"hi\"",
    "back\\slash\\",
    "1",
    "0",
    "-7",
    "+5",
    " 12 ",
    "007",
    "514",
    "9223372036854775807",
    "9223372036854775808",
    "1.5",
    "true",
    "FALSE",
    "0x10",
    "a,b,,c",
    "a;b;c",
    "SMTP:ada@contoso.com",
    "smtp:al@trey.example",
    "CN=a,b",
    " cn = x+y=<z># ",
    "CN=Smith\\, John,OU=A\\+B, dc=contoso ,DC=com",
    "CN=Boss,DC=x",
    "no equals",
    "{00001111-aaaa-2222-bbbb-3333cccc4444}",
    "00001111-AAAA-2222-bbbb-3333cccc4444",
    "00001111aaaa2222bbbb3333cccc4444",
    "C3A9",
    "c3a",
    "FF",
    "SGVsbG8=",
    "6QA=",
    "SGk",
    "2020-02-29",
    "2021-02-29",
    "12/25/2007 4:05 PM",
    "2013-01-10T16:05:09.1230000",
    "2020-03-16-07:00",
    "2013-01-10 4:00 PM -8",
    "\u{1c6}\u{1c5}",
    "o\u{2019}neil \u{2160}x",
    "a:b,b:c",
    "Zo\u{eb} \u{141}\u{f8}\u{e6}\u{df}",
];

/// Numbers at which something can go wrong.
pub(crate) const NUMBERS: &[i64] =
    &[0, 1, 2, 3, 4, 5, 7, 8, 16, 40, 514, -1, -2, -3, i64::MAX, i64::MIN, i64::MAX - 1, 1 << 40];

const NAMES: &[&str] = &[
    "CN=Boss,DC=x",
    "cn=boss,dc=X",
    "CN=ΑΣ,DC=x",
    "cn=ας,dc=x",
    "cn=Joe, ou=US , dc=contoso,dc=com",
    "CN=Smith\\, John,OU=A\\+B,DC=com",
];

const OCTETS: &[&[u8]] = &[
    &[],
    &[0],
    &[1, 2, 3],
    &[0xff; 8],
    &[0, 2, 0, 0, 32, 0, 2, 0, 0],
    &[1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0],
    &[1, 2, 1, 2, 3, 4, 5, 6, 21, 0, 0, 0, 255, 255, 255, 255],
    &[1, 2, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0],
    &[0x67, 0x45, 0x23, 0x01, 0xab, 0x89, 0xef, 0xcd, 1, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef],
];

/// Seconds since 1970, from year 1 to year 9999.
const MOMENTS: &[i64] = &[
    0,
    1_582_934_400,
    1_777_800_009,
    -62_135_596_800,
    253_402_300_799,
    -11_644_473_601,
    951_782_399,
];

fn value(kind: char, choices: &mut Choices) -> Value {
    match kind {
        't' => Value::string(choices.of(TEXTS)),
        'n' => Value::Integer(choices.of(NUMBERS)),
        'b' => Value::Boolean(choices.below(2) == 1),
        'r' => Value::reference(choices.of(NAMES)),
        'd' => Value::DateTime(Timestamp::from_seconds(choices.of(MOMENTS))),
        _ => Value::binary(choices.of(OCTETS)),
    }
}

/// The attributes and their types; upper case for several values.
pub(crate) const ATTRIBUTES: &[(&str, char)] = &[
    ("t1", 't'),
    ("t2", 't'),
    ("t3", 't'),
    ("n1", 'n'),
    ("n2", 'n'),
    ("b1", 'b'),
    ("b2", 'b'),
    ("r1", 'r'),
    ("d1", 'd'),
    ("x1", 'x'),
    ("x2", 'x'),
    ("T1", 'T'),
    ("T2", 'T'),
    ("N1", 'N'),
    ("R1", 'R'),
    ("D1", 'D'),
    ("X1", 'X'),
    ("B1", 'B'),
];

fn attributes(choices: &mut Choices, least: usize) -> BTreeMap<String, Held> {
    let mut attributes = BTreeMap::new();
    for (name, kind) in ATTRIBUTES {
        if choices.below(5) == 1 {
            continue;
        }
        let held = if kind.is_lowercase() {
            Held::One(value(*kind, choices))
        } else {
            let count = least + choices.below(3);
            Held::Several((0..count).map(|_| value(kind.to_ascii_lowercase(), choices)).collect())
        };
        attributes.insert((*name).to_owned(), held);
    }
    attributes
}

/// Surroundings for Entra Connect.
pub(crate) fn entra(octets: Vec<u8>) -> World {
    let choices = &mut Choices::new(octets);
    let parameter = |name: &str, value: Value| (name.to_owned(), Held::One(value));
    World {
        attributes: attributes(choices, 1),
        confirmed: attributes(choices, 1),
        parameters: BTreeMap::from([
            parameter("Forest.LDAP", Value::string("DC=fabrikam,DC=com")),
            parameter("Flag", Value::string("0x2")),
        ]),
        taken: vec!["a".to_owned(), "Ada Lovelace".to_owned()],
        now: Timestamp::from_seconds(1_777_800_000),
        dn_style: DnStyle::Ldap,
    }
}

/// Surroundings for Microsoft Identity Manager. No moments: its language has none. Several values
/// are always different ones: there an attribute with one value is no collection.
pub(crate) fn mim(octets: Vec<u8>) -> World {
    let mut world = entra(octets);
    world.attributes.retain(|name, _| !name.starts_with(['d', 'D']));
    for held in world.attributes.values_mut() {
        if let Held::Several(values) = held {
            values.retain(|value| !value.is_empty_text());
            values.sort();
            values.dedup();
            if values.len() < 2 {
                *values = vec![Value::string("p"), Value::string("q")];
            }
        }
    }
    let count = world.attributes.len();
    world.dn_style = [DnStyle::Ldap, DnStyle::Hierarchical, DnStyle::Extrinsic][count % 3];
    let token = Held::One(Value::string("Pass"));
    world.attributes.insert("$p".to_owned(), token.clone());
    world.attributes.insert("//Target/Name".to_owned(), token);
    world
}
