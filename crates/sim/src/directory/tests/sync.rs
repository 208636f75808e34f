//! `DirSync` rows by event.

use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::LdapSearchResultEntry;

use super::bench::{Bench, DOMAIN, GUESTS, SERVICE_PASSWORD, done};
use crate::directory::options::Dialect::Windows;

const LIST: &[&str] =
    &["name", "displayName", "title", "sAMAccountName", "isDeleted", "lastKnownParent", "member"];

/// A reader of changes with its cookie.
struct Reader {
    cookie: Vec<u8>,
    flags: i64,
    attributes: &'static [&'static str],
    filter: &'static str,
}

impl Reader {
    /// A reader that has seen everything so far.
    fn caught_up(bench: &mut Bench) -> Self {
        let mut reader =
            Self { cookie: Vec::new(), flags: 0, attributes: LIST, filter: "(objectClass=*)" };
        reader.read(bench);
        reader
    }

    fn control(&self) -> LdapControl {
        LdapControl::AdDirsync {
            flags: self.flags,
            max_bytes: 0,
            cookie: Some(self.cookie.clone()),
        }
    }

    /// One page; true if there is more.
    fn page(&mut self, bench: &mut Bench) -> (Vec<LdapSearchResultEntry>, bool) {
        let (rows, last) = bench.search(DOMAIN, self.filter, self.attributes, &[self.control()]);
        assert_eq!(done(&last).code.clone() as i64, 0, "{}", done(&last).message);
        let [LdapControl::AdDirsync { flags, cookie, .. }] = last.ctrl.as_slice() else {
            panic!("{last:?}")
        };
        self.cookie = cookie.clone().unwrap();
        (rows, *flags != 0)
    }

    /// All pages as text: the DN, then the attributes, `=` and their values; `objectGUID` and
    /// `instanceType`, which every row has, are left out.
    fn read(&mut self, bench: &mut Bench) -> Vec<String> {
        let mut rows = Vec::new();
        loop {
            let (page, has_more) = self.page(bench);
            rows.extend(page.iter().map(row));
            if !has_more {
                return rows;
            }
        }
    }
}

fn row(entry: &LdapSearchResultEntry) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut implied = 0;
    for attribute in &entry.attributes {
        match attribute.atype.as_str() {
            "objectGUID" | "instanceType" => implied += 1,
            "parentGUID" => parts.push("parentGUID".to_owned()),
            name => {
                let values: Vec<_> =
                    attribute.vals.iter().map(|v| String::from_utf8_lossy(v)).collect();
                parts.push(format!("{name}={}", values.join("|")));
            }
        }
    }
    assert_eq!(implied, 2, "{entry:?}");
    parts.sort();
    format!("{}: {}", entry.dn.split(",DC=").next().unwrap(), parts.join("; "))
}

fn check(rows: &[String], expected: &[&str]) {
    assert_eq!(rows, expected);
}

#[test]
fn rows_carry_what_changed_and_nothing_else() {
    let mut bench = Bench::new(Windows);
    let mut reader = Reader::caught_up(&mut bench);
    let dn = bench.guest("ada");
    let added = ["CN=ada,OU=B2BGuest: name=ada; parentGUID; sAMAccountName=ada"];
    check(&reader.read(&mut bench), &added);
    check(&reader.read(&mut bench), &[]);
    bench.modify(&dn, "replace title: Guest");
    check(&reader.read(&mut bench), &["CN=ada,OU=B2BGuest: title=Guest"]);
    bench.modify(&dn, "replace title: Guest");
    check(&reader.read(&mut bench), &[]);
    bench.modify(&dn, "replace department: Outside the list");
    check(&reader.read(&mut bench), &[]);
    bench.modify(&dn, "delete title");
    check(&reader.read(&mut bench), &["CN=ada,OU=B2BGuest: title="]);
    bench.rename(&dn, "CN=eve", None);
    check(&reader.read(&mut bench), &["CN=eve,OU=B2BGuest: name=eve; parentGUID"]);
    let dn = format!("CN=eve,{GUESTS}");
    bench.rename(&dn, "CN=eve", Some("OU=Services,DC=contoso,DC=com"));
    check(&reader.read(&mut bench), &["CN=eve,OU=Services: name=eve; parentGUID"]);
    bench.rename(GUESTS, "OU=Visitors", None);
    check(&reader.read(&mut bench), &["OU=Visitors: name=Visitors; parentGUID"]);
}

#[test]
fn a_deleted_object_is_a_tombstone() {
    let mut bench = Bench::new(Windows);
    let dn = bench.guest("ada");
    bench.modify(&dn, "replace title: Guest");
    let mut reader = Reader::caught_up(&mut bench);
    let guid = bench.core.state.by_account_name("ada").unwrap();
    bench.delete(&dn);
    check(
        &reader.read(&mut bench),
        &[&format!(
            "CN=ada\\0ADEL:{guid},CN=Deleted Objects: isDeleted=TRUE; lastKnownParent={GUESTS}; \
             name=ada\nDEL:{guid}; parentGUID; title="
        )],
    );
    // The name is free again.
    bench.guest("ada");
}

#[test]
fn a_first_read_gives_everything_once() {
    let mut bench = Bench::new(Windows);
    let dn = bench.guest("ada");
    bench.modify(&dn, "replace title: Guest");
    bench.modify(&dn, "delete title");
    let gone = bench.guest("eve");
    bench.delete(&gone);
    let mut reader =
        Reader { cookie: Vec::new(), flags: 0, attributes: LIST, filter: "(objectClass=user)" };
    let rows = reader.read(&mut bench);
    let names: Vec<_> = rows.iter().map(|r| r.split([',', '\\']).next().unwrap()).collect();
    assert_eq!(names, ["CN=Administrator", "CN=svc-proxeny", "CN=reader", "CN=ada", "CN=eve"]);
    assert!(!rows[3].contains("title"), "{}", rows[3]);
}

#[test]
fn lists_of_what_is_never_replicated_give_no_rows() {
    let mut bench = Bench::new(Windows);
    for list in [["cn"], ["objectGUID"], ["whenChanged"], ["memberOf"]] {
        let control = LdapControl::AdDirsync { flags: 0, max_bytes: 0, cookie: None };
        let (rows, _) = bench.search(DOMAIN, "(objectClass=*)", &list, &[control]);
        assert!(rows.is_empty(), "{list:?}");
    }
}

#[test]
fn secrets_are_offered_empty_without_a_list() {
    let mut bench = Bench::new(Windows);
    let mut reader = Reader { attributes: &[], ..Reader::caught_up(&mut bench) };
    let dn = bench.guest("ada");
    let rows = reader.read(&mut bench);
    assert!(rows[0].contains("unicodePwd=; userAccountControl=262656"), "{}", rows[0]);
    assert!(!rows[0].contains(" cn="), "{}", rows[0]);
    bench.modify(&dn, "replace password: An0ther-one!");
    let rows = reader.read(&mut bench);
    assert!(rows[0].contains("unicodePwd=") && !rows[0].contains("name="), "{}", rows[0]);
}

#[test]
fn members_come_whole_or_as_changes() {
    let mut bench = Bench::new(Windows);
    let (ada, eve) = (bench.guest("ada"), bench.guest("eve"));
    let group = format!("CN=G,{GUESTS}");
    bench.add(&group, &format!("objectClass: group; sAMAccountName: g; member: {ada}"));
    let mut whole = Reader::caught_up(&mut bench);
    let mut changes = Reader {
        flags: -2_147_483_648,
        cookie: whole.cookie.clone(),
        ..Reader::caught_up(&mut bench)
    };
    bench.modify(&group, &format!("add member: {eve}"));
    let rows = whole.read(&mut bench);
    assert!(rows[0].contains(&ada) && rows[0].contains(&eve), "{}", rows[0]);
    check(&changes.read(&mut bench), &[&format!("CN=G,OU=B2BGuest: member;range=1-1={eve}")]);
    bench.modify(&group, &format!("delete member: {ada}"));
    check(&whole.read(&mut bench), &[&format!("CN=G,OU=B2BGuest: member={eve}")]);
    check(&changes.read(&mut bench), &[&format!("CN=G,OU=B2BGuest: member;range=0-0={ada}")]);
    bench.delete(&eve);
    for reader in [&mut whole, &mut changes] {
        let rows = reader.read(&mut bench);
        assert_eq!(rows.len(), 1, "the group is not reported");
        assert!(rows[0].starts_with("CN=eve\\0ADEL:"), "{}", rows[0]);
    }
}

#[test]
fn references_without_a_back_link_are_reported_too() {
    let mut bench = Bench::new(Windows);
    let (ada, eve) = (bench.guest("ada"), bench.guest("eve"));
    let mut reader =
        Reader { attributes: &["seeAlso", "manager"], ..Reader::caught_up(&mut bench) };
    bench.modify(&ada, &format!("replace seeAlso: {eve}; replace manager: {eve}"));
    let both = format!("CN=ada,OU=B2BGuest: manager={eve}; seeAlso={eve}");
    check(&reader.read(&mut bench), &[&both]);
    bench.modify(&ada, "delete manager");
    check(&reader.read(&mut bench), &["CN=ada,OU=B2BGuest: manager="]);
}

#[test]
fn filters_see_the_present_state_only() {
    let mut bench = Bench::new(Windows);
    let dn = bench.guest("ada");
    bench.modify(&dn, "replace title: Keep");
    let mut reader = Reader { filter: "(title=Keep)", ..Reader::caught_up(&mut bench) };
    bench.modify(&dn, "replace title: Other");
    check(&reader.read(&mut bench), &[]);
    bench.modify(&dn, "replace title: Keep");
    check(&reader.read(&mut bench), &["CN=ada,OU=B2BGuest: title=Keep"]);
    bench.delete(&dn);
    check(&reader.read(&mut bench), &[]);
}

#[test]
fn pages_follow_each_other_without_gaps() {
    let mut bench = Bench::new(Windows);
    let mut reader = Reader::caught_up(&mut bench);
    for name in ["a1", "a2", "a3", "a4", "a5"] {
        bench.guest(name);
    }
    bench.core.dirsync_page_rows = Some(2);
    let (first, has_more) = reader.page(&mut bench);
    assert!(has_more);
    // A change between pages comes at the end, and the object not twice on one page.
    bench.modify(&format!("CN=a1,{GUESTS}"), "replace title: Guest");
    let rest = reader.read(&mut bench);
    let names: Vec<_> = first
        .iter()
        .map(row)
        .chain(rest)
        .map(|r| r.split(',').next().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["CN=a1", "CN=a2", "CN=a3", "CN=a4", "CN=a5", "CN=a1"]);
}

#[test]
fn cookies_are_checked() {
    let mut bench = Bench::new(Windows);
    let mut reader = Reader::caught_up(&mut bench);
    bench.core.renew_invocation_id();
    let rows = reader.read(&mut bench);
    assert!(rows.len() > 10, "a cookie of another history starts over");
    for garbage in [&b"garbage"[..], b"MSDS\x03\0\0\0", &[0; 108]] {
        let control =
            LdapControl::AdDirsync { flags: 0, max_bytes: 0, cookie: Some(garbage.to_vec()) };
        let (_, last) = bench.search(DOMAIN, "(objectClass=*)", LIST, &[control]);
        assert_eq!(done(&last).code.clone() as i64, 12);
    }
}

#[test]
fn base_and_rights_are_checked() {
    let mut bench = Bench::new(Windows);
    let code = |bench: &mut Bench, base: &str, flags: i64| {
        let control = LdapControl::AdDirsync { flags, max_bytes: 0, cookie: None };
        let (rows, last) = bench.search(base, "(objectClass=*)", LIST, &[control]);
        (done(&last).code.clone() as i64, rows.iter().any(|r| r.dn.contains("ADEL")))
    };
    let dn = bench.guest("ada");
    bench.delete(&dn);
    assert_eq!(code(&mut bench, GUESTS, 0), (50, false));
    assert_eq!(code(&mut bench, GUESTS, 1), (53, false));
    assert_eq!(code(&mut bench, "CN=Configuration,DC=contoso,DC=com", 0), (0, false));
    assert_eq!(code(&mut bench, DOMAIN, 0), (0, true));
    bench.bind("CONTOSO\\reader", "Reader-5ervice!");
    assert_eq!(code(&mut bench, DOMAIN, 0), (50, false));
    assert_eq!(code(&mut bench, DOMAIN, 1), (0, false));
    assert_eq!(bench.bind("svc-proxeny@contoso.com", SERVICE_PASSWORD).code as i64, 0);
}
