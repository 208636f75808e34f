//! The tenant over the wire.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use model::{Clock, Secret, Timestamp};
use net::{Client, RequestBuilder, TlsTrust, http_client};
use serde_json::{Value, json};

use super::*;

mod people;

const APP: &str = "0dc4c140-0000-4000-8000-000068babca0";
const READER: &str = "0dc4c140-0000-4000-8000-000000000001";
const SECRET: &str = "correct horse";
const DAY_SECONDS: i64 = 86_400;

struct TestClock(AtomicI64);

impl TestClock {
    fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_seconds(self.0.load(Ordering::SeqCst))
    }
}

struct Bench {
    tenant: TenantHandle,
    client: Client,
    clock: Arc<TestClock>,
    token: String,
}

async fn bench() -> Bench {
    bench_with(|_| {}).await
}

async fn bench_with(change: impl FnOnce(&mut TenantOptions)) -> Bench {
    let clock = Arc::new(TestClock(AtomicI64::new(1_795_521_600)));
    let mut options = TenantOptions::new(clock.clone());
    let past = clock.now().seconds() - 1;
    options.apps = vec![
        AppOptions {
            client_id: APP.to_owned(),
            secrets: vec![
                AppSecret::lasting(SECRET),
                AppSecret {
                    value: Secret::new("old".to_owned()),
                    expires: Some(Timestamp::from_seconds(past)),
                },
            ],
            certificates: vec![],
            roles: vec!["User.ReadWrite.All".to_owned(), "User.Invite.All".to_owned()],
            ..AppOptions::default()
        },
        AppOptions {
            client_id: READER.to_owned(),
            secrets: vec![AppSecret::lasting(SECRET)],
            certificates: vec![],
            roles: vec!["User.Invite.All".to_owned()],
            ..AppOptions::default()
        },
    ];
    change(&mut options);
    let tenant = Tenant::start(options).await.unwrap();
    let client = http_client(&TlsTrust::Bundle(tenant.ca_pem().into())).unwrap();
    let mut bench = Bench { tenant, client, clock, token: String::new() };
    bench.token = bench.sign_in(APP).await;
    bench
}

impl Bench {
    fn url(&self, path: &str) -> String {
        if path.starts_with("https:") {
            return path.to_owned();
        }
        format!("{}{path}", self.tenant.base_url())
    }

    async fn sign_in(&self, app: &str) -> String {
        let (status, body) = self.token(self.tenant.name(), &[("client_id", app)]).await;
        assert_eq!(status, 200, "{body}");
        body["access_token"].as_str().unwrap().to_owned()
    }

    /// A token request that is right but for `changes`; an empty value leaves the field out.
    async fn token(&self, tenant: &str, changes: &[(&str, &str)]) -> (u16, Value) {
        let scope = format!("{}/.default", self.tenant.base_url());
        let mut form = std::collections::BTreeMap::from([
            ("grant_type", "client_credentials"),
            ("client_id", APP),
            ("client_secret", SECRET),
            ("scope", &scope),
        ]);
        for (name, value) in changes {
            form.insert(name, value);
        }
        form.retain(|_, value| !value.is_empty());
        let url = self.url(&format!("/{tenant}/oauth2/v2.0/token"));
        answer(self.client.post(url).form(&form)).await
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.client.get(self.url(path)).bearer_auth(&self.token)).await
    }

    async fn page(&self, path: &str) -> Value {
        let (status, body) = self.get(path).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Every item of a list or delta round, and the delta link if there is one.
    async fn all(&self, path: &str) -> (Vec<Value>, String) {
        let (mut items, mut next) = (Vec::new(), self.url(path));
        loop {
            let body = self.page(&next).await;
            items.extend(body["value"].as_array().unwrap().iter().cloned());
            match body["@odata.nextLink"].as_str() {
                Some(link) => next = link.to_owned(),
                None => {
                    let link = body["@odata.deltaLink"].as_str().unwrap_or_default();
                    return (items, link.to_owned());
                }
            }
        }
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

fn code(body: &Value) -> &str {
    body["error"]["code"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_wrong_sign_in_gets_the_code_of_its_mistake() {
    let bench = bench().await;
    let name = bench.tenant.name();
    for (tenant, change, status, number) in [
        (name, ("client_secret", "wrong"), 401, 7_000_215),
        (name, ("client_secret", "old"), 401, 7_000_222),
        (name, ("client_secret", ""), 401, 7_000_218),
        (name, ("client_id", "0dc4c140-0000-4000-8000-ffffffffffff"), 400, 700_016),
        (name, ("client_id", ""), 400, 900_144),
        (name, ("grant_type", "password"), 400, 70_003),
        (name, ("scope", "User.Read.All"), 400, 70_011),
        (name, ("scope", "https://elsewhere.example/.default"), 400, 500_011),
        ("fabrikam.example", ("client_secret", SECRET), 400, 90_002),
    ] {
        let (got, body) = bench.token(tenant, &[change]).await;
        assert_eq!((got, &body["error_codes"]), (status, &json!([number])), "{change:?}");
        let text = body["error_description"].as_str().unwrap();
        assert!(text.starts_with(&format!("AADSTS{number}: ")), "{text}");
    }
}

#[tokio::test]
async fn the_published_metadata_leads_to_the_token_endpoint_and_keys() {
    let bench = bench().await;
    let (_, configuration) =
        bench.get("/contoso.onmicrosoft.com//v2.0/.well-known/openid-configuration").await;
    let endpoint =
        format!("{}/{}/oauth2/v2.0/token", bench.tenant.base_url(), bench.tenant.tenant_id());
    assert_eq!(configuration["token_endpoint"], json!(endpoint));
    let keys = bench.page(configuration["jwks_uri"].as_str().unwrap()).await;
    assert_eq!(keys["keys"][0]["kty"], "RSA");
    let instance = bench.page("/common/discovery/instance?api-version=1.1").await;
    assert!(instance["tenant_discovery_endpoint"].as_str().unwrap().ends_with("configuration"));
}

#[tokio::test]
async fn graph_wants_a_valid_token_with_the_right_permission() {
    let mut bench = bench().await;
    let good = bench.token.clone();
    bench.token = "a.b.c".to_owned();
    let (status, body) = bench.get("/v1.0/users").await;
    assert_eq!((status, code(&body)), (401, "InvalidAuthenticationToken"));
    bench.token = bench.sign_in(READER).await;
    let (status, body) = bench.get("/v1.0/users").await;
    assert_eq!((status, code(&body)), (403, "Authorization_RequestDenied"));
    bench.token = good;
    bench.page("/v1.0/users").await;
    bench.clock.advance(2 * 3600);
    let (status, body) = bench.get("/v1.0/users").await;
    assert_eq!((status, code(&body)), (401, "InvalidAuthenticationToken"));
}

#[tokio::test]
async fn a_token_of_another_tenant_is_refused() {
    let mut bench = bench().await;
    let other = bench_with(|o| o.tenant_id = "3c1a9e44-52b7-4f0d-9e61-0b7d5a6cb002".to_owned());
    let url = format!("{}/.default", "https://graph.microsoft.com");
    let other = other.await;
    let (_, body) = other.token(other.tenant.name(), &[("scope", &url)]).await;
    bench.token = body["access_token"].as_str().unwrap().to_owned();
    assert_eq!(bench.get("/v1.0/users").await.0, 401);
}

#[tokio::test]
async fn an_invited_guest_has_the_properties_of_one() {
    let bench = bench().await;
    let request = json!({
        "invitedUserDisplayName": "Ada Lind",
        "invitedUserEmailAddress": "ada@partner.example",
        "inviteRedirectUrl": "https://myapps.example",
    });
    let invite = || {
        let post = bench.client.post(bench.url("/v1.0/invitations"));
        answer(post.bearer_auth(&bench.token).json(&request))
    };
    let (status, body) = invite().await;
    assert_eq!(status, 201, "{body}");
    let id = body["invitedUser"]["id"].as_str().unwrap();
    let names = "id,userPrincipalName,userType,creationType,externalUserState,showInAddressList";
    let user = bench.page(&format!("/v1.0/users/{id}?$select={names},surname")).await;
    assert_eq!(user["userPrincipalName"], "ada_partner.example#EXT#@contoso.onmicrosoft.com");
    assert_eq!(user["userType"], "Guest");
    assert_eq!(user["creationType"], "Invitation");
    assert_eq!(user["externalUserState"], "PendingAcceptance");
    assert_eq!(user["showInAddressList"], false);
    assert_eq!(user["surname"], Value::Null);
    assert_eq!(invite().await.1["invitedUser"]["id"].as_str(), Some(id), "invited again");
    let upn = "ada_partner.example%23EXT%23@contoso.onmicrosoft.com";
    assert_eq!(bench.page(&format!("/v1.0/users/{upn}?$select=id")).await["id"], id);
    assert_eq!(bench.page(&format!("/v1.0/users('{id}')?$select=id")).await["id"], id);
    assert_eq!(bench.tenant.invite("X", "no address"), Err(StateError::BadAddress));
}

#[tokio::test]
async fn a_list_is_paged_filtered_and_strict() {
    let bench = bench().await;
    for i in 0..5 {
        bench.tenant.invite("Guest", &format!("guest{i}@partner.example")).unwrap();
        bench.tenant.add_member("Member", &format!("member{i}")).unwrap();
    }
    let (users, _) = bench.all("/v1.0/users?$select=id,userType&$top=3").await;
    assert_eq!(users.len(), 10);
    bench.tenant.set_empty_pages(true);
    let (guests, _) = bench.all("/v1.0/users?$filter=userType%20eq%20'guest'&$top=2").await;
    assert_eq!(guests.len(), 5);
    assert_eq!(guests[0].as_object().unwrap().len(), 11, "the default properties");
    for (query, status) in [
        ("$select=id,nothing", 400),
        ("$select=id,skills", 501),
        ("$top=1000", 400),
        ("$filter=startsWith(mail,'a')", 400),
        ("$orderby=displayName", 400),
        ("$skiptoken=mine", 400),
    ] {
        assert_eq!(bench.get(&format!("/v1.0/users?{query}")).await.0, status, "{query}");
    }
    assert_eq!(bench.get("/v1.0/groups").await.0, 501);
}

#[tokio::test]
async fn users_are_created_changed_and_deleted_over_the_wire() {
    let bench = bench().await;
    let mut user = json!({
        "accountEnabled": true, "displayName": "Ola Nord", "mailNickname": "ola",
        "userPrincipalName": "ola@contoso.onmicrosoft.com",
        "passwordProfile": { "password": "not kept" },
    });
    let url = bench.url("/v1.0/users");
    let post = |user: &Value| answer(bench.client.post(&url).bearer_auth(&bench.token).json(user));
    let (status, created) = post(&user).await;
    assert_eq!(status, 201, "{created}");
    let (status, body) = post(&user).await;
    assert_eq!((status, &body["error"]["details"][0]["code"]), (400, &json!("ObjectConflict")));
    user.as_object_mut().unwrap().remove("mailNickname");
    assert_eq!(post(&user).await.0, 400);

    let url = format!("{url}/{}", created["id"].as_str().unwrap());
    let patch = |p: Value| answer(bench.client.patch(&url).bearer_auth(&bench.token).json(&p));
    assert_eq!(patch(json!({ "jobTitle": "Baker" })).await.0, 204);
    assert_eq!(patch(json!({ "jobTitle": 5 })).await.0, 400);
    assert_eq!(patch(json!({ "createdDateTime": "2026-01-01T00:00:00Z" })).await.0, 400);
    assert_eq!(patch(json!({ "displayName": null })).await.0, 400);
    assert_eq!(bench.page(&url).await["jobTitle"], "Baker");
    let users = serde_json::to_string(&bench.tenant.users()).unwrap();
    assert!(!users.contains("not kept"));
    assert_eq!(answer(bench.client.delete(&url).bearer_auth(&bench.token)).await.0, 204);
    let (status, body) = bench.get(&url).await;
    assert_eq!((status, code(&body)), (404, "Request_ResourceNotFound"));
    let put = bench.client.put(&url).bearer_auth(&bench.token);
    assert_eq!(answer(put).await.0, 405);
}

#[tokio::test]
async fn a_delta_round_tells_what_happened_since_the_last() {
    let bench = bench().await;
    let tenant = &bench.tenant;
    let mut ids: Vec<String> = (0..5)
        .map(|i| tenant.invite("Guest", &format!("guest{i}@partner.example")).unwrap())
        .collect();
    ids.sort();
    tenant.set_page_size(2);
    let (first, link) = bench.all("/v1.0/users/delta?$select=displayName,mobilePhone").await;
    let seen: Vec<&str> = first.iter().map(|u| u["id"].as_str().unwrap()).collect();
    assert_eq!(seen, ids);
    assert!(first[0].get("mobilePhone").is_none(), "never set is absent");

    tenant.update_user(&ids[0], json!({ "mobilePhone": "1" })).unwrap();
    tenant.update_user(&ids[0], json!({ "mobilePhone": null })).unwrap();
    tenant.update_user(&ids[1], json!({ "jobTitle": "not tracked" })).unwrap();
    tenant.delete_user(&ids[2]).unwrap();
    tenant.purge_user(&ids[3]).unwrap();
    tenant.delete_user(&ids[4]).unwrap();
    tenant.restore_user(&ids[4]).unwrap();
    let brief = tenant.add_member("Brief", "brief").unwrap();
    tenant.purge_user(&brief).unwrap();
    let (second, next) = bench.all(&link).await;
    let expected = [
        json!({ "id": ids[0], "displayName": "Guest", "mobilePhone": null }),
        json!({ "id": ids[2], "@removed": { "reason": "changed" } }),
        json!({ "id": ids[3], "@removed": { "reason": "deleted" } }),
        json!({ "id": ids[4], "displayName": "Guest" }),
    ];
    assert_eq!(second, expected);
    assert_eq!(bench.all(&next).await.0, [] as [Value; 0]);

    let minimal = bench.client.get(&link).bearer_auth(&bench.token);
    let (_, minimal) = answer(minimal.header("prefer", "return=minimal")).await;
    assert_eq!(minimal["value"][0], json!({ "id": ids[0], "mobilePhone": null }));
}

#[tokio::test]
async fn a_round_ends_where_it_began_in_time() {
    let bench = bench().await;
    for i in 0..3 {
        bench.tenant.add_member("Before", &format!("before{i}")).unwrap();
    }
    bench.tenant.set_page_size(1);
    let first = bench.page("/v1.0/users/delta()?$select=displayName").await;
    for i in 0..20 {
        bench.tenant.add_member("Meanwhile", &format!("meanwhile{i}")).unwrap();
    }
    let (rest, link) = bench.all(first["@odata.nextLink"].as_str().unwrap()).await;
    assert_eq!(rest.len(), 2);
    assert_eq!(bench.all(&link).await.0.len(), 20);
}

#[tokio::test]
async fn a_delta_link_can_be_had_without_data_and_lost() {
    let bench = bench().await;
    bench.tenant.add_member("Before", "before").unwrap();
    let (none, link) = bench.all("/v1.0/users/delta?$select=id,mail&$deltatoken=latest").await;
    assert!(none.is_empty());
    bench.tenant.add_member("After", "after").unwrap();
    assert_eq!(bench.all(&link).await.0.len(), 1);
    assert_eq!(bench.get(&link.replace("v1.0", "beta")).await.0, 400);
    assert_eq!(bench.get(&format!("{link}x")).await.0, 400);

    bench.clock.advance(7 * DAY_SECONDS + 1);
    let mut later = bench;
    later.token = later.sign_in(APP).await;
    let (status, body) = later.get(&link).await;
    assert_eq!((status, code(&body)), (400, "syncStateNotFound"));
    let (_, link) = later.all("/v1.0/users/delta?$select=id").await;
    later.tenant.reset_delta();
    let (status, body) = later.get(&link).await;
    assert_eq!((status, code(&body)), (410, "resyncRequired"));
}

#[tokio::test]
async fn faults_come_as_scripted_and_requests_are_counted() {
    let bench = bench().await;
    bench.tenant.inject(Fault::new("GET", "/v1.0/users", 503).after(1).times(2).body("busy"));
    bench.tenant.throttle_next(1, 7);
    let first = bench.client.get(bench.url("/v1.0/users")).send().await.unwrap();
    assert_eq!(first.headers()["retry-after"], "7");
    let mut statuses = vec![first.status().as_u16()];
    for _ in 0..4 {
        statuses.push(bench.get("/v1.0/users").await.0);
    }
    assert_eq!(statuses, [429, 503, 503, 200, 200]);
    assert_eq!(bench.tenant.request_count("GET", "/v1.0/users"), 5);

    bench.tenant.inject(Fault::new("GET", "/v1.0/users", 200).body("{\"value\":").cut());
    let cut = bench.client.get(bench.url("/v1.0/users")).send().await;
    assert!(match cut {
        Ok(response) => response.text().await.is_err(),
        Err(_) => true,
    });
}

#[tokio::test]
async fn control_endpoints_exist_only_when_asked_for() {
    let closed = bench().await;
    let post = |b: &Bench, path: &str, body: Value| answer(b.client.post(b.url(path)).json(&body));
    let guest = json!({ "name": "Ada Lind", "mail": "ada@partner.example" });
    assert_eq!(post(&closed, "/_sim/invite", guest.clone()).await.0, 501);

    let open = bench_with(|o| o.control = true).await;
    let (status, body) = post(&open, "/_sim/invite", guest).await;
    assert_eq!(status, 201);
    let path = format!("/_sim/users/{}", body["id"].as_str().unwrap());
    let patch =
        open.client.patch(open.url(&path)).json(&json!({ "externalUserState": "Accepted" }));
    assert_eq!(answer(patch).await.0, 204);
    assert_eq!(open.tenant.users()[0]["externalUserState"], "Accepted");
    assert_eq!(answer(open.client.delete(open.url(&path))).await.0, 204);
    assert_eq!(post(&open, &format!("{path}/restore"), json!({})).await.0, 204);
    let fault = json!({ "path": "/v1.0/users", "status": 500 });
    assert_eq!(post(&open, "/_sim/faults", fault).await.0, 204);
    assert_eq!(open.get("/v1.0/users").await.0, 500);
    assert_eq!(open.get("/v1.0/users").await.0, 200);
}

#[tokio::test]
async fn a_stopped_tenant_frees_its_port() {
    let bench = bench().await;
    let port = bench.tenant.base_url().rsplit_once(':').unwrap().1.parse().unwrap();
    bench.tenant.shutdown().await;
    let again = bench_with(|o| o.port = port).await;
    let taken = Tenant::start(TenantOptions { port, ..TenantOptions::new(again.clock.clone()) });
    assert!(matches!(taken.await, Err(TenantError::Listen { .. })));
}
