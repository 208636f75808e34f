//! A provider made of nothing: what is asked, what is accepted, and everything that is not.

use super::*;
use crate::testing::{
    ADA, BACK, Bench, CLIENT, DISCOVERY, ISSUER, SECRET, SigningKey, TENANT, at, bench, callback,
    claims, discovery, parameter, right_token, seed, settings,
};
use crate::{OidcError, Prompt};
use serde_json::json;

mod attacks;
mod renewal;

#[tokio::test]
async fn the_way_there_says_everything_and_gives_nothing_away() {
    let bench = bench();
    let request = LoginRequest {
        prompt: Some(Prompt::SelectAccount),
        login_hint: Some("ada@treyresearch.example".to_owned()),
        domain_hint: Some("treyresearch.example".to_owned()),
        acr_values: Some("c1".to_owned()),
        claims: Some("{\"id_token\":{}}".to_owned()),
        max_age_seconds: Some(60),
        ..LoginRequest::to(BACK)
    };
    let begun = bench.provider.begin(&request, &seed(1), at(0)).await.unwrap();
    assert!(begun.url.as_str().starts_with("https://login.contoso.example/authorize?"));
    for (name, value) in [
        ("client_id", CLIENT),
        ("response_type", "code"),
        ("response_mode", "query"),
        ("redirect_uri", BACK),
        ("scope", "openid profile offline_access"),
        ("code_challenge_method", "S256"),
        ("prompt", "select_account"),
        ("login_hint", "ada@treyresearch.example"),
        ("domain_hint", "treyresearch.example"),
        ("acr_values", "c1"),
        ("claims", "{\"id_token\":{}}"),
        ("max_age", "60"),
    ] {
        assert_eq!(parameter(&begun.url, name), value, "{name}");
    }
    let secrets = ["state", "nonce", "code_challenge"].map(|name| parameter(&begun.url, name));
    assert!(secrets.iter().all(|secret| secret.len() == 43), "{secrets:?}");
    assert!(!begun.url.as_str().contains(begun.login.verifier.expose()));
    assert!(!begun.url.as_str().contains(begun.browser.expose()));
    let shown = format!("{:?}", begun.login);
    assert!(secrets.iter().all(|secret| !shown.contains(secret)), "{shown}");

    let other = bench.provider.begin(&request, &seed(2), at(0)).await.unwrap();
    for name in ["state", "nonce", "code_challenge"] {
        assert_ne!(parameter(&other.url, name), parameter(&begun.url, name));
    }
    assert_ne!(other.browser.expose(), begun.browser.expose());
}

#[tokio::test]
async fn the_challenge_is_that_of_the_verifier_in_the_standard() {
    let challenge = |verifier: &str| {
        use base64::Engine as _;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(crate::compare::sha256(verifier))
    };
    // RFC 7636 appendix B.
    let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    assert_eq!(challenge(verifier), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    let begun = bench().begin().await;
    assert_eq!(parameter(&begun.url, "code_challenge"), challenge(begun.login.verifier.expose()));
}

#[tokio::test]
async fn a_person_signs_in() {
    let bench = bench();
    let begun = bench.begin().await;
    let (nonce, verifier) =
        (parameter(&begun.url, "nonce"), begun.login.verifier.expose().to_owned());
    bench.fake.answer_token(&right_token(&claims(&nonce)));
    let signed_in = bench.provider.finish(callback(&begun), begun.login, at(0)).await.unwrap();
    let form = bench.fake.last_form();
    assert_eq!(bench.fake.count("/keys"), 1);
    assert_eq!(form.get("grant_type"), None, "the keys were asked for last");
    let Claims { subject, object_id, tenant_id, name, expires, .. } = &signed_in.claims;
    assert_eq!((subject.as_str(), object_id.as_deref()), ("pairwise-ada", Some(ADA)));
    assert_eq!((tenant_id.as_deref(), name.as_deref()), (Some(TENANT), Some("Ada Lind")));
    assert!(signed_in.claims.is_guest() && *expires == at(3600));
    assert_eq!(signed_in.refresh_token.as_ref().map(Secret::expose), Some("r-1"));
    let shown = format!("{signed_in:?}");
    assert!(!shown.contains("Lind") && !shown.contains(signed_in.id_token.expose()), "{shown}");

    // The keys are known now, so the last request of the next sign-in is the one for tokens.
    bench.sign_in().await;
    let form = bench.fake.last_form();
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "c-1"),
        ("redirect_uri", BACK),
        ("code_verifier", verifier.as_str()),
        ("client_id", CLIENT),
        ("client_secret", SECRET),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[tokio::test]
async fn all_claims_are_read() {
    let signed_in = bench()
        .sign_in_with(|nonce| {
            let mut claims = claims(nonce);
            for (name, value) in [
                ("oid", json!(ADA.to_uppercase())),
                ("preferred_username", json!("ada@treyresearch.example")),
                ("upn", json!("ada_treyresearch.example#EXT#@contoso.example")),
                ("email", json!("ada@treyresearch.example")),
                ("idp", json!("live.com")),
                ("roles", json!(["Reader"])),
                ("groups", json!(["g1", "g2"])),
                ("sid", json!("s-1")),
                ("auth_time", json!(at(-5).seconds())),
                ("acr", json!("1")),
                ("acrs", json!(["c1"])),
                ("amr", json!(["pwd", "mfa"])),
                ("login_hint", json!("h-1")),
            ] {
                claims[name] = value;
            }
            right_token(&claims)
        })
        .await
        .unwrap();
    let c = signed_in.claims;
    assert_eq!(c.object_id.as_deref(), Some(ADA), "in lower case");
    assert_eq!(c.preferred_username.as_deref(), Some("ada@treyresearch.example"));
    assert_eq!(c.upn.as_deref(), Some("ada_treyresearch.example#EXT#@contoso.example"));
    assert_eq!(
        (c.email.as_deref(), c.idp.as_deref()),
        (Some("ada@treyresearch.example"), Some("live.com"))
    );
    assert_eq!(
        (c.roles, c.groups, c.groups_overage),
        (vec!["Reader".to_owned()], vec!["g1".to_owned(), "g2".to_owned()], false)
    );
    assert_eq!((c.sid.as_deref(), c.auth_time), (Some("s-1"), Some(at(-5))));
    assert_eq!((c.acr.as_deref(), c.acrs, c.amr.len()), (Some("1"), vec!["c1".to_owned()], 2));
    assert_eq!(c.login_hint.as_deref(), Some("h-1"));
}

#[tokio::test]
async fn too_many_groups_are_known_to_be_unknown() {
    for (name, value) in [("_claim_names", json!({ "groups": "src1" })), ("hasgroups", json!(true))]
    {
        let bench = bench();
        let signed_in = bench.sign_in_with(|nonce| {
            let mut claims = claims(nonce);
            claims[name] = value;
            right_token(&claims)
        });
        assert!(signed_in.await.unwrap().claims.groups_overage, "{name}");
    }
}

#[tokio::test]
async fn the_secret_goes_by_basic_where_the_provider_wants_it() {
    let bench = bench();
    let mut document = discovery();
    document["token_endpoint_auth_methods_supported"] = json!(["client_secret_basic"]);
    bench.fake.answer(DISCOVERY, 200, &document);
    bench.fake.answer("/token", 400, &json!({ "error": "invalid_client" }));
    let begun = bench.begin().await;
    let refused = bench.provider.finish(callback(&begun), begun.login, at(0)).await.unwrap_err();
    assert_eq!(refused.code(), "OID-0102");
    let form = bench.fake.last_form();
    assert_eq!(form.get("basic name").map(String::as_str), Some(CLIENT));
    assert_eq!(form.get("basic password").map(String::as_str), Some("correct+horse"));
    assert!(!form.contains_key("client_secret"));
}

#[tokio::test]
async fn an_issuer_without_a_tenant_needs_neither_tenant_nor_object_id() {
    let issuer = "https://login.contoso.example/realm";
    let fake = bench().fake;
    let mut document = discovery();
    document["issuer"] = json!(issuer);
    fake.answer(DISCOVERY, 200, &document);
    let settings = ProviderSettings { issuer: issuer.to_owned(), ..settings() };
    let bench = Bench { provider: Provider::new(settings, fake.clone()).unwrap(), fake };
    let signed_in = bench.sign_in_with(|nonce| {
        let mut claims = claims(nonce);
        claims["iss"] = json!(issuer);
        for name in ["tid", "oid"] {
            claims.as_object_mut().unwrap().remove(name);
        }
        right_token(&claims)
    });
    assert_eq!(signed_in.await.unwrap().claims.object_id, None);
}

#[tokio::test]
async fn health_is_that_of_discovery_and_keys() {
    assert_eq!(bench().provider.check_health(at(0)).await, Ok(()));
    let bench = bench();
    bench.fake.answer("/keys", 503, &json!({}));
    let error = bench.provider.check_health(at(0)).await.unwrap_err();
    assert_eq!(error.to_string(), "the provider's key set cannot be reached");
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause, "the server answered with status 503");
}

#[tokio::test]
async fn the_way_out_leads_to_the_provider_if_it_has_one() {
    let bench = bench();
    let signed_in = bench.sign_in().await;
    let end = EndSession {
        id_token_hint: Some(&signed_in.id_token),
        post_logout_redirect_uri: Some("https://portal.contoso.example/bye"),
        ..EndSession::default()
    };
    let url = bench.provider.end_session_url(&end, at(0)).await.unwrap().unwrap();
    assert!(url.as_str().starts_with("https://login.contoso.example/logout?client_id=portal&"));
    assert_eq!(parameter(&url, "id_token_hint"), signed_in.id_token.expose());
    let notice = format!("iss={ISSUER}&sid=s-1");
    assert_eq!(bench.provider.front_channel_logout(&notice).unwrap().sid, "s-1");
}
