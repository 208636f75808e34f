//! The text of a Kerberos configuration (krb5.conf) that names realms and their KDCs outright.
//!
//! Nothing is asked of DNS: service names stay as they are configured, and a realm has the KDCs
//! written down for it. Names that could end their line or section are refused.

/// A realm and where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm {
    /// Its name, in upper case, e.g. `CONTOSO.COM`.
    pub name: String,
    /// Its KDCs in the order to try them, as `host` or `host:port`.
    pub kdcs: Vec<String>,
    /// Domains whose hosts belong to it, subdomains included, e.g. `contoso.com`.
    pub domains: Vec<String>,
}

/// What a process needs to know about Kerberos.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Krb5Config {
    /// The realm of names that have none.
    pub default_realm: String,
    /// All realms.
    pub realms: Vec<Realm>,
}

/// A name cannot stand in a Kerberos configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Krb5ConfigError {
    /// The name is empty or holds something other than letters, digits and `. - _ : [ ]`.
    #[error("{0:?} is not a name of a realm, host or domain")]
    Name(String),
    /// A realm has no KDC.
    #[error("the realm {0} has no KDC")]
    NoKdc(String),
    /// The default realm is not among the realms.
    #[error("the default realm {0} is not one of the realms")]
    UnknownDefault(String),
}

impl Krb5ConfigError {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Name(_) => "KRB-0801",
            Self::NoKdc(_) => "KRB-0802",
            Self::UnknownDefault(_) => "KRB-0803",
        }
    }
}

const SETTINGS: &str = "\
    dns_lookup_kdc = false\n    \
    dns_lookup_realm = false\n    \
    dns_canonicalize_hostname = false\n    \
    rdns = false\n    \
    forwardable = true\n    \
    udp_preference_limit = 1\n";

impl Krb5Config {
    /// The configuration's text.
    ///
    /// # Errors
    /// [`Krb5ConfigError`] for a name that cannot be one, a realm without KDC, or a default realm
    /// that is not among the realms.
    pub fn to_text(&self) -> Result<String, Krb5ConfigError> {
        let default = checked(&self.default_realm)?;
        if !self.realms.iter().any(|realm| realm.name == default) {
            return Err(Krb5ConfigError::UnknownDefault(default.to_owned()));
        }
        // Tickets with many groups do not fit datagrams, hence TCP at once; without `forwardable`
        // there is no delegation.
        let mut text = format!("[libdefaults]\n    default_realm = {default}\n    {SETTINGS}");
        text.push_str("\n[realms]\n");
        for realm in &self.realms {
            if realm.kdcs.is_empty() {
                return Err(Krb5ConfigError::NoKdc(realm.name.clone()));
            }
            text.push_str(&format!("    {} = {{\n", checked(&realm.name)?));
            for kdc in &realm.kdcs {
                text.push_str(&format!("        kdc = {}\n", checked(kdc)?));
            }
            text.push_str("    }\n");
        }
        text.push_str("\n[domain_realm]\n");
        for realm in &self.realms {
            for domain in &realm.domains {
                let domain = checked(domain)?;
                text.push_str(&format!("    {domain} = {0}\n    .{domain} = {0}\n", realm.name));
            }
        }
        Ok(text)
    }
}

fn checked(name: &str) -> Result<&str, Krb5ConfigError> {
    let is_good = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '[');
    if starts_well && name.len() <= 255 && name.chars().all(is_good) {
        return Ok(name);
    }
    Err(Krb5ConfigError::Name(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contoso() -> Krb5Config {
        Krb5Config {
            default_realm: "CONTOSO.COM".to_owned(),
            realms: vec![Realm {
                name: "CONTOSO.COM".to_owned(),
                kdcs: vec!["127.0.0.2".to_owned(), "[::1]:88".to_owned()],
                domains: vec!["contoso.com".to_owned()],
            }],
        }
    }

    #[test]
    fn the_text_names_realms_and_asks_dns_nothing() {
        assert_eq!(
            contoso().to_text().unwrap(),
            "[libdefaults]\n    default_realm = CONTOSO.COM\n    dns_lookup_kdc = false\n    \
             dns_lookup_realm = false\n    dns_canonicalize_hostname = false\n    rdns = false\n    \
             forwardable = true\n    udp_preference_limit = 1\n\n[realms]\n    CONTOSO.COM = {\n        \
             kdc = 127.0.0.2\n        kdc = [::1]:88\n    }\n\n[domain_realm]\n    \
             contoso.com = CONTOSO.COM\n    .contoso.com = CONTOSO.COM\n"
        );
    }

    #[test]
    fn names_that_would_be_more_than_names_are_refused() {
        for bad in ["", "a b", "A\n[realms]", "}", "{", "a=b", "a#b", "a;b", "\"a\"", "a\\b", ".a"]
        {
            let mut config = contoso();
            config.realms[0].kdcs[0] = bad.to_owned();
            assert_eq!(config.to_text(), Err(Krb5ConfigError::Name(bad.to_owned())), "{bad:?}");
            let mut config = contoso();
            config.realms[0].domains[0] = bad.to_owned();
            assert_eq!(config.to_text(), Err(Krb5ConfigError::Name(bad.to_owned())), "{bad:?}");
        }
    }

    #[test]
    fn a_realm_without_kdc_and_an_unknown_default_are_refused() {
        let mut config = contoso();
        config.realms[0].kdcs.clear();
        assert_eq!(config.to_text().unwrap_err().code(), "KRB-0802");
        let mut config = contoso();
        config.default_realm = "FABRIKAM.COM".to_owned();
        assert_eq!(config.to_text().unwrap_err().code(), "KRB-0803");
    }
}
