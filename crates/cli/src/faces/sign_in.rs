//! What the portal believes: Kerberos tickets, and the gateway's signed word.

use std::sync::Arc;

use api::{
    AcceptedTicket, Assertion, AssertionRefused, AssertionVerifier, NegotiateAcceptor,
    TicketRefused,
};
use async_trait::async_trait;
use kerberos::{Acceptor, KerberosError};
use model::{Sid, Timestamp};

use crate::failure::chain;

/// Accepts tickets with the keys of a key table.
pub(super) struct KeytabAcceptor(pub(super) Arc<Acceptor>);

fn refused(error: &KerberosError) -> TicketRefused {
    TicketRefused { message: chain(error), code: error.code(), help: Some(error.help()) }
}

#[async_trait]
impl NegotiateAcceptor for KeytabAcceptor {
    async fn accept(&self, token: &[u8]) -> Result<AcceptedTicket, TicketRefused> {
        let (acceptor, token) = (self.0.clone(), token.to_vec());
        // Reading the key table and opening the ticket block.
        let accepted = tokio::task::spawn_blocking(move || acceptor.accept(&token)).await;
        let accepted = accepted.map_err(|_error| TicketRefused {
            message: "the ticket could not be looked at".to_owned(),
            code: "KRB-0999",
            help: None,
        })?;
        let accepted = accepted.map_err(|error| refused(&error))?;
        if let Some(delegation) = accepted.pac.as_ref().and_then(|pac| pac.delegation.as_ref()) {
            tracing::debug!(target = delegation.target, "the ticket was got by delegation");
        }
        let sid = accepted.pac.map(|pac| pac.sid);
        Ok(AcceptedTicket { client: accepted.client, sid, reply: accepted.reply })
    }
}

/// Checks assertions that a gateway signed.
pub(super) struct SignedAssertions(pub(super) oidc::assertion::AssertionVerifier);

impl AssertionVerifier for SignedAssertions {
    fn verify(&self, header: &str, now: Timestamp) -> Result<Assertion, AssertionRefused> {
        let checked = self.0.verify(header, now);
        let checked = checked.map_err(|error| AssertionRefused { message: chain(&error) })?;
        let subject = checked.subject;
        Ok(Assertion {
            sid: subject.sid.as_deref().and_then(|text| Sid::parse(text).ok()),
            account: subject.account,
            domain: subject.domain,
        })
    }
}
