//! A domain prepared for Kerberos: service accounts, delegation, keytabs, users in every state.

use std::fs;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use model::Sid;

use crate::template::{BASE_DN, random_password};
use crate::{SambaDc, SambaError};

/// The domain's realm.
pub const REALM: &str = "CONTOSO.COM";
/// A suffix of user principal names as guests have them.
pub const UPN_SUFFIX: &str = "contoso.onmicrosoft.com";

/// userAccountControl ([MS-ADTS] 2.2.16): a normal account whose password never expires.
const SERVICE: u32 = 0x200 | 0x1_0000;
/// TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION: any protocol may have authenticated the user.
const ANY_PROTOCOL: u32 = 0x100_0000;
/// A normal account that signs in with a smart card alone, as guests are made.
const GUEST: u32 = 0x200 | 0x4_0000;
const DISABLED: u32 = 0x2;
const NOT_DELEGATED: u32 = 0x10_0000;
/// A moment in 2019, as accountExpires counts.
const LONG_AGO: &str = "132000000000000000";

/// A service's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceAccount {
    /// Its name, e.g. `gatewaysvc`.
    pub account: String,
    /// Its principal, e.g. `gatewaysvc@CONTOSO.COM`.
    pub principal: String,
    /// Its service principal names.
    pub service_names: Vec<String>,
    /// Its keys, readable by the owner alone, for as long as the domain controller lives.
    pub keytab: PathBuf,
}

/// A domain where a gateway may act for users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DelegationFixture {
    /// `gatewaysvc`: may act for anybody, however authenticated, towards the names of `portal`.
    pub gateway: ServiceAccount,
    /// `portalsvc` with `HTTP/portal.contoso.com` and `HTTP/app.contoso.com`.
    pub portal: ServiceAccount,
    /// A service that the gateway may not act towards: `HTTP/other.contoso.com`.
    pub forbidden_service: String,
}

/// A user to create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewUser<'a> {
    /// `sAMAccountName`, also the common name; it needs no escaping.
    pub account: &'a str,
    /// `userPrincipalName`.
    pub upn: Option<&'a str>,
    /// A password makes it a member's account, none a guest's.
    pub password: Option<&'a str>,
}

/// What keeps a user out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserState {
    /// Nothing, for a guest.
    Guest,
    /// Disabled.
    Disabled,
    /// Past its end.
    Expired,
    /// Sensitive, not to be delegated.
    NotDelegated,
    /// Must change its password; for users with a password.
    MustChangePassword,
}

impl SambaDc {
    /// A Kerberos configuration with this domain controller as the realm's KDC.
    #[must_use]
    pub fn krb5_config_text(&self) -> String {
        krb5_config_text(self.address())
    }

    /// Creates the accounts of [`DelegationFixture`], with keytabs, and registers [`UPN_SUFFIX`].
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the directory refuses, as at the second call.
    pub fn prepare_delegation(&self) -> Result<DelegationFixture, SambaError> {
        let gateway = self.service_account("gatewaysvc", &["HTTP/gateway.contoso.com"]);
        let names = ["HTTP/portal.contoso.com", "HTTP/app.contoso.com"];
        let portal = self.service_account("portalsvc", &names);
        let other = self.service_account("othersvc", &["HTTP/other.contoso.com"]);
        let list: String =
            names.iter().map(|name| format!("msDS-AllowedToDelegateTo: {name}\n")).collect();
        let mut ldif = service_ldif(&gateway, SERVICE | ANY_PROTOCOL, &list)?;
        ldif.push_str(&service_ldif(&portal, SERVICE, "")?);
        ldif.push_str(&service_ldif(&other, SERVICE, "")?);
        ldif.push_str(&format!(
            "dn: CN=Partitions,CN=Configuration,{BASE_DN}\nchangetype: modify\n\
             add: uPNSuffixes\nuPNSuffixes: {UPN_SUFFIX}\n"
        ));
        self.ldapmodify(&ldif)?;
        for service in [&gateway, &portal] {
            self.export_keytab(&service.account, &service.keytab)?;
        }
        let forbidden_service = other.service_names.into_iter().collect();
        Ok(DelegationFixture { gateway, portal, forbidden_service })
    }

    /// Writes the account's present keys to `path`, in place of what was there: under its own name
    /// and under those of its services.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when there is no such account, [`SambaError::File`].
    pub fn export_keytab(&self, account: &str, path: &Path) -> Result<(), SambaError> {
        // The tool adds to a file that is there; replacing it at once leaves no moment without.
        let new = path.with_extension("new");
        if new.exists() {
            fs::remove_file(&new).map_err(SambaError::file(&new))?;
        }
        let file = new.display().to_string();
        let services = self.service_names(account)?;
        for name in std::iter::once(account).chain(services.iter().map(String::as_str)) {
            let principal = format!("--principal={name}");
            self.samba_tool(&["domain", "exportkeytab", &file, &principal])?;
        }
        fs::set_permissions(&new, fs::Permissions::from_mode(0o600))
            .map_err(SambaError::file(&new))?;
        fs::rename(&new, path).map_err(SambaError::file(path))
    }

    /// The account's service principal names.
    fn service_names(&self, account: &str) -> Result<Vec<String>, SambaError> {
        let filter = format!("(sAMAccountName={account})");
        let ldif = self.ldapsearch(BASE_DN, &filter, &["servicePrincipalName"])?;
        let names = ldif.lines().filter_map(|line| line.strip_prefix("servicePrincipalName: "));
        Ok(names.map(str::to_owned).collect())
    }

    /// Gives the account a new random password, which makes its keytabs stale.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when there is no such account.
    pub fn change_password(&self, account: &str) -> Result<(), SambaError> {
        let password = unicode_password(&random_password()?);
        self.modify(account, &format!("replace: unicodePwd\nunicodePwd:: {password}\n"))
    }

    /// Creates a user in `CN=Users`.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the directory refuses.
    pub fn create_user(&self, user: NewUser<'_>) -> Result<(), SambaError> {
        let uac = if user.password.is_some() { SERVICE } else { GUEST };
        let mut ldif = entry_ldif(user.account, uac);
        if let Some(upn) = user.upn {
            ldif.push_str(&format!("userPrincipalName: {upn}\n"));
        }
        if let Some(password) = user.password {
            ldif.push_str(&format!("unicodePwd:: {}\n", unicode_password(password)));
        }
        self.ldapmodify(&ldif)
    }

    /// Puts a user into a state; all but the last undo each other.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when there is no such account in `CN=Users`.
    pub fn set_user_state(&self, account: &str, state: UserState) -> Result<(), SambaError> {
        let (uac, expires) = match state {
            UserState::Guest => (GUEST, "0"),
            UserState::Disabled => (GUEST | DISABLED, "0"),
            UserState::Expired => (GUEST, LONG_AGO),
            UserState::NotDelegated => (GUEST | NOT_DELEGATED, "0"),
            UserState::MustChangePassword => {
                let change = "replace: userAccountControl\nuserAccountControl: 512\n-\n\
                              replace: pwdLastSet\npwdLastSet: 0\n";
                return self.modify(account, change);
            }
        };
        self.modify(
            account,
            &format!(
                "replace: userAccountControl\nuserAccountControl: {uac}\n-\n\
                 replace: accountExpires\naccountExpires: {expires}\n"
            ),
        )
    }

    /// Changes an account in `CN=Users`: `changes` is the part of an LDIF change record after
    /// `changetype: modify`.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the directory refuses.
    pub fn modify(&self, account: &str, changes: &str) -> Result<(), SambaError> {
        self.ldapmodify(&format!("dn: {}\nchangetype: modify\n{changes}", user_dn(account)))
    }

    /// The account's `objectSid`; `None` when there is no such account.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the directory refuses.
    pub fn object_sid(&self, account: &str) -> Result<Option<Sid>, SambaError> {
        let filter = format!("(sAMAccountName={account})");
        let ldif = self.ldapsearch(BASE_DN, &filter, &["objectSid"])?;
        let value = ldif.lines().find_map(|line| line.strip_prefix("objectSid:: "));
        let octets = value.and_then(|value| BASE64_STANDARD.decode(value).ok());
        Ok(octets.and_then(|octets| Sid::from_bytes(&octets).ok()))
    }

    fn service_account(&self, account: &str, names: &[&str]) -> ServiceAccount {
        ServiceAccount {
            account: account.to_owned(),
            principal: format!("{account}@{REALM}"),
            service_names: names.iter().map(ToString::to_string).collect(),
            keytab: self.folder().join(format!("{account}.keytab")),
        }
    }
}

fn krb5_config_text(kdc: Ipv4Addr) -> String {
    format!(
        "[libdefaults]\n    default_realm = {REALM}\n    dns_lookup_kdc = false\n    \
         dns_lookup_realm = false\n    dns_canonicalize_hostname = false\n    rdns = false\n    \
         forwardable = true\n    udp_preference_limit = 1\n\n[realms]\n    {REALM} = {{\n        \
         kdc = {kdc}\n    }}\n\n[domain_realm]\n    contoso.com = {REALM}\n    \
         .contoso.com = {REALM}\n"
    )
}

fn user_dn(account: &str) -> String {
    format!("CN={account},CN=Users,{BASE_DN}")
}

fn entry_ldif(account: &str, uac: u32) -> String {
    format!(
        "dn: {}\nchangetype: add\nobjectClass: user\nsAMAccountName: {account}\n\
         userAccountControl: {uac}\n",
        user_dn(account)
    )
}

fn service_ldif(service: &ServiceAccount, uac: u32, more: &str) -> Result<String, SambaError> {
    let mut ldif = entry_ldif(&service.account, uac);
    for name in &service.service_names {
        ldif.push_str(&format!("servicePrincipalName: {name}\n"));
    }
    let password = unicode_password(&random_password()?);
    ldif.push_str(&format!("unicodePwd:: {password}\n{more}\n"));
    Ok(ldif)
}

/// A value of unicodePwd ([MS-ADTS] 3.1.1.3.1.5) as LDIF has it.
fn unicode_password(password: &str) -> String {
    let octets: Vec<u8> =
        format!("\"{password}\"").encode_utf16().flat_map(u16::to_le_bytes).collect();
    BASE64_STANDARD.encode(octets)
}
