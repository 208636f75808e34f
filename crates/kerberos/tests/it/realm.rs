//! A domain with a gateway, a portal and a guest, in a process of its own.

use std::path::Path;

use kerberos::{Acceptor, Delegated, Gateway, KerberosError, Library, Mechanism, UserName};
use testad::{DelegationFixture, NewUser, REALM, SambaDc};

pub(crate) const PORTAL: &str = "HTTP/portal.contoso.com";
pub(crate) const ACCOUNT: &str = "7e0f7b7e-3d9a-4a57-9";
pub(crate) const UPN: &str = "ada_treyresearch.com#EXT#@contoso.onmicrosoft.com";

/// A keytab with an AES-128 key of zeros for gatewaysvc@CONTOSO.COM.
pub(crate) const KEYTAB: &[u8] = b"\x05\x02\0\0\0\x3c\0\x01\0\x0bCONTOSO.COM\0\x0agatewaysvc\
    \0\0\0\x01\0\0\0\0\x01\0\x11\0\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01";

pub(crate) struct Contoso {
    pub(crate) dc: SambaDc,
    pub(crate) fixture: DelegationFixture,
    pub(crate) library: Library,
    pub(crate) gateway: Gateway,
}

impl Contoso {
    /// Runs `body` in the domain; `test` is the calling test's full name.
    pub(crate) fn run(test: &str, body: impl FnOnce(Self)) {
        testad::isolated(test, |config| body(Self::start(config)));
    }

    pub(crate) fn start(config: &Path) -> Self {
        let dc = SambaDc::start().expect("domain controller");
        std::fs::write(config, dc.krb5_config_text()).unwrap();
        let fixture = dc.prepare_delegation().unwrap();
        dc.create_user(NewUser { account: ACCOUNT, upn: Some(UPN), password: None }).unwrap();
        let library = Library::load().expect("libgssapi-krb5-2");
        let gateway = &fixture.gateway;
        let gateway = Gateway::new(library, &gateway.principal, &gateway.keytab);
        Self { dc, fixture, library, gateway }
    }

    pub(crate) fn acceptor(&self) -> Acceptor {
        Acceptor::new(self.library, &self.fixture.portal.keytab, None).unwrap()
    }

    pub(crate) fn impersonate(&self, name: &UserName) -> Delegated {
        self.gateway.impersonate(name).unwrap_or_else(|error| panic!("{}", chain(&error)))
    }

    /// Asks for the guest's ticket and its token to the service.
    pub(crate) fn token(&self, service: &str) -> Result<Vec<u8>, KerberosError> {
        self.gateway.impersonate(&account())?.token(service, Mechanism::Spnego, None)
    }
}

pub(crate) fn account() -> UserName {
    named(ACCOUNT)
}

pub(crate) fn named(account: &str) -> UserName {
    UserName::Account { name: account.to_owned(), realm: REALM.to_owned() }
}

pub(crate) fn upn() -> UserName {
    UserName::UserPrincipalName(UPN.to_owned())
}

/// An error with its cause, for messages.
pub(crate) fn chain(error: &KerberosError) -> String {
    let cause = std::error::Error::source(error).map(ToString::to_string);
    format!("{} {:?} {error}: {}", error.code(), error.stage(), cause.unwrap_or_default())
}
