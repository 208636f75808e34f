//! Secrets, certificates, trust, and what becomes of tokens.

use connector::{Connector as _, ErrorKind, ImportKind};
use model::Secret;
use serde_json::json;
use sim::tenant::{AppKey, Fault};

use super::bench::{DELTA, SECRET, TOKEN, bench, everything_in, pem_of};

#[tokio::test]
async fn a_wrong_secret_is_tried_once_and_explained() {
    let mut bench = bench().await;
    let wrong = "a wrong secret";
    bench.secrets.0.insert("SECRET".to_owned(), Secret::new(wrong.to_owned()));
    let Err(error) = bench.connector().await.open_import(ImportKind::Full).await else { panic!() };
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(error.message.contains("AADSTS7000215"), "{error}");
    assert!(!error.message.contains("Trace ID"), "{error}");
    assert!(error.help.as_deref().unwrap().contains("instead of its value"));
    assert_eq!(bench.tenant.request_count("POST", TOKEN), 1);
    assert!(!everything_in(&error).contains(wrong));
}

#[tokio::test]
async fn common_mistakes_are_named_with_their_code() {
    let mut bench = bench().await;
    bench.set_text("client_id", "0dc4c140-0000-4000-8000-ffffffffffff");
    let error = bench.connector().await.check_health().await.unwrap_err();
    assert!(error.message.contains("AADSTS700016"), "{error}");
    assert!(error.help.unwrap().contains("connectivity.client_id"));
    bench.set_text("tenant", "fabrikam.example");
    let error = bench.connector().await.check_health().await.unwrap_err();
    assert!(error.message.contains("AADSTS90002"), "{error}");
    assert_eq!(error.kind, ErrorKind::Credentials);
}

#[tokio::test]
async fn a_certificate_signs_in_with_a_new_assertion_each_time() {
    let mut bench = bench().await;
    bench.use_certificate();
    bench.invite(0);
    let body = json!({ "error": { "code": "InvalidAuthenticationToken", "message": "Revoked." } });
    bench.tenant.inject(Fault::new("GET", DELTA, 401).body(&body.to_string()));
    assert_eq!(bench.full_import().await.unwrap().entries.len(), 1);
    assert_eq!(bench.tenant.request_count("POST", TOKEN), 2, "the tenant takes each once");
}

#[tokio::test]
async fn an_expired_certificate_is_not_even_tried() {
    let mut bench = bench().await;
    bench.use_certificate();
    // The test key's certificate lasts into the year 4096.
    bench.clock.advance(3000 * 366 * 86_400);
    let error = bench.connector().await.check_health().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(error.message.contains("certificate expired"), "{error}");
    assert_eq!(bench.tenant.request_count("POST", TOKEN), 0);
}

#[tokio::test]
async fn a_certificate_that_is_not_registered_is_refused() {
    let mut bench = bench().await;
    bench.use_certificate();
    let other = AppKey::generate().unwrap();
    bench.secrets.0.insert("CERTIFICATE".to_owned(), pem_of(&other));
    let error = bench.connector().await.check_health().await.unwrap_err();
    assert!(error.message.contains("AADSTS700027"), "{error}");
}

#[tokio::test]
async fn half_a_certificate_is_told_from_a_whole_one() {
    let mut bench = bench().await;
    bench.use_certificate();
    let (one, other) = (AppKey::generate().unwrap(), AppKey::generate().unwrap());
    let (key, certificate) = (one.private_key_pem.expose(), &one.certificate_pem);
    for (pem, expected) in [
        (certificate.clone(), "without a PRIVATE KEY"),
        (key.to_owned(), "no CERTIFICATE"),
        (format!("{key}{}", other.certificate_pem), "does not belong"),
        (String::new(), "without a PRIVATE KEY"),
    ] {
        bench.secrets.0.insert("CERTIFICATE".to_owned(), Secret::new(pem));
        let error = bench.try_connector().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Credentials);
        assert!(error.message.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn a_token_is_used_until_shortly_before_its_end() {
    let bench = bench().await;
    let connector = bench.connector().await;
    for (advance, requests) in [(0, 1), (3200, 1), (200, 2)] {
        bench.clock.advance(advance);
        connector.check_health().await.unwrap();
        assert_eq!(bench.tenant.request_count("POST", TOKEN), requests, "after {advance} s");
    }
}

#[tokio::test]
async fn a_refused_token_is_replaced_once() {
    let bench = bench().await;
    bench.invite(0);
    let body = json!({ "error": { "code": "InvalidAuthenticationToken", "message": "Revoked." } });
    let refused = Fault::new("GET", DELTA, 401).body(&body.to_string());
    bench.tenant.inject(refused.clone());
    assert_eq!(bench.full_import().await.unwrap().entries.len(), 1);
    assert_eq!(bench.tenant.request_count("POST", TOKEN), 2);

    bench.tenant.inject(refused.times(2));
    let error = bench.full_import_error().await;
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert_eq!(bench.tenant.request_count("POST", TOKEN), 4);
}

#[tokio::test]
async fn an_unknown_authority_is_a_certificate_error() {
    let bench = bench().await;
    let other = sim::tls::Authority::new().unwrap();
    bench.write("ca.pem", other.certificate_pem());
    let error = bench.connector().await.check_health().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Certificate);
    assert!(error.help.unwrap().contains("connectivity.ca"));
    assert_eq!(bench.tenant.request_count("POST", TOKEN), 0);
}

#[tokio::test]
async fn a_missing_or_empty_ca_file_is_a_configuration_error() {
    let mut bench = bench().await;
    bench.write("ca.pem", "");
    let error = bench.try_connector().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Configuration);
    assert!(everything_in(&error).contains("holds no certificate"));
    bench.set_text("ca", "nowhere.pem");
    let error = bench.try_connector().await.unwrap_err();
    assert!(error.message.contains("nowhere.pem"), "{error}");
}

#[tokio::test]
async fn a_missing_secret_says_where_it_should_be() {
    let mut bench = bench().await;
    bench.secrets.0.clear();
    let error = bench.try_connector().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(everything_in(&error).contains("environment variable SECRET"));
}

#[tokio::test]
async fn secrets_and_tokens_are_in_no_error_and_no_debug_output() {
    let bench = bench().await;
    let echo = json!({
        "error": "invalid_client",
        "error_description": format!("AADSTS7000215: '{SECRET}' is wrong.\r\nTrace ID: x"),
    });
    bench.tenant.inject(Fault::new("POST", TOKEN, 401).body(&echo.to_string()));
    let connector = bench.connector().await;
    let error = connector.check_health().await.unwrap_err();
    assert!(error.message.contains("AADSTS7000215"), "{error}");
    assert!(!everything_in(&error).contains(SECRET), "{error:?}");
    assert!(!everything_in(&error).contains("Trace ID"), "{error:?}");
    connector.check_health().await.unwrap();
    let debug = format!("{connector:?} {:?}", bench.config);
    assert!(!debug.contains(SECRET) && !debug.contains("eyJ"), "{debug}");
}

#[tokio::test]
async fn a_sign_in_page_instead_of_a_token_is_unexpected_data() {
    let bench = bench().await;
    for (status, body) in [
        (200, "<html>"),
        (200, "{\"access_token\":5}"),
        (200, "{\"access_token\":\"x\"}"),
        (302, ""),
        (400, "<html>"),
    ] {
        bench.tenant.inject(Fault::new("POST", TOKEN, status).body(body));
        let error = bench.connector().await.check_health().await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::UnexpectedData, "{status} {body}");
    }
}
