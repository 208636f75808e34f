//! Assertions: what is accepted, and everything that is not.

use super::*;
use proptest::prelude::*;

const KEY: &str = "0123456789abcdef0123456789abcdef";
const PORTAL: &str = "https://portal.contoso.example";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(1_795_521_600 + seconds)
}

fn key(text: &str) -> AssertionKey {
    AssertionKey::new(&Secret::new(text.to_owned())).unwrap()
}

fn verifier() -> AssertionVerifier {
    AssertionVerifier::new(vec![key(KEY)], PORTAL)
}

fn ada() -> Subject {
    Subject {
        object_id: "6b1f0d3a-58d3-4f26-a2d5-7a1c2f9e0b11".to_owned(),
        account: Some("ada.lind".to_owned()),
        domain: Some("CONTOSO".to_owned()),
        sid: Some("S-1-5-21-1-2-3-1104".to_owned()),
        name: Some("Ada Lind \"å\"\r\n".to_owned()),
        upn: None,
    }
}

/// A token with these parts, signed as it should be.
fn forge(header: &str, claims: &str) -> String {
    let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part));
    let input = format!("{header}.{claims}");
    let signature = hmac::sign(&key(KEY).0, input.as_bytes());
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(signature))
}

/// Checks a well-signed assertion that is right but for one claim.
fn with(name: &str, value: Value) -> Result<Assertion, AssertionError> {
    let now = at(0).seconds();
    let mut claims = json!({
        "iss": ASSERTION_ISSUER, "aud": PORTAL, "sub": "ada", "iat": now, "exp": now + 60, "jti": "1",
    });
    claims[name] = value;
    verifier().verify(&forge("{\"alg\":\"HS256\"}", &claims.to_string()), at(0))
}

#[test]
fn what_the_gateway_signs_the_application_reads() {
    let token = key(KEY).sign(&ada(), PORTAL, [7; 16], at(0));
    let assertion = verifier().verify(token.expose(), at(0)).unwrap();
    assert_eq!(assertion.subject, ada());
    assert_eq!((assertion.issued, assertion.expires), (at(0), at(60)));
    assert_eq!(assertion.id, URL_SAFE_NO_PAD.encode([7; 16]));
    assert!(!format!("{assertion:?}").contains("Lind"), "{assertion:?}");
}

#[test]
fn an_assertion_is_good_for_a_minute_and_clocks_may_differ_by_half_a_one() {
    let token = key(KEY).sign(&ada(), PORTAL, [7; 16], at(0));
    let code = |seconds| verifier().verify(token.expose(), at(seconds)).map_err(|e| e.code()).err();
    assert_eq!([code(-30), code(59), code(89)], [None; 3]);
    assert_eq!(code(-31), Some("OID-0207"));
    assert_eq!(code(90), Some("OID-0206"));
}

#[test]
fn another_key_audience_or_issuer_is_refused() {
    let token = key("another key of thirty-two octets").sign(&ada(), PORTAL, [7; 16], at(0));
    let both =
        AssertionVerifier::new(vec![key(KEY), key("another key of thirty-two octets")], PORTAL);
    assert!(both.verify(token.expose(), at(0)).is_ok(), "while the key is being replaced");
    assert_eq!(verifier().verify(token.expose(), at(0)), Err(AssertionError::BadSignature));
    let nobody = AssertionVerifier::new(vec![], PORTAL);
    assert_eq!(nobody.verify(token.expose(), at(0)), Err(AssertionError::BadSignature));

    assert!(with("x", json!(1)).is_ok());
    assert_eq!(with("aud", json!("https://other.example")), Err(AssertionError::WrongAudience));
    assert_eq!(with("aud", json!([PORTAL])), Err(AssertionError::Malformed("aud")));
    assert_eq!(with("iss", json!("somebody")), Err(AssertionError::WrongIssuer));
}

#[test]
fn a_claim_that_is_missing_or_of_another_type_is_refused() {
    for name in ["iss", "aud", "sub", "iat", "exp", "jti"] {
        for value in [json!(null), json!(""), json!([]), json!(-1)] {
            let refused = with(name, value.clone()).unwrap_err();
            assert!(matches!(refused, AssertionError::Malformed(_)), "{name} {value}: {refused}");
        }
    }
    assert_eq!(with("account", json!(7)), Err(AssertionError::Malformed("account")));
    let long = json!(at(61).seconds());
    assert_eq!(with("exp", long), Err(AssertionError::NotYetValid), "nobody makes long ones");
}

#[test]
fn headers_cannot_choose_the_algorithm() {
    let now = at(0).seconds();
    let claims = format!(
        "{{\"iss\":\"{ASSERTION_ISSUER}\",\"aud\":\"{PORTAL}\",\"sub\":\"a\",\"jti\":\"1\",\
         \"iat\":{now},\"exp\":{}}}",
        now + 60,
    );
    let check = |header: &str| verifier().verify(&forge(header, &claims), at(0));
    assert!(check("{\"alg\":\"HS256\"}").is_ok());
    for header in [
        "{\"alg\":\"none\"}",
        "{\"alg\":\"hs256\"}",
        "{\"alg\":\"RS256\"}",
        "{}",
        "{\"alg\":\"HS256\",\"crit\":[\"x\"]}",
        "{\"alg\":\"HS256\",\"alg\":\"HS256\"}",
    ] {
        assert!(matches!(check(header), Err(AssertionError::Malformed(_))), "{header}");
    }
    let token = forge("{\"alg\":\"none\"}", &claims);
    let unsigned = format!("{}.", token.rsplit_once('.').unwrap().0);
    assert_eq!(verifier().verify(&unsigned, at(0)), Err(AssertionError::BadSignature));
    let twice = claims.replacen('{', "{\"sub\":\"b\",", 1);
    assert!(verifier().verify(&forge("{\"alg\":\"HS256\"}", &twice), at(0)).is_err());
}

#[test]
fn every_changed_octet_is_noticed() {
    let token = key(KEY).sign(&ada(), PORTAL, [7; 16], at(0));
    for place in 0..token.expose().len() {
        let mut changed = token.expose().as_bytes().to_vec();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(verifier().verify(&changed, at(0)).is_err(), "at {place}");
    }
}

#[test]
fn an_assertion_counts_once_and_is_forgotten_when_it_is_over() {
    let seen = SeenAssertions::new(2);
    let made = |octet, seconds| {
        let token = key(KEY).sign(&ada(), PORTAL, [octet; 16], at(seconds));
        verifier().verify(token.expose(), at(seconds)).unwrap()
    };
    assert_eq!(seen.admit(&made(1, 0), at(0)), Ok(()));
    assert_eq!(seen.admit(&made(1, 0), at(89)), Err(AssertionError::Replayed));
    assert_eq!(seen.admit(&made(2, 10), at(10)), Ok(()));
    assert_eq!(seen.admit(&made(3, 10), at(10)), Err(AssertionError::TooMany));
    assert_eq!(seen.admit(&made(3, 90), at(90)), Ok(()), "the first one is over");
}

#[test]
fn a_short_key_is_refused_and_no_key_prints() {
    let short = AssertionKey::new(&Secret::new("x".repeat(31)));
    assert_eq!(short.unwrap_err(), AssertionError::WeakKey);
    assert!(format!("{:?}", verifier()).contains("[AssertionKey(…)]"));
}

proptest! {
    #[test]
    fn garbage_is_refused(token in "[A-Za-z0-9_.=-]{0,120}", text in ".{0,60}") {
        prop_assert!(verifier().verify(&token, at(0)).is_err());
        prop_assert!(verifier().verify(&text, at(0)).is_err());
        prop_assert!(verifier().verify(&forge(&text, &text), at(0)).is_err());
    }
}
