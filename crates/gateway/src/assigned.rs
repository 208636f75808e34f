//! Phase 5: who may use an application.

use rules::Assignment;

use crate::accounts::Person;

/// True when `person` may use what is assigned like this. Ids are compared without letter case,
/// roles as they are.
pub(crate) fn may_use(assigned: &Assignment, person: &Person) -> bool {
    let Assignment::Only { people, groups, roles } = assigned else { return true };
    let is_among = |all: &[String], id: &str| all.iter().any(|own| own.eq_ignore_ascii_case(id));
    is_among(people, &person.object_id)
        || person.groups.iter().any(|group| is_among(groups, group))
        || person.roles.iter().any(|role| roles.contains(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_match_is_enough_and_none_is_not() {
        let assigned = Assignment::Only {
            people: vec!["P-1".to_owned()],
            groups: vec!["g-1".to_owned()],
            roles: vec!["Reader".to_owned()],
        };
        let person = |id: &str, groups: &[&str], roles: &[&str]| Person {
            object_id: id.to_owned(),
            groups: groups.iter().map(ToString::to_string).collect(),
            roles: roles.iter().map(ToString::to_string).collect(),
            ..Person::default()
        };
        for (who, expected) in [
            (person("p-1", &[], &[]), true),
            (person("p-2", &["x", "G-1"], &[]), true),
            (person("p-2", &[], &["Reader"]), true),
            (person("p-2", &["x"], &["reader"]), false),
            (person("", &[], &[]), false),
        ] {
            assert_eq!(may_use(&assigned, &who), expected, "{who:?}");
        }
        assert!(may_use(&Assignment::Everybody, &person("p", &[], &[])));
    }
}
