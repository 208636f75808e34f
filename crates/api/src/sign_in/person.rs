//! From what signed somebody in to the person, and from there to the caller.

use model::{Sid, Timestamp};
use rules::Role;
use service::{PERSON, Resource};
use store::CredentialKind;

use super::sessions::{Identity, Subject};
use crate::app::Shared;
use crate::caller::Caller;
use crate::problem::ApiError;
use crate::show::is_guest;

/// The person with this security identifier.
pub(super) async fn by_sid(app: &Shared, sid: &Sid) -> Result<Resource, ApiError> {
    let found = app.service.people_by_sid(sid).await?;
    single(found).ok_or_else(|| {
        tracing::warn!(target: "proxeny::api::sign_in", %sid, code = "API-0105", "no person has this SID");
        ApiError::UnknownSid
    })
}

/// The person with this account in this domain.
pub(super) async fn by_account(
    app: &Shared,
    domain: &str,
    account: &str,
) -> Result<Resource, ApiError> {
    let found = app.service.people_by_account(domain, account).await?;
    single(found).ok_or_else(|| {
        let code = "API-0110";
        tracing::warn!(target: "proxeny::api::sign_in", domain, code, "no person has this account");
        ApiError::UnknownAccount
    })
}

/// Several people with one account is as bad as none: nobody knows which one it is.
fn single(mut found: Vec<Resource>) -> Option<Resource> {
    let person = found.pop()?;
    found.is_empty().then_some(person)
}

/// The person of a principal `name@REALM` without a PAC: the domain is the realm, or its first
/// label as the NetBIOS name usually is.
pub(super) async fn by_principal(app: &Shared, principal: &str) -> Result<Resource, ApiError> {
    let Some((account, realm)) = principal.rsplit_once('@') else {
        return Err(ApiError::UnknownAccount);
    };
    let label = realm.split('.').next().unwrap_or(realm);
    match by_account(app, label, account).await {
        Err(ApiError::UnknownAccount) if label != realm => by_account(app, realm, account).await,
        found => found,
    }
}

/// The caller that an identity stands for now; `None` when the person or the local account is gone.
pub(super) async fn caller(
    app: &Shared,
    identity: &Identity,
    expires: Timestamp,
) -> Result<Option<Caller>, ApiError> {
    let id = identity.subject.person();
    let mut roles: Vec<Role> = Vec::new();
    if let Subject::Local(account, _) = &identity.subject {
        let kind = CredentialKind::Password;
        let Some(credential) = app.access.credential_by_name(kind, account).await? else {
            return Ok(None);
        };
        roles.extend(credential.roles.iter().filter_map(|role| Role::parse(role)));
    }
    let person = app.service.get(&[id]).await?.into_iter().find(|r| r.resource_type == *PERSON);
    let Some(person) = person else { return Ok(None) };
    roles.extend(app.roles.of(&person.attributes));
    roles.sort_unstable();
    roles.dedup();
    let text = |name: &str| person.attributes.text(name).map(str::to_owned);
    let account = text("AccountName");
    Ok(Some(Caller {
        person: Some(id),
        name: text("DisplayName").or_else(|| account.clone()).unwrap_or_else(|| id.to_string()),
        account,
        domain: text("Domain"),
        roles,
        method: identity.method,
        expires,
        is_guest: is_guest(&person.attributes),
        behind_gateway: identity.behind_gateway,
        session: None,
    }))
}
