//! Faults as an LDAP client meets them.

use std::time::{Duration, Instant};

use ldap3::{LdapError, Scope};

use super::bench::{DOMAIN, GUESTS};
use super::wire::{add_guest, bound, connect, dirsync, dirsync_control, start};
use crate::directory::{Effect, Fault, Operation};

fn dn(name: &str) -> String {
    format!("CN={name},{GUESTS}")
}

#[tokio::test]
async fn an_answer_can_be_lost_after_the_change() {
    let directory = start().await;
    for (effect, is_applied) in [(Effect::DropAfter, true), (Effect::DropBefore, false)] {
        directory.inject(Fault::once(Operation::Delete, effect));
        let mut ldap = bound(&directory).await;
        assert_eq!(add_guest(&mut ldap, "ada").await.rc, 0);
        let lost = ldap.delete(&dn("ada")).await;
        assert!(matches!(lost, Err(LdapError::ResultRecv { .. })), "{lost:?}");
        assert_eq!(directory.get(&dn("ada")).is_none(), is_applied);
    }
}

#[tokio::test]
async fn an_answer_can_be_made_up() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    let effect = Effect::Answer { code: 51, message: "000020F6: busy".to_owned() };
    directory.inject(Fault {
        dn_contains: Some("cn=ada".to_owned()),
        ..Fault::once(Operation::Add, effect)
    });
    assert_eq!(add_guest(&mut ldap, "eve").await.rc, 0);
    let busy = add_guest(&mut ldap, "ada").await;
    assert_eq!((busy.rc, busy.text.as_str()), (51, "000020F6: busy"));
    assert_eq!(directory.get(&dn("ada")), None);
    assert_eq!(add_guest(&mut ldap, "ada").await.rc, 0);
}

#[tokio::test]
async fn a_delayed_request_is_overtaken() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    let delay = Duration::from_millis(1500);
    directory.inject(Fault::once(Operation::Add, Effect::Delay(delay)));
    let mut slow = ldap.clone();
    let began = Instant::now();
    let adding = tokio::spawn(async move { add_guest(&mut slow, "ada").await.rc });
    while !directory.operations().contains_key(&Operation::Add) {
        tokio::task::yield_now().await;
    }
    ldap.search(DOMAIN, Scope::Base, "(objectClass=*)", vec!["*"]).await.unwrap();
    assert!(!adding.is_finished());
    assert_eq!(adding.await.unwrap(), 0);
    assert!(began.elapsed() >= delay);
}

#[tokio::test]
async fn all_connections_can_be_closed() {
    let directory = start().await;
    let mut first = bound(&directory).await;
    let mut second = bound(&directory).await;
    directory.close_connections();
    for ldap in [&mut first, &mut second] {
        let search = ldap.search(DOMAIN, Scope::Base, "(objectClass=*)", vec!["*"]).await;
        assert!(search.is_err());
    }
    bound(&directory).await;
}

#[tokio::test]
async fn cookies_can_be_rejected_or_made_stale() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    let (everything, cookie) = dirsync(&mut ldap, b"").await;
    directory.inject(Fault::once(Operation::DirSync, Effect::RejectCookie));
    let search = ldap.with_controls(dirsync_control(&cookie));
    let rejected = search.search(DOMAIN, Scope::Subtree, "(cn=*)", vec!["name"]).await.unwrap();
    assert_eq!(rejected.1.rc, 12);
    directory.renew_invocation_id();
    assert_eq!(dirsync(&mut ldap, &cookie).await.0, everything);
}

#[tokio::test]
async fn shutdown_ends_connections_and_frees_the_port() {
    let directory = start().await;
    let mut ldap = connect(&directory).await;
    let url = directory.url();
    directory.shutdown().await;
    assert!(ldap.simple_bind("", "").await.is_err());
    let port = url.rsplit(':').next().unwrap().parse().unwrap();
    tokio::net::TcpListener::bind((std::net::Ipv4Addr::LOCALHOST, port)).await.unwrap();
}

#[tokio::test]
async fn the_stream_can_break_in_many_ways() {
    let directory = start().await;
    for effect in [
        Effect::Raw(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()),
        Effect::Raw(vec![0x30, 0x20, 2, 1]),
        Effect::Notice,
    ] {
        let mut ldap = bound(&directory).await;
        directory.inject(Fault::once(Operation::Delete, effect.clone()));
        assert!(ldap.delete(&dn("ada")).await.is_err(), "{effect:?}");
    }
}

#[tokio::test]
async fn a_wrong_kind_of_answer_can_be_given() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    directory.inject(Fault::once(Operation::Delete, Effect::ExtendedAnswer));
    assert_eq!(ldap.delete(&dn("ada")).await.unwrap().rc, 2);
}

#[tokio::test]
async fn a_fault_finds_its_object_by_identifier_too() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    add_guest(&mut ldap, "ada").await;
    let octets = directory.get(&dn("ada")).unwrap()["objectGUID"][0].clone();
    let guid = model::Guid::from_directory(&octets).unwrap();
    directory.inject(Fault {
        dn_contains: Some("cn=ada".to_owned()),
        ..Fault::once(Operation::Delete, Effect::Answer { code: 52, message: String::new() })
    });
    assert_eq!(ldap.delete(&format!("<GUID={guid}>")).await.unwrap().rc, 52);
}
