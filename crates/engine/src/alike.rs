//! References that lead to the same objects, however their names are spelled.

use std::collections::{BTreeMap, BTreeSet};

use model::{DnStyle, Value, Values};

/// True if both sets lead to the same objects, however their names are spelled. `renamed` maps keys
/// of present names to those of coming ones.
pub(crate) fn lead_alike(
    style: DnStyle,
    renamed: &BTreeMap<String, String>,
    a: Option<&Values>,
    b: &Values,
) -> bool {
    let keys = |values: &Values| {
        let keys = values.iter().map(|value| match value {
            Value::Reference(dn) => {
                let key = style.key(dn);
                Some(renamed.get(&key).cloned().unwrap_or(key))
            }
            _ => None,
        });
        keys.collect::<Option<BTreeSet<String>>>()
    };
    let (Some(a), Some(b)) = (a.and_then(keys), keys(b)) else { return false };
    a == b
}

/// True if values are equal or, as references, lead to the same objects.
pub(crate) fn is_same(style: DnStyle, a: Option<&Values>, b: Option<&Values>) -> bool {
    a == b || b.is_some_and(|b| lead_alike(style, &BTreeMap::new(), a, b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(names: &[&str]) -> Option<Values> {
        Values::from_vec(names.iter().map(|dn| Value::reference(dn)).collect())
    }

    #[test]
    fn references_are_compared_by_where_they_lead_and_nothing_else_is() {
        let check = |a: Option<Values>, b: Option<Values>, expected: bool| {
            assert_eq!(is_same(DnStyle::Ldap, a.as_ref(), b.as_ref()), expected, "{a:?} {b:?}");
        };
        check(references(&["CN=a,DC=x", "CN=b"]), references(&["cn=B", "CN=A, DC=X"]), true);
        check(references(&["CN=a"]), references(&["CN=a", "CN=b"]), false);
        check(references(&["CN=a"]), None, false);
        check(None, None, true);
        check(Some(Values::one("CN=a")), Some(Values::one("cn=a")), false);
        check(Some(Values::one("CN=a")), references(&["CN=a"]), false);
    }

    #[test]
    fn a_name_that_is_to_come_is_the_present_one() {
        let renamed = BTreeMap::from([("cn=a".to_owned(), "cn=b".to_owned())]);
        let (now, then) = (references(&["CN=a"]), references(&["CN=b"]).unwrap());
        assert!(lead_alike(DnStyle::Ldap, &renamed, now.as_ref(), &then));
        assert!(!lead_alike(DnStyle::Ldap, &BTreeMap::new(), now.as_ref(), &then));
    }
}
