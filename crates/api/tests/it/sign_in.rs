//! Signing in by password, ticket, assertion and token; sessions; requests from other sites.

use axum::body::Body;
use axum::http::Request;
use model::{AttributeChange, Changes, Name, Value, Values};
use serde_json::json;

use crate::world::{Answer, PASSWORD, World, config, person_id, sid, ticket};

async fn session(world: &World, headers: &[(&str, &str)]) -> Answer {
    world.call("GET", "/api/v1/session", headers, None).await
}

fn name(answer: &Answer) -> String {
    answer.json()["name"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn the_local_administrator_signs_in_and_out() {
    let world = World::new().await;
    let answer = world.sign_in(PASSWORD).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    insta::assert_json_snapshot!(answer.json());
    let set = answer.header("set-cookie");
    assert!(set.starts_with("proxeny=") && set.ends_with("; Path=/; HttpOnly; SameSite=Lax"));
    let cookie = answer.cookie();
    assert_eq!(name(&session(&world, &[("cookie", &cookie)]).await), "Administrator");
    let me = world.call("GET", "/api/v1/me", &[("cookie", &cookie)], None).await.json();
    assert_eq!(me["session"]["method"], "password");

    let out = world.call("DELETE", "/api/v1/session", &[("cookie", &cookie)], None).await;
    assert_eq!((out.status.as_u16(), out.body.len()), (204, 0));
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(session(&world, &[("cookie", &cookie)]).await.status, 401);
}

#[tokio::test]
async fn over_tls_the_cookie_belongs_to_this_host_alone() {
    let certificate = rules::ServerCertificate {
        certificate: "portal.pem".into(),
        key: connector::SecretSource::Env("KEY".to_owned()),
    };
    let config = rules::ApiConfig { tls: Some(certificate), ..config() };
    let world = World::with(config, true).await;
    let answer = world.sign_in(PASSWORD).await;
    let set = answer.header("set-cookie");
    assert!(set.starts_with("__Host-proxeny=") && set.ends_with("; SameSite=Lax; Secure"), "{set}");
    assert_eq!(answer.header("strict-transport-security"), "max-age=31536000");
    let cookie = answer.cookie();
    assert_eq!(session(&world, &[("cookie", &cookie)]).await.status, 200);
    let plain = cookie.replace("__Host-", "");
    assert_eq!(session(&world, &[("cookie", &plain)]).await.status, 401);
}

#[tokio::test]
async fn wrong_passwords_and_unknown_accounts_look_the_same_and_are_held_up() {
    let world = World::new().await;
    let unknown = json!({"account": "nobody", "password": "x"});
    let unknown = world.call("POST", "/api/v1/session", &[], Some(unknown)).await;
    let wrong = world.sign_in("x").await;
    assert_eq!((wrong.status, wrong.json()), (unknown.status, unknown.json()));
    insta::assert_json_snapshot!(wrong.json());
    for _ in 0..9 {
        assert_eq!(world.sign_in("x").await.code(), "API-0102");
    }
    let held_up = world.sign_in(PASSWORD).await;
    assert_eq!((held_up.status.as_u16(), held_up.code().as_str()), (429, "API-0103"));
    assert_eq!(held_up.header("retry-after"), "60");
    world.clock.forward(60);
    assert_eq!(world.sign_in(PASSWORD).await.status, 201);
}

#[tokio::test]
async fn sessions_end_when_they_are_idle_old_or_revoked() {
    let world = World::new().await;
    let cookie = world.sign_in(PASSWORD).await.cookie();
    let cookie = [("cookie", cookie.as_str())];
    for _ in 0..6 {
        world.clock.forward(599);
        assert_eq!(session(&world, &cookie).await.status, 200);
    }
    world.clock.forward(6);
    assert_eq!(session(&world, &cookie).await.status, 401, "an hour is over");

    let idle = world.sign_in(PASSWORD).await.cookie();
    world.clock.forward(600);
    assert_eq!(session(&world, &[("cookie", &idle)]).await.status, 401);

    let cookie = session(&world, &[("authorization", &ticket(1101))]).await.cookie();
    assert_eq!(session(&world, &[("cookie", &cookie)]).await.status, 200);
    world.api.revoke_person(person_id(1101));
    assert_eq!(session(&world, &[("cookie", &cookie)]).await.status, 401);
}

#[tokio::test]
async fn what_a_person_may_do_follows_the_person() {
    let world = World::new().await;
    let cookie = session(&world, &[("authorization", &ticket(1101))]).await.cookie();
    let cookie = [("cookie", cookie.as_str())];
    assert_eq!(world.call("GET", "/api/v1/people", &cookie, None).await.status, 200);
    let guest = AttributeChange::Set(Values::one("Guest"));
    let changes = Changes::from([(Name::new("UserType"), guest)]);
    world.service.modify(person_id(1101), &changes).await.unwrap();
    assert_eq!(world.call("GET", "/api/v1/people", &cookie, None).await.status, 404);
    world.service.delete(person_id(1101)).await.unwrap();
    assert_eq!(session(&world, &cookie).await.status, 401);
}

#[tokio::test]
async fn a_ticket_opens_a_session_and_another_persons_ticket_replaces_it() {
    let world = World::new().await;
    let first = session(&world, &[("authorization", &ticket(1101))]).await;
    assert_eq!(first.header("www-authenticate"), "Negotiate d2VsY29tZQ==");
    insta::assert_json_snapshot!(first.json());
    let cookie = first.cookie();
    assert_eq!(name(&session(&world, &[("cookie", &cookie)]).await), "Anna Berg");

    let anna = ticket(1101);
    let again = session(&world, &[("cookie", &cookie), ("authorization", &anna)]).await;
    assert_eq!((name(&again).as_str(), again.header("set-cookie")), ("Anna Berg", ""));

    let otto = ticket(1103);
    let other = session(&world, &[("cookie", &cookie), ("authorization", &otto)]).await;
    assert_eq!(name(&other), "Otto Ops");
    assert_ne!(other.cookie(), cookie);
    assert_eq!(session(&world, &[("cookie", &cookie)]).await.status, 401, "the old one is over");
    assert_eq!(name(&session(&world, &[("cookie", &other.cookie())]).await), "Otto Ops");
}

#[tokio::test]
async fn a_local_session_is_not_the_persons_of_a_ticket() {
    let world = World::new().await;
    let cookie = world.sign_in(PASSWORD).await.cookie();
    let anna = ticket(1101);
    let answer = session(&world, &[("cookie", &cookie), ("authorization", &anna)]).await;
    assert_eq!(name(&answer), "Anna Berg");
    assert_eq!(session(&world, &[("cookie", &cookie)]).await.status, 401);
}

#[tokio::test]
async fn tickets_of_strangers_and_bad_tickets_are_refused_by_name() {
    let world = World::new().await;
    let negotiate = |octets: &[u8]| {
        use base64::Engine as _;
        format!("Negotiate {}", base64::engine::general_purpose::STANDARD.encode(octets))
    };
    let check = async |authorization: String, status: u16, code: &str| {
        let answer = session(&world, &[("authorization", &authorization)]).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (status, code));
        assert_eq!(answer.header("set-cookie"), "");
        answer
    };
    let stranger = check(ticket(9999), 403, "API-0105").await;
    insta::assert_json_snapshot!(stranger.json());
    assert!(!stranger.text().contains("S-1-5"), "the SID is for the log");
    check(negotiate(b"ticket:nobody@CONTOSO.COM"), 403, "API-0110").await;
    check(negotiate(b"junk"), 401, "API-0104").await;
    check("Negotiate not/base64!".to_owned(), 401, "API-0104").await;
    check("Basic YTpi".to_owned(), 401, "API-0104").await;
    let ntlm = check(negotiate(b"NTLMSSP\0\x01"), 401, "API-0106").await;
    insta::assert_json_snapshot!(ntlm.json());
    check("Bearer pxt_short".to_owned(), 401, "API-0111").await;
    check("nonsense".to_owned(), 401, "API-0111").await;
}

#[tokio::test]
async fn without_a_pac_account_and_realm_name_the_person() {
    let world = World::new().await;
    let anna = "Negotiate dGlja2V0OkFubmFAQ09OVE9TTy5DT00=";
    let answer = session(&world, &[("authorization", anna)]).await;
    assert_eq!(name(&answer), "Anna Berg", "ticket:Anna@CONTOSO.COM");
}

#[tokio::test]
async fn two_people_with_one_sid_are_nobody() {
    let world = World::new().await;
    let value = Values::one(Value::binary(&sid(1101).to_bytes()));
    let changes = Changes::from([(Name::new("ObjectSID"), AttributeChange::Set(value))]);
    world.service.modify(person_id(1103), &changes).await.unwrap();
    assert_eq!(world.get(1101, "/api/v1/session").await.code(), "API-0105");
}

#[tokio::test]
async fn browsers_are_asked_for_tickets_only_when_they_want_to_be() {
    let world = World::new().await;
    let ask = async |world: &World| {
        let path = "/api/v1/session?negotiate=true";
        let answer = world.call("GET", path, &[], None).await;
        (answer.status.as_u16(), answer.header("www-authenticate").to_owned())
    };
    assert_eq!(ask(&world).await, (401, "Negotiate".to_owned()));
    assert_eq!(session(&world, &[]).await.header("www-authenticate"), "");
    let without = World::with(config(), false).await;
    assert_eq!(ask(&without).await, (401, String::new()));
}

#[tokio::test]
async fn the_gateways_word_counts_only_where_it_is_configured() {
    let world = World::new().await;
    let good = format!("good:{}", sid(1102));
    let header = [("x-proxeny-assertion", good.as_str())];
    let answer = session(&world, &header).await;
    insta::assert_json_snapshot!(answer.json());
    let forged = session(&world, &[("x-proxeny-assertion", "evil")]).await;
    assert_eq!((forged.status.as_u16(), forged.code().as_str()), (401, "API-0109"));
    let twice = [("x-proxeny-assertion", good.as_str()), ("x-proxeny-assertion", good.as_str())];
    assert_eq!(session(&world, &twice).await.code(), "API-0109");
    let other =
        [("cookie", answer.cookie()), ("x-proxeny-assertion", format!("good:{}", sid(1101)))];
    let other: Vec<(&str, &str)> = other.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(name(&session(&world, &other).await), "Anna Berg");

    let without = World::with(config(), false).await;
    let ignored = session(&without, &header).await;
    assert_eq!((ignored.status.as_u16(), ignored.code().as_str()), (401, "API-0101"));
}

#[tokio::test]
async fn tokens_work_without_a_cookie_until_they_end() {
    let world = World::new().await;
    let admin = ticket(1105);
    let make = async |body: serde_json::Value| {
        world.call("POST", "/api/v1/tokens", &[("authorization", &admin)], Some(body)).await
    };
    let made = make(json!({"name": "ci", "roles": ["auditor"], "expiresInDays": 1})).await;
    let secret = made.json()["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("pxt_") && secret.len() == 47);
    for bad in [
        json!({"name": "CI", "roles": ["auditor"]}),
        json!({"name": "x", "roles": ["person"]}),
        json!({"name": "x", "roles": ["auditor"], "expiresInDays": 367}),
        json!({"name": "x\u{7}", "roles": ["auditor"]}),
        json!({"name": "x", "roles": ["auditor"], "more": 1}),
    ] {
        assert_eq!(make(bad).await.code(), "API-0203");
    }
    let list = world.call("GET", "/api/v1/tokens", &[("authorization", &admin)], None).await;
    assert!(!list.text().contains(&secret));

    let bearer = format!("Bearer {secret}");
    let cross = [("authorization", bearer.as_str()), ("sec-fetch-site", "cross-site")];
    let answer = session(&world, &cross).await;
    assert_eq!(
        (answer.json()["method"].as_str().unwrap(), answer.header("set-cookie")),
        ("token", "")
    );
    let used = world.call("GET", "/api/v1/tokens", &[("authorization", &admin)], None).await;
    assert_eq!(used.json()[0]["lastUsed"], "2027-01-15T08:00:00Z");
    let start = json!({"connector": "adma", "profile": "delta-sync"});
    let start = world.call("POST", "/api/v1/runs", &cross, Some(start)).await;
    assert_eq!(start.code(), "API-0107", "no check of the site, but of the role");
    world.clock.forward(86_400);
    assert_eq!(session(&world, &cross).await.code(), "API-0111");
}

#[tokio::test]
async fn changes_from_other_sites_are_refused() {
    let world = World::new().await;
    let cookie = world.sign_in(PASSWORD).await.cookie();
    let check = async |headers: &[(&str, &str)], status: u16| {
        let mut request = Request::delete("/api/v1/tokens/0c5e3c0a-12d3-4f56-8abc-000000000001");
        request = request.header("cookie", &cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = world.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
        if status == 403 {
            assert_eq!(answer.code(), "API-0108");
        }
    };
    check(&[("sec-fetch-site", "same-origin")], 404).await;
    check(&[("sec-fetch-site", "none")], 404).await;
    check(&[("origin", "http://127.0.0.1:8080")], 404).await;
    check(&[("origin", "https://portal.contoso.com")], 404).await;
    check(&[("sec-fetch-site", "cross-site"), ("origin", "https://portal.contoso.com")], 404).await;
    check(&[], 403).await;
    check(&[("sec-fetch-site", "cross-site")], 403).await;
    check(&[("sec-fetch-site", "same-site")], 403).await;
    check(&[("origin", "null")], 403).await;
    check(&[("origin", "https://portal.contoso.com.evil.example")], 403).await;
    check(&[("origin", "http://portal.contoso.com")], 403).await;
    check(&[("sec-fetch-site", "cross-site"), ("origin", "http://evil.example")], 403).await;
}

#[tokio::test]
async fn nobody_is_signed_in_from_another_site() {
    let world = World::new().await;
    let body = || json!({"account": "administrator", "password": PASSWORD});
    let cross = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    let answer = world.call("POST", "/api/v1/session", &cross, Some(body())).await;
    assert_eq!((answer.code().as_str(), answer.header("set-cookie")), ("API-0108", ""));
    let program = Request::post("/api/v1/session").header("content-type", "application/json");
    let answer = world.send(program.body(Body::from(body().to_string())).unwrap()).await;
    assert_eq!(answer.status, 201, "a program says nothing of sites");
}

#[tokio::test]
async fn the_first_administrator_is_made_once_with_a_password_that_works() {
    let world = World::new().await;
    let store = store::MemoryStore::default();
    let (random, clock) = (api::SystemRandom, world.clock.as_ref());
    let made = api::ensure_local_administrator(&store, &random, clock).await.unwrap();
    let (account, password) = made.unwrap();
    assert_eq!((account.as_str(), password.expose().len()), ("administrator", 24));
    assert!(api::ensure_local_administrator(&store, &random, clock).await.unwrap().is_none());
    let kind = store::CredentialKind::Password;
    let kept = store::AccessStore::credentials(&store, kind).await.unwrap().remove(0);
    assert_eq!(kept.iterations, 600_000);
    store::AccessStore::put_credential(world.store.as_ref(), kept).await.unwrap();
    assert_eq!(world.sign_in(password.expose()).await.status, 201);
    assert_eq!(world.sign_in(PASSWORD).await.status, 401);
}
