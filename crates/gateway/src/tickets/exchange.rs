//! What a distribution centre is asked, as calls that block.

use kerberos::{Delegated, Gateway, KerberosError, Kind, Mechanism, UserName};
use rules::TicketForm;

use super::{LoginName, TicketError, TicketErrorKind};

/// Asks for tickets; every call may block as long as a distribution centre is silent.
pub trait Exchange: Send + Sync + 'static {
    /// A person's ticket to the gateway, and those got with it.
    type Delegated: Send + Sync + 'static;

    /// A ticket in a person's name (S4U2Self).
    ///
    /// # Errors
    /// [`TicketError`].
    fn impersonate(&self, login: &LoginName) -> Result<Self::Delegated, TicketError>;

    /// A token for a service. The first for a service asks (S4U2Proxy), later ones do not.
    ///
    /// # Errors
    /// [`TicketError`].
    fn token(
        &self,
        delegated: &Self::Delegated,
        service: &str,
        form: TicketForm,
        channel_binding: Option<&[u8]>,
    ) -> Result<Vec<u8>, TicketError>;

    /// How long a person's ticket still lasts, in seconds.
    fn lifetime_seconds(&self, delegated: &Self::Delegated) -> u64;

    /// Whether the gateway's own ticket can be had.
    ///
    /// # Errors
    /// [`TicketError`].
    fn check(&self) -> Result<(), TicketError>;
}

/// MIT Kerberos.
#[derive(Debug)]
pub struct KerberosExchange(Gateway);

impl KerberosExchange {
    /// Asks as `gateway`.
    #[must_use]
    pub const fn new(gateway: Gateway) -> Self {
        Self(gateway)
    }
}

impl Exchange for KerberosExchange {
    type Delegated = Delegated;

    fn impersonate(&self, login: &LoginName) -> Result<Delegated, TicketError> {
        let own_realm = || self.0.principal().rsplit_once('@').map(|(_, realm)| realm.to_owned());
        let user = match login {
            LoginName::UserPrincipalName(name) => UserName::UserPrincipalName(name.clone()),
            LoginName::Account { name, realm } => UserName::Account {
                name: name.clone(),
                realm: realm.clone().or_else(own_realm).unwrap_or_default(),
            },
        };
        Ok(self.0.impersonate(&user)?)
    }

    fn token(
        &self,
        delegated: &Delegated,
        service: &str,
        form: TicketForm,
        channel_binding: Option<&[u8]>,
    ) -> Result<Vec<u8>, TicketError> {
        let mechanism = match form {
            TicketForm::Spnego => Mechanism::Spnego,
            TicketForm::Kerberos => Mechanism::Kerberos,
        };
        Ok(delegated.token(service, mechanism, channel_binding)?)
    }

    fn lifetime_seconds(&self, delegated: &Delegated) -> u64 {
        u64::from(delegated.lifetime_seconds())
    }

    fn check(&self) -> Result<(), TicketError> {
        Ok(self.0.check()?)
    }
}

impl From<KerberosError> for TicketError {
    fn from(error: KerberosError) -> Self {
        let kind: Kind = error.kind();
        let message = match std::error::Error::source(&error) {
            Some(source) => format!("{error}: {source}"),
            None => error.to_string(),
        };
        Self { kind: TicketErrorKind::Kerberos(kind), code: error.code(), message }
    }
}
