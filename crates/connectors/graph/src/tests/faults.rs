//! Everything that can go wrong between the connector and Graph.

use std::collections::BTreeMap;
use std::time::Duration;

use connector::{Connector as _, ErrorKind, ImportEntry, ImportKind};
use serde_json::json;
use sim::tenant::Fault;

use super::bench::{Bench, DELTA, STRANGER, bench, everything_in, read, shown};

const PAGE: &str = "/v1.0/users";

async fn bench_with_guests(count: usize, page_size: usize) -> Bench {
    let bench = bench().await;
    for i in 0..count {
        bench.invite(i);
    }
    bench.tenant.set_page_size(page_size);
    bench
}

#[tokio::test]
async fn a_throttled_request_waits_as_long_as_it_is_told() {
    let bench = bench_with_guests(2, 1).await;
    bench.tenant.throttle_next(1, 1);
    let before = tokio::time::Instant::now();
    assert_eq!(bench.full_import().await.unwrap().entries.len(), 2);
    assert!(before.elapsed() >= Duration::from_secs(1));
    assert_eq!(bench.tenant.request_count("GET", DELTA), 3);
}

#[tokio::test]
async fn throttling_without_end_ends_the_run() {
    let bench = bench_with_guests(1, 1).await;
    bench.tenant.throttle_next(100, 0);
    let error = bench.full_import_error().await;
    assert_eq!(error.kind, ErrorKind::Throttled);
    assert_eq!(bench.tenant.request_count("GET", DELTA), 11);

    bench.tenant.throttle_next(1, 100_000);
    let error = bench.connector().await.check_health().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Throttled);
}

#[tokio::test]
async fn server_errors_and_broken_connections_are_tried_again() {
    let bench = bench_with_guests(3, 1).await;
    bench.tenant.inject(Fault::new("GET", PAGE, 500).after(1));
    bench.tenant.inject(Fault::new("GET", PAGE, 502).after(2).body("<html>Bad Gateway</html>"));
    bench.tenant.inject(Fault::new("GET", PAGE, 200).after(3).body("{\"value\":[").cut());
    assert_eq!(bench.full_import().await.unwrap().entries.len(), 3);

    bench.tenant.inject(Fault::new("GET", PAGE, 503).times(100));
    let error = bench.full_import_error().await;
    assert_eq!(error.kind, ErrorKind::Connection);
    assert!(error.message.contains("503"), "{error}");
}

#[tokio::test]
async fn a_tenant_that_vanishes_in_the_middle_is_an_error() {
    let bench = bench_with_guests(3, 1).await;
    let connector = bench.connector().await;
    let mut session = connector.open_import(ImportKind::Full).await.unwrap();
    let first = session.next_page().await.unwrap();
    assert!(first.end.is_none());
    bench.tenant.shutdown().await;
    let error = session.next_page().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    let error = connector.check_health().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
}

#[tokio::test]
async fn a_lost_delta_state_asks_for_a_full_import() {
    let bench = bench_with_guests(2, 1).await;
    let watermark = bench.full_import().await.unwrap().watermark();
    bench.tenant.reset_delta();
    let error = bench.delta_import(&watermark).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FullImportRequired);

    let watermark = bench.full_import().await.unwrap().watermark();
    for (status, body) in [
        (400, json!({ "error": { "code": "syncStateNotFound", "message": "m" } })),
        (404, json!({ "error": { "code": "x", "innerError": { "code": "resyncRequired" } } })),
        (400, json!({ "error": { "code": "Directory_ExpiredPageToken", "message": "m" } })),
        (410, json!(null)),
    ] {
        bench.tenant.inject(Fault::new("GET", DELTA, status).body(&body.to_string()));
        let error = bench.delta_import(&watermark).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::FullImportRequired, "{status} {body}");
    }
}

#[tokio::test]
async fn a_full_import_that_loses_its_place_begins_again_once() {
    let bench = bench_with_guests(4, 2).await;
    let connector = bench.connector().await;
    let mut session = connector.open_import(ImportKind::Full).await.unwrap();
    let first = session.next_page().await.unwrap();
    let ImportEntry::Object(gone) = &first.entries[0] else { panic!() };
    bench.tenant.delete_user(&gone.dn).unwrap();
    bench.tenant.reset_delta();
    let mut rest = read(session).await.unwrap();
    rest.entries.splice(0..0, first.entries.clone());
    let mut space = BTreeMap::new();
    rest.apply(&mut space);
    assert_eq!(shown(&space), bench.expected_space(), "the user that went meanwhile is gone");

    let gone = Fault::new("GET", DELTA, 410);
    bench.tenant.inject(gone.clone().after(1));
    bench.tenant.inject(gone.after(2));
    let error = bench.full_import_error().await;
    assert_eq!(error.kind, ErrorKind::UnexpectedData);
}

#[tokio::test]
async fn a_token_is_never_sent_to_another_server() {
    let bench = bench_with_guests(1, 1).await;
    for (name, link) in [
        ("@odata.nextLink", "https://graph.fabrikam.example/v1.0/users/delta?$skiptoken=x"),
        ("@odata.nextLink", "http://localhost/v1.0/users/delta?$skiptoken=x"),
        ("@odata.deltaLink", "https://localhost:1/v1.0/users/delta?$deltatoken=x"),
        ("@odata.nextLink", "not a link"),
    ] {
        let page = json!({ "value": [], name: link }).to_string();
        bench.tenant.inject(Fault::new("GET", DELTA, 200).body(&page));
        let error = bench.full_import_error().await;
        assert_eq!(error.kind, ErrorKind::UnexpectedData, "{link}");
        assert!(error.message.contains("another server"), "{error}");
        assert!(!everything_in(&error).contains("fabrikam"), "links carry tokens");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let bench = bench_with_guests(1, 1).await;
    let moved = Fault::new("GET", DELTA, 302).header("Location", "https://fabrikam.example/");
    bench.tenant.inject(moved);
    let error = bench.full_import_error().await;
    assert_eq!(error.kind, ErrorKind::UnexpectedData);
    assert!(error.message.contains("302"), "{error}");
}

#[tokio::test]
async fn links_that_go_round_in_circles_end_the_run() {
    let bench = bench_with_guests(1, 1).await;
    let link = format!("{}{DELTA}?$skiptoken=again", bench.tenant.base_url());
    let page = json!({ "value": [], "@odata.nextLink": link }).to_string();
    bench.tenant.inject(Fault::new("GET", DELTA, 200).body(&page).times(100));
    let error = bench.full_import_error().await;
    assert_eq!(error.kind, ErrorKind::UnexpectedData);
    assert_eq!(bench.tenant.request_count("GET", DELTA), 2);
}

#[tokio::test]
async fn bodies_that_are_not_graphs_are_refused_without_repeating_them() {
    let bench = bench_with_guests(1, 1).await;
    for (status, body) in [
        (200, "<html>Please log in as ada@partner.example</html>"),
        (200, ""),
        (200, "{\"value\":[]}"),
        (200, "{\"value\":{},\"@odata.deltaLink\":\"x\"}"),
        (200, "[1"),
        (403, "<html>blocked for ada@partner.example</html>"),
        (418, "teapot"),
    ] {
        bench.tenant.inject(Fault::new("GET", DELTA, status).body(body));
        let error = bench.full_import_error().await;
        assert_eq!(error.kind, ErrorKind::UnexpectedData, "{status} {body}");
        assert!(!everything_in(&error).contains("ada@"), "{error:?}");
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_read_does_not_stop_the_others() {
    let bench = bench_with_guests(1, 1).await;
    let link = format!("{}{DELTA}?$deltatoken=x", bench.tenant.base_url());
    let page = json!({
        "value": [{ "displayName": "no id" }, { "id": "A", "userType": ["x", "y"] }, { "id": "B" }],
        "@odata.deltaLink": link,
    });
    bench.tenant.inject(Fault::new("GET", DELTA, 200).body(&page.to_string()));
    let read = bench.full_import().await.unwrap();
    assert_eq!((read.errors.len(), read.entries.len()), (2, 1));
    assert_eq!(read.errors[1].object, "a");
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let mut bench = bench_with_guests(1, 1).await;
    bench.set_text("client_id", STRANGER);
    for error in
        [bench.full_import_error().await, bench.connector().await.check_health().await.unwrap_err()]
    {
        assert_eq!(error.kind, ErrorKind::Permission);
        assert!(error.message.contains("Authorization_RequestDenied"), "{error}");
        let help = error.help.unwrap();
        assert!(help.contains("User.Read.All") && help.contains(STRANGER), "{help}");
    }
}

#[tokio::test]
async fn a_selection_that_the_tenant_does_not_know_is_a_configuration_error() {
    let bench = bench_with_guests(1, 1).await;
    let body = json!({ "error": { "code": "Request_BadRequest", "message": "No property x." } });
    bench.tenant.inject(Fault::new("GET", PAGE, 400).body(&body.to_string()));
    let error = bench.connector().await.check_health().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Configuration);
    assert!(error.message.contains("No property x."), "{error}");
}
