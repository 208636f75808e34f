//! A real domain with its distribution centre, and guests in it.

use std::sync::Arc;

use gateway::{KerberosExchange, KerberosTickets};
use kerberos::{Acceptor, Library};
use net::SystemClock;
use testad::{NewUser, SambaDc, UPN_SUFFIX};

use super::kerberos_file::KerberosFile;
use crate::Failure;

/// How long tickets are kept, in seconds: as in production.
const TICKET_SECONDS_MAX: u64 = 900;

/// The domain.
pub(super) struct Domain {
    pub(super) tickets: Arc<KerberosTickets>,
    dc: SambaDc,
    library: Library,
    portal_keytab: std::path::PathBuf,
}

impl Domain {
    /// Starts it, with an account for the gateway and one for the back end. Blocks.
    pub(super) fn start(file: &KerberosFile) -> Result<Self, Failure> {
        let dc = SambaDc::start().map_err(|error| {
            format!("the domain controller (Samba) cannot be started: {}", chain(&error))
        })?;
        file.write(&dc.krb5_config_text())?;
        let fixture = dc.prepare_delegation()?;
        let library = Library::load()?;
        let own = &fixture.gateway;
        let exchange =
            KerberosExchange::new(kerberos::Gateway::new(library, &own.principal, &own.keytab));
        let clock = Arc::new(SystemClock);
        let tickets = Arc::new(KerberosTickets::new(exchange, TICKET_SECONDS_MAX, clock));
        Ok(Self { tickets, dc, library, portal_keytab: fixture.portal.keytab })
    }

    /// What a back end checks tickets with.
    pub(super) fn acceptor(&self) -> Result<Acceptor, Failure> {
        Ok(Acceptor::new(self.library, &self.portal_keytab, None)?)
    }

    /// Creates the account of guest `number`. Blocks.
    pub(super) fn create_guest(&self, number: usize) -> Result<(), Failure> {
        let (account, upn) = (account_name(number), upn(number));
        let user = NewUser { account: &account, upn: Some(&upn), password: None };
        Ok(self.dc.create_user(user)?)
    }
}

pub(super) fn account_name(number: usize) -> String {
    format!("guest-{number:05}")
}

pub(super) fn upn(number: usize) -> String {
    format!("guest{number}_treyresearch.example#EXT#@{UPN_SUFFIX}")
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(current) = cause {
        text = format!("{text}: {current}");
        cause = current.source();
    }
    text
}
