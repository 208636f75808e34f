//! What sign-in of people refuses, and with which number.

use super::*;

#[tokio::test]
async fn a_request_that_cannot_go_back_is_refused_on_a_page() {
    let desk = desk().await;
    for (change, number) in [
        (("client_id", ""), 900_144),
        (("client_id", "0dc4c140-0000-4000-8000-ffffffffffff"), 700_016),
        (("client_id", APP), 50_011),
        (("redirect_uri", ""), 900_144),
        (("redirect_uri", "https://portal.example/signed-in"), 50_011),
        (("redirect_uri", "https://portal.example/signed-in?from=tenant&x=1"), 50_011),
        (("response_mode", "web_message"), 90_023),
    ] {
        let response = desk.authorize(&[change]).await;
        assert_eq!(response.status(), 400, "{change:?}");
        assert!(response.headers().get("location").is_none());
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("<p role=\"alert\">AADSTS{number}: ")), "{page}");
    }
    let url = desk.bench.url("/fabrikam.example/oauth2/v2.0/authorize");
    let page = desk.bench.client.get(url).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("AADSTS90002"));
}

#[tokio::test]
async fn a_request_with_another_mistake_goes_back_with_it() {
    let desk = desk().await;
    for (change, error, number) in [
        (("response_type", "id_token"), "unsupported_response_type", 70_005),
        (("response_type", ""), "invalid_request", 900_144),
        (("scope", ""), "invalid_request", 900_144),
        (("scope", "openid https://elsewhere.example/Read"), "invalid_resource", 500_011),
        (("scope", "openid \"quoted\""), "invalid_scope", 70_011),
        (("prompt", "perhaps"), "invalid_request", 90_023),
        (("code_challenge_method", "plain"), "invalid_request", 50_147),
        (("code_challenge_method", ""), "invalid_request", 50_147),
        (("code_challenge", "short"), "invalid_request", 50_147),
    ] {
        let fields = back(&desk.authorize(&[change]).await);
        assert_eq!(fields["error"], error, "{change:?}");
        assert!(fields["error_description"].starts_with(&format!("AADSTS{number}: ")));
        assert_eq!(fields["state"], "s & t");
    }
    let bare = [("client_id", SPA), ("code_challenge", "")];
    let fields = back(&desk.authorize(&bare).await);
    assert!(fields["error_description"].starts_with("AADSTS9002325: "));
    let url = format!("{}/User.Read", desk.bench.tenant.base_url());
    assert_eq!(desk.authorize(&[("scope", &url)]).await.status(), 200);
}

#[tokio::test]
async fn the_page_can_be_answered_once_and_in_time() {
    let mut desk = desk().await;
    let ola = desk.ola.clone();
    let page = desk.authorize(&[]).await.text().await.unwrap();
    let token = form_token(&page);
    let choice = [("token", token.as_str()), ("person", &ola)];
    back(&desk.post(&choice).await);
    for choice in [&choice[..], &[("token", "mine"), ("person", &ola)], &[("person", &ola)]] {
        let response = desk.post(choice).await;
        assert_eq!(response.status(), 400);
        assert!(response.text().await.unwrap().contains("AADSTS165000"));
    }
    let again = [("prompt", "login")];
    let late = form_token(&desk.authorize(&again).await.text().await.unwrap());
    desk.bench.clock.advance(3600);
    assert_eq!(desk.post(&[("token", &late), ("person", &ola)]).await.status(), 400);

    let page = desk.authorize(&again).await.text().await.unwrap();
    let cancel = [("token", form_token(&page)), ("cancel", "1".to_owned())];
    let cancel = cancel.each_ref().map(|(name, value)| (*name, value.as_str()));
    assert_eq!(back(&desk.post(&cancel).await)["error"], "access_denied");
}

#[tokio::test]
async fn who_may_not_sign_in_is_told_why_and_can_choose_again() {
    let mut desk = desk().await;
    let ada = desk.ada.clone();
    desk.bench.tenant.update_user(&ada, json!({ "accountEnabled": false })).unwrap();
    let refused = async |desk: &mut Desk, person: &str, changes: &[(&str, &str)], number: u32| {
        let response = desk.choose(person, changes).await;
        assert_eq!(response.status(), 400);
        let page = response.text().await.unwrap();
        assert!(page.contains(&format!("<p role=\"alert\">AADSTS{number}: ")), "{page}");
        assert!(desk.cookie.is_empty(), "no session begins");
        form_token(&page)
    };
    let page = desk.authorize(&[]).await.text().await.unwrap();
    assert!(page.contains("guest, accepts the invitation by signing in, blocked"));
    refused(&mut desk, &ada, &[], 50_057).await;
    refused(&mut desk, "nobody", &[], 50_034).await;
    desk.bench.tenant.update_user(&ada, json!({ "accountEnabled": true })).unwrap();
    let closed = [("client_id", CLOSED)];
    let token = refused(&mut desk, &ada, &closed, 50_105).await;
    let address = "ola@CONTOSO.onmicrosoft.com";
    back(&desk.post(&[("token", &token), ("person", &ada), ("address", address)]).await);

    desk.choose(&ada, &[("prompt", "login")]).await;
    let silent = [("client_id", CLOSED), ("prompt", "none")];
    assert_eq!(back(&desk.authorize(&silent).await)["error"], "access_denied");
    assert_eq!(desk.authorize(&closed).await.status(), 400, "not assigned, with a session");
    desk.bench.tenant.assign(CLOSED, &ada).unwrap();
    let nobody = desk.bench.tenant.assign("nobody", &ada);
    assert_eq!(nobody, Err(StateError::NoApp("nobody".to_owned())));
    assert!(back(&desk.authorize(&silent).await).contains_key("code"));
}

#[tokio::test]
async fn a_code_works_once_for_its_client_address_and_verifier() {
    let mut desk = desk().await;
    let code = desk.code(&desk.ola.clone(), &[]).await;
    let wrong = "aBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    desk.refused("mine", &[], "invalid_request", 9_002_313).await;
    desk.refused("", &[], "invalid_request", 900_144).await;
    desk.refused(&code, &[("client_secret", "wrong")], "invalid_client", 7_000_215).await;
    desk.refused(&code, &[("client_secret", "")], "invalid_client", 7_000_218).await;
    desk.refused(&code, &[("client_id", OTHER)], "invalid_grant", 70_000).await;
    let elsewhere = [("redirect_uri", "https://portal.example/bye")];
    desk.refused(&code, &elsewhere, "invalid_client", 50_011).await;
    desk.refused(&code, &[("code_verifier", wrong)], "invalid_grant", 501_481).await;
    desk.refused(&code, &[("code_verifier", "")], "invalid_grant", 501_481).await;
    assert_eq!(desk.redeem(&code, &[]).await.0, 200);
    desk.refused(&code, &[], "invalid_grant", 54_005).await;

    let again = [("prompt", "login")];
    let late = desk.code(&desk.ola.clone(), &again).await;
    desk.bench.clock.advance(600);
    desk.refused(&late, &[], "invalid_grant", 70_008).await;
    let bare = [("code_challenge", ""), ("prompt", "login")];
    let bare = desk.code(&desk.ola.clone(), &bare).await;
    desk.refused(&bare, &[], "invalid_grant", 501_481).await;
    assert_eq!(desk.redeem(&bare, &[("code_verifier", "")]).await.0, 200);
    let gone = desk.code(&desk.ada.clone(), &again).await;
    desk.bench.tenant.delete_user(&desk.ada).unwrap();
    desk.refused(&gone, &[], "invalid_grant", 50_034).await;
}

#[tokio::test]
async fn a_public_client_needs_the_verifier_and_must_not_have_a_secret() {
    let mut desk = desk().await;
    let code = desk.code(&desk.ada.clone(), &[("client_id", SPA)]).await;
    let public = ("client_id", SPA);
    desk.refused(&code, &[public], "invalid_client", 700_025).await;
    let (status, tokens) = desk.redeem(&code, &[public, ("client_secret", "")]).await;
    assert_eq!(status, 200, "{tokens}");
    let token = tokens["refresh_token"].as_str().unwrap();
    assert_eq!(desk.refresh(token, &[public, ("client_secret", "")]).await.0, 200);
    assert_eq!(claims_of(tokens["access_token"].as_str().unwrap())["appidacr"], "0");
}

#[tokio::test]
async fn an_application_cannot_register_what_is_no_address() {
    for (redirect_uri, logout_url) in [
        ("portal.example/signed-in", None),
        ("https://portal.example/#there", None),
        ("https://portal.example/", Some("http://portal.example/ended")),
    ] {
        let clock = Arc::new(TestClock(AtomicI64::new(1_795_521_600)));
        let mut options = TenantOptions::new(clock);
        options.apps.push(AppOptions {
            client_id: WEB.to_owned(),
            redirect_uris: vec![redirect_uri.to_owned()],
            logout_url: logout_url.map(str::to_owned),
            ..AppOptions::default()
        });
        let started = Tenant::start(options).await;
        assert!(matches!(started, Err(TenantError::AppUrl { .. })), "{redirect_uri}");
    }
}

#[tokio::test]
async fn a_refresh_token_is_renewed_with_every_use_until_the_person_may_not() {
    let mut desk = desk().await;
    let first = desk.tokens(&desk.ada.clone()).await;
    let token = first["refresh_token"].as_str().unwrap();
    desk.bench.clock.advance(89 * DAY_SECONDS);
    let (status, second) = desk.refresh(token, &[]).await;
    assert_eq!(status, 200, "{second}");
    let claims = claims_of(second["id_token"].as_str().unwrap());
    assert_eq!(claims["oid"], desk.ada.as_str());
    assert!(claims.get("nonce").is_none());
    let next = second["refresh_token"].as_str().unwrap();
    assert_ne!(next, token);
    let (status, body) = desk.refresh(next, &[("client_id", OTHER)]).await;
    check_refusal((status, &body), "invalid_grant", 70_000);
    let (status, body) = desk.refresh("mine", &[]).await;
    check_refusal((status, &body), "invalid_request", 9_002_313);
    desk.bench.clock.advance(DAY_SECONDS);
    let (status, body) = desk.refresh(token, &[]).await;
    check_refusal((status, &body), "invalid_grant", 700_082);
    assert_eq!(desk.refresh(next, &[]).await.0, 200, "its life began with it");
    desk.bench.tenant.update_user(&desk.ada, json!({ "accountEnabled": false })).unwrap();
    let (status, body) = desk.refresh(next, &[]).await;
    check_refusal((status, &body), "invalid_grant", 50_057);
}
