//! What went wrong, where, and what to do about it.

use crate::help;

/// The step that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Loading the GSS-API library.
    Load,
    /// Getting a credential: the gateway's own ticket (AS exchange), or the acceptor's keys.
    Acquire,
    /// Asking for a ticket in a user's name (S4U2Self, [MS-SFU] 3.1.5.1.1).
    Impersonate,
    /// Asking for that user's ticket to a service (S4U2Proxy, [MS-SFU] 3.1.5.1.2), and the token.
    Delegate,
    /// Checking a client's token.
    Accept,
}

/// The cause, as far as the library's words tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The GSS-API library is not installed.
    LibraryMissing,
    /// The GSS-API library lacks a function: it is not MIT's, or too old.
    LibraryUnusable,
    /// The keytab is not there or cannot be read.
    KeytabMissing,
    /// The keytab is not one of version 5.2.
    KeytabDamaged,
    /// The keytab has no key of the principal.
    KeytabLacksPrincipal,
    /// The keys are not those the KDC has: the password was changed since.
    KeytabStale,
    /// A name cannot be a principal's.
    NameInvalid,
    /// No KDC answers.
    KdcUnreachable,
    /// The configuration names no KDC for the realm.
    NoRealm,
    /// The clocks differ by more than five minutes.
    ClockSkew,
    /// The KDC does not know the gateway's own account.
    GatewayUnknown,
    /// The gateway's own account has no service principal name.
    GatewayLacksServiceName,
    /// The gateway's own account is disabled, expired, locked or must change its password.
    GatewayRefused,
    /// The KDC does not know the user.
    UnknownUser,
    /// The user's account is disabled, locked, or refused by a policy of the KDC.
    AccountDisabled,
    /// The user's account has expired.
    AccountExpired,
    /// The user must change the password first.
    PasswordExpired,
    /// The KDC does not delegate this user to this service: the gateway's rights, the user's
    /// protection, or `forwardable`.
    NotDelegated,
    /// The KDC does not know the service.
    ServiceUnknown,
    /// The ticket was issued under keys that its reader no longer has: ask for a new one.
    TicketStale,
    /// The client's octets are no Kerberos token.
    NotKerberos,
    /// The client sent NTLM.
    Ntlm,
    /// The token was used before.
    Replay,
    /// The ticket is not valid yet.
    TicketNotYetValid,
    /// The ticket has expired.
    TicketExpired,
    /// The keytab has no key that opens the ticket.
    WrongKey,
    /// The token is bound to another TLS channel.
    WrongChannel,
    /// The client wants more than one exchange.
    MoreLegs,
    /// Anything else; the source has the library's words.
    Other,
}

impl Kind {
    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LibraryMissing => "KRB-0101",
            Self::LibraryUnusable => "KRB-0102",
            Self::KeytabMissing => "KRB-0201",
            Self::KeytabDamaged => "KRB-0202",
            Self::KeytabLacksPrincipal => "KRB-0203",
            Self::KeytabStale => "KRB-0204",
            Self::NameInvalid => "KRB-0205",
            Self::KdcUnreachable => "KRB-0301",
            Self::NoRealm => "KRB-0302",
            Self::ClockSkew => "KRB-0303",
            Self::GatewayUnknown => "KRB-0401",
            Self::GatewayLacksServiceName => "KRB-0402",
            Self::GatewayRefused => "KRB-0403",
            Self::UnknownUser => "KRB-0501",
            Self::AccountDisabled => "KRB-0502",
            Self::AccountExpired => "KRB-0503",
            Self::PasswordExpired => "KRB-0504",
            Self::NotDelegated => "KRB-0601",
            Self::ServiceUnknown => "KRB-0602",
            Self::TicketStale => "KRB-0603",
            Self::NotKerberos => "KRB-0701",
            Self::Ntlm => "KRB-0702",
            Self::Replay => "KRB-0703",
            Self::TicketNotYetValid => "KRB-0704",
            Self::TicketExpired => "KRB-0705",
            Self::WrongKey => "KRB-0706",
            Self::WrongChannel => "KRB-0707",
            Self::MoreLegs => "KRB-0708",
            Self::Other => "KRB-0901",
        }
    }

    /// Whether a new [`crate::Gateway::impersonate`] may help where a [`crate::Delegated`] failed.
    #[must_use]
    pub const fn wants_new_ticket(self) -> bool {
        matches!(self, Self::TicketStale | Self::TicketExpired)
    }

    /// Whether it is about the one user and not about the service or the set-up.
    #[must_use]
    pub const fn is_about_user(self) -> bool {
        matches!(
            self,
            Self::UnknownUser
                | Self::AccountDisabled
                | Self::AccountExpired
                | Self::PasswordExpired
        )
    }
}

/// What a library or the system said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Reason(String);

/// A Kerberos operation failed. Neither its text nor its help holds a secret or a user's name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", help::message(self))]
pub struct KerberosError {
    kind: Kind,
    stage: Stage,
    subject: String,
    principal: String,
    #[source]
    reason: Option<Reason>,
}

impl KerberosError {
    /// `subject`: the library, keytab, principal or service it is about.
    pub(crate) fn new(kind: Kind, stage: Stage, subject: impl Into<String>) -> Self {
        Self { kind, stage, subject: subject.into(), principal: String::new(), reason: None }
    }

    /// With what a library said.
    pub(crate) fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(Reason(reason.into()));
        self
    }

    /// With the principal that acted.
    pub(crate) fn of(mut self, principal: &str) -> Self {
        principal.clone_into(&mut self.principal);
        self
    }

    /// The cause.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The step.
    #[must_use]
    pub const fn stage(&self) -> Stage {
        self.stage
    }

    /// The stable code, e.g. `KRB-0301`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// What it is about: a library, keytab, principal, service or realm; never a user.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The principal that acted, where it is known.
    #[must_use]
    pub fn principal(&self) -> &str {
        &self.principal
    }

    /// What to do, with the command that mends it where there is one.
    #[must_use]
    pub fn help(&self) -> String {
        help::help(self)
    }
}
