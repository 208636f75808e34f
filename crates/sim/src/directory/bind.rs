//! Binds: which account a name means, and whether it may log on.
//!
//! Spec: RFC 4511 section 4.2, RFC 4513 section 5.1; [MS-ADTS] 5.1.1.1.1 (names a simple bind
//! accepts).

use ldap3_proto::proto::{LdapBindCred, LdapBindRequest};
use model::Guid;

use super::core::Core;
use super::names::Target;
use super::refusal::{Refusal, Rule};
use super::rules;

/// Checks a bind and returns the account; `None` for an anonymous one.
pub(super) fn bind(core: &Core, request: &LdapBindRequest) -> Result<Option<Guid>, Refusal> {
    if request.version != 3 {
        return Err(Refusal::new(Rule::ProtocolError, "version"));
    }
    let password = match &request.cred {
        LdapBindCred::Simple(password) => password,
        LdapBindCred::SASL(sasl) => {
            return Err(Refusal::new(Rule::SaslUnsupported, sasl.mechanism.clone()));
        }
        LdapBindCred::Unsupported => return Err(Refusal::new(Rule::SaslUnsupported, "?")),
    };
    if request.dn.is_empty() && password.is_empty() {
        return Ok(None);
    }
    let refused = || Refusal::new(Rule::BadCredentials, String::new());
    let account = account(core, &request.dn).and_then(|guid| core.state.get(guid));
    let account = account.filter(|o| !o.is_deleted).ok_or_else(refused)?;
    rules::check_logon(account, password, core.now())?;
    Ok(Some(account.guid))
}

/// The account a bind names: by DN, `DOMAIN\name`, principal name, or `name@domain`.
fn account(core: &Core, name: &str) -> Option<Guid> {
    if name.contains('=') {
        return core.state.resolve(&Target::parse(name).ok()?);
    }
    if let Some((domain, name)) = name.split_once('\\') {
        let is_ours = domain.eq_ignore_ascii_case(&core.names.netbios);
        return is_ours.then(|| core.state.by_account_name(name))?;
    }
    core.state.by_principal_name(name).or_else(|| {
        let (name, domain) = name.split_once('@')?;
        let is_ours = domain.eq_ignore_ascii_case(&core.names.domain);
        is_ours.then(|| core.state.by_account_name(name))?
    })
}
