//! Forged, stolen, late and broken answers: each is refused, with its own code.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use ring::hmac;

use super::*;
use crate::limits::TOKEN_SIZE_MAX;

/// Signs in with the token that `forge` makes of right claims; the code of the refusal.
async fn refused(forge: impl FnOnce(Value) -> String) -> &'static str {
    let result = bench().sign_in_with(|nonce| forge(claims(nonce))).await;
    result.map(|s| s.claims.subject).unwrap_err().code()
}

/// Signs in with one claim changed, absent if null; `None` when the token is accepted.
async fn with(name: &str, value: Value) -> Option<&'static str> {
    let change = |nonce: &str| {
        let mut claims = claims(nonce);
        claims[name] = value;
        if claims[name].is_null() {
            claims.as_object_mut().unwrap().remove(name);
        }
        right_token(&claims)
    };
    bench().sign_in_with(change).await.err().map(|error| error.code())
}

#[tokio::test]
async fn a_token_that_is_not_signed_or_signed_otherwise_is_refused() {
    let key = SigningKey::first();
    for algorithm in ["none", "None", "HS256", "RS384", "PS256", "rs256", ""] {
        let forge = |claims: Value| {
            let mut header = key.header();
            header["alg"] = json!(algorithm);
            key.sign(&header, &claims.to_string())
        };
        assert_eq!(refused(forge).await, "OID-0112", "{algorithm}");
    }
    let bare = |claims: Value| {
        let header = URL_SAFE_NO_PAD.encode("{\"alg\":\"none\"}");
        format!("{header}.{}.", URL_SAFE_NO_PAD.encode(claims.to_string()))
    };
    assert_eq!(refused(bare).await, "OID-0112");
    let stripped = |claims: Value| {
        let token = right_token(&claims);
        format!("{}.", token.rsplit_once('.').unwrap().0)
    };
    assert_eq!(refused(stripped).await, "OID-0114");
}

#[tokio::test]
async fn the_public_key_is_no_secret_to_sign_with() {
    let key = SigningKey::first();
    for public in key.public_forms() {
        for (algorithm, code) in [("HS256", "OID-0112"), ("RS256", "OID-0114")] {
            let forge = |claims: Value| {
                let header = json!({ "alg": algorithm, "kid": key.name });
                let parts = [header, claims].map(|v| URL_SAFE_NO_PAD.encode(v.to_string()));
                let input = parts.join(".");
                let mac = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &public), input.as_bytes());
                format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac))
            };
            assert_eq!(refused(forge).await, code);
        }
    }
}

#[tokio::test]
async fn a_key_of_somebody_else_is_refused_whatever_it_is_called() {
    let (first, second) = (SigningKey::first(), SigningKey::second());
    let unknown = |claims: Value| second.sign(&second.header(), &claims.to_string());
    assert_eq!(refused(unknown).await, "OID-0113");
    let borrowed = |claims: Value| second.sign(&first.header(), &claims.to_string());
    assert_eq!(refused(borrowed).await, "OID-0114");
    let brought = |claims: Value| {
        let mut header = second.header();
        header["jwk"] = second.as_jwk();
        header["jku"] = json!("https://evil.example/keys");
        second.sign(&header, &claims.to_string())
    };
    assert_eq!(refused(brought).await, "OID-0113");
    let nameless = |claims: Value| first.sign(&json!({ "alg": "RS256" }), &claims.to_string());
    assert_eq!(refused(nameless).await, "OID-0111");
}

#[tokio::test]
async fn a_weak_key_of_the_provider_signs_nothing() {
    let bench = bench();
    let mut weak = SigningKey::second().as_jwk();
    weak["n"] = json!(URL_SAFE_NO_PAD.encode([0xaa; 128]));
    bench.fake.answer("/keys", 200, &json!({ "keys": [SigningKey::first().as_jwk(), weak] }));
    let second = SigningKey::second();
    let token = |nonce: &str| second.sign(&second.header(), &claims(nonce).to_string());
    assert_eq!(bench.sign_in_with(token).await.unwrap_err(), OidcError::UnknownKey);
}

#[tokio::test]
async fn headers_that_change_the_meaning_are_refused() {
    let key = SigningKey::first();
    for (name, value) in
        [("crit", json!(["b64"])), ("typ", json!("at+jwt")), ("typ", json!(1)), ("kid", json!(1))]
    {
        let forge = |claims: Value| {
            let mut header = key.header();
            header[name] = value;
            key.sign(&header, &claims.to_string())
        };
        assert_eq!(refused(forge).await, "OID-0111", "{name}");
    }
}

#[tokio::test]
async fn times_are_checked_with_five_minutes_to_spare() {
    let now = at(0).seconds();
    for (name, seconds, code) in [
        ("exp", now - 299, None),
        ("exp", now - 300, Some("OID-0119")),
        ("nbf", now + 300, None),
        ("nbf", now + 301, Some("OID-0120")),
        ("iat", now + 300, None),
        ("iat", now + 301, Some("OID-0120")),
    ] {
        assert_eq!(with(name, json!(seconds)).await, code, "{name} {seconds}");
    }
    assert_eq!(with("nbf", Value::Null).await, None);
    for name in ["exp", "iat"] {
        for value in [Value::Null, json!("1795525200"), json!(-1), json!(1e300)] {
            assert_eq!(with(name, value).await, Some("OID-0111"), "{name}");
        }
    }
    assert_eq!(with("nbf", json!("soon")).await, Some("OID-0111"));
}

#[tokio::test]
async fn the_token_must_be_for_us() {
    for (audience, party, code) in [
        (json!(CLIENT), Value::Null, None),
        (json!(CLIENT), json!(CLIENT), None),
        (json!(CLIENT), json!("other"), Some("OID-0116")),
        (json!([CLIENT, "other"]), json!(CLIENT), None),
        (json!([CLIENT, "other"]), Value::Null, Some("OID-0116")),
        (json!([CLIENT]), Value::Null, Some("OID-0116")),
        (json!([CLIENT, "other"]), json!("other"), Some("OID-0116")),
        (json!(["other"]), json!(CLIENT), Some("OID-0116")),
        (json!("other"), Value::Null, Some("OID-0116")),
        (json!(CLIENT.to_uppercase()), Value::Null, Some("OID-0116")),
        (json!({ CLIENT: 1 }), Value::Null, Some("OID-0116")),
        (Value::Null, Value::Null, Some("OID-0116")),
    ] {
        let change = |nonce: &str| {
            let mut claims = claims(nonce);
            claims["aud"] = audience.clone();
            if !party.is_null() {
                claims["azp"] = party.clone();
            }
            right_token(&claims)
        };
        let result = bench().sign_in_with(change).await.err().map(|e| e.code());
        assert_eq!(result, code, "{audience} {party}");
    }
}

#[tokio::test]
async fn issuer_tenant_person_and_nonce_must_be_the_expected_ones() {
    let other = "0f1b7a52-0000-4b1e-8f0a-51c6c7d2a001";
    for (name, value, code) in [
        ("iss", json!(format!("{ISSUER}/")), "OID-0115"),
        ("iss", json!(ISSUER.replace("https", "http")), "OID-0115"),
        ("iss", json!(ISSUER.replace(TENANT, other)), "OID-0115"),
        ("iss", Value::Null, "OID-0111"),
        ("tid", json!(other), "OID-0118"),
        ("tid", Value::Null, "OID-0118"),
        ("oid", Value::Null, "OID-0111"),
        ("oid", json!("ada"), "OID-0111"),
        ("oid", json!(format!("{{{ADA}}}")), "OID-0111"),
        ("sub", Value::Null, "OID-0111"),
        ("sub", json!(""), "OID-0111"),
        ("sub", json!(7), "OID-0111"),
        ("nonce", json!("another"), "OID-0117"),
        ("nonce", json!(""), "OID-0117"),
        ("nonce", json!(7), "OID-0117"),
        ("nonce", Value::Null, "OID-0117"),
        ("groups", json!({}), "OID-0111"),
        ("acct", json!("1"), "OID-0111"),
    ] {
        assert_eq!(with(name, value.clone()).await, Some(code), "{name} {value}");
    }
}

#[tokio::test]
async fn a_claim_twice_is_refused_even_when_both_are_right() {
    let key = SigningKey::first();
    for name in ["oid", "aud", "nonce"] {
        let forge = |claims: Value| {
            let text = claims.to_string();
            let twice = text.replacen('{', &format!("{{\"{name}\":{},", claims[name]), 1);
            key.sign(&key.header(), &twice)
        };
        assert_eq!(refused(forge).await, "OID-0111", "{name}");
    }
    let header = "{\"alg\":\"none\",\"alg\":\"RS256\",\"kid\":\"first\"}";
    let forge = |claims: Value| {
        let token = right_token(&claims);
        let (_, rest) = token.split_once('.').unwrap();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(header))
    };
    assert_eq!(refused(forge).await, "OID-0111");
}

#[tokio::test]
async fn a_token_that_is_cut_changed_or_too_long_is_refused() {
    for count in [0, 1, 2, 4, 5] {
        let forge = |claims: Value| {
            let token = right_token(&claims);
            let parts: Vec<&str> = token.split('.').chain(["e30", "e30"]).collect();
            parts[..count].join(".")
        };
        let code = if count == 0 { "OID-0104" } else { "OID-0111" };
        assert_eq!(refused(forge).await, code, "{count} parts");
    }
    assert_eq!(refused(|c| format!("{}=", right_token(&c))).await, "OID-0111");
    assert_eq!(refused(|c| format!(" {}", right_token(&c))).await, "OID-0111");
    let changed = |claims: Value| {
        let token = right_token(&claims);
        let parts: Vec<&str> = token.split('.').collect();
        let other = claims.to_string().replace(ADA, &ADA.replace('6', "7"));
        format!("{}.{}.{}", parts[0], URL_SAFE_NO_PAD.encode(other), parts[2])
    };
    assert_eq!(refused(changed).await, "OID-0114");
    let long = |mut claims: Value| {
        claims["x"] = json!("x".repeat(TOKEN_SIZE_MAX));
        right_token(&claims)
    };
    assert_eq!(refused(long).await, "OID-0111");
}

#[tokio::test]
async fn an_answer_to_another_question_redeems_nothing() {
    let bench = bench();
    let mine = bench.begin().await;
    let theirs = bench.provider.begin(&LoginRequest::to(BACK), &seed(9), at(0)).await.unwrap();
    let error = bench.provider.finish(callback(&theirs), mine.login, at(0)).await.unwrap_err();
    assert_eq!(error, OidcError::StateMismatch);
    let late = bench.provider.finish(callback(&theirs), theirs.login, at(600)).await.unwrap_err();
    assert_eq!(late, OidcError::LoginExpired);
    assert_eq!(bench.fake.count("/token"), 0);
}

#[tokio::test]
async fn an_answer_of_another_provider_redeems_nothing() {
    let check = async |names_issuer: bool, issuer: Option<&str>| {
        let bench = bench();
        let mut document = discovery();
        document["authorization_response_iss_parameter_supported"] = json!(names_issuer);
        bench.fake.answer(DISCOVERY, 200, &document);
        bench.fake.answer("/token", 400, &json!({ "error": "invalid_grant" }));
        let begun = bench.begin().await;
        let state = parameter(&begun.url, "state");
        let issuer = issuer.map(|i| format!("&iss={i}")).unwrap_or_default();
        let query = CallbackQuery::parse(&format!("code=c&state={state}{issuer}")).unwrap();
        let error = bench.provider.finish(query, begun.login, at(0)).await.unwrap_err();
        assert_eq!(bench.fake.count("/token") == 0, error == OidcError::WrongIssuer);
        error.code()
    };
    assert_eq!(check(false, None).await, "OID-0105", "as Entra does it");
    assert_eq!(check(true, None).await, "OID-0115");
    assert_eq!(check(true, Some(ISSUER)).await, "OID-0105");
    for names_issuer in [false, true] {
        assert_eq!(check(names_issuer, Some("https://evil.example")).await, "OID-0115");
    }
}

#[tokio::test]
async fn a_refusal_that_the_browser_brings_is_told_apart() {
    for (error, code) in [
        ("access_denied", "OID-0105"),
        ("login_required", "OID-0105"),
        ("unauthorized_client", "OID-0102"),
        ("temporarily_unavailable", "OID-0103"),
    ] {
        let bench = bench();
        let begun = bench.begin().await;
        let state = parameter(&begun.url, "state");
        let query = format!("error={error}&error_description=AADSTS50105%3A+no&state={state}");
        let query = CallbackQuery::parse(&query).unwrap();
        let refused = bench.provider.finish(query, begun.login, at(0)).await.unwrap_err();
        assert_eq!(refused.code(), code);
        assert_eq!(refused.entra_number(), (code != "OID-0103").then_some(50_105));
        assert_eq!(bench.fake.count("/token"), 0);
    }
}

#[tokio::test]
async fn a_sign_in_that_was_wanted_fresh_must_be() {
    for (ago, code) in [(Some(360), None), (Some(361), Some("OID-0121")), (None, Some("OID-0111"))]
    {
        let bench = bench();
        let request = LoginRequest { max_age_seconds: Some(60), ..LoginRequest::to(BACK) };
        let begun = bench.provider.begin(&request, &seed(1), at(0)).await.unwrap();
        let mut claims = claims(&parameter(&begun.url, "nonce"));
        if let Some(ago) = ago {
            claims["auth_time"] = json!(at(-ago).seconds());
        }
        bench.fake.answer_token(&right_token(&claims));
        let result = bench.provider.finish(callback(&begun), begun.login, at(0)).await;
        assert_eq!(result.err().map(|e| e.code()), code, "{ago:?}");
    }
}

#[tokio::test]
async fn refusals_say_whose_fault_they_are() {
    for (status, body, code, is_persons) in [
        (400, json!({ "error": "invalid_grant" }), "OID-0105", true),
        (400, json!({ "error": "interaction_required" }), "OID-0105", true),
        (400, json!({ "error": "invalid_request" }), "OID-0105", false),
        (401, json!({ "error": "invalid_client" }), "OID-0102", false),
        (400, json!({ "error": "unauthorized_client" }), "OID-0102", false),
        (400, json!({ "error": "temporarily_unavailable" }), "OID-0103", false),
        (429, json!({ "error": "invalid_grant" }), "OID-0103", false),
        (503, json!("down"), "OID-0103", false),
        (400, json!({}), "OID-0104", false),
        (302, json!({}), "OID-0104", false),
        (200, json!({}), "OID-0104", false),
        (200, json!([]), "OID-0104", false),
        (200, json!({ "id_token": 7 }), "OID-0104", false),
        (200, json!({ "access_token": "a" }), "OID-0104", false),
    ] {
        let bench = bench();
        let begun = bench.begin().await;
        bench.fake.answer("/token", status, &body);
        let error = bench.provider.finish(callback(&begun), begun.login, at(0)).await.unwrap_err();
        assert_eq!((error.code(), error.is_persons_fault()), (code, is_persons), "{status} {body}");
        assert!(!error.help().is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn garbage_is_no_token(
        text in "[A-Za-z0-9_.=-]{0,200}",
        header in ".{0,60}",
        body in ".{0,60}",
    ) {
        let [header, body] = [header, body].map(|part| URL_SAFE_NO_PAD.encode(part));
        prop_assert!(Unverified::parse(&text).is_err());
        let three = format!("{header}.{body}.AAAA");
        prop_assert!(Unverified::parse(&three).is_err());
    }

    #[test]
    fn claims_of_any_shape_are_accepted_or_refused(
        name in "iss|aud|exp|nbf|iat|nonce|sub|oid|tid|groups|roles|acct|auth_time|_claim_names",
        number in any::<f64>(),
        text in ".{0,20}",
    ) {
        for value in [json!(number), json!(text), json!([text]), json!({ "groups": number })] {
            let mut object = claims("n");
            object[&name] = value;
            let expected = Expected {
                settings: &settings(),
                nonce: "n",
                nonce_may_lack: false,
                max_age_seconds: Some(1),
            };
            let object = object.as_object().unwrap();
            let is_accepted = claims::check(object, &expected, at(0)).is_ok();
            prop_assert!(!is_accepted || object.contains_key("auth_time"));
        }
    }

    #[test]
    fn documents_of_any_kind_are_read_or_refused(
        text in ".{0,80}",
        octets in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        for octets in [text.as_bytes(), &octets] {
            prop_assert!(Metadata::decode(octets, &settings()).is_err());
            prop_assert!(KeySet::decode(octets, &settings()).is_err());
            let reply = Reply { status: 400, body: octets.to_vec() };
            prop_assert!(tokens(&reply).is_err());
        }
    }
}
