//! Asking again, keys that change, and a provider that is away.

use super::*;

const DAY_SECONDS: i64 = 86_400;

/// What a renewed token says an hour later.
fn renewed(change: impl FnOnce(&mut Value)) -> String {
    let mut claims = claims("");
    claims.as_object_mut().unwrap().remove("nonce");
    for name in ["iat", "nbf", "exp"] {
        claims[name] = json!(claims[name].as_i64().unwrap() + 3600);
    }
    change(&mut claims);
    right_token(&claims)
}

/// Signs in, and asks again an hour later with this answer.
async fn refresh(status: u16, body: &Value) -> Result<SignedIn, OidcError> {
    let bench = bench();
    let known = bench.sign_in().await;
    bench.fake.answer("/token", status, body);
    let result = bench.provider.refresh(&known, at(3600)).await;
    let form = bench.fake.last_form();
    assert_eq!(form.get("grant_type").map(String::as_str), Some("refresh_token"));
    assert_eq!(form.get("refresh_token").map(String::as_str), Some("r-1"));
    result
}

/// Signs in at `seconds` with a token of `key`; the code of the refusal.
async fn sign_in_at(bench: &Bench, key: &SigningKey, seconds: i64) -> Option<&'static str> {
    let begun = bench.provider.begin(&LoginRequest::to(BACK), &seed(1), at(seconds)).await.unwrap();
    let mut claims = claims(&parameter(&begun.url, "nonce"));
    claims["exp"] = json!(at(seconds + 60).seconds());
    bench.fake.answer_token(&key.sign(&key.header(), &claims.to_string()));
    let result = bench.provider.finish(callback(&begun), begun.login, at(seconds)).await;
    result.err().map(|error| error.code())
}

#[tokio::test]
async fn a_renewed_token_replaces_the_old_one() {
    let token = renewed(|claims| claims["roles"] = json!(["Writer"]));
    let answer = json!({ "id_token": token, "refresh_token": "r-2" });
    let signed_in = refresh(200, &answer).await.unwrap();
    assert_eq!(signed_in.claims.roles, ["Writer"]);
    assert_eq!(signed_in.claims.expires, at(7200));
    assert_eq!(signed_in.refresh_token.unwrap().expose(), "r-2");
    assert_eq!(signed_in.id_token.expose(), token);
}

#[tokio::test]
async fn what_the_provider_does_not_renew_stays() {
    let signed_in = refresh(200, &json!({ "access_token": "a" })).await.unwrap();
    assert_eq!(signed_in.claims.expires, at(3600));
    assert_eq!(signed_in.refresh_token.unwrap().expose(), "r-1");
}

#[tokio::test]
async fn a_person_who_may_not_go_on_is_told_apart_from_a_provider_that_cannot() {
    for (status, error, code) in [
        (400, "invalid_grant", "OID-0106"),
        (400, "interaction_required", "OID-0106"),
        (400, "access_denied", "OID-0106"),
        (401, "invalid_client", "OID-0102"),
        (400, "invalid_request", "OID-0105"),
        (503, "invalid_grant", "OID-0103"),
        (400, "server_error", "OID-0103"),
    ] {
        let refused = refresh(status, &json!({ "error": error })).await.unwrap_err();
        assert_eq!(refused.code(), code, "{status} {error}");
    }
}

#[tokio::test]
async fn a_renewed_token_about_somebody_else_or_of_another_request_is_refused() {
    let other = "7b1f0d3a-58d3-4f26-a2d5-7a1c2f9e0b11";
    for (name, value, code) in [
        ("sub", json!("pairwise-eve"), "OID-0122"),
        ("oid", json!(other), "OID-0122"),
        ("nonce", json!("another"), "OID-0117"),
        ("aud", json!("other"), "OID-0116"),
    ] {
        let token = renewed(|claims| claims[name] = value);
        let error = refresh(200, &json!({ "id_token": token })).await.unwrap_err();
        assert_eq!(error.code(), code, "{name}");
    }
}

#[tokio::test]
async fn without_a_refresh_token_nothing_is_asked() {
    let bench = bench();
    let known = SignedIn { refresh_token: None, ..bench.sign_in().await };
    let error = bench.provider.refresh(&known, at(0)).await.unwrap_err();
    assert_eq!((error.code(), bench.fake.count("/token")), ("OID-0101", 1));
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it_but_not_for_every_invented_name() {
    let bench = bench();
    let (first, second) = (SigningKey::first(), SigningKey::second());
    assert_eq!(sign_in_at(&bench, first, 0).await, None);
    for _ in 0..3 {
        assert_eq!(sign_in_at(&bench, second, 10).await, Some("OID-0113"));
    }
    assert_eq!(bench.fake.count("/keys"), 2, "once, and once more for the unknown one");
    let both = json!({ "keys": [first.as_jwk(), second.as_jwk()] });
    bench.fake.answer("/keys", 200, &both);
    assert_eq!(sign_in_at(&bench, second, 309).await, Some("OID-0113"));
    assert_eq!(sign_in_at(&bench, second, 310).await, None);
    assert_eq!(sign_in_at(&bench, first, 310).await, None);
    assert_eq!(bench.fake.count("/keys"), 3);
}

#[tokio::test]
async fn a_key_that_is_no_longer_published_counts_for_a_day_at_most() {
    let bench = bench();
    let first = SigningKey::first();
    assert_eq!(sign_in_at(&bench, first, 0).await, None);
    bench.fake.answer("/keys", 200, &json!({ "keys": [SigningKey::second().as_jwk()] }));
    assert_eq!(sign_in_at(&bench, first, DAY_SECONDS - 1).await, None);
    assert_eq!(sign_in_at(&bench, first, DAY_SECONDS).await, Some("OID-0113"));
}

#[tokio::test]
async fn a_provider_that_is_away_is_not_asked_by_everybody() {
    let bench = bench();
    bench.fake.answer_with(DISCOVERY, Err(FetchError::Timeout));
    let (request, seed) = (LoginRequest::to(BACK), seed(1));
    let begin = |seconds| bench.provider.begin(&request, &seed, at(seconds));
    let (a, b) = tokio::join!(begin(0), begin(0));
    for error in [a.unwrap_err(), b.unwrap_err()] {
        assert_eq!(error.code(), "OID-0103");
        assert!(error.is_worth_another_try());
    }
    assert_eq!(bench.fake.count(DISCOVERY), 1);
    bench.fake.answer(DISCOVERY, 200, &discovery());
    assert!(begin(0).await.is_err(), "nobody asks during the pause");
    assert!(begin(1).await.is_ok());
    assert_eq!(bench.fake.count(DISCOVERY), 2);
}
