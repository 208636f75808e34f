//! Kerberos tickets in HTTP requests (RFC 4559).

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use model::Sid;

use crate::problem::ApiError;

/// Octets of a ticket at most; Windows sends up to 48,000 (MaxTokenSize).
const TICKET_OCTETS_MAX: usize = 48 * 1024;
/// What NTLM messages begin with ([MS-NLMP] 2.2.1), also where SPNEGO wraps them.
const NTLM_SIGNATURE: &[u8] = b"NTLMSSP\0";
/// How far into a SPNEGO token a wrapped NTLM message begins at most.
const NTLM_WITHIN: usize = 256;

/// A ticket that was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AcceptedTicket {
    /// The client's principal, `name@REALM`.
    pub client: String,
    /// The account's security identifier, where the ticket has a PAC.
    pub sid: Option<Sid>,
    /// What the client is to be told, for mutual authentication.
    pub reply: Option<Vec<u8>>,
}

/// A ticket was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TicketRefused {
    /// Why, for the log.
    pub message: String,
    /// The stable code.
    pub code: &'static str,
    /// What to do about it.
    pub help: Option<String>,
}

/// Accepts tickets for the portal's service.
#[async_trait]
pub trait NegotiateAcceptor: Send + Sync {
    /// Takes the token of an `Authorization: Negotiate` header. Every token is good once.
    ///
    /// # Errors
    /// When it is not good.
    async fn accept(&self, token: &[u8]) -> Result<AcceptedTicket, TicketRefused>;
}

/// The octets after `Negotiate` or `NTLM` in the header; NTLM is refused by name.
pub(super) fn token(scheme: &str, text: &str) -> Result<Vec<u8>, ApiError> {
    if scheme.eq_ignore_ascii_case("ntlm") {
        return Err(ApiError::Ntlm);
    }
    let bad = || ApiError::BadTicket { help: None };
    if text.len() > TICKET_OCTETS_MAX * 4 / 3 + 4 {
        return Err(bad());
    }
    let octets = STANDARD.decode(text.trim()).map_err(|_error| bad())?;
    let begin = octets.get(..NTLM_WITHIN).unwrap_or(&octets);
    if begin.windows(NTLM_SIGNATURE.len()).any(|window| window == NTLM_SIGNATURE) {
        return Err(ApiError::Ntlm);
    }
    Ok(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntlm_is_told_from_kerberos_wherever_it_hides() {
        let bare = STANDARD.encode(b"NTLMSSP\0\x01\0\0\0");
        assert!(matches!(token("Negotiate", &bare), Err(ApiError::Ntlm)));
        let wrapped = STANDARD.encode(b"\x60\x40\x06\x06NTLMSSP\0\x01");
        assert!(matches!(token("negotiate", &wrapped), Err(ApiError::Ntlm)));
        assert!(matches!(token("NTLM", "x"), Err(ApiError::Ntlm)));
        assert!(matches!(token("Negotiate", "!"), Err(ApiError::BadTicket { .. })));
        assert_eq!(token("Negotiate", "AQID").unwrap(), [1, 2, 3]);
    }
}
