//! Kerberos as the configuration describes it: the library's settings and the gateway's identity.

use kerberos::{Krb5Config, Realm};
use rules::KerberosConfig;

use crate::failure::Failure;
use crate::kerberos_config::KerberosFile;

/// The realm of a principal.
pub(crate) fn realm_of(principal: &str) -> &str {
    principal.rsplit_once('@').map_or("", |(_, realm)| realm)
}

/// The account name of a principal such as `gatewaysvc@CONTOSO.COM`.
pub(crate) fn account_of(principal: &str) -> &str {
    let name = principal.rsplit_once('@').map_or(principal, |(name, _)| name);
    name.split('/').next().unwrap_or(name)
}

/// Makes the library's settings those of `config`. Without realms there is nothing to set: key
/// tables need none.
///
/// # Errors
/// When the settings are not writable, or the process was not started with a file of its own.
pub(crate) fn set_up(config: &KerberosConfig) -> Result<KerberosFile, Failure> {
    let realm = |(name, realm): (&String, &rules::RealmConfig)| Realm {
        name: name.clone(),
        kdcs: realm.kdcs.clone(),
        domains: realm.domains.clone(),
    };
    let settings = Krb5Config {
        default_realm: realm_of(&config.principal).to_owned(),
        realms: config.realms.iter().map(realm).collect(),
    };
    let text =
        settings.to_text().map_err(|error| Failure::caused(&error).with_code(error.code()))?;
    let file = KerberosFile::of_this_process()
        .ok_or_else(|| Failure::new("this command was not started with Kerberos settings"))?;
    file.write(&text)?;
    Ok(file)
}
