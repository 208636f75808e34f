//! Names that are free: objects of one run, of different runs, imported ones, and people.

use std::collections::BTreeSet;

use engine::{RunSummary, StepResult};

use crate::world::{CYCLE, G1, G2, World, account};

const OUT: &str = "rules/out-b2b-ad.toml";
const IN: &str = "rules/in-b2b-guest.toml";
const G3: &str = "9a1c5d5e-1111-4222-8333-000000000004";
/// Accounts get the first name that is free, for good.
const CHOSEN: (&str, &str, &str) = (
    OUT,
    "to = \"sAMAccountName\"\nfrom = \"accountName\"",
    "to = \"sAMAccountName\"\ndialect = \"entra-extended\"\n\
     from = 'SelectUniqueValue(\"guest\",\"guest2\",\"guest3\")'\ninitial = true",
);

async fn planned(world: &World) -> RunSummary {
    for (connector, profile) in &CYCLE[..5] {
        world.run(connector, profile).await;
    }
    world.run("b2b-graph", "full-sync").await
}

/// The names that accounts have or will have.
async fn names(world: &World) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for object in world.space("adma").await.iter().filter(|object| object.object_type == "user") {
        names.insert(object.expected().text("sAMAccountName").unwrap().to_owned());
    }
    names
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test]
async fn objects_of_one_run_get_different_names_whatever_the_page() {
    let mut portraits = Vec::new();
    for page in [1, 2, 1000] {
        let world = World::in_pages(&[CHOSEN], page).await;
        assert_eq!(planned(&world).await.result, StepResult::Success);
        assert_eq!(names(&world).await, set(&["guest", "guest2"]));
        portraits.push(world.portrait().await);
        // A name is chosen once.
        world.run("b2b-graph", "full-sync").await;
        assert_eq!(portraits.last().unwrap(), &world.portrait().await);
    }
    portraits.dedup();
    assert_eq!(portraits.len(), 1);
}

#[tokio::test]
async fn a_name_in_the_directory_is_taken_in_whatever_case() {
    for page in [1, 1000] {
        let world = World::in_pages(&[CHOSEN], page).await;
        let other = [("sAMAccountName", "GUEST".into())];
        world.adma.put("user", "u1", "CN=Other,OU=B2BGuest,DC=contoso,DC=com", &other);
        assert_eq!(planned(&world).await.result, StepResult::Success);
        assert_eq!(names(&world).await, set(&["GUEST", "guest2", "guest3"]));
    }
}

#[tokio::test]
async fn a_name_that_is_sent_and_not_yet_confirmed_is_taken() {
    let world = World::with(&[CHOSEN]).await;
    planned(&world).await;
    world.run("adma", "export").await;
    world.invite(G3, "Cleo Wirth", "cleo");
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.result, StepResult::Success);
    assert_eq!(names(&world).await, set(&["guest", "guest2", "guest3"]));
    world.runs(["adma/export", "adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(world.adma.text(&account(G3), "sAMAccountName").unwrap(), "guest3");
}

#[tokio::test]
async fn the_last_one_fails_when_every_name_is_taken() {
    for page in [1, 1000] {
        let fewer = (CHOSEN.0, CHOSEN.1, CHOSEN.2.replace(",\"guest2\",\"guest3\"", ",\"Guest\""));
        let world = World::in_pages(&[(fewer.0, fewer.1, &fewer.2)], page).await;
        let sync = planned(&world).await;
        assert_eq!(sync.result, StepResult::CompletedSyncErrors);
        let [error] = sync.errors.as_slice() else { panic!("{:?}", sync.errors) };
        assert_eq!(error.error_type, "sync-rule-invalid-expression");
        assert!(error.message.contains("SelectUniqueValue"), "{}", error.message);
        assert_eq!(names(&world).await, set(&["guest"]));
    }
}

#[tokio::test]
async fn a_dn_is_chosen_among_those_that_are_free() {
    let dn = (
        OUT,
        "from = '\"CN=\"+uid+\",OU=B2BGuest,DC=contoso,DC=com\"'",
        "dialect = \"entra-extended\"\nfrom = 'SelectUniqueValue(\
         \"CN=Guest,OU=B2BGuest,DC=contoso,DC=com\",\"CN=Guest 2,OU=B2BGuest,DC=contoso,DC=com\")'",
    );
    for page in [1, 1000] {
        let world = World::in_pages(&[dn], page).await;
        world.cycle().await;
        let accounts = world.adma.list("user");
        let dns: Vec<&str> = accounts.iter().map(|image| image.dn.as_str()).collect();
        let expected =
            ["CN=Guest 2,OU=B2BGuest,DC=contoso,DC=com", "CN=Guest,OU=B2BGuest,DC=contoso,DC=com"];
        assert_eq!(dns, expected);
    }
}

#[tokio::test]
async fn people_get_different_names_and_keep_them() {
    let chosen = (
        IN,
        "to = \"accountName\"\nfrom = \"Left(id,20)\"",
        "to = \"accountName\"\ndialect = \"entra-extended\"\n\
         from = 'SelectUniqueValue(\"guest\",\"guest2\",[id])'",
    );
    for page in [1, 1000] {
        let world = World::in_pages(&[chosen], page).await;
        world.cycle().await;
        let mut found = Vec::new();
        for id in [G1, G2] {
            let person = world.person_of("b2b-graph", id).await.unwrap();
            found.push(person.values("accountName").unwrap().to_string());
        }
        assert_eq!(found, ["guest", "guest2"]);
        let before = world.portrait().await;
        world.run("b2b-graph", "full-sync").await;
        assert_eq!(world.portrait().await, before);
    }
}

#[tokio::test]
async fn mims_language_counts_names_up_in_either_direction() {
    let inbound = (
        IN,
        "to = \"accountName\"\nfrom = \"Left(id,20)\"",
        "to = \"accountName\"\nfrom = 'UniqueName(\"guest\",9)'",
    );
    let outbound = (
        OUT,
        "to = \"sAMAccountName\"\nfrom = \"accountName\"",
        "to = \"sAMAccountName\"\nfrom = 'UniqueName(\"account\",9)'\ninitial = true",
    );
    for page in [1, 1000] {
        let world = World::in_pages(&[inbound], page).await;
        world.cycle().await;
        assert_eq!(names(&world).await, set(&["guest", "guest2"]));
        let world = World::in_pages(&[outbound], page).await;
        planned(&world).await;
        assert_eq!(names(&world).await, set(&["account", "account2"]));
    }
}
