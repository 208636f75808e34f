//! A service that its users authenticate to with Kerberos tokens.
//!
//! Each token is good once. MIT remembers the authenticators it has seen in a file; ours lies in
//! memory and belongs to the [`Acceptor`] (on Linux; elsewhere MIT's own file is used). What it
//! remembers is the encrypted authenticator, so a token whose wrapping was changed on the way is
//! found as well. It is not shared between processes: a service that runs twice under one name
//! accepts a token once in each.

use std::path::{Path, PathBuf};

use crate::classify::classify;
use crate::gateway::{service_text, store_value};
use crate::handle::{AcceptedToken, Credential, Name, NameForm, Refusal, Usage};
use crate::pac::{self, Pac};
use crate::replay::ReplayMemory;
use crate::{KerberosError, Kind, Library, Stage};

/// Longest token: a ticket has at most 64 KiB, of which groups take the most.
const TOKEN_LENGTH_MAX: usize = 96 << 10;
/// How an NTLM message begins ([MS-NLMP] 2.2.1).
const NTLM: &[u8] = b"NTLMSSP\0";
/// Where SPNEGO has the first mechanism's token at the latest.
const NTLM_PLACE_MAX: usize = 256;

/// The keys of a service.
#[derive(Debug)]
pub struct Acceptor {
    credential: Credential,
    keytab: PathBuf,
    // The credential names its file, so it lives as long.
    _replays: Option<ReplayMemory>,
}

/// Who sent a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The client's principal, as the ticket has it: `account@REALM`; after delegation by user
    /// principal name some KDCs leave `upn\@suffix@REALM`.
    pub client: String,
    /// What to answer, where there is something.
    pub reply: Option<Vec<u8>>,
    /// Seconds until the ticket ends, five minutes of tolerance included.
    pub lifetime_seconds: u32,
    /// What the KDC says about the client; `None` where the ticket has no PAC, or one that is not
    /// readable.
    pub pac: Option<Pac>,
    /// Whether the client proved that it sees the same TLS channel.
    pub is_channel_bound: bool,
}

impl Acceptor {
    /// The service with the keys of `keytab`: any of them, or only those of `service`
    /// (`HTTP/portal.contoso.com`).
    ///
    /// # Errors
    /// At [`Stage::Acquire`].
    pub fn new(
        library: Library,
        keytab: &Path,
        service: Option<&str>,
    ) -> Result<Self, KerberosError> {
        let replays = ReplayMemory::new().map_err(|reason| {
            let error = KerberosError::new(Kind::Other, Stage::Acquire, "replay cache");
            error.because(reason.to_string())
        })?;
        Self::open(library, keytab, service, Some(replays))
    }

    /// As [`Acceptor::new`], but one token may come several times: for services behind something
    /// that repeats requests.
    ///
    /// # Errors
    /// As [`Acceptor::new`].
    pub fn without_replay_cache(
        library: Library,
        keytab: &Path,
        service: Option<&str>,
    ) -> Result<Self, KerberosError> {
        Self::open(library, keytab, service, None)
    }

    fn open(
        library: Library,
        keytab: &Path,
        service: Option<&str>,
        replays: Option<ReplayMemory>,
    ) -> Result<Self, KerberosError> {
        crate::keytab::read(keytab)?;
        let subject = keytab.display().to_string();
        let error = |kind| {
            let error = KerberosError::new(kind, Stage::Acquire, subject.as_str());
            error.of(service.unwrap_or_default())
        };
        let memory = replays.as_ref().map_or("none:".to_owned(), ReplayMemory::store_value);
        let memory = store_value(&memory, &subject)?;
        let keys = store_value(&format!("FILE:{subject}"), &subject)?;
        let refused =
            |refusal: Refusal| error(classify(&refusal, Stage::Acquire)).because(refusal.text);
        let import = |service: &str| {
            let text = service_text(service, "").ok_or_else(|| error(Kind::NameInvalid))?;
            Name::import(library.functions, &text, NameForm::Principal).map_err(refused)
        };
        let name = service.map(import).transpose()?;
        let credential = Credential::acquire(
            library.functions,
            name.as_ref(),
            Usage::Accept,
            &[(c"keytab", &keys), (c"rcache", &memory)],
        )
        .map_err(refused)?;
        Ok(Self { credential, keytab: keytab.to_owned(), _replays: replays })
    }

    /// Checks a client's token, SPNEGO or bare Kerberos, without looking at channel bindings.
    ///
    /// # Errors
    /// At [`Stage::Accept`]; nothing in them tells a client more than that it is refused.
    pub fn accept(&self, token: &[u8]) -> Result<Accepted, KerberosError> {
        self.accept_on_channel(token, None)
    }

    /// Checks a client's token that came over the TLS channel with these bindings (RFC 5929):
    /// one bound to another is refused, [`Accepted::is_channel_bound`] tells whether it is bound
    /// at all.
    ///
    /// # Errors
    /// As [`Acceptor::accept`].
    pub fn accept_on_channel(
        &self,
        token: &[u8],
        channel_binding: Option<&[u8]>,
    ) -> Result<Accepted, KerberosError> {
        if is_ntlm(token) {
            return Err(self.error(Kind::Ntlm));
        }
        if token.is_empty() || token.len() > TOKEN_LENGTH_MAX {
            return Err(self.error(Kind::NotKerberos));
        }
        let refused =
            |refusal: Refusal| self.error(classify(&refusal, Stage::Accept)).because(refusal.text);
        let accepted = self.credential.accept(token, channel_binding).map_err(refused)?;
        if !accepted.is_complete {
            return Err(self.error(Kind::MoreLegs));
        }
        let AcceptedToken { client, reply, lifetime_seconds, is_channel_bound, .. } = accepted;
        Ok(Accepted {
            reply: (!reply.is_empty()).then_some(reply),
            lifetime_seconds,
            pac: pac::of(&client),
            is_channel_bound,
            client: client.display().map_err(refused)?,
        })
    }

    fn error(&self, kind: Kind) -> KerberosError {
        KerberosError::new(kind, Stage::Accept, self.keytab.display().to_string())
    }
}

/// NTLM, bare or as the first token within SPNEGO.
fn is_ntlm(token: &[u8]) -> bool {
    token.windows(NTLM.len()).take(NTLM_PLACE_MAX).any(|place| place == NTLM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ntlm_is_known_bare_and_within_spnego() {
        assert!(is_ntlm(b"NTLMSSP\0\x01\0\0\0"));
        assert!(is_ntlm(b"\x60\x40\x06\x06\x2b\x06\x01\x05\x05\x02NTLMSSP\0\x01"));
        assert!(!is_ntlm(b"\x60\x82"));
        assert!(!is_ntlm(b""));
    }
}
