//! A tenant that pages, throttles, breaks off, answers nonsense, or forgets who we are.

use serde_json::json;
use sim::tenant::Fault;

use super::{assert_says, assert_whole, invite, sequence, state, stopped};
use crate::deployment::{Deployment, Kind, account};

const DELTA: &str = "/v1.0/users/delta";
const ALL: [&str; 2] = ["changes", "b2b"];

/// A tenant of five guests and a member that sends one user per page and empty pages between.
fn deployment() -> Deployment {
    let deployment = Deployment::recommended(Kind::Simulated);
    for number in 0..5 {
        invite(&deployment, number);
    }
    deployment.tenant.add_member("Mia Member", "mia").unwrap();
    deployment.tenant.set_page_size(1);
    deployment.tenant.set_empty_pages(true);
    deployment.done(&["apply"]);
    deployment
}

fn fault(status: u16) -> Fault {
    Fault::new("GET", DELTA, status).header("Retry-After", "0")
}

#[test]
fn single_users_per_page_and_throttling_between_them_only_take_longer() {
    let deployment = deployment();
    deployment.tenant.throttle_next(1, 1);
    deployment.tenant.inject(fault(429).header("Retry-After", "1").after(5));
    let runs = sequence(&deployment, "b2b", 0);
    assert_eq!(runs[3]["counters"]["stage-add"], 6, "{:#}", runs[3]);
    // Six pages, six empty ones before them, two refused requests.
    assert_eq!(deployment.tenant.request_count("GET", DELTA), 14);

    invite(&deployment, 5);
    let gone = deployment.guests().remove(0);
    deployment.tenant.delete_user(&gone).unwrap();
    deployment.tenant.inject(fault(429).after(1).times(3));
    sequence(&deployment, "changes", 0);
    assert_whole(&deployment, &ALL);
}

#[test]
fn a_forgotten_state_asks_for_a_full_import_which_heals() {
    let deployment = deployment();
    sequence(&deployment, "b2b", 0);
    let before = deployment.directory.accounts();
    let held = state(&deployment);
    deployment.tenant.reset_delta();
    let gone = deployment.guests().remove(0);
    deployment.tenant.delete_user(&gone).unwrap();
    let new = invite(&deployment, 5);
    let result = "no-start-full-import-required";
    for _ in 0..2 {
        let run = stopped(&deployment, "changes", "b2b-graph/delta-import", result);
        assert_says(&run.to_string(), &["full import"]);
        assert_eq!(deployment.directory.accounts(), before);
        assert_eq!(state(&deployment), held);
    }
    // The state is lost once more while everybody is read: the import begins again.
    deployment.tenant.inject(fault(410).after(4));
    sequence(&deployment, "b2b", 0);
    let after = deployment.directory.accounts();
    assert!(!after.contains_key(&account(&gone)) && after.contains_key(&account(&new)));
    assert!(after.iter().all(|(dn, sid)| before.get(dn).is_none_or(|old| old == sid)));
    assert_whole(&deployment, &ALL);
}

#[test]
fn passing_failures_are_sat_out() {
    let deployment = deployment();
    let page = r#"{"value":[{"id":"#;
    let token = r#"{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed, the token is expired."}}"#;
    deployment.tenant.inject(fault(500).times(2));
    deployment.tenant.inject(fault(502).body("<html>Bad gateway</html>").after(2));
    deployment.tenant.inject(fault(503).after(3));
    deployment.tenant.inject(fault(200).body(page).cut().after(4));
    deployment.tenant.inject(fault(401).body(token).after(5));
    sequence(&deployment, "b2b", 0);
    invite(&deployment, 5);
    deployment.tenant.inject(fault(504));
    deployment.tenant.inject(fault(401).body(token).after(1));
    sequence(&deployment, "changes", 0);
    assert_whole(&deployment, &ALL);
}

#[test]
fn nonsense_ends_the_import_and_changes_nothing() {
    let deployment = deployment();
    sequence(&deployment, "b2b", 0);
    let (held, before) = (state(&deployment), deployment.directory.accounts());
    let elsewhere =
        r#"{"value":[],"@odata.nextLink":"https://elsewhere.example/v1.0/users/delta"}"#;
    let ended = r#"{"value":[],"@odata.deltaLink":"https://elsewhere.example/v1.0/users/delta"}"#;
    let forbidden = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges to complete the operation."}}"#;
    let moved = "<html>This page has moved</html>";
    let (odd, lost) = ("stopped-unexpected-data", "stopped-connectivity");
    for (status, body, times, result, words) in [
        (200, "<html>Please sign in</html>", 1, odd, "not JSON"),
        (200, r#"{"value":[{"id":"1"#, 1, odd, "not JSON"),
        (200, "", 1, odd, "not JSON"),
        (200, "{}", 1, odd, "without a list"),
        (200, "[]", 1, odd, "without a list"),
        (200, r#"{"value":[]}"#, 1, odd, "leads nowhere"),
        (200, elsewhere, 1, odd, "another server"),
        (200, ended, 1, odd, "another server"),
        (302, moved, 1, odd, "302"),
        (407, "<html>Proxy</html>", 1, odd, "407"),
        (404, "{}", 1, odd, "404"),
        (403, forbidden, 1, "stopped-bad-server-credentials", "User.Read.All"),
        (503, "", 6, lost, "503"),
        (429, "", 11, lost, "throttling"),
    ] {
        let other = "https://elsewhere.example/";
        let page =
            |skip| fault(status).header("Location", other).body(body).times(times).after(skip);
        for (name, profile) in [("changes", "delta-import"), ("b2b", "full-import")] {
            // The first page of changes, and a page in the middle of everybody.
            deployment.tenant.inject(page(if name == "b2b" { 5 } else { 0 }));
            let runs = sequence(&deployment, name, 1);
            let last = runs.last().unwrap();
            assert_eq!(last["connector"], "b2b-graph", "{last:#}");
            assert_eq!(last["profile"], profile, "{last:#}");
            let expected = if name == "changes" {
                result
                    .replace("stopped-connectivity", "no-start-connection")
                    .replace("stopped-bad-server", "no-start")
            } else {
                result.to_owned()
            };
            assert!([result, &expected].contains(&last["result"].as_str().unwrap()), "{last:#}");
            assert_says(&last.to_string(), &[words]);
        }
        assert_eq!(state(&deployment), held, "{status} {body}");
    }
    assert_eq!(deployment.directory.accounts(), before);
    assert_whole(&deployment, &ALL);
}

#[test]
fn a_token_that_expires_between_two_pages_is_renewed() {
    // The tenant takes tokens for five minutes more than it says.
    let deployment = Deployment::with_token_lifetime(2 - 300);
    for number in 0..3 {
        invite(&deployment, number);
    }
    deployment.tenant.set_page_size(1);
    // The token has expired by the time the throttled request may be repeated.
    deployment.tenant.inject(fault(429).header("Retry-After", "4").after(1));
    deployment.cycle();
    let requests = deployment.tenant.request_count("GET", DELTA);
    assert_eq!(requests, 5, "three pages, one throttled, one refused");
    assert_whole(&deployment, &ALL);
}

#[test]
fn a_tenant_that_seems_empty_is_not_believed() {
    let deployment = Deployment::recommended(Kind::Simulated);
    for number in 0..30 {
        invite(&deployment, number);
    }
    deployment.cycle();
    let (held, before) = (state(&deployment), deployment.directory.accounts());
    let link = format!("{}{DELTA}?$deltatoken=latest", deployment.tenant.base_url());
    let nobody = json!({ "value": [], "@odata.deltaLink": link }).to_string();
    for _ in 0..2 {
        deployment.tenant.inject(fault(200).body(&nobody));
        let run = stopped(
            &deployment,
            "b2b",
            "b2b-graph/full-import",
            "stopped-deletion-threshold-exceeded",
        );
        assert_says(&run.to_string(), &["30"]);
        assert_eq!(run["counters"].get("stage-delete"), None);
        assert_eq!(state(&deployment), held);
    }
    assert_eq!(deployment.directory.accounts(), before);
    // Nor did the import keep the place where that answer left it.
    assert_whole(&deployment, &ALL);
}
