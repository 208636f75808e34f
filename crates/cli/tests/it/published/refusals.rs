//! Who is refused, with which reason: a page with a reference for the person, the reason in the log
//! for the administrator.

use model::Sid;
use net::StatusCode;
use serde_json::Value;

use crate::deployment::{Kind, Server, account};
use crate::published::stage::Stage;
use crate::published::visitor::{Page, Visitor};

/// What the log says of a refusal with the reference on this page.
fn reason<'a>(log: &'a str, page: &Page) -> &'a str {
    let is_reference = |word: &&str| word.len() == 36 && word.matches('-').count() == 4;
    let words = page.text.split(|c: char| !c.is_ascii_hexdigit() && c != '-');
    let reference = words.into_iter().find(is_reference).unwrap_or_else(|| panic!("{page:?}"));
    let of_it = |line: &&str| line.contains("refusal") && line.contains(reference);
    log.lines().find(of_it).unwrap_or_else(|| panic!("{reference} is not in the log:\n{log}"))
}

#[test]
fn g5_066_states_of_an_account_are_refused_with_their_cause() {
    let mut stage = Stage::set(Kind::Samba);
    let Server::Samba(samba) = &stage.deployment.directory else { unreachable!() };
    let ada = account(&stage.deployment.guests()[0]);
    // Nothing but the directory knows: synchronization has not seen it yet, and does not read all.
    for (attribute, value, back, cause) in [
        ("userAccountControl", "262658", "262656", "disabled"),
        ("accountExpires", "132000000000000000", "0", "expired"),
        ("userAccountControl", "1311232", "262656", "sensitive"),
    ] {
        let change = |value: &str| {
            samba
                .ldapmodify(&format!(
                    "dn: {ada}\nchangetype: modify\nreplace: {attribute}\n{attribute}: {value}\n"
                ))
                .unwrap();
        };
        change(value);
        let (_visitor, page) = Visitor::signed_in(&stage, "Ada Lind");
        assert!(!page.status.is_success(), "{cause}: {page:?}");
        let log = stage.log();
        let line = reason(&log, &page);
        assert!(line.contains(cause), "{cause}: {line}");
        assert!(!page.text.contains("KDC"), "the person is told no reason: {page:?}");
        change(back);
    }
    let (mut visitor, page) = Visitor::signed_in(&stage, "Ada Lind");
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let session: Value = serde_json::from_str(&visitor.get("api/v1/session").text).unwrap();
    assert_eq!(session["method"], "kerberos");
    stage.end();
}

#[test]
fn g5_063_the_ticket_is_the_accounts_own() {
    let mut stage = Stage::set(Kind::Samba);
    let (mut visitor, _page) = Visitor::signed_in(&stage, "Ada Lind");
    let me: Value = serde_json::from_str(&visitor.get("api/v1/me").text).unwrap();
    let Server::Samba(samba) = &stage.deployment.directory else { unreachable!() };
    let sid: Sid = samba.object_sid(me["accountName"].as_str().unwrap()).unwrap().unwrap();
    let attributes = me["attributes"].as_array().unwrap();
    let shown = attributes.iter().find(|a| a["name"] == "ObjectSID").unwrap();
    assert_eq!(shown["values"][0], sid.to_string());
    stage.end();
}

#[test]
fn g5_064_kerberos_is_asked_by_the_name_of_the_tenant_too() {
    let mut stage = Stage::set(Kind::Samba);
    stage.deployment.replace(
        "gateway.toml",
        "identity = \"account-name\"",
        "identity = \"user-principal-name\"",
    );
    stage.restart();
    let (mut visitor, page) = Visitor::signed_in(&stage, "Ada Lind");
    assert_eq!(page.status, StatusCode::OK, "{page:?}");
    let session: Value = serde_json::from_str(&visitor.get("api/v1/session").text).unwrap();
    assert_eq!(session["name"], "Ada Lind");
    stage.end();
}

#[test]
fn a_service_outside_the_delegation_is_refused_and_explained() {
    let mut stage = Stage::set(Kind::Samba);
    stage.deployment.replace(
        "gateway.toml",
        "\"HTTP/portal.contoso.com\"",
        "\"HTTP/other.contoso.com\"",
    );
    stage.restart();
    let (_visitor, page) = Visitor::signed_in(&stage, "Ada Lind");
    assert!(page.status.is_client_error() || page.status.is_server_error(), "{page:?}");
    let log = stage.log();
    let line = reason(&log, &page);
    assert!(line.contains("may not delegate to HTTP/other.contoso.com"), "{line}");
    stage.end();
}

#[test]
fn with_the_distribution_centre_down_requests_fail_fast() {
    let mut stage = Stage::set(Kind::Samba);
    let Server::Samba(samba) = &mut stage.deployment.directory else { unreachable!() };
    samba.stop();
    let began = std::time::Instant::now();
    let (_visitor, page) = Visitor::signed_in(&stage, "Ada Lind");
    assert!(page.status.is_server_error(), "{page:?}");
    assert!(began.elapsed() < std::time::Duration::from_secs(10), "{:?}", began.elapsed());
    let log = stage.log();
    assert!(reason(&log, &page).contains("KRB-"), "{}", reason(&log, &page));
    stage.end();
}
