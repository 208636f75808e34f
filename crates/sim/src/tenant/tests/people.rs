//! Sign-in of people over the wire, as a browser and an application go through it.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use net::{Response, Url};
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::*;

mod refusals;

const WEB: &str = "0dc4c140-0000-4000-8000-0000000000a1";
const OTHER: &str = "0dc4c140-0000-4000-8000-0000000000a2";
const SPA: &str = "0dc4c140-0000-4000-8000-0000000000a3";
const CLOSED: &str = "0dc4c140-0000-4000-8000-0000000000a4";
const BACK: &str = "https://portal.example/signed-in?from=tenant";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const SCOPE: &str = "openid profile email offline_access User.Read";

/// A browser and the applications behind it.
struct Desk {
    bench: Bench,
    cookie: String,
    ada: String,
    ola: String,
}

async fn desk() -> Desk {
    let app = |id: &str| AppOptions {
        client_id: id.to_owned(),
        secrets: vec![AppSecret::lasting(SECRET)],
        redirect_uris: vec![BACK.to_owned(), "https://portal.example/bye".to_owned()],
        ..AppOptions::default()
    };
    let bench = bench_with(|o| {
        o.control = true;
        o.apps.push(AppOptions {
            logout_url: Some("https://portal.example/ended?x=1".to_owned()),
            ..app(WEB)
        });
        o.apps.push(app(OTHER));
        o.apps.push(AppOptions { public: true, secrets: vec![], ..app(SPA) });
        let assigned_users = vec!["OLA@contoso.onmicrosoft.com".to_owned()];
        o.apps.push(AppOptions { assignment_required: true, assigned_users, ..app(CLOSED) });
    });
    let bench = bench.await;
    let ada = bench.tenant.invite("Ada Lind", "ada@treyresearch.example").unwrap();
    let ola = bench.tenant.add_member("Ola Nord", "ola").unwrap();
    Desk { bench, cookie: String::new(), ada, ola }
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, VERIFIER.as_bytes()))
}

fn changed<'a>(
    base: &[(&'a str, &'a str)],
    changes: &[(&'a str, &'a str)],
) -> BTreeMap<&'a str, &'a str> {
    let mut all: BTreeMap<_, _> = base.iter().chain(changes).copied().collect();
    all.retain(|_, value| !value.is_empty());
    all
}

/// What a redirect brings back.
fn back(response: &Response) -> BTreeMap<String, String> {
    assert_eq!(response.status(), 302, "a redirect");
    let url = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert!(url.as_str().starts_with("https://portal.example/signed-in?from=tenant&"), "{url}");
    url.query_pairs().into_owned().collect()
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}"));
    rest.split_once(after).unwrap().0
}

fn form_token(page: &str) -> String {
    between(page, "name=\"token\" value=\"", "\"").to_owned()
}

fn claims_of(token: &str) -> Value {
    let part = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

impl Desk {
    fn endpoint(&self, name: &str) -> String {
        self.bench.url(&format!("/{}/oauth2/v2.0/{name}", self.bench.tenant.tenant_id()))
    }

    /// An authorization request that is right but for `changes`.
    async fn authorize(&self, changes: &[(&str, &str)]) -> Response {
        let challenge = challenge();
        let base = [
            ("client_id", WEB),
            ("response_type", "code"),
            ("redirect_uri", BACK),
            ("scope", SCOPE),
            ("state", "s & t"),
            ("nonce", "n-1"),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        let url = Url::parse_with_params(&self.endpoint("authorize"), changed(&base, changes));
        let request = self.bench.client.get(url.unwrap()).header("cookie", &self.cookie);
        request.send().await.unwrap()
    }

    async fn post(&mut self, fields: &[(&str, &str)]) -> Response {
        let request = self.bench.client.post(self.endpoint("login")).form(fields);
        let response = request.header("cookie", &self.cookie).send().await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            assert!(cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=None"), "{cookie}");
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        response
    }

    /// Chooses `person` on a page that was asked for with `changes`.
    async fn choose(&mut self, person: &str, changes: &[(&str, &str)]) -> Response {
        let page = self.authorize(changes).await.text().await.unwrap();
        let token = form_token(&page);
        self.post(&[("token", &token), ("person", person)]).await
    }

    async fn code(&mut self, person: &str, changes: &[(&str, &str)]) -> String {
        let fields = back(&self.choose(person, changes).await);
        assert_eq!(fields.get("state").map(String::as_str), Some("s & t"));
        fields["code"].clone()
    }

    async fn redeem(&self, code: &str, changes: &[(&str, &str)]) -> (u16, Value) {
        let base = [
            ("grant_type", "authorization_code"),
            ("client_id", WEB),
            ("client_secret", SECRET),
            ("code", code),
            ("redirect_uri", BACK),
            ("code_verifier", VERIFIER),
        ];
        let request = self.bench.client.post(self.endpoint("token"));
        answer(request.form(&changed(&base, changes))).await
    }

    async fn refresh(&self, token: &str, changes: &[(&str, &str)]) -> (u16, Value) {
        let base = [
            ("grant_type", "refresh_token"),
            ("client_id", WEB),
            ("client_secret", SECRET),
            ("refresh_token", token),
        ];
        let request = self.bench.client.post(self.endpoint("token"));
        answer(request.form(&changed(&base, changes))).await
    }

    async fn refused(&self, code: &str, changes: &[(&str, &str)], error: &str, number: u32) {
        let (status, body) = self.redeem(code, changes).await;
        check_refusal((status, &body), error, number);
    }

    async fn tokens(&mut self, person: &str) -> Value {
        let code = self.code(person, &[]).await;
        let (status, body) = self.redeem(&code, &[]).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// An id token of whoever is signed in.
    async fn id_token(&self) -> String {
        let fields = back(&self.authorize(&[("prompt", "none")]).await);
        let (_, tokens) = self.redeem(&fields["code"], &[]).await;
        tokens["id_token"].as_str().unwrap().to_owned()
    }

    /// The claims of a token that one of the published keys signed; `None` when none did.
    async fn verified(&self, token: &str) -> Option<Value> {
        let url = format!("/{}/discovery/v2.0/keys", self.bench.tenant.tenant_id());
        let keys = self.bench.page(&url).await;
        let keys = keys["keys"].as_array().unwrap();
        assert_eq!(keys.len(), 2);
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let (input, signature) = token.rsplit_once('.').unwrap();
        let header: Value =
            serde_json::from_slice(&decode(input.split('.').next().unwrap())).unwrap();
        assert_eq!(header["alg"], "RS256");
        let key = keys.iter().find(|k| k["kid"] == header["kid"])?;
        let part = |name: &str| decode(key[name].as_str().unwrap());
        let public = RsaPublicKeyComponents { n: part("n"), e: part("e") };
        let signature = decode(signature);
        public.verify(&RSA_PKCS1_2048_8192_SHA256, input.as_bytes(), &signature).unwrap();
        Some(claims_of(token))
    }
}

fn check_refusal((status, body): (u16, &Value), error: &str, number: u32) {
    assert_eq!((&body["error"], &body["error_codes"]), (&json!(error), &json!([number])));
    assert_eq!(status, if error == "invalid_client" && number != 50_011 { 401 } else { 400 });
}

#[tokio::test]
async fn the_page_is_plain_labelled_and_escapes_names() {
    let desk = desk().await;
    let evil = desk.bench.tenant.invite("<script>alert('x')</script>&\"", "eve@fabrikam.example");
    let hint = "Eve@Fabrikam.example";
    let response = desk.authorize(&[("login_hint", hint)]).await;
    assert_eq!(response.status(), 200);
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(policy.ends_with("; form-action 'self' https://portal.example"), "{policy}");
    let page = response.text().await.unwrap();
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"));
    for part in ["<html lang=\"en\">", "<title>Sign in</title>", "<h1>Sign in to contoso", "<h2>"] {
        assert!(page.contains(part), "{part}");
    }
    let ids = page.matches("<input type=\"radio\"").count();
    assert_eq!((ids, page.matches("<label for=").count()), (3, 4));
    let picked = format!("id=\"person-0\" value=\"{}\" checked", evil.unwrap());
    assert!(page.contains(&picked), "the hint picks: {page}");
    assert!(page.contains("ola@contoso.onmicrosoft.com, member"));
    assert!(page.contains("ada@treyresearch.example, guest, accepts the invitation"));
}

#[tokio::test]
async fn a_guest_signs_in_with_the_claims_of_a_guest() {
    let mut desk = desk().await;
    let ada = desk.ada.clone();
    let tokens = desk.tokens(&ada).await;
    assert_eq!(tokens["scope"], "openid profile email User.Read");
    let claims = desk.verified(tokens["id_token"].as_str().unwrap()).await.unwrap();
    let tenant = desk.bench.tenant.tenant_id();
    let issuer = format!("{}/{tenant}/v2.0", desk.bench.tenant.base_url());
    let now = desk.bench.clock.now().seconds();
    for (name, value) in [
        ("iss", json!(issuer)),
        ("aud", json!(WEB)),
        ("tid", json!(tenant)),
        ("oid", json!(ada)),
        ("nonce", json!("n-1")),
        ("name", json!("Ada Lind")),
        ("preferred_username", json!("ada@treyresearch.example")),
        ("email", json!("ada@treyresearch.example")),
        ("acct", json!(1)),
        ("ver", json!("2.0")),
        ("iat", json!(now)),
        ("exp", json!(now + 3599)),
    ] {
        assert_eq!(claims[name], value, "{name}");
    }
    let home = between(claims["idp"].as_str().unwrap(), "https://sts.windows.net/", "/");
    assert_ne!(home, tenant);
    let info = URL_SAFE_NO_PAD.decode(tokens["client_info"].as_str().unwrap()).unwrap();
    let info: Value = serde_json::from_slice(&info).unwrap();
    assert_eq!(info, json!({ "uid": ada, "utid": home }));
    let user = desk.bench.tenant.users().into_iter().find(|u| u["id"] == ada.as_str()).unwrap();
    assert_eq!(user["externalUserState"], "Accepted", "signing in accepts the invitation");
    assert_eq!(user["identities"][0]["issuer"], "ExternalAzureAD");
}

#[tokio::test]
async fn other_identity_providers_are_named_as_they_are() {
    let mut desk = desk().await;
    for (issuer, provider) in [("MicrosoftAccount", "live.com"), ("mail", "mail")] {
        let identity = json!({ "signInType": "federated", "issuer": issuer });
        desk.bench.tenant.update_user(&desk.ada, json!({ "identities": [identity] })).unwrap();
        let code = desk.code(&desk.ada.clone(), &[("prompt", "login"), ("scope", "openid")]).await;
        let (_, tokens) = desk.redeem(&code, &[]).await;
        let claims = claims_of(tokens["id_token"].as_str().unwrap());
        assert_eq!(claims["idp"], provider);
        assert_eq!(claims["email"], "ada@treyresearch.example", "of guests without asking");
        assert!(claims.get("name").is_none() && tokens.get("refresh_token").is_none());
    }
}

#[tokio::test]
async fn a_member_signs_in_and_each_application_knows_another_subject() {
    let mut desk = desk().await;
    let ola = desk.ola.clone();
    let code = desk.code(&ola, &[("scope", "openid profile offline_access")]).await;
    let (_, tokens) = desk.redeem(&code, &[]).await;
    let claims = claims_of(tokens["id_token"].as_str().unwrap());
    assert_eq!(claims["preferred_username"], "ola@contoso.onmicrosoft.com");
    assert_eq!(claims["acct"], 0);
    assert!(claims.get("idp").is_none() && claims.get("email").is_none());

    let fields = back(&desk.authorize(&[("client_id", OTHER), ("prompt", "none")]).await);
    let (_, other) = desk.redeem(&fields["code"], &[("client_id", OTHER)]).await;
    let others = claims_of(other["id_token"].as_str().unwrap());
    assert_ne!(others["sub"], claims["sub"]);
    assert_eq!((&others["oid"], &others["sid"]), (&claims["oid"], &claims["sid"]));
    assert_eq!(claims_of(&desk.id_token().await)["sub"], claims["sub"]);
}

#[tokio::test]
async fn userinfo_says_no_more_than_the_scopes_allow() {
    let mut desk = desk().await;
    let tokens = desk.tokens(&desk.ola.clone()).await;
    let subject = claims_of(tokens["id_token"].as_str().unwrap())["sub"].clone();
    let app_token = std::mem::replace(
        &mut desk.bench.token,
        tokens["access_token"].as_str().unwrap().to_owned(),
    );
    let info = desk.bench.page("/oidc/userinfo").await;
    let expected =
        json!({ "sub": subject, "name": "Ola Nord", "email": "ola@contoso.onmicrosoft.com" });
    assert_eq!(info, expected);
    assert_eq!(desk.bench.get("/v1.0/users").await.0, 403, "people are not applications");
    desk.bench.token = app_token;
    assert_eq!(desk.bench.get("/oidc/userinfo").await.0, 403, "applications are not people");
    desk.bench.token = tokens["access_token"].as_str().unwrap().to_owned();
    desk.bench.tenant.delete_user(&desk.ola).unwrap();
    assert_eq!(desk.bench.get("/oidc/userinfo").await.0, 401);
}

#[tokio::test]
async fn a_second_sign_in_is_silent_unless_the_request_forbids_it() {
    let mut desk = desk().await;
    let response = desk.authorize(&[("prompt", "none")]).await;
    assert_eq!(back(&response)["error"], "login_required");
    desk.code(&desk.ola.clone(), &[]).await;
    for (changes, is_silent) in [
        (&[][..], true),
        (&[("prompt", "none")], true),
        (&[("client_id", OTHER)], true),
        (&[("login_hint", "ola@contoso.onmicrosoft.com")], true),
        (&[("login_hint", "ada@treyresearch.example")], false),
        (&[("prompt", "login")], false),
        (&[("prompt", "select_account")], false),
    ] {
        let status = desk.authorize(changes).await.status().as_u16();
        assert_eq!(status, if is_silent { 302 } else { 200 }, "{changes:?}");
    }
    let hint = [("prompt", "none"), ("login_hint", "ada@treyresearch.example")];
    assert_eq!(back(&desk.authorize(&hint).await)["error"], "login_required");
    let block = |is_on: bool| json!({ "accountEnabled": is_on });
    desk.bench.tenant.update_user(&desk.ola, block(false)).unwrap();
    assert_eq!(desk.authorize(&[]).await.status(), 200, "a blocked person is asked again");
    desk.bench.tenant.update_user(&desk.ola, block(true)).unwrap();
    desk.code(&desk.ada.clone(), &[("prompt", "login")]).await;
    let pending = json!({ "externalUserState": "PendingAcceptance" });
    desk.bench.tenant.update_user(&desk.ada, pending).unwrap();
    assert_eq!(desk.authorize(&[]).await.status(), 200, "an invitation is accepted on the page");
    desk.code(&desk.ola.clone(), &[]).await;
    desk.bench.clock.advance(DAY_SECONDS);
    assert_eq!(desk.authorize(&[]).await.status(), 200, "sessions end");
}

#[tokio::test]
async fn the_answer_comes_back_the_way_it_was_asked_for() {
    let mut desk = desk().await;
    let asked = [("response_mode", "form_post"), ("client_info", "1"), ("state", "<\"s&\">")];
    let page = desk.choose(&desk.ada.clone(), &asked).await;
    let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("form-action https://portal.example; script-src 'sha256-"), "{policy}");
    let page = page.text().await.unwrap();
    assert!(page.contains(&format!("<form method=\"post\" action=\"{BACK}\">")), "{page}");
    assert!(page.contains("name=\"state\" value=\"&lt;&quot;s&amp;&quot;&gt;\""));
    assert!(page.contains("name=\"client_info\" value=\"") && page.contains("\"session_state\""));
    let code = between(&page, "name=\"code\" value=\"", "\"");
    assert_eq!(desk.redeem(code, &[]).await.0, 200);

    let response = desk.authorize(&[("response_mode", "fragment"), ("prompt", "none")]).await;
    let url = Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
    assert_eq!(url.query(), Some("from=tenant"));
    assert!(url.fragment().unwrap().starts_with("code="));
    assert!(url.fragment().unwrap().ends_with("&state=s+%26+t"));
}

#[tokio::test]
async fn a_rotated_key_stays_for_one_round() {
    let mut desk = desk().await;
    let tokens = desk.tokens(&desk.ola.clone()).await;
    let old = tokens["id_token"].as_str().unwrap();
    desk.bench.tenant.rotate_keys().await.unwrap();
    let new = desk.id_token().await;
    assert!(desk.verified(old).await.is_some());
    assert!(desk.verified(&new).await.is_some());
    desk.bench.page("/v1.0/users").await;
    let rotate = desk.bench.client.post(desk.bench.url("/_sim/keys/rotate"));
    assert_eq!(answer(rotate).await.0, 204);
    assert!(desk.verified(old).await.is_none());
    assert!(desk.verified(&new).await.is_some());
    assert_eq!(desk.bench.get("/v1.0/users").await.0, 401);
}

#[tokio::test]
async fn signing_out_ends_the_session_tells_applications_and_leads_to_known_places_only() {
    let mut desk = desk().await;
    let bye = "https://portal.example/bye";
    let leave = async |desk: &Desk, next: &str| {
        let parameters = [("post_logout_redirect_uri", next), ("state", "x y")];
        let url = Url::parse_with_params(&desk.endpoint("logout"), parameters).unwrap();
        let response = desk.bench.client.get(url).header("cookie", &desk.cookie).send().await;
        let response = response.unwrap();
        let cookie = response.headers()["set-cookie"].to_str().unwrap();
        assert!(cookie.ends_with("; Max-Age=0"), "{cookie}");
        response
    };
    let tokens = desk.tokens(&desk.ola.clone()).await;
    let claims = claims_of(tokens["id_token"].as_str().unwrap());
    let again = [("client_id", OTHER), ("prompt", "login")];
    desk.code(&desk.ola.clone(), &again).await;
    let response = leave(&desk, bye).await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["refresh"], "2; url=https://portal.example/bye?state=x+y");
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    assert!(policy.ends_with("frame-src https://portal.example"), "{policy}");
    let page = response.text().await.unwrap();
    assert!(page.contains("href=\"https://portal.example/bye?state=x+y\""));
    assert_eq!(page.matches("<iframe").count(), 1, "only one has a logout URL");
    let frame = between(&page, "<iframe src=\"", "\"").replace("&amp;", "&");
    let frame = Url::parse(&frame).unwrap();
    let told: BTreeMap<_, _> = frame.query_pairs().into_owned().collect();
    assert_eq!(told["x"], "1");
    assert_eq!(
        (json!(told["iss"]), json!(told["sid"])),
        (claims["iss"].clone(), claims["sid"].clone())
    );
    assert_eq!(desk.authorize(&[]).await.status(), 200, "the session is over");

    let response = leave(&desk, bye).await;
    assert_eq!(response.headers()["location"], "https://portal.example/bye?state=x+y");
    for unknown in ["https://elsewhere.example/", "", "https://portal.example/bye2"] {
        let response = leave(&desk, unknown).await;
        assert_eq!(response.status(), 200);
        assert!(response.headers().get("refresh").is_none());
        let page = response.text().await.unwrap();
        assert!(page.contains("You are signed out") && !page.contains("href"), "{page}");
    }
}

#[tokio::test]
async fn the_metadata_names_every_endpoint_of_sign_in() {
    let desk = desk().await;
    let url = format!("/{}/v2.0/.well-known/openid-configuration", desk.bench.tenant.tenant_id());
    let metadata = desk.bench.page(&url).await;
    assert_eq!(metadata["authorization_endpoint"], desk.endpoint("authorize"));
    assert_eq!(metadata["end_session_endpoint"], desk.endpoint("logout"));
    assert_eq!(metadata["userinfo_endpoint"], desk.bench.url("/oidc/userinfo"));
    assert_eq!(metadata["frontchannel_logout_supported"], true);

    let keys = desk.bench.page(metadata["jwks_uri"].as_str().unwrap()).await;
    for key in keys["keys"].as_array().unwrap() {
        let certificate = STANDARD.decode(key["x5c"][0].as_str().unwrap()).unwrap();
        let sha1 = digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate);
        assert_eq!(key["x5t"], URL_SAFE_NO_PAD.encode(sha1));
        let (_, certificate) = X509Certificate::from_der(&certificate).unwrap();
        let modulus = URL_SAFE_NO_PAD.decode(key["n"].as_str().unwrap()).unwrap();
        let public = certificate.public_key().subject_public_key.data.to_vec();
        assert!(public.windows(modulus.len()).any(|part| part == modulus));
    }
}

#[tokio::test]
async fn an_application_can_be_registered_while_the_tenant_runs() {
    let mut desk = desk().await;
    let put = async |desk: &Desk, app: &str, body: Value| {
        let url = desk.bench.url(&format!("/_sim/apps/{app}"));
        answer(desk.bench.client.put(url).json(&body)).await.0
    };
    let good = json!({ "redirect_uris": [BACK], "public": true });
    assert_eq!(put(&desk, "nobody", good.clone()).await, 404);
    assert_eq!(put(&desk, APP, json!({ "redirect_uris": ["here"] })).await, 400);
    assert_eq!(put(&desk, APP, json!({ "redirect_uris": [], "secret": "x" })).await, 422);
    assert_eq!(put(&desk, APP, good).await, 204);
    let code = desk.code(&desk.ola.clone(), &[("client_id", APP)]).await;
    assert_eq!(desk.redeem(&code, &[("client_id", APP), ("client_secret", "")]).await.0, 200);
}
