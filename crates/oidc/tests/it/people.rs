//! People sign in, are asked about again, and sign out.

use model::Secret;
use oidc::{EndSession, OidcError, Prompt, Provider};
use serde_json::json;

use crate::desk::{BYE, CLOSED, Desk, PORTAL, between, desk, settings};

const DAY_SECONDS: i64 = 86_400;

fn portal(desk: &Desk) -> Provider {
    desk.application(PORTAL)
}

#[tokio::test]
async fn a_guest_signs_in_and_is_known_by_the_id_of_the_tenant() {
    let mut desk = desk().await;
    let provider = portal(&desk);
    let signed_in = desk.sign_in_with(&provider).await.unwrap();
    let claims = &signed_in.claims;
    assert_eq!(claims.object_id.as_deref(), Some(desk.ada.as_str()));
    assert_eq!(claims.tenant_id.as_deref(), Some(desk.tenant.tenant_id()));
    assert_eq!(claims.name.as_deref(), Some("Ada Lind"));
    assert_eq!(claims.email.as_deref(), Some("ada@treyresearch.example"));
    assert!(claims.is_guest() && claims.sid.is_some() && claims.idp.is_some());
    assert!(signed_in.refresh_token.is_some());

    let again = desk.sign_in_with(&provider).await.unwrap();
    assert_eq!(again.claims.subject, claims.subject, "without a page this time");
    assert_eq!(again.claims.sid, claims.sid);
    assert_eq!(desk.keys_count(), 1);
    let document = format!("/{}/v2.0/.well-known/openid-configuration", desk.tenant.tenant_id());
    assert_eq!(desk.tenant.request_count("GET", &document), 1);
}

#[tokio::test]
async fn a_member_signs_in_and_is_no_guest() {
    let mut desk = desk().await;
    let provider = portal(&desk);
    let ola = desk.tenant.add_member("Ola Nord", "ola").unwrap();
    let query = desk.go_with(&provider, &ola).await;
    let claims = desk.finish_with(&provider, query).await.unwrap().claims;
    assert_eq!(claims.object_id.as_deref(), Some(ola.as_str()));
    assert!(!claims.is_guest() && claims.idp.is_none());
    assert_eq!(claims.preferred_username.as_deref(), Some("ola@contoso.onmicrosoft.com"));
}

#[tokio::test]
async fn an_answer_counts_once_and_only_in_the_browser_that_asked() {
    let mut desk = desk().await;
    let provider = portal(&desk);
    let query = desk.go_with(&provider, &desk.ada.clone()).await;
    let own = desk.browser.replace(Secret::new("another browser's secret".to_owned()));
    let stolen = desk.finish_with(&provider, query.clone()).await.unwrap_err();
    assert_eq!(stolen, OidcError::StateMismatch);
    desk.browser = own;
    assert!(desk.finish_with(&provider, query.clone()).await.is_ok());
    assert_eq!(desk.finish_with(&provider, query).await.unwrap_err(), OidcError::Replayed);
}

#[tokio::test]
async fn whoever_takes_too_long_begins_anew() {
    let mut desk = desk().await;
    let provider = portal(&desk);
    let query = desk.go_with(&provider, &desk.ada.clone()).await;
    desk.clock.advance(600);
    assert_eq!(desk.finish_with(&provider, query).await.unwrap_err(), OidcError::LoginExpired);
    assert!(desk.sign_in_with(&provider).await.is_ok());
}

#[tokio::test]
async fn a_blocked_person_is_refused_on_the_page_and_after_it() {
    let mut desk = desk().await;
    let (provider, ada) = (portal(&desk), desk.ada.clone());
    let query = desk.go_with(&provider, &ada).await;
    desk.tenant.update_user(&ada, json!({ "accountEnabled": false })).unwrap();
    let error = desk.finish_with(&provider, query).await.unwrap_err();
    assert!(matches!(&error, OidcError::Refused { error, .. } if error == "invalid_grant"));
    assert_eq!((error.entra_number(), error.is_persons_fault()), (Some(50_057), true));

    let url = desk.begin_with(&provider, Some(Prompt::Login)).await;
    let page = desk.visit(url).await.page();
    let page = desk.choose(&page, &ada).await.page();
    assert!(page.contains("AADSTS50057"), "{page}");
    let query = desk.choose(&page, "").await.answer();
    let error = desk.finish_with(&provider, query).await.unwrap_err();
    assert!(matches!(&error, OidcError::Refused { error, .. } if error == "access_denied"));
    assert_eq!(error.entra_number(), Some(65_004), "gave up");
}

#[tokio::test]
async fn a_person_who_is_not_assigned_is_refused_until_assigned() {
    let mut desk = desk().await;
    desk.sign_in_with(&portal(&desk)).await.unwrap();
    let closed = desk.application(CLOSED);
    let url = desk.begin_with(&closed, Some(Prompt::None)).await;
    let query = desk.visit(url).await.answer();
    let error = desk.finish_with(&closed, query).await.unwrap_err();
    assert!(matches!(&error, OidcError::Refused { error, .. } if error == "access_denied"));
    assert_eq!(error.entra_number(), Some(50_105));

    desk.tenant.assign(CLOSED, &desk.ada).unwrap();
    let url = desk.begin_with(&closed, Some(Prompt::None)).await;
    let query = desk.visit(url).await.answer();
    assert!(desk.finish_with(&closed, query).await.is_ok());
}

#[tokio::test]
async fn an_answer_to_one_application_is_worth_nothing_to_another() {
    let mut desk = desk().await;
    let (portal, closed) = (portal(&desk), desk.application(CLOSED));
    let query = desk.go_with(&portal, &desk.ada.clone()).await;
    let error = desk.finish_with(&closed, query).await.unwrap_err();
    assert_eq!(error.code(), "OID-0105", "the tenant redeems nothing: {error}");
    assert_eq!(error.entra_number(), Some(70_000));

    desk.tenant.assign(CLOSED, &desk.ada).unwrap();
    let theirs = desk.sign_in_with(&closed).await.unwrap();
    let query = desk.go_with(&portal, &desk.ada.clone()).await;
    desk.wire.swap_next(&theirs.id_token);
    let error = desk.finish_with(&portal, query).await.unwrap_err();
    assert_eq!(error, OidcError::WrongAudience);
}

#[tokio::test]
async fn a_person_who_is_blocked_deleted_or_gone_too_long_is_noticed_when_asked_again() {
    let mut desk = desk().await;
    let (provider, ada) = (portal(&desk), desk.ada.clone());
    let first = desk.sign_in_with(&provider).await.unwrap();
    desk.clock.advance(600);
    let second = provider.refresh(&first, desk.now()).await.unwrap();
    assert_eq!(second.claims.subject, first.claims.subject);
    assert!(second.claims.expires > first.claims.expires);

    let number = async |desk: &Desk| {
        let error = provider.refresh(&second, desk.now()).await.unwrap_err();
        assert!(matches!(&error, OidcError::Revoked { .. }), "{error}");
        error.entra_number()
    };
    desk.tenant.update_user(&ada, json!({ "accountEnabled": false })).unwrap();
    assert_eq!(number(&desk).await, Some(50_057));
    desk.tenant.update_user(&ada, json!({ "accountEnabled": true })).unwrap();
    desk.tenant.delete_user(&ada).unwrap();
    assert_eq!(number(&desk).await, Some(50_034));
    desk.tenant.restore_user(&ada).unwrap();
    let third = provider.refresh(&second, desk.now()).await;
    assert!(third.is_ok(), "a refusal does not use the token up: {third:?}");
    desk.clock.advance(91 * DAY_SECONDS);
    let error = provider.refresh(&third.unwrap(), desk.now()).await.unwrap_err();
    assert!(matches!(&error, OidcError::Revoked { .. }), "{error}");
    assert_eq!(error.entra_number(), Some(700_082));
}

#[tokio::test]
async fn signing_out_ends_the_session_and_is_told_to_the_application() {
    let mut desk = desk().await;
    let provider = portal(&desk);
    let signed_in = desk.sign_in_with(&provider).await.unwrap();
    let end = EndSession {
        post_logout_redirect_uri: Some(BYE),
        logout_hint: signed_in.claims.login_hint.as_deref(),
        state: Some("s"),
        ..EndSession::default()
    };
    let url = provider.end_session_url(&end, desk.now()).await.unwrap().unwrap();
    let page = desk.visit(url).await.page();
    let notice = between(&page, "<iframe src=\"https://portal.contoso.example/ended?", "\"");
    let notice = provider.front_channel_logout(&notice.replace("&amp;", "&")).unwrap();
    assert_eq!(Some(notice.sid), signed_in.claims.sid);
    assert!(page.contains(&format!("{BYE}?state=s")), "{page}");

    let url = desk.begin_with(&provider, Some(Prompt::None)).await;
    let query = desk.visit(url).await.answer();
    let error = desk.finish_with(&provider, query).await.unwrap_err();
    assert!(matches!(&error, OidcError::Refused { error, .. } if error == "login_required"));
}

#[tokio::test]
async fn a_wrong_secret_is_the_application_s_own_fault() {
    let mut desk = desk().await;
    let wrong = Secret::new("wrong".to_owned());
    let settings =
        oidc::ProviderSettings { client_secret: wrong, ..settings(&desk.tenant, PORTAL) };
    let provider = Provider::new(settings, desk.wire.clone()).unwrap();
    let error = desk.sign_in_with(&provider).await.unwrap_err();
    assert!(matches!(&error, OidcError::ClientRefused { .. }), "{error}");
    assert_eq!((error.entra_number(), error.is_persons_fault()), (Some(7_000_215), false));
}

#[tokio::test]
async fn a_tenant_whose_certificate_is_not_trusted_is_not_asked() {
    let desk = desk().await;
    let stranger = sim::tls::Authority::new().unwrap();
    let trust = net::TlsTrust::Bundle(stranger.certificate_pem().into());
    let client = std::sync::Arc::new(net::http_client(&trust).unwrap());
    let provider = Provider::new(settings(&desk.tenant, PORTAL), client).unwrap();
    let error = provider.check_health(desk.now()).await.unwrap_err();
    assert_eq!(error.code(), "OID-0103");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(cause.contains("not signed by the trusted authority") || cause.contains("not trusted"));
}

#[tokio::test]
async fn an_issuer_that_is_not_written_as_the_tenant_writes_it_is_refused() {
    let desk = desk().await;
    let base = desk.tenant.base_url();
    for issuer in [
        format!("{base}/{}/v2.0/", desk.tenant.tenant_id()),
        format!("{base}/{}/v2.0", desk.tenant.name()),
    ] {
        let settings = oidc::ProviderSettings { issuer, ..settings(&desk.tenant, PORTAL) };
        let provider = Provider::new(settings, desk.wire.clone()).unwrap();
        let error = provider.check_health(desk.now()).await.unwrap_err();
        assert_eq!(error, OidcError::WrongIssuer);
    }
}
