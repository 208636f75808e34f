//! Sessions from beginning to end.

use crate::backend::{Backend, answer, ok};
use crate::stage::{PORTAL, Stage, WIKI, application, portal};

#[tokio::test]
async fn g5_078_a_session_is_a_cookie_that_scripts_and_other_sites_do_not_get() {
    let backend = Backend::start(|_| ok("", "in")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let mut browser = stage.browser();
    let answer = stage.sign_in(&mut browser, PORTAL, "/", &stage.ada).await;
    let field = answer.header("set-cookie").unwrap();
    assert!(field.starts_with("__Host-proxeny-gw="), "{field}");
    assert!(field.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"), "{field}");
    for _ in 0..6 {
        stage.clock.advance(599);
        assert_eq!(browser.get(PORTAL, "/").await.text(), "in");
    }
    stage.clock.advance(10);
    assert_eq!(browser.get(PORTAL, "/").await.status, 303, "beyond the absolute limit");
    let mut browser = stage.signed_in().await;
    stage.clock.advance(600);
    assert_eq!(browser.get(PORTAL, "/").await.status, 303, "idle");
}

#[tokio::test]
async fn what_is_no_navigation_is_told_and_not_sent_away() {
    let stage = Stage::start(vec![portal(9)]).await;
    let mut browser = stage.browser();
    let script = browser.ask(PORTAL, "GET /api", "Sec-Fetch-Mode: cors\r\n", "").await;
    assert_eq!(script.status, 401);
    assert_eq!(script.header("content-type"), Some("application/problem+json"));
    let form = browser.ask(PORTAL, "POST /form", "Sec-Fetch-Mode: navigate\r\n", "a=b").await;
    assert_eq!(form.status, 401);
    assert!(form.text().contains("href=\"https://portal.contoso.com/\""));
    assert!(browser.cookies[PORTAL].is_empty());
}

#[tokio::test]
async fn a_stolen_cookie_is_worth_nothing_at_another_application() {
    let backend = Backend::start(|_| ok("", "in")).await;
    let url = format!("http://127.0.0.1:{}/", backend.port);
    let wiki = application("wiki", &format!("https://{WIKI}/"), &url);
    let stage = Stage::start(vec![portal(backend.port), wiki]).await;
    let mut browser = stage.signed_in().await;
    let stolen = browser.cookies[PORTAL].clone();
    browser.cookies.insert(WIKI.to_owned(), stolen);
    assert_eq!(browser.get(WIKI, "/").await.status, 303);
    assert_eq!(backend.requests().len(), 0);
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
}

#[tokio::test]
async fn signing_in_anew_ends_the_session_before() {
    let backend = Backend::start(|_| ok("", "in")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let mut browser = stage.signed_in().await;
    let mut thief = browser.clone();
    let path = "/.proxeny/sign-in?return_to=/x";
    let answer = stage.sign_in(&mut browser, PORTAL, path, &stage.ada).await;
    assert_eq!(answer.header("location"), Some("https://portal.contoso.com/x"));
    assert_ne!(browser.session(PORTAL), thief.session(PORTAL));
    assert_eq!(thief.get(PORTAL, "/").await.status, 303);
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
}

#[tokio::test]
async fn g5_078_signing_out_ends_it_here_and_at_the_tenant() {
    let backend = Backend::start(|_| ok("", "in")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let mut browser = stage.signed_in().await;
    let mut copy = browser.clone();
    let cross = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n";
    let asked = browser.ask(PORTAL, "GET /.proxeny/sign-out", cross, "").await;
    assert_eq!(asked.status, 200);
    assert!(asked.text().contains("<form method=\"post\" action=\"/.proxeny/sign-out\">"));
    let policy = asked.header("content-security-policy").unwrap();
    assert!(
        policy.contains(&format!("form-action 'self' {};", stage.tenant.base_url())),
        "{policy}"
    );
    assert_eq!(browser.ask(PORTAL, "POST /.proxeny/sign-out", cross, "").await.status, 404);
    assert_eq!(browser.get(PORTAL, "/").await.status, 200);
    let answer = browser.get(PORTAL, "/.proxeny/sign-out").await;
    let to = answer.header("location").unwrap();
    assert!(to.starts_with(&format!("{}/", stage.tenant.base_url())), "{to}");
    assert!(to.contains("id_token_hint=") && to.contains("signed-out"), "{to}");
    assert!(browser.session(PORTAL).is_none());
    assert_eq!(copy.get(PORTAL, "/").await.status, 303);
    let page = browser.get(PORTAL, "/.proxeny/signed-out").await;
    assert!(page.text().contains("href=\"/.proxeny/sign-in?return_to=%2F\""), "{}", page.text());
}

#[tokio::test]
async fn g5_078_signing_out_at_one_host_ends_the_sessions_at_all() {
    let backend = Backend::start(|_| ok("", "in")).await;
    let url = format!("http://127.0.0.1:{}/", backend.port);
    let wiki = application("wiki", &format!("https://{WIKI}/"), &url);
    let stage = Stage::start(vec![portal(backend.port), wiki]).await;
    let mut browser = stage.signed_in().await;
    stage.sign_in_again(&mut browser, WIKI, "/").await;
    let mut elsewhere = stage.signed_in().await;
    assert_eq!(browser.get(WIKI, "/").await.text(), "in");
    browser.get(PORTAL, "/.proxeny/sign-out").await;
    assert_eq!(browser.get(WIKI, "/").await.status, 303);
    assert_eq!(elsewhere.get(PORTAL, "/").await.text(), "in", "another browser");
}

#[tokio::test]
async fn g5_078_the_tenant_ends_the_sessions_that_came_from_its_own() {
    let backend = Backend::start(|_| ok("", "in")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let mut browser = stage.signed_in().await;
    let mut other = stage.signed_in().await;
    let page = stage.sign_out_at_tenant().await;
    let (_, rest) = page.split_once("<iframe src=\"https://portal.contoso.com").unwrap();
    let notice = rest.split('"').next().unwrap().replace("&amp;", "&");
    assert!(notice.starts_with("/.proxeny/front-channel-logout?"), "{notice}");
    let forged = notice.replace("iss=https", "iss=http");
    assert_eq!(stage.browser().get(PORTAL, &forged).await.status, 400);
    let unknown = notice.replace("sid=", "sid=0");
    assert_eq!(stage.browser().get(PORTAL, &unknown).await.status, 200);
    assert_eq!(other.get(PORTAL, "/").await.status, 200);
    // The browser sends no cookies with the frame.
    let answer = stage.browser().get(PORTAL, &notice).await;
    assert_eq!(answer.status, 200);
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains(&format!("frame-ancestors {}", stage.tenant.base_url())), "{policy}");
    assert_eq!(other.get(PORTAL, "/").await.status, 303, "the last one at the tenant");
    assert_eq!(browser.get(PORTAL, "/").await.status, 200, "another session at the tenant");
}

#[tokio::test]
async fn g5_078_a_stronger_sign_in_is_handed_to_the_tenant_once() {
    // {"id_token":{"acrs":{"essential":true,"value":"c1"}}}
    let claims = "eyJpZF90b2tlbiI6eyJhY3JzIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiJjMSJ9fX0";
    let demand =
        format!("WWW-Authenticate: Bearer error=\"insufficient_claims\", claims=\"{claims}\"\r\n");
    let backend = Backend::start(move |_| answer("401 Unauthorized", &demand, b"")).await;
    let stage = Stage::start(vec![portal(backend.port)]).await;
    let mut browser = stage.signed_in().await;
    let script = browser.ask(PORTAL, "GET /pay", "Sec-Fetch-Mode: cors\r\n", "").await;
    assert_eq!(script.status, 401);
    let away = browser.get(PORTAL, "/pay").await;
    assert_eq!(away.status, 303);
    let url = away.header("location").unwrap();
    assert!(url.contains("&claims=%7B%22id_token%22%3A%7B%22acrs%22"), "{url}");
    let callback = stage.choose(url, &stage.ada).await;
    let path = callback.strip_prefix("https://portal.contoso.com").unwrap();
    let back = browser.get(PORTAL, path).await;
    assert_eq!(back.header("location"), Some("https://portal.contoso.com/pay"));
    let refused = browser.get(PORTAL, "/pay").await;
    assert_eq!(refused.status, 403, "no circle");
}
