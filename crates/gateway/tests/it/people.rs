//! Who gets in, who does not, and what they read.

use gateway::{AccountState, TicketErrorKind};
use kerberos::Kind;
use rules::{Assignment, FindBy, LoginIdentity, SignOn};

use crate::backend::{Backend, ok};
use crate::browser::Answer;
use crate::fakes::Finds;
use crate::logs::audit;
use crate::stage::{PORTAL, Stage, kerberos, portal, with};

/// The reference number of a page.
fn reference(answer: &Answer) -> String {
    let text = answer.text();
    let (_, rest) = text.split_once("<code>").unwrap_or_else(|| panic!("{text}"));
    rest.split('<').next().unwrap().to_owned()
}

/// Checks that a page refuses, says no reason, and that the audit has it under the same number.
fn check_refusal(answer: &Answer, status: u16, title: &str, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text());
    assert!(answer.text().contains(title), "{}", answer.text());
    assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert!(!answer.text().contains(code) && !answer.text().contains("<script"));
    let lines = audit(&reference(answer));
    assert!(lines.iter().any(|l| l.contains(&format!("\"result\":\"{code}\""))), "{lines:?}");
}

#[tokio::test]
async fn a_guest_signs_in_and_reaches_the_page_that_was_asked_for() {
    let backend = Backend::start(|_| ok("", "hello")).await;
    let stage = Stage::start(vec![with(portal(backend.port), kerberos())]).await;
    let mut browser = stage.browser();
    let answer = stage.sign_in(&mut browser, PORTAL, "/deep/page?q=1", &stage.ada).await;
    assert_eq!(answer.header("location"), Some("https://portal.contoso.com/deep/page?q=1"));
    assert_eq!(backend.requests().len(), 0);
    let answer = browser.get(PORTAL, "/deep/page?q=1").await;
    assert_eq!((answer.status, answer.text().as_str()), (200, "hello"));
    let raw = backend.last();
    assert_eq!(raw.line(), "GET /deep/page?q=1 HTTP/1.1");
    let token = raw.token().unwrap();
    assert!(token.starts_with("1 ada-5f3c0e7a HTTP/portal.contoso.com Spnego"), "{token}");
    assert_eq!(audit(&stage.ada).iter().filter(|l| l.contains("\"ticket\"")).count(), 1);
    assert_eq!(audit(&stage.ada).iter().filter(|l| l.contains("\"sign-in\"")).count(), 1);
}

#[tokio::test]
async fn g5_065_who_has_no_account_reads_a_page_and_operators_the_reason() {
    let backend = Backend::start(|_| ok("", "")).await;
    let stage = Stage::start(vec![with(portal(backend.port), kerberos())]).await;
    let member = stage.tenant.add_member("Omar Haddad", "omar").unwrap();
    let mut browser = stage.browser();
    stage.sign_in(&mut browser, PORTAL, "/", &member).await;
    let answer = browser.get(PORTAL, "/").await;
    check_refusal(&answer, 403, "You have no account", "no-account");
    assert_eq!(backend.requests().len(), 0);
}

#[tokio::test]
async fn an_account_that_is_not_clear_is_nobodys() {
    let backend = Backend::start(|_| ok("", "in")).await;
    let mut app = portal(backend.port);
    app.find_by = FindBy::UserPrincipalName;
    let stage = Stage::start(vec![app]).await;
    let mut browser = stage.signed_in().await;
    *stage.accounts.finds.lock().unwrap() = Finds::TooMany;
    let answer = browser.get(PORTAL, "/").await;
    check_refusal(&answer, 403, "You have no account", "several-accounts");
    assert_eq!(*stage.accounts.by.lock().unwrap(), Some(FindBy::UserPrincipalName));
    *stage.accounts.finds.lock().unwrap() = Finds::Nothing;
    stage.gateway.forget(&stage.ada);
    let answer = browser.get(PORTAL, "/").await;
    check_refusal(&answer, 503, "Sign-in does not work now", "accounts-unavailable");
    // Nothing is concluded from not knowing.
    *stage.accounts.finds.lock().unwrap() = Finds::What;
    assert_eq!(browser.get(PORTAL, "/").await.text(), "in");
}

#[tokio::test]
async fn who_is_not_assigned_is_refused_before_anything_is_looked_up() {
    let mut app = portal(9);
    app.assigned = Assignment::Only {
        people: vec!["somebody else".to_owned()],
        groups: vec![],
        roles: vec![],
    };
    let stage = Stage::start(vec![app]).await;
    let mut browser = stage.signed_in().await;
    let answer = browser.get(PORTAL, "/").await;
    check_refusal(&answer, 403, "not assigned to you", "not-assigned");
    assert_eq!(stage.accounts.asked.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn g5_066_a_block_takes_effect_in_time_and_at_once_when_told() {
    let backend = Backend::start(|_| ok("", "in")).await;
    let stage = Stage::start(vec![with(portal(backend.port), kerberos())]).await;
    let mut browser = stage.signed_in().await;
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
    stage.accounts.change(&stage.ada, |a| a.state = AccountState::Disabled);
    stage.clock.advance(29);
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
    stage.clock.advance(1);
    let answer = browser.get(PORTAL, "/").await;
    check_refusal(&answer, 403, "Your account cannot be used", "account-disabled");
    stage.accounts.change(&stage.ada, |a| a.state = AccountState::Enabled);
    assert_eq!(browser.get(PORTAL, "/").await.status, 403);
    stage.gateway.forget(&stage.ada);
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
    assert_eq!(*stage.tickets.forgotten.lock().unwrap(), [stage.ada.as_str()]);
    for (state, title, code) in [
        (AccountState::Expired, "Your account cannot be used", "account-expired"),
        (AccountState::NotDelegated, "Not possible for this account", "account-sensitive"),
    ] {
        stage.accounts.change(&stage.ada, |a| a.state = state);
        stage.gateway.forget(&stage.ada);
        check_refusal(&browser.get(PORTAL, "/").await, 403, title, code);
    }
    assert_eq!(stage.gateway.revoke_person(&stage.ada), 1);
    assert_eq!(browser.get(PORTAL, "/").await.status, 303);
}

#[tokio::test]
async fn g5_067_what_kerberos_refuses_is_told_apart() {
    let backend = Backend::start(|_| ok("", "")).await;
    let stage = Stage::start(vec![with(portal(backend.port), kerberos())]).await;
    let mut browser = stage.signed_in().await;
    for (kind, status, title) in [
        (Kind::UnknownUser, 403, "You have no account"),
        (Kind::AccountDisabled, 403, "Your account cannot be used"),
        (Kind::PasswordExpired, 403, "Your account cannot be used"),
        (Kind::NotDelegated, 502, "The application cannot be reached in your name"),
        (Kind::ServiceUnknown, 502, "The application cannot be reached in your name"),
        (Kind::KeytabStale, 502, "The application cannot be reached in your name"),
        (Kind::KdcUnreachable, 503, "Sign-in does not work now"),
    ] {
        stage.tickets.refuse(TicketErrorKind::Kerberos(kind));
        let answer = browser.get(PORTAL, "/").await;
        check_refusal(&answer, status, title, "KRB-0000");
        let lines = audit(&reference(&answer));
        let why = format!("explained Kerberos({kind:?}) for HTTP/portal.contoso.com");
        assert!(lines.iter().any(|l| l.contains(&why)), "{lines:?}");
    }
    assert_eq!(backend.requests().len(), 0);
    let ready = "/.proxeny/health/ready";
    let answer = browser.get(PORTAL, ready).await;
    assert_eq!((answer.status, answer.text().as_str()), (503, "kerberos\n"));
    *stage.tickets.refuse.lock().unwrap() = None;
    assert_eq!(browser.get(PORTAL, ready).await.status, 503, "kept for a moment");
    stage.clock.advance(10);
    assert_eq!(browser.get(PORTAL, ready).await.status, 200);
    assert_eq!(browser.get("10.0.0.1", "/.proxeny/health/live").await.status, 200);
}

#[tokio::test]
async fn g5_064_the_name_for_kerberos_is_chosen_and_missed_by_name() {
    let backend = Backend::start(|_| ok("", "")).await;
    let named = |identity: LoginIdentity| {
        let mut sign_on = kerberos();
        if let SignOn::Kerberos { identity: own, .. } = &mut sign_on {
            *own = identity;
        }
        with(portal(backend.port), sign_on)
    };
    let stage = Stage::start(vec![named(LoginIdentity::UserPrincipalName)]).await;
    let mut browser = stage.signed_in().await;
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
    let token = backend.last().token().unwrap();
    assert!(token.contains("ada_treyresearch.example#EXT#@contoso.onmicrosoft.com"), "{token}");
    let stage = Stage::start(vec![named(LoginIdentity::OnPremisesUserPart)]).await;
    let mut browser = stage.signed_in().await;
    let answer = browser.get(PORTAL, "/").await;
    check_refusal(&answer, 403, "Not possible for this account", "identity-missing");
    let lines = audit(&reference(&answer));
    assert!(lines.iter().any(|l| l.contains("no user principal name in the directory")));
}

#[tokio::test]
async fn a_service_outside_the_list_is_never_asked_for() {
    let mut sign_on = kerberos();
    if let SignOn::Kerberos { services, .. } = &mut sign_on {
        *services = vec!["HTTP/other.contoso.com".to_owned()];
    }
    let stage = Stage::start(vec![with(portal(9), sign_on)]).await;
    let mut browser = stage.signed_in().await;
    let answer = browser.get(PORTAL, "/").await;
    let title = "The application cannot be reached in your name";
    check_refusal(&answer, 502, title, "service-not-allowed");
    assert_eq!(stage.tickets.count.load(std::sync::atomic::Ordering::SeqCst), 0);
}

#[tokio::test]
async fn who_is_blocked_at_the_tenant_or_gives_up_reads_a_page() {
    let stage = Stage::start(vec![portal(9)]).await;
    let mut browser = stage.browser();
    let answer = browser.get(PORTAL, "/").await;
    let url = answer.header("location").unwrap();
    let state = url.split("state=").nth(1).unwrap().split('&').next().unwrap();
    let query = format!("error=access_denied&error_description=AADSTS50105%3A+no&state={state}");
    let answer = browser.get(PORTAL, &format!("/.proxeny/callback?{query}")).await;
    check_refusal(&answer, 403, "You were not signed in", "OID-0105");
    assert!(audit(&reference(&answer)).iter().any(|l| l.contains("AADSTS50105")));
    assert!(browser.session(PORTAL).is_none());
}

#[tokio::test]
async fn g5_081_maintenance_is_told_without_asking_anybody() {
    let mut app = portal(9);
    app.maintenance = Some("Back on Monday & Tuesday.".to_owned());
    let stage = Stage::start(vec![app]).await;
    let answer = stage.browser().get(PORTAL, "/").await;
    check_refusal(&answer, 503, "Back on Monday &amp; Tuesday.", "maintenance");
}

#[tokio::test]
async fn g5_084_nothing_personal_or_secret_is_logged() {
    let backend = Backend::start(|_| ok("", "")).await;
    let stage = Stage::start(vec![with(portal(backend.port), kerberos())]).await;
    let mut browser = stage.browser();
    let callback = stage.go(&mut browser, PORTAL, "/", &stage.ada).await;
    let path = callback.strip_prefix("https://portal.contoso.com").unwrap();
    browser.get(PORTAL, path).await;
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
    browser.get(PORTAL, "/.proxeny/sign-out").await;
    let events: Vec<String> = audit(&stage.ada);
    for event in ["\"sign-in\"", "\"ticket\"", "\"sign-out\""] {
        let line = events.iter().find(|l| l.contains(event)).unwrap_or_else(|| panic!("{event}"));
        for field in ["person", "application", "service", "result", "duration_ms", "request_id"] {
            assert!(line.contains(&format!("\"{field}\":")), "{field} in {line}");
        }
    }
    let code = path.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let login = browser.cookies[PORTAL].values().cloned();
    let secrets = login.chain([code, "ada@treyresearch.example".to_owned(), "Ada Lind".to_owned()]);
    let lines = crate::logs::lines();
    for secret in secrets {
        assert!(!lines.iter().any(|l| l.contains(&secret)), "{secret}");
    }
}
