//! The twelve runs of the documented deployment, run by run.

use std::collections::BTreeMap;

use engine::StepResult;
use model::Value;

use crate::world::{G1, World};

/// What a run must count, and what it must leave: total, connectors, disconnectors, filtered,
/// pending import, pending export, awaiting confirmation for tenant, directory and service; persons
/// and rules.
type Expected = (&'static [(&'static str, u64)], [[u64; 7]; 3], [u64; 2]);

const NONE: [u64; 7] = [0; 7];
const G: [u64; 7] = [3, 2, 0, 1, 0, 0, 0];
const RUNS: [Expected; 12] = [
    (&[("stage-add", 5)], [NONE, NONE, [5, 0, 5, 0, 5, 0, 0]], [0, 0]),
    (
        &[("projections", 3), ("filtered-disconnectors", 2), ("connectors-with-flow-updates", 3)],
        [NONE, NONE, [5, 3, 0, 2, 0, 0, 0]],
        [0, 3],
    ),
    (&[("stage-add", 2)], [NONE, [2, 0, 2, 0, 2, 0, 0], [5, 3, 0, 2, 0, 0, 0]], [0, 3]),
    (&[("disconnectors", 2)], [NONE, [2, 0, 2, 0, 0, 0, 0], [5, 3, 0, 2, 0, 0, 0]], [0, 3]),
    (
        &[("stage-add", 3)],
        [[3, 0, 3, 0, 3, 0, 0], [2, 0, 2, 0, 0, 0, 0], [5, 3, 0, 2, 0, 0, 0]],
        [0, 3],
    ),
    (
        &[("projections", 2), ("filtered-disconnectors", 1), ("provisioning-adds", 4)],
        [G, [4, 2, 2, 0, 0, 2, 0], [7, 5, 0, 2, 0, 2, 0]],
        [2, 3],
    ),
    (&[("export-add", 2)], [G, [4, 2, 2, 0, 0, 0, 2], [7, 5, 0, 2, 0, 2, 0]], [2, 3]),
    (&[("stage-update", 2)], [G, [4, 2, 2, 0, 2, 0, 0], [7, 5, 0, 2, 0, 2, 0]], [2, 3]),
    (
        &[("connectors-with-flow-updates", 2), ("outbound-connector-flow@mimma", 2)],
        [G, [4, 2, 2, 0, 0, 0, 0], [7, 5, 0, 2, 0, 2, 0]],
        [2, 3],
    ),
    (&[("export-add", 2)], [G, [4, 2, 2, 0, 0, 0, 0], [7, 5, 0, 2, 0, 0, 2]], [2, 3]),
    (&[("stage-update", 2)], [G, [4, 2, 2, 0, 0, 0, 0], [7, 5, 0, 2, 2, 0, 0]], [2, 3]),
    (
        &[("connectors-with-flow-updates", 2)],
        [G, [4, 2, 2, 0, 0, 0, 0], [7, 5, 0, 2, 0, 0, 0]],
        [2, 3],
    ),
];

#[tokio::test]
async fn every_run_of_the_first_cycle_does_and_leaves_what_is_documented() {
    let world = World::documented().await;
    for (summary, (counters, state, metaverse)) in world.cycle().await.into_iter().zip(RUNS) {
        let run = summary.run.0;
        assert_eq!(summary.result, StepResult::Success, "run {run}: {summary:#?}");
        assert_eq!(summary.errors, [], "run {run}");
        for (name, count) in counters {
            assert_eq!(
                summary.counters.get(*name),
                Some(count),
                "run {run}: {:?}",
                summary.counters
            );
        }
        for (name, expected) in ["b2b-graph", "adma", "mimma"].into_iter().zip(state) {
            let c = summary.state[name];
            let numbers = [
                c.total,
                c.connectors,
                c.disconnectors,
                c.filtered,
                c.pending_import,
                c.pending_export,
                c.awaiting_confirmation,
            ];
            assert_eq!(numbers, expected, "{name} after run {run}");
        }
        let expected =
            BTreeMap::from([("person", metaverse[0]), ("synchronizationRule", metaverse[1])]);
        let found: BTreeMap<&str, u64> =
            summary.metaverse.iter().map(|(name, n)| (name.as_str(), *n)).collect();
        assert_eq!(found, expected, "metaverse after run {run}");
    }
}

#[tokio::test]
async fn the_guest_has_the_documented_values_everywhere() {
    let world = World::documented().await;
    world.cycle().await;
    let person = world
        .people()
        .await
        .into_iter()
        .find(|p| p.values("uid").is_some_and(|uid| uid.to_string() == G1));
    let person = person.unwrap();
    let value = |name: &str| person.values(name).unwrap().to_string();
    assert_eq!(value("accountName"), "0c5e3c0a-12d3-4f56-8");
    assert_eq!(value("employeeType"), "Guest");
    assert_eq!(value("domain"), "CONTOSO");
    let dn = format!("CN={G1},OU=B2BGuest,DC=contoso,DC=com");
    let anchor = world.adma.anchor_of(&dn).unwrap();
    let accounts = world.adma.list("user");
    let account = accounts.iter().find(|a| a.anchor.as_deref() == Some(&anchor)).unwrap();
    assert_eq!(account.attributes.single("userAccountControl"), Some(&Value::Integer(262_656)));
    assert_eq!(account.attributes.text("sAMAccountName"), Some("0c5e3c0a-12d3-4f56-8"));
    assert_eq!(account.attributes.get("objectSid"), person.values("objectSid"));
    let portal = world.mimma.list("Person");
    let resource =
        portal.iter().find(|p| p.attributes.text("AccountName") == Some("0c5e3c0a-12d3-4f56-8"));
    assert_eq!(resource.unwrap().attributes.get("ObjectSID"), person.values("objectSid"));
    let lineage = &person.attributes["objectSid"].lineage;
    assert_eq!((lineage.rule.as_str(), lineage.run.0), ("IN - B2B - AD", 9));
}

#[tokio::test]
async fn a_second_cycle_changes_nothing() {
    let world = World::documented().await;
    world.cycle().await;
    let (before, writes) = (world.portrait().await, world.adma.contents.lock().unwrap().writes);
    let passwords = world.adma.contents.lock().unwrap().passwords.len();
    let last = world.engine.state().await.unwrap();
    for summary in world.cycle().await {
        assert_eq!(summary.result, StepResult::Success);
        assert_eq!(summary.state, last, "after run {}", summary.run.0);
        let moved = summary.counters.keys().filter(|name| {
            let quiet = name.starts_with("outbound-connector-no-flow")
                || ["stage-no-change", "connector-no-flow", "connectors-without-flow-updates"]
                    .contains(&name.as_str())
                || name.contains("disconnector");
            !quiet
        });
        let moved: Vec<&String> = moved.collect();
        assert!(moved.is_empty(), "run {}: {moved:?}", summary.run.0);
    }
    assert_eq!(world.portrait().await, before);
    let contents = world.adma.contents.lock().unwrap();
    assert_eq!((contents.writes, contents.passwords.len()), (writes, passwords));
}

#[tokio::test]
async fn the_initial_password_is_sent_once_and_kept_nowhere() {
    let world = World::documented().await;
    world.cycle().await;
    let passwords = world.adma.contents.lock().unwrap().passwords.clone();
    assert_eq!(passwords.len(), 2);
    assert!(passwords.iter().all(|p| p.ends_with("#EXT#@contoso.onmicrosoft.com")));
    let mut kept = String::new();
    for connector in ["b2b-graph", "adma", "mimma"] {
        kept.push_str(&format!("{:?}", world.space(connector).await));
    }
    kept.push_str(&format!("{:?}", world.people().await));
    for password in passwords {
        assert!(!kept.contains(&password));
    }
}
