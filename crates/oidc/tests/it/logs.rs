//! Nothing that opens a door is in the log, whatever its level.

use std::cell::RefCell;
use std::io::{self, Write};
use std::sync::Once;

use model::Secret;
use oidc::{EndSession, OidcError};
use serde_json::json;

use crate::desk::{Met, PORTAL, SECRET, desk};

thread_local! {
    /// What was logged by this thread, on which tenant, browser and application of one test run.
    static LOG: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

struct Log;

impl Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        LOG.with_borrow_mut(|log| log.write(octets))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Keeps what is logged, at every level. For all tests and before the first of them begins: a place
/// in the code that is first passed where nobody listens stays silent for everybody.
pub(crate) fn listen() {
    static LISTENING: Once = Once::new();
    LISTENING.call_once(|| {
        let log = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE);
        let log = log.with_ansi(false).with_writer(|| Log).finish();
        tracing::subscriber::set_global_default(log).unwrap();
    });
}

#[tokio::test]
async fn no_code_token_or_secret_is_logged_or_shown_by_an_error() {
    let mut desk = desk().await;
    let provider = desk.application(PORTAL);
    let mut hidden = vec![SECRET.to_owned()];
    let url = desk.begin_with(&provider, None).await;
    hidden.extend(url.query_pairs().filter_map(|(name, value)| {
        ["state", "nonce", "code_challenge"].contains(&name.as_ref()).then(|| value.into_owned())
    }));
    hidden.extend(desk.browser.as_ref().map(|secret| secret.expose().to_owned()));
    let page = desk.visit(url).await.page();
    let query = desk.choose(&page, &desk.ada.clone()).await.answer();
    let signed_in = desk.finish_with(&provider, query.clone()).await.unwrap();
    let renewed = provider.refresh(&signed_in, desk.now()).await.unwrap();
    for one in [&signed_in, &renewed] {
        let secrets = [Some(&one.id_token), one.refresh_token.as_ref(), Some(&one.nonce)];
        hidden.extend(secrets.into_iter().flatten().map(|secret| secret.expose().to_owned()));
    }
    hidden.extend(["Ada Lind", "ada@treyresearch.example"].map(str::to_owned));

    let mut shown = format!("{signed_in:?} {query:?} {:?} {provider:?}", desk.logins);
    desk.wire.swap_next(&Secret::new(format!("{}x", signed_in.id_token.expose())));
    let forged = desk.sign_in_with(&provider).await.unwrap_err();
    desk.wire.swap_next(&signed_in.id_token);
    let old = desk.sign_in_with(&provider).await.unwrap_err();
    desk.tenant.update_user(&desk.ada, json!({ "accountEnabled": false })).unwrap();
    let revoked = provider.refresh(&renewed, desk.now()).await.unwrap_err();
    let replayed = desk.finish_with(&provider, query).await.unwrap_err();
    assert_eq!((&old, &replayed), (&OidcError::WrongNonce, &OidcError::Replayed));
    for error in [forged, old, revoked, replayed] {
        shown.push_str(&format!("{error} {error:?}"));
    }
    let end = EndSession { id_token_hint: Some(&renewed.id_token), ..EndSession::default() };
    let url = provider.end_session_url(&end, desk.now()).await.unwrap().unwrap();
    assert!(matches!(desk.visit(url).await, Met::Page(_)));

    let text = LOG.with_borrow(|log| String::from_utf8(log.clone()).unwrap());
    assert!(text.contains("TRACE") && text.contains("oidc"), "the log was listened to");
    assert!(text.contains("document fetched") && text.contains("signed in"), "{text}");
    for secret in &hidden {
        assert!(secret.len() > 7, "long enough to be found by accident only");
        for (place, found) in [("log", text.find(secret)), ("errors", shown.find(secret))] {
            let around = |at: usize| {
                let whole = if place == "log" { &text } else { &shown };
                whole.get(at.saturating_sub(200)..at).unwrap_or_default().to_owned()
            };
            assert_eq!(found.map(around), None, "in the {place}");
        }
    }
}
