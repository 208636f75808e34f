//! Distinguished names (RFC 4514): parsing, escaping, comparison, parents.

use std::fmt;

/// How a connected system names its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnStyle {
    /// RFC 4514 names in a tree, compared without regard to case.
    Ldap,
    /// The anchor itself; there is no tree.
    Anchor,
}

impl DnStyle {
    /// The form under which two spellings of one name are equal. Text that is no DN keys as itself.
    #[must_use]
    pub fn key(self, dn: &str) -> String {
        match self {
            Self::Ldap if is_plain(dn) => dn.to_ascii_lowercase(),
            Self::Ldap => Dn::parse(dn).map_or_else(|_e| dn.to_lowercase(), |dn| dn.key()),
            Self::Anchor => dn.to_owned(),
        }
    }

    /// True if two names are the same down to the spelling that is the object's own: in a tree that
    /// is its leaf's value. How the names above it are spelled is for the objects there to say.
    #[must_use]
    pub fn is_same(self, a: &str, b: &str) -> bool {
        let own = |dn: &Dn| dn.rdns.first().map(|rdn| rdn.value.clone());
        match self {
            Self::Ldap if a != b => match (Dn::parse(a), Dn::parse(b)) {
                (Ok(a), Ok(b)) => a.key() == b.key() && own(&a) == own(&b),
                _ => false,
            },
            Self::Ldap | Self::Anchor => a == b,
        }
    }

    /// The name of the object above `dn`, if this style has trees and `dn` is not a root.
    #[must_use]
    pub fn parent(self, dn: &str) -> Option<String> {
        match self {
            Self::Ldap => {
                let parent = Dn::parse(dn).ok()?.parent()?;
                (!parent.rdns.is_empty()).then(|| parent.to_string())
            }
            Self::Anchor => None,
        }
    }
}

/// True for a DN that has nothing to escape or to trim, so that only case is left.
fn is_plain(dn: &str) -> bool {
    let is_value = |octet: u8| octet.is_ascii_alphanumeric() || b" -._@'()/:".contains(&octet);
    dn.split(',').all(|component| {
        component.split_once('=').is_some_and(|(attribute, value)| {
            !attribute.is_empty()
                && attribute.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
                && value.bytes().all(is_value)
                && !value.starts_with(' ')
                && !value.ends_with(' ')
        })
    })
}

/// Why a text is not a DN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DnError {
    /// A component has no `=`.
    #[error(
        "the component {component:?} has no '=' between attribute and value; escape a comma inside a value as '\\,'"
    )]
    NoEquals {
        /// The component.
        component: String,
    },
    /// The attribute part is empty or has characters no attribute name has.
    #[error("{attribute:?} is not an attribute name")]
    Attribute {
        /// The attribute part.
        attribute: String,
    },
    /// A value is empty.
    #[error("the component {attribute:?} has no value")]
    EmptyValue {
        /// The attribute part.
        attribute: String,
    },
    /// A character that must be escaped is not, or an escape is cut short.
    #[error(
        "the value of {attribute:?} has an unescaped or incomplete {character:?} at offset {offset}"
    )]
    Escape {
        /// The attribute part.
        attribute: String,
        /// The offending character.
        character: char,
        /// Its byte offset in the whole text.
        offset: usize,
    },
    /// NUL or line feed, which Active Directory reserves.
    #[error("a name must not contain NUL or a line feed")]
    Reserved,
    /// `#hex` that is not valid UTF-8 text.
    #[error("the value of {attribute:?} is not text")]
    NotText {
        /// The attribute part.
        attribute: String,
    },
}

/// One `attribute=value`, with the value unescaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rdn {
    /// The attribute, as written.
    pub attribute: String,
    /// The value, unescaped.
    pub value: String,
}

impl fmt::Display for Rdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.attribute, escape_rdn_value(&self.value))
    }
}

/// A distinguished name: components from the object itself to the root. Multi-valued components
/// are not supported, as in Active Directory.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dn {
    /// The components, leaf first.
    pub rdns: Vec<Rdn>,
}

impl Dn {
    /// Reads RFC 4514 text. The empty text is the empty DN.
    ///
    /// # Errors
    /// [`DnError`] names the component and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, DnError> {
        let mut rdns = Vec::new();
        if text.trim().is_empty() {
            return Ok(Self { rdns });
        }
        let mut start = 0;
        loop {
            let rest = text.get(start..).unwrap_or("");
            let end = component_end(rest);
            rdns.push(parse_rdn(rest.get(..end).unwrap_or(rest), start)?);
            if end >= rest.len() {
                return Ok(Self { rdns });
            }
            start += end + 1;
        }
    }

    /// The object's own component.
    #[must_use]
    pub fn leaf(&self) -> Option<&Rdn> {
        self.rdns.first()
    }

    /// The DN one level up; `None` for the empty DN.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, rest) = self.rdns.split_first()?;
        Some(Self { rdns: rest.to_vec() })
    }

    /// The DN of a child.
    #[must_use]
    pub fn child(&self, attribute: &str, value: &str) -> Self {
        let leaf = Rdn { attribute: attribute.to_owned(), value: value.to_owned() };
        Self { rdns: std::iter::once(leaf).chain(self.rdns.iter().cloned()).collect() }
    }

    /// The form under which two spellings of one DN are equal: lower case, minimal escapes.
    #[must_use]
    pub fn key(&self) -> String {
        self.to_string().to_lowercase()
    }

    /// True if this object is `ancestor` or lies below it.
    #[must_use]
    pub fn is_within(&self, ancestor: &Self) -> bool {
        let Some(skip) = self.rdns.len().checked_sub(ancestor.rdns.len()) else {
            return false;
        };
        let tail = Self { rdns: self.rdns.iter().skip(skip).cloned().collect() };
        tail.key() == ancestor.key()
    }
}

/// The keys of everything above an object with this key ([`DnStyle::key`]), nearest first.
pub fn keys_above(dn_key: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(key_above(dn_key), |key| key_above(key))
}

fn key_above(dn_key: &str) -> Option<&str> {
    dn_key.get(component_end(dn_key) + 1..)
}

/// The name of an object whose ancestor `old` is now called `new`; `None` if it does not lie below
/// `old`. The components of its own stay as they are spelled.
#[must_use]
pub fn follow(dn: &str, old: &str, new: &str) -> Option<String> {
    let mut rest = dn;
    let old_levels = Dn::parse(old).ok()?.rdns.len();
    let own_levels = Dn::parse(dn).ok()?.rdns.len().checked_sub(old_levels).filter(|n| *n > 0)?;
    for _ in 0..own_levels {
        rest = rest.get(component_end(rest) + 1..)?;
    }
    if DnStyle::Ldap.key(rest) != DnStyle::Ldap.key(old) {
        return None;
    }
    let own = dn.get(..dn.len() - rest.len())?;
    Some(format!("{own}{new}"))
}

impl fmt::Display for Dn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, rdn) in self.rdns.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            write!(f, "{rdn}")?;
        }
        Ok(())
    }
}

fn component_end(text: &str) -> usize {
    let mut escaped = false;
    for (offset, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ',' => return offset,
            _ => {}
        }
    }
    text.len()
}

fn parse_rdn(component: &str, offset: usize) -> Result<Rdn, DnError> {
    let (attribute, raw) = component
        .split_once('=')
        .ok_or_else(|| DnError::NoEquals { component: component.trim().to_owned() })?;
    let attribute = attribute.trim();
    let is_name = !attribute.is_empty()
        && attribute.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.');
    if !is_name {
        return Err(DnError::Attribute { attribute: attribute.to_owned() });
    }
    let raw_offset = offset + component.len() - raw.len();
    let value = unescape(attribute, raw, raw_offset)?;
    if value.is_empty() {
        return Err(DnError::EmptyValue { attribute: attribute.to_owned() });
    }
    if value.contains(['\0', '\n']) {
        return Err(DnError::Reserved);
    }
    Ok(Rdn { attribute: attribute.to_owned(), value })
}

/// Removes RFC 4514 escapes; spaces around an unquoted value do not count.
fn unescape(attribute: &str, raw: &str, offset: usize) -> Result<String, DnError> {
    let leading = raw.len() - raw.trim_start_matches(' ').len();
    let raw = raw.trim_start_matches(' ');
    let mut bytes = Vec::with_capacity(raw.len());
    let mut kept = 0;
    let mut chars = raw.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let error = |character, at: usize| DnError::Escape {
            attribute: attribute.to_owned(),
            character,
            offset: offset + leading + at,
        };
        match c {
            '\\' => {
                let (_, next) = chars.next().ok_or_else(|| error('\\', at))?;
                if let Some(high) = next.to_digit(16) {
                    let low = chars.next().and_then(|(_, d)| d.to_digit(16));
                    let low = low.ok_or_else(|| error('\\', at))?;
                    bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                } else if " \"#+,;<=>\\/".contains(next) {
                    bytes.extend(next.to_string().bytes());
                } else {
                    return Err(error('\\', at));
                }
                kept = bytes.len();
            }
            '"' | ';' | '<' | '>' | '+' => return Err(error(c, at)),
            '#' if at == 0 => return Err(error(c, at)),
            _ => {
                bytes.extend(c.to_string().bytes());
                if c != ' ' {
                    kept = bytes.len();
                }
            }
        }
    }
    bytes.truncate(kept);
    String::from_utf8(bytes).map_err(|_e| DnError::NotText { attribute: attribute.to_owned() })
}

/// Escapes a component's value (RFC 4514 section 2.4): the special characters, a leading `#`, and
/// leading and trailing spaces.
#[must_use]
pub fn escape_rdn_value(value: &str) -> String {
    let mut escaped = String::with_capacity(value.len());
    let last = value.chars().count().saturating_sub(1);
    for (i, c) in value.chars().enumerate() {
        match c {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' | '=' => escaped.extend(['\\', c]),
            '#' if i == 0 => escaped.push_str("\\#"),
            ' ' if i == 0 || i == last => escaped.push_str("\\ "),
            '\0' => escaped.push_str("\\00"),
            '\n' => escaped.push_str("\\0A"),
            '\r' => escaped.push_str("\\0D"),
            _ => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_the_same_while_its_own_part_is_spelled_alike() {
        let ada = "CN=Ada,OU=B2BGuest,DC=x";
        for (other, same) in [
            (ada, true),
            ("cn=Ada, ou=b2bguest,dc=X", true),
            ("CN=ADA,OU=B2BGuest,DC=x", false),
            ("CN=Ada,OU=Others,DC=x", false),
            ("not a name", false),
        ] {
            assert_eq!(DnStyle::Ldap.is_same(ada, other), same, "{other}");
        }
        assert!(!DnStyle::Anchor.is_same("cn=a", "CN=a"));
    }

    #[test]
    fn names_follow_what_is_above_them_and_keep_their_own_spelling() {
        let above: Vec<&str> = keys_above("cn=a\\,b,ou=c,dc=x").collect();
        assert_eq!(above, ["ou=c,dc=x", "dc=x"]);
        assert_eq!(keys_above("dc=x").count(), 0);
        for (dn, followed) in [
            ("CN=A\\2Cb,ou=c, DC=x", Some("CN=A\\2Cb,OU=d,DC=x")),
            ("CN=a,OU=b,OU=C,DC=x", Some("CN=a,OU=b,OU=d,DC=x")),
            ("CN=a,OU=b,DC=x", None),
            ("OU=C,DC=x", None),
            ("DC=x", None),
        ] {
            assert_eq!(follow(dn, "OU=C,DC=x", "OU=d,DC=x").as_deref(), followed, "{dn}");
        }
    }

    #[test]
    fn spellings_of_one_name_are_equal() {
        for (a, b) in [
            ("CN=Ada,OU=B2BGuest,DC=contoso,DC=com", "cn=ada, ou=b2bguest , dc=Contoso,dc=com"),
            ("CN=Smith\\, John,DC=x", "cn=smith\\2c john,dc=x"),
            ("CN=L\\C3\\BCbeck,DC=x", "CN=LÜBECK,DC=x"),
            ("CN=\\ a\\ ,DC=x", "CN=\\20a\\20,DC=x"),
        ] {
            assert_eq!(DnStyle::Ldap.key(a), DnStyle::Ldap.key(b));
        }
        assert_ne!(DnStyle::Anchor.key("A"), DnStyle::Anchor.key("a"));
    }

    #[test]
    fn relations_follow_the_tree() {
        let base = Dn::parse("OU=B2BGuest,DC=contoso,DC=com").unwrap();
        let child = base.child("CN", "a,b");
        assert_eq!(child.to_string(), "CN=a\\,b,OU=B2BGuest,DC=contoso,DC=com");
        assert!(child.is_within(&base) && base.is_within(&base) && !base.is_within(&child));
        assert!(!Dn::parse("OU=XB2BGuest,DC=contoso,DC=com").unwrap().is_within(&base));
        assert_eq!(DnStyle::Ldap.parent("DC=com"), None);
    }

    #[test]
    fn malformed_names_say_what_is_wrong() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Dn::parse(text).unwrap_err().to_string(), expected, "{text}");
        };
        check(
            "CN=Smith, John,DC=x",
            "the component \"John\" has no '=' between attribute and value; escape a comma inside a value as '\\,'",
        );
        check("C N=a", "\"C N\" is not an attribute name");
        check("CN=,DC=x", "the component \"CN\" has no value");
        check("CN=a+SN=b", "the value of \"CN\" has an unescaped or incomplete '+' at offset 4");
        check(
            "DC=x,CN=a\\",
            "the value of \"CN\" has an unescaped or incomplete '\\\\' at offset 9",
        );
        check("CN=a\\0Ab", "a name must not contain NUL or a line feed");
    }

    proptest! {
        #[test]
        fn the_key_of_a_plain_name_is_that_of_any(
            dn in "([A-Z-]{0,2}=[A-Za-z é .@#_-]{0,4}(\\\\,x)?,?){0,3}",
        ) {
            let slow = Dn::parse(&dn).map_or_else(|_e| dn.to_lowercase(), |dn| dn.key());
            prop_assert_eq!(DnStyle::Ldap.key(&dn), slow);
        }

        #[test]
        fn every_value_survives_escaping(value in "[^\0\n]{1,20}") {
            let dn = Dn::parse("DC=x").unwrap().child("CN", &value);
            prop_assert_eq!(Dn::parse(&dn.to_string()), Ok(dn));
        }

        #[test]
        fn parsing_never_panics(text in ".{0,40}") {
            let parsed = Dn::parse(&text);
            if let Ok(dn) = parsed {
                prop_assert_eq!(Dn::parse(&dn.to_string()).map(|d| d.key()), Ok(dn.key()));
            }
        }
    }
}
