//! References: people who refer to people, through the metaverse and into another system.

use engine::StepResult;
use model::{Name, Value};
use store::{CsObject, ExportValue, MvObject};

use crate::world::{G1, G2, M1, World, account};

/// Guests have a manager and reports; accounts a manager, those to see also, and what the directory
/// says of the manager comes back as another attribute.
pub(crate) const REFERENCES: [(&str, &str, &str); 6] = [
    ("connectors/b2b-graph.toml", "\"userType\"]", "\"userType\", \"manager\", \"reports\"]"),
    ("connectors/adma.toml", "\"objectSid\"]", "\"objectSid\", \"manager\", \"seeAlso\"]"),
    (
        "metaverse.toml",
        "mobilePhone       =",
        "manager = { type = \"reference\" }\nboss = { type = \"reference\" }\n\
         reports = { type = \"reference\", multi = true }\n\
         managerName = { type = \"string\" }\nmobilePhone       =",
    ),
    (
        "rules/in-b2b-guest.toml",
        "[[flow]]\nto = \"cn\"",
        "[[flow]]\nto = \"manager\"\nfrom = \"manager\"\n\
         [[flow]]\nto = \"managerName\"\nfrom = \"manager\"\n\
         [[flow]]\nto = \"reports\"\nfrom = \"reports\"\n[[flow]]\nto = \"cn\"",
    ),
    (
        "rules/in-b2b-ad.toml",
        "[[flow]]\nto = \"domain\"",
        "[[flow]]\nto = \"boss\"\nfrom = \"manager\"\n[[flow]]\nto = \"domain\"",
    ),
    (
        "rules/out-b2b-ad.toml",
        "[[flow]]\nto = \"dn\"",
        "[[flow]]\nto = \"manager\"\nfrom = \"manager\"\nallow_null = true\n\
         [[flow]]\nto = \"seeAlso\"\nfrom = \"reports\"\nallow_null = true\n[[flow]]\nto = \"dn\"",
    ),
];
const N1: &str = "11111111-0000-4000-8000-000000000001";
const N2: &str = "22222222-0000-4000-8000-000000000002";
const TENANT: [&str; 2] = ["b2b-graph/delta-import", "b2b-graph/delta-sync"];

async fn with(more: &[(&str, &str, &str)]) -> World {
    let replacements: Vec<_> = REFERENCES.iter().chain(more).copied().collect();
    World::with(&replacements).await
}

async fn ready() -> World {
    let world = with(&[]).await;
    world.cycle().await;
    world
}

/// Whom a guest's person refers to, as the tenant names them.
async fn refers(world: &World, id: &str, attribute: &str) -> Vec<String> {
    let people = world.people().await;
    let person = world.person_of("b2b-graph", id).await.unwrap();
    let values = person.values(attribute).into_iter().flatten();
    let name = |value: &Value| {
        assert!(matches!(value, Value::Reference(_)), "{value:?}");
        let is_it = |p: &&MvObject| p.uid.to_string() == value.to_string();
        people.iter().find(is_it).unwrap().values("uid").unwrap().to_string()
    };
    let mut names: Vec<String> = values.map(name).collect();
    names.sort();
    names
}

/// The value a pending export writes.
fn pending(object: &CsObject, name: &str) -> Option<String> {
    match &object.export.pending.as_ref()?.changes.get(name)?.value {
        ExportValue::Set(values) => Some(values.to_string()),
        other => Some(format!("{other:?}")),
    }
}

async fn account_of(world: &World, id: &str) -> CsObject {
    world.object("adma", &account(id)).await.unwrap()
}

/// Nothing is flagged and nothing fails when everything is looked at again.
async fn assert_at_rest(world: &World) {
    let before = world.portrait().await;
    for run in world.cycle().await {
        assert!(run.result.is_clean(), "{run:#?}");
    }
    assert_eq!(world.portrait().await, before);
    for connector in ["b2b-graph", "adma", "mimma"] {
        assert!(world.space(connector).await.iter().all(|object| !object.reference_retry));
    }
}

#[tokio::test]
async fn references_flow_through_the_metaverse_into_the_directory() {
    let world = with(&[]).await;
    world.graph.refer(G1, "manager", &[G2]);
    world.graph.refer(G2, "reports", &[G1, G2]);
    for run in world.cycle().await {
        assert!(run.result.is_clean(), "{run:#?}");
    }
    assert_eq!(refers(&world, G1, "manager").await, [G2]);
    assert_eq!(refers(&world, G1, "boss").await, [G2]);
    assert_eq!(refers(&world, G2, "reports").await, [G1, G2]);
    assert_eq!(world.adma.values(&account(G1), "manager"), Some(account(G2)));
    let both = format!("{}; {}", account(G1), account(G2));
    assert_eq!(world.adma.values(&account(G2), "seeAlso"), Some(both));
    // As text a reference is what the connected system says.
    let person = world.person_of("b2b-graph", G1).await.unwrap();
    assert_eq!(person.values("managerName").unwrap().single(), Some(&Value::string(G2)));
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn e098_a_reference_to_a_disconnector_waits_for_its_target() {
    let world = with(&[]).await;
    world.graph.refer(G1, "manager", &[M1]);
    world.graph.refer(G2, "reports", &[G1, M1, "nobody"]);
    for run in world.cycle().await {
        assert!(run.result.is_clean(), "{run:#?}");
    }
    assert!(refers(&world, G1, "manager").await.is_empty());
    assert_eq!(refers(&world, G2, "reports").await, [G1]);
    world.invite(M1, "Mia Member", "mia");
    let [_, sync] = world.runs(TENANT).await;
    assert_eq!(sync.result, StepResult::Success);
    assert_eq!(refers(&world, G1, "manager").await, [M1]);
    assert_eq!(refers(&world, G2, "reports").await, [G1, M1]);
    assert_eq!(pending(&account_of(&world, G1).await, "manager"), Some(account(M1)));
    world.settle().await;
    assert_eq!(world.adma.values(&account(G1), "manager"), Some(account(M1)));
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn e099_two_that_refer_to_each_other_are_both_set_after_one_synchronization() {
    for delta in [true, false] {
        let world = ready().await;
        world.invite(N1, "New One", "one");
        world.invite(N2, "New Two", "two");
        world.graph.refer(N1, "manager", &[N2]);
        world.graph.refer(N2, "manager", &[N1]);
        if delta {
            world.runs(TENANT).await;
        } else {
            world.runs(["b2b-graph/full-import", "b2b-graph/full-sync"]).await;
        }
        assert_eq!(refers(&world, N1, "manager").await, [N2]);
        assert_eq!(refers(&world, N2, "manager").await, [N1]);
        for (of, to) in [(N1, N2), (N2, N1)] {
            assert_eq!(pending(&account_of(&world, of).await, "manager"), Some(account(to)));
        }
    }
}

#[tokio::test]
async fn e100_an_object_may_refer_to_itself() {
    let world = ready().await;
    world.invite(N1, "New One", "one");
    world.graph.refer(N1, "manager", &[N1]);
    world.runs(TENANT).await;
    assert_eq!(refers(&world, N1, "manager").await, [N1]);
    world.settle().await;
    assert_eq!(world.adma.values(&account(N1), "manager"), Some(account(N1)));
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn e102_with_its_target_a_reference_goes_everywhere() {
    for profile in ["delta", "full"] {
        let world = with(&[]).await;
        world.graph.refer(G1, "manager", &[G2]);
        world.invite(N1, "New One", "one");
        world.graph.refer(G1, "reports", &[G2, N1]);
        world.cycle().await;
        let both = format!("{}; {}", account(N1), account(G2));
        assert_eq!(world.adma.values(&account(G1), "seeAlso"), Some(both));
        world.graph.delete(G2);
        let (import, sync) = (format!("{profile}-import"), format!("{profile}-sync"));
        world.run("b2b-graph", &import).await;
        world.run("b2b-graph", &sync).await;
        assert!(refers(&world, G1, "manager").await.is_empty());
        assert_eq!(refers(&world, G1, "reports").await, [N1]);
        let object = account_of(&world, G1).await;
        assert_eq!(pending(&object, "manager").as_deref(), Some("Clear"));
        assert_eq!(pending(&object, "seeAlso"), Some(account(N1)));
        world.run("adma", "export").await;
        assert_eq!(world.adma.values(&account(G1), "manager"), None);
        assert_eq!(world.adma.values(&account(G1), "seeAlso"), Some(account(N1)));
    }
}

#[tokio::test]
async fn e153_a_reference_out_waits_until_its_target_is_provisioned() {
    let scope = (
        "rules/out-b2b-ad.toml",
        "{ attribute = \"employeeType\", operator = \"equal\", value = \"Guest\" }",
        "{ attribute = \"mail\", operator = \"present\" }",
    );
    let world = with(&[scope]).await;
    world.graph.refer(G1, "manager", &[G2]);
    world.graph.set(G2, "mail", "");
    for run in world.cycle().await {
        assert!(run.result.is_clean(), "{run:#?}");
    }
    assert_eq!(refers(&world, G1, "manager").await, [G2]);
    assert_eq!(world.adma.values(&account(G1), "manager"), None);
    world.graph.set(G2, "mail", "bruno@treyresearch.example");
    world.runs(TENANT).await;
    assert_eq!(pending(&account_of(&world, G1).await, "manager"), Some(account(G2)));
    world.settle().await;
    assert_eq!(world.adma.values(&account(G1), "manager"), Some(account(G2)));
}

#[tokio::test]
async fn e154_a_reference_to_one_with_two_accounts_is_an_error() {
    let silent = (
        "rules/in-b2b-ad.toml",
        "[[flow]]\nto = \"accountName\"\nfrom = \"sAMAccountName\"\n[[flow]]\nto = \"boss\"\n\
         from = \"manager\"\n[[flow]]\nto = \"domain\"\nfrom = '\"CONTOSO\"'\n[[flow]]\n\
         to = \"objectSid\"\nfrom = \"objectSid\"",
        "",
    );
    let world = with(&[silent]).await;
    world.cycle().await;
    let name: String = G2.chars().take(20).collect();
    let second = [("sAMAccountName", name.as_str().into())];
    world.adma.put("user", "u2", "CN=Second,OU=B2BGuest,DC=contoso,DC=com", &second);
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    world.graph.refer(G1, "manager", &[G2]);
    world.graph.set(G1, "mail", "other@treyresearch.example");
    let [_, sync] = world.runs(TENANT).await;
    assert_eq!(sync.result, StepResult::CompletedSyncErrors);
    let error = &sync.errors[0];
    assert_eq!(error.error_type, "ambigous-reference-value-for-export-flow");
    assert_eq!(
        (error.step.as_str(), &error.rule),
        ("export-flow", &Some(Name::new("OUT - B2B - AD")))
    );
    // Nothing of it was committed; with one account less all of it is.
    assert!(refers(&world, G1, "manager").await.is_empty());
    world.adma.delete("u2");
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    let [_, sync] = world.runs(TENANT).await;
    assert_eq!(sync.result, StepResult::Success);
    assert_eq!(pending(&account_of(&world, G1).await, "manager"), Some(account(G2)));
}

#[tokio::test]
async fn e172_what_is_referred_to_is_exported_first() {
    let world = with(&[]).await;
    world.graph.refer(G1, "manager", &[G2]);
    world.cycle().await;
    let log = world.adma.contents.lock().unwrap().log.clone();
    assert_eq!(log, [format!("add {}", account(G2)), format!("add {}", account(G1))]);
    assert_eq!(world.adma.values(&account(G1), "manager"), Some(account(G2)));
}

#[tokio::test]
async fn e173_of_two_that_refer_to_each_other_one_is_completed_in_a_second_pass() {
    let world = with(&[]).await;
    world.graph.refer(G1, "manager", &[G2]);
    world.graph.refer(G2, "manager", &[G1]);
    for run in world.cycle().await {
        assert!(run.result.is_clean(), "{run:#?}");
    }
    assert_eq!(world.adma.values(&account(G1), "manager"), Some(account(G2)));
    assert_eq!(world.adma.values(&account(G2), "manager"), Some(account(G1)));
    let log = world.adma.contents.lock().unwrap().log.clone();
    let first = account(G1);
    let expected =
        [format!("add {first}"), format!("add {}", account(G2)), format!("update {first}")];
    assert_eq!(log, expected);
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn e174_without_its_target_the_rest_is_exported_and_the_reference_stays_pending() {
    let world = with(&[]).await;
    world.graph.refer(G1, "manager", &[G2]);
    world.graph.refer(G1, "reports", &[G1, G2]);
    for run in &crate::world::CYCLE[..6] {
        world.run(run.0, run.1).await;
    }
    world.adma.faults(|faults| faults.refuse_object = Some(account(G2)));
    let export = world.run("adma", "export").await;
    assert_eq!(export.result, StepResult::CompletedExportErrors);
    assert_eq!((export.counters["export-add"], export.errors.len()), (1, 1));
    assert!(world.adma.text(&account(G1), "mail").is_some());
    assert_eq!(world.adma.values(&account(G1), "manager"), None);
    // It refers to itself since it is there.
    assert_eq!(world.adma.values(&account(G1), "seeAlso"), Some(account(G1)));
    assert_eq!(pending(&account_of(&world, G1).await, "manager"), Some(account(G2)));
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(pending(&account_of(&world, G1).await, "manager"), Some(account(G2)));
    world.adma.faults(|faults| faults.refuse_object = None);
    let export = world.run("adma", "export").await;
    assert_eq!(export.result, StepResult::Success);
    assert_eq!(world.adma.values(&account(G1), "manager"), Some(account(G2)));
    world.settle().await;
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn referrers_follow_an_account_that_the_directory_renames() {
    for full in [false, true] {
        let world = with(&[]).await;
        world.graph.refer(G1, "manager", &[G2]);
        world.graph.refer(G1, "reports", &[G1, G2]);
        world.cycle().await;
        let writes = world.adma.contents.lock().unwrap().writes;
        let moved = format!("CN={G2},DC=contoso,DC=com");
        world.adma.rename(&world.adma.anchor_of(&account(G2)).unwrap(), &moved);
        let kind = if full { "full" } else { "delta" };
        let import = world.run("adma", &format!("{kind}-import")).await;
        assert_eq!((import.counters["stage-rename"], import.state["adma"].pending_import), (1, 1));
        let object = account_of(&world, G1).await;
        let manager = object.imported.as_ref().unwrap().single("manager");
        assert_eq!(manager, Some(&Value::reference(&moved)));
        // Looked at before the rename was synchronized, nobody has lost the manager.
        world.run("b2b-graph", "full-sync").await;
        assert_eq!(refers(&world, G1, "boss").await, [G2]);
        world.run("adma", &format!("{kind}-sync")).await;
        assert_eq!(refers(&world, G1, "boss").await, [G2]);
        let again = world.run("adma", "full-import").await;
        assert_eq!(again.counters.get("stage-update"), None);
        assert_at_rest(&world).await;
        assert_eq!(world.adma.contents.lock().unwrap().writes, writes);
    }
}

#[tokio::test]
async fn accounts_that_exchange_their_names_keep_those_who_refer_to_them() {
    let world = with(&[]).await;
    world.graph.refer(G1, "manager", &[G2]);
    world.graph.refer(G2, "manager", &[G1]);
    world.cycle().await;
    let [first, second] = [G1, G2].map(|id| world.adma.anchor_of(&account(id)).unwrap());
    world.adma.rename(&first, "CN=Between,DC=contoso,DC=com");
    world.adma.rename(&second, &account(G1));
    world.adma.rename(&first, &account(G2));
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    assert_eq!(refers(&world, G1, "boss").await, [G2]);
    assert_eq!(refers(&world, G2, "boss").await, [G1]);
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn a_reference_to_an_account_that_is_renamed_by_export_is_not_sent_again() {
    let named = (
        "rules/out-b2b-ad.toml",
        "'\"CN=\"+uid+\",OU=B2BGuest,DC=contoso,DC=com\"'\ninitial = true",
        "'\"CN=\"+displayName+\",OU=B2BGuest,DC=contoso,DC=com\"'",
    );
    let world = with(&[named]).await;
    world.graph.refer(G1, "manager", &[G2]);
    world.cycle().await;
    let name = |name: &str| format!("CN={name},OU=B2BGuest,DC=contoso,DC=com");
    let writes = world.adma.contents.lock().unwrap().writes;
    world.graph.set(G2, "displayName", "Bruno Berg");
    world.runs(TENANT).await;
    world.run("adma", "export").await;
    assert_eq!(world.adma.values(&name("Ada Lind"), "manager"), Some(name("Bruno Berg")));
    assert_eq!(world.adma.contents.lock().unwrap().writes, writes + 1);
    world.settle().await;
    assert_eq!(refers(&world, G1, "boss").await, [G2]);
    assert_at_rest(&world).await;
    // One who comes to refer to it before the rename is sent waits for it.
    world.graph.set(G2, "displayName", "Bruno Lang");
    world.graph.refer(G1, "reports", &[G2]);
    world.runs(TENANT).await;
    world.adma.faults(|faults| faults.refuse_object = Some(name("Bruno Berg")));
    world.run("adma", "export").await;
    assert_eq!(world.adma.values(&name("Ada Lind"), "seeAlso"), None);
    world.adma.faults(|faults| faults.refuse_object = None);
    world.run("adma", "export").await;
    assert_eq!(world.adma.values(&name("Ada Lind"), "seeAlso"), Some(name("Bruno Lang")));
    world.settle().await;
    assert_at_rest(&world).await;
}

#[tokio::test]
async fn referrers_follow_accounts_of_a_renamed_container_inside_and_outside() {
    let world = with(&[]).await;
    world.invite(N1, "New One", "one");
    world.graph.refer(G1, "manager", &[G2]);
    world.graph.refer(N1, "manager", &[G2]);
    world.cycle().await;
    let anchor = |id: &str| world.adma.anchor_of(&account(id)).unwrap();
    let (outside, inside) = (anchor(N1), [anchor(G1), anchor(G2)]);
    let aside = format!("CN={N1},DC=contoso,DC=com");
    world.adma.rename(&outside, &aside);
    world.runs(["adma/delta-import", "adma/delta-sync"]).await;
    let moved = |id: &str| format!("CN={id},OU=Visitors,DC=contoso,DC=com");
    world.adma.rename("ou", "OU=Visitors,DC=contoso,DC=com");
    for (anchor, id) in inside.iter().zip([G1, G2]) {
        world.adma.rename(anchor, &moved(id));
    }
    let import = world.run("adma", "delta-import").await;
    assert_eq!(import.counters["stage-rename"], 3);
    let changes =
        |object: CsObject| object.pending_import.map(|pending| pending.undo.changes.len());
    // Of those that were moved only the names are news, of the other one nothing is.
    let [referrer, other] = [moved(G1), aside];
    assert_eq!(changes(world.object("adma", &referrer).await.unwrap()), Some(0));
    assert_eq!(changes(world.object("adma", &other).await.unwrap()), None);
    world.run("adma", "delta-sync").await;
    assert_eq!(refers(&world, G1, "boss").await, [G2]);
    assert_eq!(refers(&world, N1, "boss").await, [G2]);
}

#[tokio::test]
async fn what_a_partial_change_does_not_speak_of_follows_too() {
    for mail in ["ada@treyresearch.example", "other@treyresearch.example"] {
        let world = with(&[]).await;
        world.graph.refer(G1, "manager", &[G2]);
        world.cycle().await;
        world.adma.faults(|faults| faults.partial = true);
        let moved = format!("CN={G2},DC=contoso,DC=com");
        world.adma.set(&world.adma.anchor_of(&account(G1)).unwrap(), "mail", mail);
        world.adma.rename(&world.adma.anchor_of(&account(G2)).unwrap(), &moved);
        world.run("adma", "delta-import").await;
        let imported = account_of(&world, G1).await.imported.unwrap();
        assert_eq!(imported.single("manager"), Some(&Value::reference(&moved)), "{mail}");
        world.run("adma", "delta-sync").await;
        assert_eq!(refers(&world, G1, "boss").await, [G2], "{mail}");
    }
}
