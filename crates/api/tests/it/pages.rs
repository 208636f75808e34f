//! The portal's pages and the header fields of every answer.

use crate::world::World;

#[tokio::test]
async fn paths_out_of_the_folder_lead_nowhere() {
    let world = World::new().await;
    for path in [
        "/..%2f..%2fetc/passwd",
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%5c..%5cetc",
        "//etc/passwd",
        "/assets//etc/passwd",
        "/assets/%00",
        "/.git/config",
        "/assets/%252e%252e/x",
    ] {
        let answer = world.call("GET", path, &[], None).await;
        assert_eq!((answer.status.as_u16(), answer.code().as_str()), (404, "API-0201"), "{path}");
    }
}

#[tokio::test]
async fn every_path_of_the_application_is_its_page_with_a_nonce_of_its_own() {
    let world = World::new().await;
    let page = async |path: &str| {
        let answer = world.call("GET", path, &[], None).await;
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "no-store");
        let policy = answer.header("content-security-policy").to_owned();
        assert!(!policy.contains("unsafe"), "{policy}");
        assert!(!answer.text().contains("__CSP_NONCE__"));
        policy
    };
    let (one, other) = (page("/").await, page("/people/0c5e3c0a-12d3").await);
    assert!(one.starts_with("default-src 'self'; script-src 'self'; style-src 'self' 'nonce-"));
    assert_ne!(one, other);
    page("/index.html").await;
    let missing = world.call("GET", "/assets/gone-1a2b.js", &[], None).await;
    assert_eq!(missing.status, 404, "a script that is gone is no page");
    assert_eq!(world.call("POST", "/people", &[], None).await.code(), "API-0205");
}

#[tokio::test]
async fn every_answer_carries_the_strict_headers() {
    let world = World::new().await;
    for path in ["/", "/api/v1/session", "/health/live", "/api/v1/nothing", "//x", "/assets/x.js"] {
        let answer = world.call("GET", path, &[], None).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("strict-transport-security", ""),
        ] {
            assert_eq!(answer.header(name), value, "{name} of {path}");
        }
        assert!(answer.header("permissions-policy").contains("camera=()"));
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        let is_page = answer.header("content-type").starts_with("text/html");
        assert!(is_page || policy.starts_with("default-src 'none'"), "{path}");
    }
}
