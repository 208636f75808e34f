//! What reaches a back end, and what comes back.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use model::{Clock as _, Secret};
use oidc::assertion::{AssertionKey, AssertionVerifier};
use rules::{SendTicket, SignOn};
use sim::tls::Authority;

use crate::backend::{Backend, Reply, answer, ok};
use crate::stage::{ASSERTION_SECRET, PORTAL, Stage, WIKI, application, kerberos, portal, with};

fn changed(change: impl FnOnce(&mut SendTicket, &mut bool, &mut bool)) -> SignOn {
    let mut sign_on = kerberos();
    if let SignOn::Kerberos { send, per_connection, channel_binding, .. } = &mut sign_on {
        change(send, per_connection, channel_binding);
    }
    sign_on
}

#[tokio::test]
async fn g5_074_a_back_end_hears_only_what_it_may_believe() {
    let backend = Backend::start(|_| ok("", "")).await;
    let headers = [("X-User-Sid".to_owned(), "{sid}".to_owned())].into();
    let stage =
        Stage::start(vec![with(portal(backend.port), SignOn::Headers { headers, secret: None })])
            .await;
    let mut browser = stage.signed_in().await;
    browser.cookies.get_mut(PORTAL).unwrap().insert("theme".to_owned(), "dark".to_owned());
    let lies = "Authorization: Negotiate YII\r\nX-Forwarded-For: 1.2.3.4\r\nx_user_sid: S-1-5-18\r\n\
                X-USER-SID: S-1-5-18\r\nX_Forwarded_User: root\r\nForwarded: for=1.2.3.4\r\n\
                X-Proxeny-Assertion: e30.e30.\r\nX-Request-Id: mine\r\nAccept: text/plain\r\n";
    assert_eq!(browser.ask(PORTAL, "GET /", lies, "").await.status, 200);
    let raw = backend.last();
    let lines = raw.head.trim_end().lines().skip(1);
    let mut lines: Vec<String> = lines.map(str::to_ascii_lowercase).collect();
    lines.retain(|line| !line.starts_with("x-request-id: 0"));
    lines.sort();
    let host = format!("host: 127.0.0.1:{}", backend.port);
    let expected = [
        "accept: text/plain",
        "cookie: theme=dark",
        &host,
        "x-forwarded-for: 127.0.0.1",
        "x-forwarded-host: portal.contoso.com",
        "x-forwarded-proto: https",
        "x-user-sid: s-1-5-21-1-2-3-1104",
    ];
    assert_eq!(lines, expected);
}

#[tokio::test]
async fn a_signed_assertion_says_who_the_person_is() {
    let backend = Backend::start(|_| ok("", "")).await;
    let secret = Some(connector::SecretSource::Env("UNUSED".to_owned()));
    let sign_on = SignOn::Headers { headers: [].into(), secret };
    let stage = Stage::start(vec![with(portal(backend.port), sign_on)]).await;
    let mut browser = stage.signed_in().await;
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
    let raw = backend.last();
    let key = AssertionKey::new(&Secret::new(ASSERTION_SECRET.to_owned())).unwrap();
    let verifier = AssertionVerifier::new(vec![key], "portal");
    let token = raw.header("x-proxeny-assertion").unwrap();
    let subject = verifier.verify(token, stage.clock.now()).unwrap().subject;
    assert_eq!(subject.object_id, stage.ada);
    assert_eq!(subject.account.as_deref(), Some("ada-5f3c0e7a"));
    assert_eq!(subject.sid.as_deref(), Some("S-1-5-21-1-2-3-1104"));
}

#[tokio::test]
async fn g5_068_a_ticket_goes_with_every_request_and_is_never_the_same() {
    let backend = Backend::start(|_| ok("", "")).await;
    let stage = Stage::start(vec![with(portal(backend.port), kerberos())]).await;
    let mut browser = stage.signed_in().await;
    for number in 1..=3 {
        browser.ask(PORTAL, "POST /x", "", "content").await;
        assert!(backend.last().token().unwrap().starts_with(&format!("{number} ")));
        assert_eq!(backend.last().body, b"content");
    }
    assert_eq!(backend.connections(), 1);
}

fn challenging(raw: &crate::backend::Raw) -> Reply {
    if raw.token().is_some() {
        ok("WWW-Authenticate: Negotiate oRQwEqAD\r\n", "in")
    } else {
        answer("401 Unauthorized", "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n", b"")
    }
}

#[tokio::test]
async fn g5_068_a_ticket_is_sent_on_challenge() {
    let backend = Backend::start(challenging).await;
    let sign_on = changed(|send, _, _| *send = SendTicket::OnChallenge);
    let stage = Stage::start(vec![with(portal(backend.port), sign_on)]).await;
    let mut browser = stage.signed_in().await;
    let answer = browser.ask(PORTAL, "POST /x", "Sec-Fetch-Mode: navigate\r\n", "content").await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "in"));
    assert_eq!(answer.header("www-authenticate"), None);
    let requests = backend.requests();
    assert_eq!(requests.len(), 2);
    assert!(requests[0].token().is_none() && requests[1].token().is_some());
    assert!(requests.iter().all(|r| r.body == b"content"));
    // What can be sent only once goes with a ticket at once.
    let chunked = "Transfer-Encoding: chunked\r\n";
    let cookies = browser.cookie_header(PORTAL);
    let request = format!(
        "POST /y HTTP/1.1\r\nHost: {PORTAL}\r\n{cookies}{chunked}Connection: close\r\n\r\n\
         3\r\nabc\r\n0\r\n\r\n"
    );
    assert_eq!(crate::browser::send(stage.port, request.as_bytes()).await.status, 200);
    assert_eq!(backend.requests().len(), 3);
    assert_eq!(backend.last().body, b"abc");
}

#[tokio::test]
async fn g5_068_a_connection_signed_on_is_one_persons() {
    let backend = Backend::start(|_| ok("", "")).await;
    let sign_on = changed(|_, per_connection, _| *per_connection = true);
    let stage = Stage::start(vec![with(portal(backend.port), sign_on)]).await;
    let omar = stage.tenant.add_member("Omar Haddad", "omar").unwrap();
    stage.accounts.put(crate::stage::account(&omar));
    let mut ada = stage.signed_in().await;
    let mut other = stage.browser();
    stage.sign_in(&mut other, PORTAL, "/", &omar).await;
    for _ in 0..2 {
        ada.get(PORTAL, "/").await;
        other.get(PORTAL, "/").await;
    }
    let seen: Vec<(usize, bool)> =
        backend.requests().iter().map(|r| (r.connection, r.token().is_some())).collect();
    assert_eq!(seen, [(1, true), (2, true), (1, false), (2, false)]);
}

#[tokio::test]
async fn a_back_end_that_remembers_who_signed_on_takes_nobody_for_another() {
    let known: Mutex<BTreeMap<usize, String>> = Mutex::default();
    let backend = Backend::start(move |raw| {
        let mut known = known.lock().unwrap();
        if let Some(token) = raw.token() {
            let name = token.split(' ').nth(1).unwrap().to_owned();
            known.insert(raw.connection, name);
        }
        match known.get(&raw.connection) {
            Some(name) => ok("", name),
            None => answer("401 Unauthorized", "WWW-Authenticate: Negotiate\r\n", b""),
        }
    })
    .await;
    for sign_on in [
        kerberos(),
        changed(|send, _, _| *send = SendTicket::OnChallenge),
        changed(|_, per_connection, _| *per_connection = true),
    ] {
        let stage = Stage::start(vec![with(portal(backend.port), sign_on)]).await;
        let omar = stage.tenant.add_member("Omar Haddad", "omar").unwrap();
        let account_name = Some("omar".to_owned());
        let account = gateway::Account { account_name, ..crate::stage::account(&omar) };
        stage.accounts.put(account);
        let mut ada = stage.signed_in().await;
        let mut other = stage.browser();
        stage.sign_in(&mut other, PORTAL, "/", &omar).await;
        for _ in 0..3 {
            assert_eq!(ada.get(PORTAL, "/").await.text(), "ada-5f3c0e7a");
            assert_eq!(other.get(PORTAL, "/").await.text(), "omar");
        }
    }
}

#[tokio::test]
async fn g5_074_a_demand_of_the_back_end_never_reaches_the_browser() {
    let demand = "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n";
    let backend = Backend::start(move |_| answer("401 Unauthorized", demand, b"inner page")).await;
    for sign_on in [kerberos(), changed(|send, _, _| *send = SendTicket::OnChallenge), SignOn::None]
    {
        let stage = Stage::start(vec![with(portal(backend.port), sign_on)]).await;
        let mut browser = stage.signed_in().await;
        let answer = browser.get(PORTAL, "/").await;
        assert_eq!(answer.status, 502);
        assert_eq!(answer.header("www-authenticate"), None);
        assert!(answer.text().contains("cannot be reached in your name"));
        assert!(!answer.text().contains("inner page"));
    }
    let mixed = "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic realm=\"x\"\r\n";
    let backend = Backend::start(move |_| answer("401 Unauthorized", mixed, b"")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let answer = stage.signed_in().await.get(PORTAL, "/").await;
    assert_eq!((answer.status, answer.headers("www-authenticate").len()), (401, 1));
}

#[tokio::test]
async fn g5_080_back_ends_are_believed_by_their_authority_and_tickets_are_bound() {
    let authority = Authority::new().unwrap();
    let backend = Backend::start_with(Some(&authority), |_| ok("", "in")).await;
    let folder = tempfile::tempdir().unwrap();
    let ca = folder.path().join("ca.pem");
    std::fs::write(&ca, authority.certificate_pem()).unwrap();
    let sign_on = changed(|_, _, binding| *binding = true);
    let mut app = with(portal(backend.port), sign_on);
    app.internal_url = format!("https://localhost:{}/", backend.port);
    app.ca = Some(ca.clone());
    let stage = Stage::start(vec![app.clone()]).await;
    assert_eq!(stage.signed_in().await.get(PORTAL, "/").await.text(), "in");
    let token = backend.last().token().unwrap();
    assert!(token.ends_with("tls-server-end-point:"), "{token}");
    std::fs::write(&ca, Authority::new().unwrap().certificate_pem()).unwrap();
    let stage = Stage::start(vec![app]).await;
    let answer = stage.signed_in().await.get(PORTAL, "/").await;
    assert_eq!(answer.status, 502);
    assert_eq!(backend.requests().len(), 1);
}

#[tokio::test]
async fn g5_076_what_is_not_published_is_not_there() {
    let backend = Backend::start(|_| ok("", "")).await;
    let url = format!("http://127.0.0.1:{}/inner/", backend.port);
    let stage = Stage::start(vec![application("a", "https://portal.contoso.com/app/", &url)]).await;
    let mut browser = stage.browser();
    for (host, path) in [(PORTAL, "/"), (PORTAL, "/application"), ("other.contoso.com", "/app/")] {
        assert_eq!(browser.get(host, path).await.status, 404, "{host}{path}");
    }
    let answer = browser.get(PORTAL, "/app?x=1").await;
    assert_eq!(answer.header("location"), Some("https://portal.contoso.com/app/?x=1"));
    assert_eq!(backend.requests().len(), 0);
    stage.sign_in(&mut browser, PORTAL, "/app/", &stage.ada).await;
    assert_eq!(browser.get(PORTAL, "/app/x/y").await.status, 200);
    assert_eq!(backend.last().line(), "GET /inner/x/y HTTP/1.1");
}

#[tokio::test]
async fn g5_076_a_star_gives_the_service_its_name() {
    let backend = Backend::start(|_| ok("", "")).await;
    let mut sign_on = kerberos();
    if let SignOn::Kerberos { services, .. } = &mut sign_on {
        *services = vec!["HTTP/shop.apps.contoso.com".to_owned()];
    }
    let url = format!("http://127.0.0.1:{}/", backend.port);
    let app = with(application("apps", "https://*.apps.contoso.com/", &url), sign_on);
    let stage = Stage::start(vec![app]).await;
    let host = "shop.apps.contoso.com";
    let mut browser = stage.browser();
    stage.sign_in(&mut browser, host, "/", &stage.ada).await;
    assert_eq!(browser.get(host, "/").await.status, 200);
    assert!(backend.last().token().unwrap().contains("HTTP/shop.apps.contoso.com"));
}

#[tokio::test]
async fn g5_079_a_back_end_that_is_down_or_slow_is_told_apart() {
    let stage = Stage::start(vec![portal(9)]).await;
    let answer = stage.signed_in().await.get(PORTAL, "/").await;
    assert_eq!(answer.status, 502);
    let backend = Backend::start(|_| Reply::Silence).await;
    let mut app = portal(backend.port);
    app.timeouts.response_seconds = 1;
    let stage = Stage::start(vec![app]).await;
    let answer = stage.signed_in().await.get(PORTAL, "/").await;
    assert_eq!(answer.status, 504);
    assert!(answer.text().contains("Reference number"));
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_known_or_not() {
    let backend = Backend::start(|_| ok("", "")).await;
    let mut app = portal(backend.port);
    app.body_octets_max = Some(10);
    let stage = Stage::start(vec![app]).await;
    let mut browser = stage.signed_in().await;
    assert_eq!(browser.ask(PORTAL, "POST /", "", "0123456789").await.status, 200);
    assert_eq!(browser.ask(PORTAL, "POST /", "", "0123456789a").await.status, 413);
    let cookies = browser.cookie_header(PORTAL);
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {PORTAL}\r\n{cookies}Transfer-Encoding: chunked\r\n\
         Connection: close\r\n\r\nb\r\n0123456789a\r\n0\r\n\r\n"
    );
    assert_eq!(crate::browser::send(stage.port, request.as_bytes()).await.status, 413);
    assert_eq!(backend.requests().len(), 1);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_costs_nobody_an_error() {
    let backend =
        Backend::start(|_| Reply::End(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi".to_vec()))
            .await;
    let stage = Stage::start(vec![with(portal(backend.port), kerberos())]).await;
    let mut browser = stage.signed_in().await;
    for _ in 0..5 {
        assert_eq!(browser.get(PORTAL, "/").await.status, 200);
    }
    let tokens: std::collections::BTreeSet<_> =
        backend.requests().iter().map(|r| r.token().unwrap()).collect();
    assert_eq!(tokens.len(), backend.requests().len());
    assert!(stage.tickets.count.load(Ordering::SeqCst) >= 5);
}

#[tokio::test]
async fn people_share_connections_where_tickets_are_per_request() {
    let backend = Backend::start(|_| ok("", "")).await;
    let url = format!("http://127.0.0.1:{}/", backend.port);
    let apps = vec![portal(backend.port), application("wiki", &format!("https://{WIKI}/"), &url)];
    let stage = Stage::start(apps).await;
    let mut one = stage.signed_in().await;
    let mut two = stage.signed_in().await;
    for _ in 0..2 {
        one.get(PORTAL, "/").await;
        two.get(PORTAL, "/").await;
    }
    assert_eq!(backend.connections(), 1);
}
