//! Who contributes what: ranks, re-election and recall.

use engine::StepResult;
use model::Name;

use crate::world::{G1, World, account};

const LAST: (&str, &str, &str) =
    ("metaverse.toml", "rule = \"any\", connectors = [\"b2b-graph\"]", "rule = \"last\"");
/// The account's address counts more than the tenant's.
const MAIL_FROM_ACCOUNT: (&str, &str, &str) = (
    "rules/in-b2b-ad.toml",
    "to = \"domain\"",
    "to = \"mail\"\nfrom = \"mail\"\n[[flow]]\nto = \"domain\"",
);
const WEAKER_TENANT: (&str, &str, &str) =
    ("rules/in-b2b-guest.toml", "precedence     = 1", "precedence     = 5");
const NULLS: (&str, &str, &str) =
    ("rules/out-b2b-ad.toml", "to = \"mail\"", "to = \"mail\"\nallow_null = true");

/// A value and the rule it came by.
async fn value(world: &World, name: &str) -> Option<(String, String)> {
    let person = world.person_of("adma", &account(G1)).await.unwrap();
    let attribute = person.attributes.get(name)?;
    Some((attribute.values.to_string(), attribute.lineage.rule.to_string()))
}

fn some(value: &str, rule: &str) -> Option<(String, String)> {
    Some((value.to_owned(), rule.to_owned()))
}

#[tokio::test]
async fn the_stronger_source_wins_falls_back_and_wins_again_in_its_own_synchronization() {
    let world = World::with(&[MAIL_FROM_ACCOUNT, WEAKER_TENANT]).await;
    world.cycle().await;
    let anchor = world.adma.anchor_of(&account(G1)).unwrap();
    let ours = "ada@treyresearch.example";
    assert_eq!(value(&world, "mail").await, some(ours, "IN - B2B - AD"));
    world.adma.set(&anchor, "mail", "chosen@contoso.example");
    let [_, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!((sync.counters["connector-flow"], sync.state["adma"].pending_export), (1, 0));
    assert_eq!(value(&world, "mail").await, some("chosen@contoso.example", "IN - B2B - AD"));
    // The weaker one changes and is not heard.
    world.graph.set(G1, "mail", "other@treyresearch.example");
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.counters["connector-no-flow"], 1);
    world.adma.set(&anchor, "mail", "");
    let [_, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(sync.counters["connector-flow"], 1);
    assert_eq!(value(&world, "mail").await, some("other@treyresearch.example", "IN - B2B Guest"));
    world.adma.set(&anchor, "mail", "chosen@contoso.example");
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(value(&world, "mail").await, some("chosen@contoso.example", "IN - B2B - AD"));
}

#[tokio::test]
async fn a_value_of_equal_text_from_the_stronger_source_changes_only_its_origin() {
    let world = World::with(&[MAIL_FROM_ACCOUNT, WEAKER_TENANT]).await;
    let runs = world.cycle().await;
    // The account's values come in: the name and the address are as they were, the SID is new.
    assert_eq!(runs[8].counters["connector-flow"], 2);
    let anchor = world.adma.anchor_of(&account(G1)).unwrap();
    world.adma.set(&anchor, "mail", "");
    world.runs(["adma/delta-import", "adma/delta-sync", "adma/export", "adma/delta-import"]).await;
    // The account is the one to say whether it has an address, so nobody writes the tenant's there.
    assert_eq!(world.adma.text(&account(G1), "mail"), None);
    assert_eq!(value(&world, "mail").await, some("ada@treyresearch.example", "IN - B2B Guest"));
    world.adma.set(&anchor, "mail", "ada@treyresearch.example");
    world.run("adma", "delta-import").await;
    let sync = world.run("adma", "delta-sync").await;
    assert_eq!(sync.counters["connector-no-flow"], 1);
    assert_eq!(value(&world, "mail").await, some("ada@treyresearch.example", "IN - B2B - AD"));
}

#[tokio::test]
async fn what_a_lost_account_contributed_is_recalled_constants_too() {
    let world = World::with(&[LAST]).await;
    world.cycle().await;
    let anchor = world.adma.anchor_of(&account(G1)).unwrap();
    world.adma.set(&anchor, "sAMAccountName", "chosen");
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(value(&world, "accountName").await, some("chosen", "IN - B2B - AD"));
    world.adma.delete(&anchor);
    let [_, sync] = world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(sync.counters["connector-delete-leave-mv"], 1);
    assert_eq!(value(&world, "domain").await, None);
    assert_eq!(value(&world, "objectSid").await, None);
    let left = some("0c5e3c0a-12d3-4f56-8", "IN - B2B Guest");
    assert_eq!(value(&world, "accountName").await, left);
}

#[tokio::test]
async fn recalled_values_flow_out_as_nulls_where_they_may() {
    for (replacements, kept) in [(&[LAST][..], true), (&[LAST, NULLS][..], false)] {
        let scope = (
            "rules/out-b2b-ad.toml",
            "scope          = [{ attribute = \"employeeType\", operator = \"equal\", value = \"Guest\" }]",
            "scope = [{ attribute = \"domain\", operator = \"present\" }, { attribute = \"accountName\", operator = \"present\" }]",
        );
        let any = (
            "rules/in-b2b-guest.toml",
            "to = \"mobilePhone\"",
            "to = \"domain\"\nfrom = '\"TENANT\"'\n[[flow]]\nto = \"mobilePhone\"",
        );
        let world = World::with(&[replacements, &[scope, any]].concat()).await;
        world.cycle().await;
        world.graph.delete(G1);
        world.settle().await;
        assert_eq!(world.adma.text(&account(G1), "mail").is_some(), kept);
        assert!(world.adma.text(&account(G1), "sAMAccountName").is_some());
    }
}

#[tokio::test]
async fn one_failing_flow_of_several_keeps_them_all_back() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.set(G1, "displayName", "Ada Berg");
    world.graph.set_many(G1, "mail", &["a@contoso.example", "b@contoso.example"]);
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.result, StepResult::CompletedSyncErrors);
    assert_eq!(sync.errors[0].error_type, "flow-multi-values-to-single-value");
    assert_eq!(sync.errors[0].rule, Some(Name::new("IN - B2B Guest")));
    assert_eq!(value(&world, "displayName").await.unwrap().0, "Ada Lind");
    assert_eq!(
        (sync.state["b2b-graph"].pending_import, sync.state["mimma"].pending_export),
        (1, 0)
    );
    // Accounts go on meanwhile with what was last good.
    let anchor = world.adma.anchor_of(&account(G1)).unwrap();
    world.adma.set(&anchor, "mail", "wrong@contoso.example");
    world.runs(["adma/delta-import", "adma/delta-sync", "adma/export"]).await;
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), "ada@treyresearch.example");
    world.graph.set(G1, "mail", "a@contoso.example");
    world.settle().await;
    assert_eq!(value(&world, "displayName").await.unwrap().0, "Ada Berg");
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), "a@contoso.example");
}

#[tokio::test]
async fn several_values_go_as_one_to_whoever_ranks_first() {
    let multi = (
        "metaverse.toml",
        "mail              = { type = \"string\", indexed = true }",
        "mail = { type = \"string\", indexed = true, multi = true }",
    );
    let outward = (
        "rules/out-b2b-ad.toml",
        "to = \"mail\"\nfrom = \"mail\"",
        "to = \"mail\"\nfrom = \"displayName\"",
    );
    let portal = ("connectors/mimma.toml", "\"Email\", ", "");
    let world = World::with(&[multi, outward, portal, MAIL_FROM_ACCOUNT, WEAKER_TENANT]).await;
    world.cycle().await;
    let anchor = world.adma.anchor_of(&account(G1)).unwrap();
    world.adma.set_many(&anchor, "mail", &["x@contoso.example", "y@contoso.example"]);
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    let both = "x@contoso.example; y@contoso.example";
    assert_eq!(value(&world, "mail").await, some(both, "IN - B2B - AD"));
}
