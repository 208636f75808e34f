//! `gateway.toml`: the access gateway's listener, sign-in, Kerberos identity and applications.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use connector::SecretSource;
use model::Name;

use crate::{ServerCertificate, SessionLimits};

/// The provider where people sign in (OpenID Connect).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderConfig {
    /// The exact issuer, e.g. `https://login.microsoftonline.com/{tenant id}/v2.0`; discovery is at
    /// `/.well-known/openid-configuration` below it.
    pub issuer: String,
    /// The gateway's client id.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretSource,
    /// The certificate authority to trust instead of the system's; relative to the configuration.
    pub ca: Option<PathBuf>,
    /// Scopes beside `openid profile email`.
    pub scopes: Vec<String>,
}

/// A Kerberos realm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealmConfig {
    /// Its key distribution centres, `host` or `host:port`, the preferred first.
    pub kdcs: Vec<String>,
    /// DNS domains whose hosts belong to it, beside the realm's own name in lower case.
    pub domains: Vec<String>,
}

/// Who the gateway is towards Kerberos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KerberosConfig {
    /// Its account, e.g. `gatewaysvc@CONTOSO.COM`.
    pub principal: String,
    /// The key table with the account's keys; relative to the configuration.
    pub keytab: PathBuf,
    /// The realms by name; the first is the default one only if it is the principal's.
    pub realms: BTreeMap<String, RealmConfig>,
    /// How long a person's tickets are kept at most: within that time a block in the directory
    /// takes effect even when nothing tells the gateway.
    pub ticket_seconds_max: u64,
}

/// By what a signed-in person's account is looked up in the metaverse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FindBy {
    /// The immutable object id (`oid` with `tid`), which synchronization recorded.
    ObjectId,
    /// The user principal name of the token (`upn`, else `preferred_username`).
    UserPrincipalName,
    /// The user part of that name is the account name.
    AccountName,
}

/// The name under which Kerberos is asked for the person: the delegated login identities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginIdentity {
    /// The user principal name in the tenant, `#EXT#` form for guests.
    UserPrincipalName,
    /// The account's own user principal name in the directory.
    OnPremisesUserPrincipalName,
    /// What stands before the `@` of the tenant's name.
    UserPart,
    /// What stands before the `@` of the directory's name.
    OnPremisesUserPart,
    /// The account name (sAMAccountName).
    AccountName,
}

/// When the ticket is sent to the back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendTicket {
    /// With every request.
    Always,
    /// When the back end asks with 401.
    OnChallenge,
}

/// The form of the ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TicketForm {
    /// Wrapped in SPNEGO (RFC 4178).
    Spnego,
    /// Kerberos alone (RFC 4121).
    Kerberos,
}

/// How the person is made known to the back end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignOn {
    /// Kerberos constrained delegation.
    Kerberos {
        /// The back end's service name, e.g. `HTTP/portal.contoso.com`; `{host}` stands for the
        /// host asked for.
        service: String,
        /// The names that `service` may become. A ticket for another is never asked for.
        services: Vec<String>,
        /// Under which name Kerberos is asked.
        identity: LoginIdentity,
        /// When the ticket is sent.
        send: SendTicket,
        /// In which form.
        form: TicketForm,
        /// One ticket per connection instead of per request (the back end keeps the connection
        /// authenticated).
        per_connection: bool,
        /// The ticket is bound to the back end's certificate (RFC 5929 `tls-server-end-point`).
        channel_binding: bool,
    },
    /// Headers.
    Headers {
        /// Header names with what they carry: text in which `{account}`, `{domain}`, `{upn}`,
        /// `{object-id}`, `{sid}`, `{mail}` and `{name}` stand for the person's values.
        headers: BTreeMap<String, String>,
        /// Signs `X-Proxeny-Assertion` (JWT, HMAC-SHA-256), so that the back end need not trust
        /// the network.
        secret: Option<SecretSource>,
    },
    /// Not at all.
    None,
}

/// Who may use an application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignment {
    /// Whoever the tenant lets in and who has an account.
    Everybody,
    /// Those with one of these object ids, groups (`groups` claim) or app roles (`roles` claim).
    Only {
        /// Object ids of people.
        people: Vec<String>,
        /// Object ids of groups.
        groups: Vec<String>,
        /// App roles.
        roles: Vec<String>,
    },
}

/// What is translated between internal and external addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Translate {
    /// `Host`, `Location`, `Set-Cookie`, `Link`, `Refresh`, `Content-Security-Policy`.
    pub headers: bool,
    /// Links in HTML and CSS.
    pub bodies: bool,
}

/// How long the gateway waits for the back end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BackendTimeouts {
    /// To connect.
    pub connect_seconds: u64,
    /// For the first byte of the answer.
    pub response_seconds: u64,
    /// Between two pieces of a body.
    pub idle_seconds: u64,
}

impl Default for BackendTimeouts {
    fn default() -> Self {
        Self { connect_seconds: 10, response_seconds: 85, idle_seconds: 85 }
    }
}

/// A published application.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationConfig {
    /// Its name, in audit and in assertions.
    pub name: String,
    /// Where people reach it: `https://host[:port]/path/`; the host may begin with `*.`. The path
    /// ends with a slash.
    pub external_url: String,
    /// Where it is: scheme, host, port and path, ending with a slash; `{host}` stands for what the
    /// star stood for.
    pub internal_url: String,
    /// The certificate authority of an internal `https`; the system's when absent.
    pub ca: Option<PathBuf>,
    /// The account lookup.
    pub find_by: FindBy,
    /// How the person is made known.
    pub sign_on: SignOn,
    /// Who may use it.
    pub assigned: Assignment,
    /// What is translated.
    pub translate: Translate,
    /// Timeouts.
    pub timeouts: BackendTimeouts,
    /// A request's body may have so many octets; no limit when absent.
    pub body_octets_max: Option<u64>,
    /// Shown instead of the application while set.
    pub maintenance: Option<String>,
}

/// Where the metaverse holds what the gateway wants to know of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountAttributes {
    /// The object type of people.
    pub object_type: Name,
    /// The object id in the tenant.
    pub object_id: Name,
    /// The account name in the directory.
    pub account_name: Name,
    /// The directory domain's NetBIOS name.
    pub domain: Name,
    /// The user principal name in the tenant.
    pub user_principal_name: Name,
    /// The user principal name in the directory, where it differs.
    pub on_premises_user_principal_name: Option<Name>,
    /// The mail address.
    pub mail: Name,
    /// The display name.
    pub display_name: Name,
    /// The security identifier in the directory.
    pub sid: Name,
    /// False for people who are blocked.
    pub enabled: Name,
}

impl AccountAttributes {
    /// The attribute that accounts are looked up by.
    #[must_use]
    pub const fn found_by(&self, by: FindBy) -> &Name {
        match by {
            FindBy::ObjectId => &self.object_id,
            FindBy::UserPrincipalName => &self.user_principal_name,
            FindBy::AccountName => &self.account_name,
        }
    }
}

impl Default for AccountAttributes {
    /// The names of the documented metaverse.
    fn default() -> Self {
        Self {
            object_type: Name::new("person"),
            object_id: Name::new("uid"),
            account_name: Name::new("accountName"),
            domain: Name::new("domain"),
            user_principal_name: Name::new("userPrincipalName"),
            on_premises_user_principal_name: None,
            mail: Name::new("mail"),
            display_name: Name::new("displayName"),
            sid: Name::new("objectSid"),
            enabled: Name::new("accountEnabled"),
        }
    }
}

/// The gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewayConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Its certificate; without one only loopback addresses are allowed.
    pub tls: Option<ServerCertificate>,
    /// How long sessions last.
    pub session: SessionLimits,
    /// Where people sign in.
    pub provider: ProviderConfig,
    /// Kerberos, when an application needs it.
    pub kerberos: Option<KerberosConfig>,
    /// Where people's accounts are in the metaverse.
    pub accounts: AccountAttributes,
    /// The connector of the directory that the accounts are in, where an account has to have been
    /// seen and the reasons for refusals are looked up.
    pub directory: Option<Name>,
    /// The applications, in the order of the document.
    pub applications: Vec<ApplicationConfig>,
}
