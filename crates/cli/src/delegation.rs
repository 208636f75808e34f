//! Why Kerberos would refuse: what the directory says of the gateway's account, of the services it
//! may speak to, and of the person.
//!
//! Facts are gathered over LDAP; what follows from them is pure. Spec: [MS-SFU] section 3.2.5,
//! [MS-ADTS] sections 2.2.16 and 6.1.1.4.

use connector::ConnectorError;
use connector_ldap::{Found, Lookup, filter_value};
use gateway::AccountState;
use model::{Attributes, Timestamp, Value, Values};

/// `userAccountControl` ([MS-ADTS] 2.2.16).
const ACCOUNT_DISABLED: i64 = 0x2;
const SMARTCARD_REQUIRED: i64 = 0x4_0000;
const NOT_DELEGATED: i64 = 0x10_0000;
const TRUSTED_TO_AUTH_FOR_DELEGATION: i64 = 0x100_0000;

/// `accountExpires` of an account without end: either of these.
const NEVER: [i64; 2] = [0, i64::MAX];
/// Seconds from 1601 to 1970, and the length of a FILETIME tick.
const FILETIME_EPOCH_SECONDS: i64 = 11_644_473_600;
const TICKS_PER_SECOND: i64 = 10_000_000;

/// What the directory says of the gateway's own account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GatewayFacts {
    /// Its account name.
    pub account: String,
    /// It is in the directory.
    pub exists: bool,
    /// `userAccountControl`.
    pub control: i64,
    /// The services that it is, itself.
    pub own_services: Vec<String>,
    /// The services it may delegate to (`msDS-AllowedToDelegateTo`).
    pub allowed: Vec<String>,
}

/// Who has registered a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceFacts {
    /// The service, e.g. `HTTP/portal.contoso.com`.
    pub service: String,
    /// The accounts that have registered it.
    pub owners: Vec<String>,
}

/// What the directory says of a person's account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonFacts {
    /// `userAccountControl`.
    pub control: i64,
    /// `accountExpires`.
    pub expires: Option<i64>,
    /// `pwdLastSet`.
    pub password_set: Option<i64>,
    /// It is a member of Protected Users (relative identifier 525).
    pub is_protected: bool,
}

/// Something that stands in the way, and what mends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Obstacle {
    /// A stable word for programs.
    pub code: &'static str,
    /// What is wrong.
    pub problem: String,
    /// Commands that mend it: for Windows, and for Samba.
    pub mend: Vec<String>,
}

impl Obstacle {
    fn new(code: &'static str, problem: String, mend: impl IntoIterator<Item = String>) -> Self {
        Self { code, problem, mend: mend.into_iter().collect() }
    }
}

/// What of the gateway's account stands in the way of tickets for `services`.
#[must_use]
pub fn gateway_obstacles(gateway: &GatewayFacts, services: &[ServiceFacts]) -> Vec<Obstacle> {
    let account = &gateway.account;
    if !gateway.exists {
        let problem = format!("the gateway's account {account} is not in the directory");
        let mend = [
            format!(
                "New-ADUser {account} -Enabled $true -AccountPassword (Read-Host -AsSecureString)"
            ),
            format!("samba-tool user create {account}"),
        ];
        return vec![Obstacle::new("gateway-account-missing", problem, mend)];
    }
    let mut found = Vec::new();
    if gateway.control & ACCOUNT_DISABLED != 0 {
        let problem = format!("the gateway's account {account} is disabled");
        let mend =
            [format!("Enable-ADAccount {account}"), format!("samba-tool user enable {account}")];
        found.push(Obstacle::new("gateway-account-disabled", problem, mend));
    }
    if gateway.own_services.is_empty() {
        let problem = format!(
            "the gateway's account {account} has no service name of its own, without which no \
             ticket to itself can be had"
        );
        let mend = [
            format!("setspn -S HTTP/gateway.contoso.com {account}"),
            format!("samba-tool spn add HTTP/gateway.contoso.com {account}"),
        ];
        found.push(Obstacle::new("gateway-service-missing", problem, mend));
    }
    if gateway.control & TRUSTED_TO_AUTH_FOR_DELEGATION == 0 {
        let problem = format!(
            "the account {account} may not delegate for people who signed in otherwise than by \
             Kerberos (protocol transition)"
        );
        let mend = [
            format!("Set-ADAccountControl {account} -TrustedToAuthForDelegation $true"),
            format!("samba-tool delegation for-any-protocol {account} on"),
        ];
        found.push(Obstacle::new("no-protocol-transition", problem, mend));
    }
    found.extend(services.iter().flat_map(|service| service_obstacles(gateway, service)));
    found
}

fn service_obstacles(gateway: &GatewayFacts, facts: &ServiceFacts) -> Vec<Obstacle> {
    let (account, service) = (&gateway.account, &facts.service);
    let mut found = Vec::new();
    match facts.owners.as_slice() {
        [] => {
            let problem = format!("no account has registered the service {service}");
            let mend = [
                format!("setspn -S {service} ACCOUNT-OF-THE-APPLICATION"),
                format!("samba-tool spn add {service} ACCOUNT-OF-THE-APPLICATION"),
            ];
            found.push(Obstacle::new("service-not-registered", problem, mend));
        }
        [_one] => {}
        several => {
            let owners = several.join(", ");
            let problem = format!("the service {service} is registered more than once: {owners}");
            let mend = [
                format!("setspn -D {service} ACCOUNT-TOO-MANY"),
                format!("samba-tool spn delete {service} ACCOUNT-TOO-MANY"),
            ];
            found.push(Obstacle::new("service-registered-twice", problem, mend));
        }
    }
    if !gateway.allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(service)) {
        let problem = format!("{account} may not delegate to {service}");
        let mend = [
            format!("Set-ADUser {account} -Add @{{'msDS-AllowedToDelegateTo'='{service}'}}"),
            format!("samba-tool delegation add-service {account} {service}"),
        ];
        found.push(Obstacle::new("delegation-not-granted", problem, mend));
    }
    found
}

/// What of a person's account stands in the way at `now`.
#[must_use]
pub fn person_obstacles(person: &PersonFacts, now: Timestamp) -> Vec<&'static str> {
    let mut found = Vec::new();
    if person.control & ACCOUNT_DISABLED != 0 {
        found.push("the account is disabled");
    }
    if person.has_expired(now) {
        found.push("the account has expired");
    }
    if person.control & NOT_DELEGATED != 0 {
        found.push("the account is sensitive and cannot be delegated");
    }
    if person.is_protected {
        found.push("the account is a member of Protected Users, who are not delegated");
    }
    let must_change = person.password_set == Some(0);
    if must_change && person.control & SMARTCARD_REQUIRED == 0 {
        found.push("the password must be changed before the next sign-in");
    }
    found
}

/// What an import has shown of a person's account. Only attributes that the connector selects are
/// known.
#[must_use]
pub fn facts_of(imported: &Attributes) -> PersonFacts {
    let number = |name: &str| match imported.get(name).and_then(Values::single) {
        Some(Value::Integer(number)) => Some(*number),
        _ => None,
    };
    PersonFacts {
        control: number("userAccountControl").unwrap_or(0),
        expires: number("accountExpires"),
        password_set: number("pwdLastSet"),
        is_protected: false,
    }
}

impl PersonFacts {
    /// Whether the account may be used at `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> AccountState {
        if self.control & ACCOUNT_DISABLED != 0 {
            AccountState::Disabled
        } else if self.has_expired(now) {
            AccountState::Expired
        } else if self.control & NOT_DELEGATED != 0 {
            AccountState::NotDelegated
        } else {
            AccountState::Enabled
        }
    }

    fn has_expired(&self, now: Timestamp) -> bool {
        let end = self.expires.filter(|end| !NEVER.contains(end));
        end.is_some_and(|end| end / TICKS_PER_SECOND - FILETIME_EPOCH_SECONDS <= now.seconds())
    }
}

/// Reads what the directory says of the gateway's account.
///
/// # Errors
/// When the directory refuses or is gone.
pub async fn read_gateway(lookup: &Lookup, account: &str) -> Result<GatewayFacts, ConnectorError> {
    let filter = format!("(sAMAccountName={})", filter_value(account));
    let wanted = ["userAccountControl", "servicePrincipalName", "msDS-AllowedToDelegateTo"];
    let found = lookup.find(&filter, &wanted).await?;
    let texts = |found: &Found, name: &str| {
        found.texts(name).into_iter().map(str::to_owned).collect::<Vec<String>>()
    };
    Ok(found.first().map_or_else(
        || GatewayFacts { account: account.to_owned(), ..GatewayFacts::default() },
        |found| GatewayFacts {
            account: account.to_owned(),
            exists: true,
            control: found.integer("userAccountControl").unwrap_or(0),
            own_services: texts(found, "servicePrincipalName"),
            allowed: texts(found, "msDS-AllowedToDelegateTo"),
        },
    ))
}

/// Reads who has registered `service`.
///
/// # Errors
/// When the directory refuses or is gone.
pub async fn read_service(lookup: &Lookup, service: &str) -> Result<ServiceFacts, ConnectorError> {
    let filter = format!("(servicePrincipalName={})", filter_value(service));
    let found = lookup.find(&filter, &["sAMAccountName"]).await?;
    let name = |found: &Found| found.text("sAMAccountName").unwrap_or_default().to_owned();
    Ok(ServiceFacts { service: service.to_owned(), owners: found.iter().map(name).collect() })
}

/// Reads what the directory says of a person's account; nothing if it is not there.
///
/// # Errors
/// When the directory refuses or is gone.
pub async fn read_person(
    lookup: &Lookup,
    account: &str,
) -> Result<Option<PersonFacts>, ConnectorError> {
    let filter = format!("(sAMAccountName={})", filter_value(account));
    let wanted = ["userAccountControl", "accountExpires", "pwdLastSet", "memberOf"];
    let found = lookup.find(&filter, &wanted).await?;
    let is_protected = |found: &Found| {
        let groups = found.texts("memberOf");
        groups.iter().any(|group| group.to_lowercase().starts_with("cn=protected users,"))
    };
    Ok(found.first().map(|found| PersonFacts {
        control: found.integer("userAccountControl").unwrap_or(0),
        expires: found.integer("accountExpires"),
        password_set: found.integer("pwdLastSet"),
        is_protected: is_protected(found),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PORTAL: &str = "HTTP/portal.contoso.com";

    fn ready() -> GatewayFacts {
        GatewayFacts {
            account: "gatewaysvc".to_owned(),
            exists: true,
            control: 512 | TRUSTED_TO_AUTH_FOR_DELEGATION,
            own_services: vec!["HTTP/gateway.contoso.com".to_owned()],
            allowed: vec!["http/PORTAL.contoso.com".to_owned()],
        }
    }

    fn registered(owners: &[&str]) -> ServiceFacts {
        let owners = owners.iter().map(ToString::to_string).collect();
        ServiceFacts { service: PORTAL.to_owned(), owners }
    }

    fn codes(gateway: &GatewayFacts, owners: &[&str]) -> Vec<&'static str> {
        gateway_obstacles(gateway, &[registered(owners)]).iter().map(|o| o.code).collect()
    }

    #[test]
    fn a_prepared_gateway_meets_no_obstacle() {
        assert_eq!(codes(&ready(), &["portalsvc"]), [""; 0]);
    }

    #[test]
    fn every_missing_preparation_is_named_with_what_mends_it() {
        let missing = GatewayFacts { exists: false, ..ready() };
        assert_eq!(codes(&missing, &["portalsvc"]), ["gateway-account-missing"]);
        let bare = GatewayFacts { control: 514, own_services: vec![], allowed: vec![], ..ready() };
        assert_eq!(
            codes(&bare, &[]),
            [
                "gateway-account-disabled",
                "gateway-service-missing",
                "no-protocol-transition",
                "service-not-registered",
                "delegation-not-granted"
            ]
        );
        assert_eq!(codes(&ready(), &["a", "b"]), ["service-registered-twice"]);
        for obstacle in gateway_obstacles(&bare, &[registered(&[])]) {
            assert_eq!(obstacle.mend.len(), 2, "{obstacle:?}");
        }
    }

    #[test]
    fn every_state_of_an_account_that_kerberos_refuses_has_words() {
        let now = Timestamp::from_seconds(1_795_000_000);
        let fine = PersonFacts { control: 262_656, expires: Some(0), ..PersonFacts::default() };
        let check = |person: PersonFacts, expected: &[&str]| {
            let found = person_obstacles(&person, now).join("; ");
            assert_eq!(found.is_empty(), expected.is_empty(), "{found}");
            expected.iter().for_each(|word| assert!(found.contains(word), "{found}"));
        };
        check(fine.clone(), &[]);
        check(PersonFacts { password_set: Some(0), ..fine.clone() }, &[]);
        check(PersonFacts { expires: Some(i64::MAX), ..fine.clone() }, &[]);
        check(
            PersonFacts { control: 514, password_set: Some(0), ..fine.clone() },
            &["disabled", "changed"],
        );
        check(PersonFacts { expires: Some(132_000_000_000_000_000), ..fine.clone() }, &["expired"]);
        check(PersonFacts { control: 1_311_232, ..fine.clone() }, &["sensitive"]);
        check(PersonFacts { is_protected: true, ..fine }, &["Protected Users"]);
    }
}
