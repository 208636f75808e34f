//! What keeps a gateway or a user out is named.

use kerberos::{Acceptor, Gateway, KerberosError, Kind, Mechanism, Stage, UserName};
use testad::{NewUser, UserState};

use crate::Contoso;
use crate::realm::{ACCOUNT, KEYTAB, PORTAL, account, chain, named};

#[track_caller]
fn check<T>(result: Result<T, KerberosError>, kind: Kind, stage: Stage) {
    let error = result.map(drop).expect_err("a refusal");
    assert_eq!((error.kind(), error.stage()), (kind, stage), "{}", chain(&error));
}

#[test]
fn g5_066_users_who_are_kept_out_are_refused_with_the_cause() {
    let name = "refusals::g5_066_users_who_are_kept_out_are_refused_with_the_cause";
    Contoso::run(name, |contoso| {
        let set = |state| contoso.dc.set_user_state(ACCOUNT, state).unwrap();
        set(UserState::Disabled);
        check(contoso.token(PORTAL), Kind::AccountDisabled, Stage::Impersonate);
        set(UserState::Expired);
        check(contoso.token(PORTAL), Kind::AccountExpired, Stage::Impersonate);
        set(UserState::NotDelegated);
        check(contoso.token(PORTAL), Kind::NotDelegated, Stage::Delegate);
        set(UserState::Guest);
        contoso.token(PORTAL).unwrap();
        let member = NewUser { account: "grace", upn: None, password: Some("Sunny-Day-17") };
        contoso.dc.create_user(member).unwrap();
        contoso.dc.set_user_state("grace", UserState::MustChangePassword).unwrap();
        let result = contoso.gateway.impersonate(&named("grace"));
        let result = result.and_then(|user| user.token(PORTAL, Mechanism::Spnego, None));
        let error = result.unwrap_err();
        assert_eq!(error.kind(), Kind::PasswordExpired, "{}", chain(&error));
    });
}

#[test]
fn g5_065_a_user_who_is_not_there_is_unknown() {
    Contoso::run("refusals::g5_065_a_user_who_is_not_there_is_unknown", |contoso| {
        let unknown = [
            named("nobody"),
            UserName::UserPrincipalName("nobody@contoso.onmicrosoft.com".to_owned()),
            UserName::UserPrincipalName("a@b@c\\d/e".to_owned()),
            named("a/b@c\\"),
        ];
        for name in unknown {
            check(contoso.gateway.impersonate(&name), Kind::UnknownUser, Stage::Impersonate);
        }
        let invalid = UserName::UserPrincipalName("a\0b".to_owned());
        check(contoso.gateway.impersonate(&invalid), Kind::NameInvalid, Stage::Impersonate);
    });
}

#[test]
fn g5_067_missing_rights_of_the_gateway_are_named() {
    Contoso::run("refusals::g5_067_missing_rights_of_the_gateway_are_named", |contoso| {
        let other = contoso.fixture.forbidden_service.as_str();
        check(contoso.token(other), Kind::NotDelegated, Stage::Delegate);
        let unknown = "HTTP/nowhere.contoso.com";
        check(contoso.token(unknown), Kind::ServiceUnknown, Stage::Delegate);
        let change = |change: &str| contoso.dc.modify("gatewaysvc", change).unwrap();
        // No protocol transition.
        change("replace: userAccountControl\nuserAccountControl: 66048\n");
        check(contoso.token(PORTAL), Kind::NotDelegated, Stage::Delegate);
        change("replace: userAccountControl\nuserAccountControl: 16843264\n");
        contoso.token(PORTAL).unwrap();
        change("delete: msDS-AllowedToDelegateTo\n");
        check(contoso.token(PORTAL), Kind::NotDelegated, Stage::Delegate);
        change("delete: servicePrincipalName\n");
        check(contoso.token(PORTAL), Kind::GatewayLacksServiceName, Stage::Impersonate);
        change("replace: userAccountControl\nuserAccountControl: 66050\n");
        check(contoso.gateway.check(), Kind::GatewayRefused, Stage::Acquire);
    });
}

#[test]
fn g5_067_keytabs_that_do_not_fit_are_named() {
    Contoso::run("refusals::g5_067_keytabs_that_do_not_fit_are_named", |contoso| {
        let gateway = |principal: &str, keytab: &std::path::Path| {
            Gateway::new(contoso.library, principal, keytab).check()
        };
        let own = &contoso.fixture.gateway;
        let missing = own.keytab.with_file_name("none.keytab");
        check(gateway(&own.principal, &missing), Kind::KeytabMissing, Stage::Acquire);
        let text = own.keytab.with_file_name("text.keytab");
        std::fs::write(&text, "-----BEGIN").unwrap();
        check(gateway(&own.principal, &text), Kind::KeytabDamaged, Stage::Acquire);
        let portal = &contoso.fixture.portal.keytab;
        check(gateway(&own.principal, portal), Kind::KeytabLacksPrincipal, Stage::Acquire);
        let (library, acceptor) = (contoso.library, Acceptor::new);
        check(acceptor(library, &missing, None), Kind::KeytabMissing, Stage::Acquire);
        let wrong = Some("HTTP/gateway.contoso.com");
        check(acceptor(library, portal, wrong), Kind::KeytabLacksPrincipal, Stage::Acquire);
        // The account goes while its keytab stays.
        let dn = "CN=gatewaysvc,CN=Users,DC=contoso,DC=com";
        contoso.dc.ldapmodify(&format!("dn: {dn}\nchangetype: delete\n")).unwrap();
        check(gateway(&own.principal, &own.keytab), Kind::GatewayUnknown, Stage::Acquire);
    });
}

#[test]
fn without_configuration_there_is_no_realm() {
    testad::isolated("refusals::without_configuration_there_is_no_realm", |config| {
        let keytab = config.with_file_name("gateway.keytab");
        std::fs::write(&keytab, KEYTAB).unwrap();
        std::fs::write(config, "[libdefaults]\ndns_lookup_kdc = false\n").unwrap();
        let library = kerberos::Library::load().unwrap();
        let gateway = Gateway::new(library, "gatewaysvc@CONTOSO.COM", &keytab);
        check(gateway.check(), Kind::NoRealm, Stage::Acquire);
        check(gateway.impersonate(&account()), Kind::NoRealm, Stage::Acquire);
    });
}
