//! Phase 7: under which name a back end, or Kerberos, learns of a person.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::HeaderMap;
use hyper::header::{self, HeaderName, HeaderValue};
use model::Timestamp;
use oidc::assertion::Subject;
use rules::LoginIdentity;

use crate::accounts::Account;
use crate::application::{HeaderSignOn, KerberosSignOn};
use crate::hygiene::ASSERTION;
use crate::random::{NoRandomness, Random};
use crate::tickets::{LoginName, Token};

/// A person has no value of the kind that is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the account has no {0}")]
pub(crate) struct Missing(pub(crate) &'static str);

/// The name under which Kerberos is asked.
pub(crate) fn login_name(identity: LoginIdentity, account: &Account) -> Result<LoginName, Missing> {
    let tenant =
        || present(account.user_principal_name.as_ref(), "user principal name in the tenant");
    let own = || {
        let name = account.on_premises_user_principal_name.as_ref();
        present(name, "user principal name in the directory")
    };
    let in_realm = |name: String| LoginName::Account { name, realm: account.realm.clone() };
    Ok(match identity {
        LoginIdentity::UserPrincipalName => LoginName::UserPrincipalName(tenant()?),
        LoginIdentity::OnPremisesUserPrincipalName => LoginName::UserPrincipalName(own()?),
        LoginIdentity::UserPart => in_realm(user_part(&tenant()?)?),
        LoginIdentity::OnPremisesUserPart => in_realm(user_part(&own()?)?),
        LoginIdentity::AccountName => {
            in_realm(present(account.account_name.as_ref(), "account name")?)
        }
    })
}

fn present(value: Option<&String>, what: &'static str) -> Result<String, Missing> {
    value.filter(|v| !v.is_empty()).cloned().ok_or(Missing(what))
}

fn user_part(name: &str) -> Result<String, Missing> {
    let part = name.rsplit_once('@').map(|(part, _)| part).filter(|part| !part.is_empty());
    part.map(str::to_owned).ok_or(Missing("user part in its name"))
}

/// The service to ask a ticket for; nothing when it is not among those allowed.
pub(crate) fn service(sign_on: &KerberosSignOn, host: &str) -> Option<String> {
    let service = sign_on.service.replace("{host}", host);
    sign_on.services.iter().find(|allowed| allowed.eq_ignore_ascii_case(&service)).cloned()
}

/// `Authorization: Negotiate` (RFC 4559).
pub(crate) fn authorize(headers: &mut HeaderMap, token: &Token) {
    let text = format!("Negotiate {}", STANDARD.encode(&token.octets));
    if let Ok(mut value) = HeaderValue::try_from(text) {
        value.set_sensitive(true);
        headers.insert(header::AUTHORIZATION, value);
    }
}

/// The identity headers and the signed statement of who the person is.
pub(crate) fn identify(
    headers: &mut HeaderMap,
    sign_on: &HeaderSignOn,
    account: &Account,
    audience: &str,
    (random, now): (&dyn Random, Timestamp),
) -> Result<(), NoRandomness> {
    for (name, template) in &sign_on.headers {
        if let Some(value) = fill(template, account) {
            headers.insert(name.clone(), value);
        }
    }
    let Some(key) = &sign_on.key else { return Ok(()) };
    let mut id = [0; 16];
    random.fill(&mut id)?;
    let subject = Subject {
        object_id: account.object_id.clone(),
        account: account.account_name.clone(),
        domain: account.domain.clone(),
        upn: account
            .on_premises_user_principal_name
            .clone()
            .or_else(|| account.user_principal_name.clone()),
        sid: account.sid.as_ref().map(ToString::to_string),
        name: account.person_name.clone(),
    };
    let assertion = key.sign(&subject, audience, id, now);
    if let Ok(mut value) = HeaderValue::try_from(assertion.expose()) {
        value.set_sensitive(true);
        headers.insert(HeaderName::from_static(ASSERTION), value);
    }
    Ok(())
}

/// The text with the person's values; nothing when one is missing or cannot be in a header.
fn fill(template: &str, account: &Account) -> Option<HeaderValue> {
    let mut text = String::with_capacity(template.len());
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, end) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(&value(name, account)?);
        rest = end;
    }
    text.push_str(rest);
    HeaderValue::from_bytes(text.as_bytes()).ok()
}

fn value(name: &str, account: &Account) -> Option<String> {
    let value = match name {
        "account" => account.account_name.clone(),
        "domain" => account.domain.clone(),
        "upn" => account.user_principal_name.clone(),
        "object-id" => Some(account.object_id.clone()),
        "sid" => account.sid.as_ref().map(ToString::to_string),
        "mail" => account.mail.clone(),
        "name" => account.person_name.clone(),
        _ => None,
    };
    value.filter(|v| !v.is_empty())
}

#[cfg(test)]
mod tests {
    use rules::{SendTicket, TicketForm};

    use super::*;

    fn account() -> Account {
        Account {
            object_id: "o-1".to_owned(),
            person_name: Some("Ada Lind".to_owned()),
            account_name: Some("ada".to_owned()),
            domain: Some("CONTOSO".to_owned()),
            user_principal_name: Some("ada_trey.example#EXT#@contoso.onmicrosoft.com".to_owned()),
            on_premises_user_principal_name: Some("ada@contoso.com".to_owned()),
            ..Account::default()
        }
    }

    #[test]
    fn g5_064_each_identity_gives_its_own_name_and_misses_it_by_name() {
        let name = |identity| login_name(identity, &account());
        let upn = |text: &str| Ok(LoginName::UserPrincipalName(text.to_owned()));
        let sam = |text: &str| Ok(LoginName::Account { name: text.to_owned(), realm: None });
        for (identity, expected, missing) in [
            (
                LoginIdentity::UserPrincipalName,
                upn("ada_trey.example#EXT#@contoso.onmicrosoft.com"),
                "user principal name in the tenant",
            ),
            (
                LoginIdentity::OnPremisesUserPrincipalName,
                upn("ada@contoso.com"),
                "user principal name in the directory",
            ),
            (
                LoginIdentity::UserPart,
                sam("ada_trey.example#EXT#"),
                "user principal name in the tenant",
            ),
            (LoginIdentity::OnPremisesUserPart, sam("ada"), "user principal name in the directory"),
            (LoginIdentity::AccountName, sam("ada"), "account name"),
        ] {
            assert_eq!(name(identity), expected);
            assert_eq!(login_name(identity, &Account::default()), Err(Missing(missing)));
        }
    }

    #[test]
    fn a_service_outside_the_list_is_never_asked_for() {
        let sign_on = KerberosSignOn {
            service: "HTTP/{host}".to_owned(),
            services: vec!["http/Portal.contoso.com".to_owned()],
            identity: LoginIdentity::AccountName,
            send: SendTicket::Always,
            form: TicketForm::Spnego,
            per_connection: false,
            channel_binding: false,
        };
        let allowed = service(&sign_on, "portal.contoso.com");
        assert_eq!(allowed.as_deref(), Some("http/Portal.contoso.com"));
        assert_eq!(service(&sign_on, "other.contoso.com"), None);
        assert_eq!(service(&sign_on, "portal.contoso.com.evil.example"), None);
    }

    #[test]
    fn headers_are_filled_or_left_out() {
        let filled =
            |t| fill(t, &account()).map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned());
        assert_eq!(filled("{domain}\\{account}").as_deref(), Some("CONTOSO\\ada"));
        assert_eq!(filled("fixed").as_deref(), Some("fixed"));
        for template in ["{mail}", "{account};{sid}", "{nothing}", "{account"] {
            assert_eq!(filled(template), None, "{template}");
        }
        let mut split = account();
        split.person_name = Some("Ada\r\nX-Admin: 1".to_owned());
        assert_eq!(fill("{name}", &split), None);
    }
}
