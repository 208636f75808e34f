//! A service takes each token once, and nothing but tokens.

use kerberos::{Acceptor, Kind, Library, Mechanism, Stage};

use crate::Contoso;
use crate::realm::{KEYTAB, PORTAL, account, chain};

const CHANNEL: &[u8] = b"tls-server-end-point:0123456789abcdef0123456789abcdef";

#[test]
fn g5_069_a_token_is_accepted_once() {
    Contoso::run("acceptance::g5_069_a_token_is_accepted_once", |contoso| {
        let acceptor = contoso.acceptor();
        let delegated = contoso.impersonate(&account());
        for mechanism in [Mechanism::Spnego, Mechanism::Kerberos] {
            let token = delegated.token(PORTAL, mechanism, None).unwrap();
            acceptor.accept(&token).unwrap();
            let error = acceptor.accept(&token).unwrap_err();
            assert_eq!(error.kind(), Kind::Replay, "{}", chain(&error));
        }
        // The same authenticator without its wrapping is the same.
        let token = delegated.token(PORTAL, Mechanism::Spnego, None).unwrap();
        acceptor.accept(&token).unwrap();
        let kerberos = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01\x00";
        let place = token.windows(kerberos.len()).position(|place| place == kerberos).unwrap();
        // The header before it: 60 82 and two octets of length.
        let bare = &token[place - 4..];
        let error = acceptor.accept(bare).unwrap_err();
        assert_eq!(error.kind(), Kind::Replay, "{}", chain(&error));
        let forgetful = contoso.fixture.portal.keytab.as_path();
        let forgetful = Acceptor::without_replay_cache(contoso.library, forgetful, None).unwrap();
        forgetful.accept(&token).unwrap();
        forgetful.accept(&token).unwrap();
    });
}

#[test]
fn a_token_bound_to_another_channel_is_refused() {
    Contoso::run("acceptance::a_token_bound_to_another_channel_is_refused", |contoso| {
        let acceptor = contoso.acceptor();
        let delegated = contoso.impersonate(&account());
        let token = |channel| delegated.token(PORTAL, Mechanism::Spnego, channel).unwrap();
        let accepted = acceptor.accept(&token(Some(CHANNEL))).unwrap();
        assert!(!accepted.is_channel_bound);
        let accepted = acceptor.accept_on_channel(&token(Some(CHANNEL)), Some(CHANNEL)).unwrap();
        assert!(accepted.is_channel_bound);
        let accepted = acceptor.accept_on_channel(&token(None), Some(CHANNEL)).unwrap();
        assert!(!accepted.is_channel_bound);
        let other = token(Some(b"tls-server-end-point:another"));
        let error = acceptor.accept_on_channel(&other, Some(CHANNEL)).unwrap_err();
        assert_eq!(error.kind(), Kind::WrongChannel, "{}", chain(&error));
    });
}

#[test]
fn a_token_from_a_clock_that_differs_too_much_is_refused() {
    let name = "acceptance::a_token_from_a_clock_that_differs_too_much_is_refused";
    testad::isolated(name, |config| {
        let contoso = Contoso::start(config);
        let keytab = contoso.fixture.portal.keytab.as_path();
        let acceptor = Acceptor::without_replay_cache(contoso.library, keytab, None).unwrap();
        let token = contoso.token(PORTAL).unwrap();
        acceptor.accept(&token).unwrap();
        // With no tolerance at all every clock differs too much.
        let text = contoso.dc.krb5_config_text();
        let strict = text.replace("[libdefaults]\n", "[libdefaults]\n    clockskew = -1\n");
        std::fs::write(config, strict).unwrap();
        let mut kinds = std::collections::BTreeSet::new();
        let limit = std::time::Instant::now() + std::time::Duration::from_secs(10);
        while !kinds.contains(&Kind::ClockSkew) && std::time::Instant::now() < limit {
            if let Err(error) = acceptor.accept(&token) {
                kinds.insert(error.kind());
            }
        }
        assert!(kinds.contains(&Kind::ClockSkew), "{kinds:?}");
        kinds.remove(&Kind::ClockSkew);
        kinds.remove(&Kind::TicketNotYetValid);
        assert!(kinds.is_empty(), "{kinds:?}");
    });
}

#[test]
fn a_token_for_another_service_is_refused() {
    Contoso::run("acceptance::a_token_for_another_service_is_refused", |contoso| {
        let gateway = contoso.fixture.gateway.keytab.as_path();
        let gateway = Acceptor::new(contoso.library, gateway, None).unwrap();
        let error = gateway.accept(&contoso.token(PORTAL).unwrap()).unwrap_err();
        assert_eq!(
            (error.kind(), error.stage()),
            (Kind::WrongKey, Stage::Accept),
            "{}",
            chain(&error)
        );
    });
}

#[test]
fn changed_tokens_are_refused() {
    Contoso::run("acceptance::changed_tokens_are_refused", |contoso| {
        let acceptor = contoso.acceptor();
        let token = contoso.token(PORTAL).unwrap();
        for place in (0..token.len()).step_by(97) {
            let mut changed = token.clone();
            changed[place] ^= 0x20;
            if let Ok(accepted) = acceptor.accept(&changed) {
                // What surrounds the ticket is not signed; what is in it must be untouched.
                assert!(accepted.pac.is_some_and(|pac| pac.account == crate::realm::ACCOUNT));
            }
            assert!(acceptor.accept(&token[..place]).is_err());
        }
    });
}

#[test]
fn what_is_no_kerberos_is_refused_without_a_kdc() {
    testad::isolated("acceptance::what_is_no_kerberos_is_refused_without_a_kdc", |config| {
        std::fs::write(config, "[libdefaults]\ndefault_realm = CONTOSO.COM\n").unwrap();
        let keytab = config.with_file_name("portal.keytab");
        std::fs::write(&keytab, KEYTAB).unwrap();
        let library = Library::load().unwrap();
        let acceptor = Acceptor::new(library, &keytab, None).unwrap();
        let check = |token: &[u8], kind| {
            let error = acceptor.accept(token).unwrap_err();
            assert_eq!((error.kind(), error.stage()), (kind, Stage::Accept), "{}", chain(&error));
        };
        check(b"", Kind::NotKerberos);
        check(b"NTLMSSP\0\x01\0\0\0", Kind::Ntlm);
        check(b"garbage", Kind::NotKerberos);
        check(&[0x60; 200_000], Kind::NotKerberos);
        check(b"\x60\x06\x06\x02\x2a\x03\x05\x00", Kind::NotKerberos);
        std::fs::write(&keytab, b"\x05\x02").unwrap();
        let error = Acceptor::new(library, &keytab, None).unwrap_err();
        assert_eq!(error.kind(), Kind::KeytabLacksPrincipal);
    });
}
