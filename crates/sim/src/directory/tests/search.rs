//! Searches without the wire: filters, scopes, paging, ranges, the schema.

use ldap3_proto::control::LdapControl;
use ldap3_proto::proto::{
    LdapCompareRequest, LdapDerefAliases, LdapFilter, LdapOp, LdapSearchRequest,
    LdapSearchResultEntry, LdapSearchScope,
};

use super::bench::{Bench, DOMAIN, GUESTS, done, unknown};
use crate::directory::options::Dialect::{Samba, Windows};
use crate::directory::session;

fn names(entries: &[LdapSearchResultEntry]) -> Vec<&str> {
    entries.iter().map(|e| e.dn.split(',').next().unwrap()).collect()
}

fn filled() -> Bench {
    let mut bench = Bench::new(Windows);
    for (name, title) in [("ada", "Guest"), ("bea", "Guest lecturer"), ("cid", "Visitor")] {
        let dn = bench.guest(name);
        bench.modify(&dn, &format!("replace title: {title}"));
    }
    bench.add(&format!("CN=dan,{GUESTS}"), "objectClass: contact; mail: dan@fabrikam.com");
    bench
}

#[test]
fn filters_select() {
    let mut bench = filled();
    let guid = bench.core.state.by_account_name("ada").unwrap();
    let sid = bench.core.state.get(guid).unwrap().sid.clone().unwrap();
    let dn = format!("CN=ada,{GUESTS}");
    bench.modify(&format!("CN=bea,{GUESTS}"), &format!("replace manager: {dn}"));
    let cases: &[(&str, &[&str])] = &[
        ("(title=GUEST)", &["CN=ada"]),
        ("(title=guest*)", &["CN=ada", "CN=bea"]),
        ("(title=*st*ur*r)", &["CN=bea"]),
        ("(&(objectClass=user)(!(title=Guest*)))", &["CN=cid"]),
        ("(|(cn=ada)(cn=cid))", &["CN=ada", "CN=cid"]),
        ("(objectClass=contact)", &["CN=dan"]),
        ("(!(title=*))", &["OU=B2BGuest", "CN=dan"]),
        ("(userAccountControl:1.2.840.113556.1.4.803:=262144)", &["CN=ada", "CN=bea", "CN=cid"]),
        ("(userAccountControl:1.2.840.113556.1.4.803:=262146)", &[]),
        ("(userAccountControl:1.2.840.113556.1.4.804:=262146)", &["CN=ada", "CN=bea", "CN=cid"]),
        ("(&(title=*)(title>=h))", &["CN=cid"]),
        ("(sAMAccountName=ADA)", &["CN=ada"]),
        ("(objectCategory=person)", &["CN=ada", "CN=bea", "CN=cid", "CN=dan"]),
        ("(noSuchAttribute=x)", &[]),
        ("(!(noSuchAttribute=x))", &[]),
        ("(|(noSuchAttribute=x)(cn=ada))", &["CN=ada"]),
    ];
    for (filter, expected) in cases {
        let (entries, _) = bench.search(GUESTS, filter, &["1.1"], &[]);
        assert_eq!(names(&entries), *expected, "{filter}");
        assert!(entries.iter().all(|e| e.attributes.is_empty()));
    }
    for filter in [format!("(objectSid={sid})"), "(directReports=*)".to_owned()] {
        let (entries, _) = bench.search(GUESTS, &filter, &[], &[]);
        assert_eq!(names(&entries), ["CN=ada"], "{filter}");
    }
    let (entries, _) = bench.search(GUESTS, &format!("(manager={})", dn.to_lowercase()), &[], &[]);
    assert_eq!(names(&entries), ["CN=bea"]);
}

fn request(base: &str, scope: LdapSearchScope, sizelimit: i32) -> LdapSearchRequest {
    LdapSearchRequest {
        base: base.to_owned(),
        scope,
        aliases: LdapDerefAliases::Never,
        sizelimit,
        timelimit: 0,
        typesonly: false,
        filter: LdapFilter::Present("objectClass".to_owned()),
        attrs: vec!["cn".to_owned()],
    }
}

#[test]
fn scopes_and_bases() {
    let mut bench = filled();
    let mut count = |base: &str, scope| {
        let (entries, last) = bench.search_with(request(base, scope, 0), "(objectClass=*)", &[]);
        (entries.len(), done(&last).code.clone() as i64)
    };
    assert_eq!(count(GUESTS, LdapSearchScope::Base), (1, 0));
    assert_eq!(count(GUESTS, LdapSearchScope::OneLevel), (4, 0));
    assert_eq!(count(GUESTS, LdapSearchScope::Subtree), (5, 0));
    assert_eq!(count("OU=Gone,DC=contoso,DC=com", LdapSearchScope::Base), (0, 32));
    assert_eq!(count("DC=fabrikam,DC=com", LdapSearchScope::Base), (0, 10));
    assert_eq!(count("no dn", LdapSearchScope::Base), (0, 34));
    let guid = bench.core.state.by_account_name("ada").unwrap();
    let (entries, _) = bench.search(&format!("<GUID={guid}>"), "(cn=*)", &["cn"], &[]);
    assert_eq!(names(&entries), ["CN=ada"]);
}

#[test]
fn deleted_objects_show_only_when_asked_for() {
    let mut bench = filled();
    bench.delete(&format!("CN=ada,{GUESTS}"));
    let (hidden, _) = bench.search(DOMAIN, "(sAMAccountName=*)", &["cn"], &[]);
    assert!(!hidden.iter().any(|e| e.dn.contains("ADEL")));
    let show = LdapControl::ShowDeleted { criticality: true };
    let (shown, _) = bench.search(DOMAIN, "(isDeleted=TRUE)", &["cn"], &[show]);
    assert!(shown.iter().any(|e| e.dn.starts_with("CN=ada\\0ADEL:")));
}

fn paged(size: i64, cookie: &[u8]) -> LdapControl {
    LdapControl::SimplePagedResults { size, cookie: cookie.to_vec() }
}

fn next_cookie(message: &ldap3_proto::proto::LdapMsg) -> Vec<u8> {
    let [LdapControl::SimplePagedResults { cookie, .. }] = message.ctrl.as_slice() else {
        panic!("{message:?}")
    };
    cookie.clone()
}

#[test]
fn pages_belong_to_one_search() {
    let mut bench = filled();
    let (first, last) = bench.search(GUESTS, "(cn=*)", &["cn"], &[paged(3, b"")]);
    assert_eq!(names(&first), ["CN=ada", "CN=bea", "CN=cid"]);
    let cookie = next_cookie(&last);
    let (_, other) = bench.search(GUESTS, "(cn=a*)", &["cn"], &[paged(3, &cookie)]);
    assert_eq!(done(&other).code.clone() as i64, 12);
    let (rest, last) = bench.search(GUESTS, "(cn=*)", &["cn"], &[paged(3, &cookie)]);
    assert_eq!(names(&rest), ["CN=dan"]);
    assert!(next_cookie(&last).is_empty());
    let (_, used_up) = bench.search(GUESTS, "(cn=*)", &["cn"], &[paged(3, &cookie)]);
    assert_eq!(done(&used_up).code.clone() as i64, 53);
}

#[test]
fn windows_enforces_its_limits_and_samba_does_not() {
    for (dialect, code, count, page) in [(Windows, 4, 1000, 1000), (Samba, 0, 1501, 1501)] {
        let mut bench = Bench::new(dialect);
        let members: Vec<String> = (0..1501).map(|i| format!("CN=c{i},{GUESTS}")).collect();
        for dn in &members {
            bench.add(dn, "objectClass: contact");
        }
        let (entries, last) = bench.search(GUESTS, "(cn=c*)", &["cn"], &[]);
        assert_eq!((entries.len(), done(&last).code.clone() as i64), (count, code));
        let (entries, _) = bench.search(GUESTS, "(cn=c*)", &["cn"], &[paged(5000, b"")]);
        assert_eq!(entries.len(), page);
        let limited = request(GUESTS, LdapSearchScope::Subtree, 3);
        let (entries, last) = bench.search_with(limited, "(cn=c*)", &[]);
        let expected = if dialect == Windows { (3, 4) } else { (1501, 0) };
        assert_eq!((entries.len(), done(&last).code.clone() as i64), expected);

        let group = format!("CN=G,{GUESTS}");
        let values = members.iter().map(|m| format!("; member: {m}")).collect::<String>();
        bench.add(&group, &format!("objectClass: group; sAMAccountName: g{values}"));
        let mut read = |name: &str| {
            let (entries, _) = bench.search(&group, "(cn=*)", &[name], &[]);
            let attribute = entries[0].attributes[0].clone();
            (attribute.atype, attribute.vals.len())
        };
        let whole = if dialect == Windows {
            ("member;range=0-1499".to_owned(), 1500)
        } else {
            ("member".to_owned(), 1501)
        };
        assert_eq!(read("member"), whole);
        assert_eq!(read("member;range=1500-*"), ("member;range=1500-*".to_owned(), 1));
        assert_eq!(read("member;range=0-9"), ("member;range=0-9".to_owned(), 10));
    }
}

#[test]
fn the_schema_can_be_read() {
    let mut bench = Bench::new(Windows);
    let base = "CN=Schema,CN=Configuration,DC=contoso,DC=com";
    let (entries, _) =
        bench.search(base, "(&(objectClass=attributeSchema)(lDAPDisplayName=member))", &[], &[]);
    let find = |name: &str| {
        let attribute = entries[0].attributes.iter().find(|a| a.atype == name).unwrap();
        String::from_utf8(attribute.vals[0].clone()).unwrap()
    };
    assert_eq!((find("linkID").as_str(), find("isSingleValued").as_str()), ("2", "FALSE"));
    assert_eq!(find("attributeSyntax"), "2.5.5.1");
    let (classes, _) =
        bench.search(base, "(&(objectClass=classSchema)(subClassOf=user))", &[], &[]);
    assert_eq!(names(&classes), ["CN=Computer"]);
}

#[test]
fn equal_seeds_give_equal_directories() {
    let mut a = filled();
    let mut b = filled();
    let everything = |bench: &mut Bench| bench.search(DOMAIN, "(cn=*)", &[], &[]).0;
    assert_eq!(everything(&mut a), everything(&mut b));
}

#[test]
fn a_search_of_the_domain_points_to_the_other_contexts() {
    let mut bench = Bench::new(Windows);
    let mut references = |base: &str, controls: &[LdapControl]| {
        let op = LdapOp::SearchRequest(request(base, LdapSearchScope::Subtree, 0));
        let answers = bench.send(op, controls, None);
        let uris = answers.into_iter().filter_map(|message| match message.op {
            LdapOp::SearchResultReference(reference) => Some(reference.uris),
            _ => None,
        });
        uris.flatten().collect::<Vec<_>>()
    };
    let configuration = "ldap://contoso.com/CN=Configuration,DC=contoso,DC=com";
    assert_eq!(references(DOMAIN, &[]), [configuration]);
    assert!(references(DOMAIN, &[unknown("1.2.840.113556.1.4.1339")]).is_empty());
    assert!(references(GUESTS, &[]).is_empty());
}

#[test]
fn values_can_be_compared() {
    let mut bench = filled();
    let mut compare = |atype: &str, val: &[u8]| {
        let request = LdapCompareRequest {
            dn: format!("CN=ada,{GUESTS}"),
            atype: atype.to_owned(),
            val: val.to_vec(),
        };
        let answer = bench.send(LdapOp::CompareRequest(request), &[], None).pop().unwrap();
        let LdapOp::CompareResult(result) = answer.op else { panic!("{answer:?}") };
        result.code as i64
    };
    assert_eq!(compare("title", b"guest"), 6);
    assert_eq!(compare("title", b"visitor"), 5);
    assert_eq!(compare("noSuch", b"x"), 16);
}

#[test]
fn malformed_requests_are_answered_in_kind() {
    let bench = Bench::new(Windows);
    let answer = session::malformed(&bench.core, 5, 3).unwrap();
    assert_eq!((answer.msgid, done(&answer).code.clone() as i64), (5, 2));
    assert!(session::malformed(&bench.core, 5, 16).is_none(), "an abandon has no answer");
}
