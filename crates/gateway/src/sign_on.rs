//! Kerberos sign-on: tickets for one visit.

use tokio::time::Instant;

use crate::accounts::AccountState;
use crate::application::KerberosSignOn;
use crate::audit::{self, Subject};
use crate::gateway::Inner;
use crate::identity;
use crate::refusal::{Refusal, Refused};
use crate::tickets::{LoginName, TicketRequest, Tickets, Token};
use crate::visit::Visit;

/// Everything but the channel that a ticket needs.
pub(crate) struct Ticketing<'v> {
    inner: &'v Inner,
    tickets: &'v dyn Tickets,
    visit: &'v Visit,
    sign_on: &'v KerberosSignOn,
    login: LoginName,
    service: String,
}

impl<'v> Ticketing<'v> {
    /// Checks name and service before anybody is asked.
    pub(crate) fn new(
        inner: &'v Inner,
        visit: &'v Visit,
        sign_on: &'v KerberosSignOn,
    ) -> Result<Self, Refusal> {
        let Some(tickets) = inner.tickets.as_deref() else {
            let reason = "Kerberos is not set up";
            return Err(Refusal::new(Refused::DelegationFailed, "no-kerberos", reason));
        };
        if visit.account.state == AccountState::NotDelegated {
            let reason = "the account is sensitive and cannot be delegated";
            return Err(Refusal::new(Refused::NotForThisAccount, "account-sensitive", reason));
        }
        let login = identity::login_name(sign_on.identity, &visit.account).map_err(|missing| {
            Refusal::new(Refused::NotForThisAccount, "identity-missing", missing.to_string())
        })?;
        let host = visit.route.external_host();
        let service = identity::service(sign_on, &host).ok_or_else(|| {
            let reason = format!("{:?} for {host} is not among the services", sign_on.service);
            Refusal::new(Refused::DelegationFailed, "service-not-allowed", reason)
        })?;
        Ok(Self { inner, tickets, visit, sign_on, login, service })
    }

    /// A token that was never sent.
    pub(crate) async fn token(&self, binding: Option<&[u8]>) -> Result<Token, Refusal> {
        let channel_binding = match (self.sign_on.channel_binding, binding) {
            (false, _) => None,
            (true, Some(binding)) => Some(binding.to_vec()),
            (true, None) => {
                let reason = "the back end's connection has no certificate to bind a ticket to";
                return Err(Refusal::new(Refused::DelegationFailed, "no-channel", reason));
            }
        };
        let request = TicketRequest {
            object_id: self.visit.account.object_id.clone(),
            login: self.login.clone(),
            service: self.service.clone(),
            form: self.sign_on.form,
            channel_binding,
        };
        let began = Instant::now();
        let about = Subject { service: &self.service, ..self.visit.subject() };
        match self.tickets.token(&request).await {
            Ok(token) => {
                if token.is_fresh {
                    audit::done("ticket", about, began.elapsed());
                }
                Ok(token)
            }
            Err(error) => {
                let accounts = self.inner.known.accounts();
                let why = accounts.explain(&self.visit.account, error.kind, &self.service).await;
                let mut refusal = Refusal::from(error);
                if let Some(why) = why {
                    refusal.reason = format!("{}; {why}", refusal.reason);
                }
                audit::refused("ticket", about, (refusal.code, &refusal.reason), began.elapsed());
                Err(refusal)
            }
        }
    }
}
