//! Tokens in users' names are accepted and say who they are.

use std::time::{Duration, Instant};

use kerberos::{Delegation, Gateway, Kind, Mechanism, Stage};

use crate::Contoso;
use crate::realm::{ACCOUNT, PORTAL, UPN, account, chain, upn};

#[test]
fn g5_065_by_account_name_and_by_upn_both_work() {
    Contoso::run("delegation::g5_065_by_account_name_and_by_upn_both_work", |contoso| {
        let sid = contoso.dc.object_sid(ACCOUNT).unwrap().expect("the guest");
        let acceptor = contoso.acceptor();
        for name in [account(), upn()] {
            for mechanism in [Mechanism::Spnego, Mechanism::Kerberos] {
                let delegated = contoso.impersonate(&name);
                let token = delegated
                    .token(PORTAL, mechanism, None)
                    .unwrap_or_else(|error| panic!("{}", chain(&error)));
                let accepted = acceptor.accept(&token).unwrap();
                let pac = accepted.pac.expect("a PAC");
                assert_eq!((pac.sid, pac.account.as_str()), (sid.clone(), ACCOUNT));
                assert_eq!(pac.upn.as_deref(), Some(UPN));
                assert_eq!(pac.netbios_domain.as_deref(), Some("CONTOSO"));
                assert_eq!(pac.dns_domain.as_deref(), Some("CONTOSO.COM"));
                let users = sid.split_rid().unwrap().0.with_rid(513).unwrap();
                assert!(pac.groups.contains(&users), "{:?}", pac.groups);
                let delegation = Delegation {
                    target: PORTAL.to_owned(),
                    transited: vec!["gatewaysvc@CONTOSO.COM".to_owned()],
                };
                assert_eq!(pac.delegation, Some(delegation));
                assert!(accepted.lifetime_seconds > 3600);
                assert!(delegated.lifetime_seconds() > 3600);
            }
        }
    });
}

#[test]
fn a_service_is_named_with_slash_or_at_and_in_any_case() {
    Contoso::run("delegation::a_service_is_named_with_slash_or_at_and_in_any_case", |contoso| {
        let acceptor = contoso.acceptor();
        let delegated = contoso.impersonate(&account());
        for service in
            ["HTTP@portal.contoso.com", "http/PORTAL.contoso.com", "HTTP/app.contoso.com"]
        {
            let token = delegated.token(service, Mechanism::Spnego, None).unwrap();
            assert!(acceptor.accept(&token).is_ok(), "{service}");
        }
    });
}

#[test]
fn groups_of_every_scope_are_in_the_pac() {
    Contoso::run("delegation::groups_of_every_scope_are_in_the_pac", |contoso| {
        let user = format!("CN={ACCOUNT},CN=Users,DC=contoso,DC=com");
        let mut sids = Vec::new();
        // groupType of security groups: global, universal, domain local ([MS-ADTS] 2.2.12).
        for (group, kind) in
            [("guests-all", "-2147483646"), ("guests-web", "-2147483640"), ("site", "-2147483644")]
        {
            let ldif = format!(
                "dn: CN={group},CN=Users,DC=contoso,DC=com\nchangetype: add\n\
                 objectClass: group\nsAMAccountName: {group}\ngroupType: {kind}\n\
                 member: {user}\n"
            );
            contoso.dc.ldapmodify(&ldif).unwrap();
            sids.push(contoso.dc.object_sid(group).unwrap().unwrap());
        }
        let accepted = contoso.acceptor().accept(&contoso.token(PORTAL).unwrap()).unwrap();
        let groups = accepted.pac.unwrap().groups;
        for sid in &sids {
            assert!(groups.contains(sid), "{sid} is not in {groups:?}");
        }
    });
}

#[test]
fn g5_071_without_kdc_known_users_go_on_and_new_ones_fail_fast() {
    let name = "delegation::g5_071_without_kdc_known_users_go_on_and_new_ones_fail_fast";
    Contoso::run(name, |mut contoso| {
        let acceptor = contoso.acceptor();
        let delegated = contoso.impersonate(&upn());
        delegated.token(PORTAL, Mechanism::Spnego, None).unwrap();
        contoso.dc.stop();
        let begin = Instant::now();
        for _ in 0..100 {
            let token = delegated.token(PORTAL, Mechanism::Spnego, None).unwrap();
            assert!(acceptor.accept(&token).is_ok());
        }
        assert!(begin.elapsed() < Duration::from_secs(2), "{:?}", begin.elapsed());
        let begin = Instant::now();
        let error = contoso.gateway.impersonate(&upn()).unwrap_err();
        assert_eq!((error.kind(), error.stage()), (Kind::KdcUnreachable, Stage::Impersonate));
        let error = contoso.gateway.check().unwrap_err();
        assert_eq!((error.kind(), error.stage()), (Kind::KdcUnreachable, Stage::Acquire));
        let error = delegated.token("HTTP/app.contoso.com", Mechanism::Spnego, None).unwrap_err();
        assert_eq!((error.kind(), error.stage()), (Kind::KdcUnreachable, Stage::Delegate));
        assert!(begin.elapsed() < Duration::from_secs(5), "{:?}", begin.elapsed());
        contoso.dc.resume().unwrap();
        contoso.gateway.check().unwrap();
        delegated.token("HTTP/app.contoso.com", Mechanism::Spnego, None).unwrap();
    });
}

#[test]
fn g5_072_a_new_keytab_is_used_without_restart_and_old_tickets_live_on() {
    let name = "delegation::g5_072_a_new_keytab_is_used_without_restart_and_old_tickets_live_on";
    Contoso::run(name, |contoso| {
        let acceptor = contoso.acceptor();
        let old = contoso.impersonate(&account());
        old.token(PORTAL, Mechanism::Spnego, None).unwrap();
        let keytab = &contoso.fixture.gateway.keytab;
        contoso.dc.change_password("gatewaysvc").unwrap();
        let error = contoso.gateway.check().unwrap_err();
        assert_eq!(error.kind(), Kind::KeytabStale, "{}", chain(&error));
        contoso.dc.export_keytab("gatewaysvc", keytab).unwrap();
        contoso.gateway.check().unwrap();
        let new = contoso.impersonate(&account());
        for delegated in [&old, &new] {
            let token = delegated.token(PORTAL, Mechanism::Spnego, None);
            let token = token.unwrap_or_else(|error| panic!("{}", chain(&error)));
            assert!(acceptor.accept(&token).is_ok());
        }
        // The old ticket is under the old key, which the KDC reads for each new service.
        let app = "HTTP/app.contoso.com";
        let error = old.token(app, Mechanism::Spnego, None).unwrap_err();
        assert_eq!(error.kind(), Kind::TicketStale, "{}", chain(&error));
        assert!(error.kind().wants_new_ticket());
        assert!(new.token(app, Mechanism::Spnego, None).is_ok());
    });
}

#[test]
fn an_acceptor_uses_a_new_keytab_without_restart() {
    Contoso::run("delegation::an_acceptor_uses_a_new_keytab_without_restart", |contoso| {
        let acceptor = contoso.acceptor();
        contoso.dc.change_password("portalsvc").unwrap();
        let token = contoso.token(PORTAL).unwrap();
        let error = acceptor.accept(&token).unwrap_err();
        assert_eq!(error.kind(), Kind::WrongKey, "{}", chain(&error));
        contoso.dc.export_keytab("portalsvc", &contoso.fixture.portal.keytab).unwrap();
        assert!(acceptor.accept(&token).is_ok());
    });
}

#[test]
fn many_threads_share_a_gateway_a_user_and_an_acceptor() {
    Contoso::run("delegation::many_threads_share_a_gateway_a_user_and_an_acceptor", |contoso| {
        let acceptor = contoso.acceptor();
        let shared = contoso.impersonate(&upn());
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let own = contoso.impersonate(&account());
                    for _ in 0..50 {
                        for delegated in [&own, &shared] {
                            let token = delegated.token(PORTAL, Mechanism::Spnego, None).unwrap();
                            acceptor.accept(&token).unwrap();
                        }
                    }
                });
            }
        });
    });
}

#[test]
fn checks_do_not_disturb_those_at_work() {
    Contoso::run("delegation::checks_do_not_disturb_those_at_work", |contoso| {
        let early = contoso.impersonate(&account());
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for _ in 0..30 {
                    contoso.gateway.check().unwrap();
                }
            });
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..15 {
                        contoso.token(PORTAL).unwrap();
                    }
                });
            }
        });
        early.token(PORTAL, Mechanism::Spnego, None).unwrap();
    });
}

#[test]
fn gateways_of_one_process_keep_their_tickets_apart() {
    Contoso::run("delegation::gateways_of_one_process_keep_their_tickets_apart", |contoso| {
        let portal = &contoso.fixture.portal;
        let second = Gateway::new(contoso.library, &portal.principal, &portal.keytab);
        contoso.gateway.check().unwrap();
        second.check().unwrap();
        let error = second.impersonate(&account()).unwrap().token(PORTAL, Mechanism::Spnego, None);
        assert_eq!(error.unwrap_err().kind(), Kind::NotDelegated);
        contoso.token(PORTAL).unwrap();
    });
}
