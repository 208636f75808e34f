//! What the result of an expression means to its flow, in both dialects and both directions, by
//! delta and by full synchronization; and what expressions can read.

use engine::StepResult;
use model::Name;

use crate::world::{CYCLE, G1, World, account};

/// The value at the beginning, what the weaker rule gives, and what the object fails with.
const OLD: &str = "ada@treyresearch.example";
const WEAK: &str = "weak@contoso.example";
const IN: &str = "rules/in-b2b-guest.toml";
const OUT: &str = "rules/out-b2b-ad.toml";
const MAIL: &str = "to = \"mail\"\nfrom = \"mail\"";
const TENANT: &str = "connectors/b2b-graph.toml";
const DIRECTORY: &str = "connectors/adma.toml";

/// A flow to `mail` of this expression.
fn mail(dialect: &str, from: &str, more: &str) -> String {
    format!("to = \"mail\"\ndialect = \"{dialect}\"\nfrom = '{from}'\n{more}")
}

/// The address while the surname is not `x`, the result under test from then on.
fn switched(dialect: &str, surname: &str, result: &str) -> String {
    match dialect {
        "mim" => format!("IIF(Eq({surname},\"x\"),{result},mail)"),
        _ => format!("IIF([{surname}]=\"x\",{result},[mail])"),
    }
}

fn weaker(direction: &str, connector: &str) -> String {
    format!(
        "name = \"WEAK\"\ndirection = \"{direction}\"\nconnector = \"{connector}\"\n\
         object = \"user\"\nmetaverse = \"person\"\nprecedence = 9\n\
         [[flow]]\nto = \"mail\"\nfrom = '\"{WEAK}\"'\n"
    )
}

/// One case of the table: a dialect, a result, what becomes of the value without and with a weaker
/// rule.
type Row = (&'static str, &'static str, Option<&'static str>, Option<&'static str>);

/// Changes the guest and synchronizes it.
async fn change(world: &World, full: bool) -> engine::RunSummary {
    world.graph.set(G1, "surname", "x");
    world.graph.set(G1, "displayName", "Ada Berg");
    let profiles = if full { ["full-import", "full-sync"] } else { ["delta-import", "delta-sync"] };
    world.run("b2b-graph", profiles[0]).await;
    world.run("b2b-graph", profiles[1]).await
}

/// An attribute of the first guest in the metaverse.
async fn person(world: &World, name: &str) -> Option<String> {
    let person = world.person_of("b2b-graph", G1).await.unwrap();
    person.values(name).map(ToString::to_string)
}

async fn inbound((dialect, result, alone, beside): Row) {
    let flow = mail(dialect, &switched(dialect, "surname", result), "");
    let weak = weaker("inbound", "b2b-graph");
    for (weaker, expected) in [(None, alone), (Some(("rules/weak.toml", "", &*weak)), beside)] {
        for full in [false, true] {
            let replacements: Vec<_> = [(IN, MAIL, &*flow)].into_iter().chain(weaker).collect();
            let world = World::with(&replacements).await;
            world.cycle().await;
            assert_eq!(person(&world, "mail").await.as_deref(), Some(OLD));
            let case = format!("{dialect} {result}, weaker {}, full {full}", weaker.is_some());
            let sync = change(&world, full).await;
            assert_eq!(sync.result, StepResult::Success, "{case}: {:?}", sync.errors);
            assert_eq!(person(&world, "mail").await.as_deref(), expected, "{case}");
            // Looked at again without a change, everything stays.
            world.run("b2b-graph", "full-sync").await;
            assert_eq!(person(&world, "mail").await.as_deref(), expected, "{case}, again");
        }
    }
}

#[tokio::test]
async fn results_of_mim_expressions_mean_to_the_metaverse_what_the_table_says() {
    for row in [
        ("mim", "\"new\"", Some("new"), Some("new")),
        ("mim", "Null()", None, Some(WEAK)),
        ("mim", "\"\"", None, Some(WEAK)),
        ("mim", "mobilePhone", None, Some(WEAK)),
    ] {
        inbound(row).await;
    }
}

#[tokio::test]
async fn results_of_entra_expressions_mean_to_the_metaverse_what_the_table_says() {
    for row in [
        ("entra", "\"new\"", Some("new"), Some("new")),
        ("entra", "NULL", None, Some(WEAK)),
        ("entra", "\"\"", None, Some(WEAK)),
        ("entra", "[mobilePhone]", None, Some(WEAK)),
        ("entra", "Where($a,Split(\"a,b\",\",\"),$a=\"c\")", None, Some(WEAK)),
        ("entra", "AuthoritativeNull", None, None),
        ("entra", "IgnoreThisFlow", Some(OLD), Some(WEAK)),
        ("entra-extended", "IgnoreThisFlow", Some(OLD), Some(WEAK)),
    ] {
        inbound(row).await;
    }
}

async fn outbound((dialect, result, alone, beside): Row, more: &str) {
    let flow = mail(dialect, &switched(dialect, "sn", result), more);
    let weak = weaker("outbound", "adma");
    for (weaker, expected) in [(None, alone), (Some(("rules/weak.toml", "", &*weak)), beside)] {
        for full in [false, true] {
            let replacements: Vec<_> = [(OUT, MAIL, &*flow)].into_iter().chain(weaker).collect();
            let world = World::with(&replacements).await;
            world.cycle().await;
            assert_eq!(world.adma.text(&account(G1), "mail").as_deref(), Some(OLD));
            let case = format!("{dialect} {result}, weaker {}, full {full}", weaker.is_some());
            let sync = change(&world, full).await;
            assert_eq!(sync.result, StepResult::Success, "{case}: {:?}", sync.errors);
            world.runs(["adma/export", "adma/delta-import", "adma/delta-sync"]).await;
            assert_eq!(world.adma.text(&account(G1), "mail").as_deref(), expected, "{case}");
            let again = world.run("adma", "full-sync").await;
            assert_eq!(again.state["adma"].pending_export, 0, "{case}, again");
        }
    }
}

#[tokio::test]
async fn results_of_mim_expressions_mean_to_the_target_what_the_table_says() {
    for row in [
        ("mim", "\"new\"", Some("new"), Some("new")),
        ("mim", "Null()", Some(OLD), Some(WEAK)),
        ("mim", "mobilePhone", Some(OLD), Some(WEAK)),
        ("mim", "\"\"", None, None),
    ] {
        outbound(row, "").await;
    }
    outbound(("mim", "Null()", None, Some(WEAK)), "allow_null = true").await;
}

#[tokio::test]
async fn results_of_entra_expressions_mean_to_the_target_what_the_table_says() {
    for row in [
        ("entra", "\"new\"", Some("new"), Some("new")),
        ("entra", "NULL", None, Some(WEAK)),
        ("entra", "\"\"", None, Some(WEAK)),
        ("entra", "[mobilePhone]", None, Some(WEAK)),
        ("entra", "Where($a,Split(\"a,b\",\",\"),$a=\"c\")", None, Some(WEAK)),
        ("entra", "AuthoritativeNull", None, None),
        ("entra", "IgnoreThisFlow", Some(OLD), Some(WEAK)),
    ] {
        outbound(row, "").await;
    }
}

#[tokio::test]
async fn an_error_keeps_every_flow_of_the_object_back_and_names_expression_rule_and_target() {
    for (file, surname, rule) in [(IN, "surname", "IN - B2B Guest"), (OUT, "sn", "OUT - B2B - AD")]
    {
        for (dialect, result) in
            [("mim", "DateTimeFormat(mail,\"d\")"), ("entra", "Error(\"not so\")")]
        {
            for full in [false, true] {
                let from = switched(dialect, surname, result);
                let world = World::with(&[(file, MAIL, &mail(dialect, &from, ""))]).await;
                world.cycle().await;
                let sync = change(&world, full).await;
                assert_eq!(sync.result, StepResult::CompletedSyncErrors);
                let [error] = sync.errors.as_slice() else { panic!("{:?}", sync.errors) };
                assert_eq!(error.error_type, "sync-rule-invalid-expression");
                assert_eq!(error.rule, Some(Name::new(rule)));
                for part in [from.as_str(), rule, "to mail failed"] {
                    assert!(error.message.contains(part), "{} lacks {part}", error.message);
                }
                assert_eq!(error.message.contains("not so"), dialect == "entra");
                assert!(!error.message.contains(OLD), "{}", error.message);
                assert_eq!(person(&world, "displayName").await.as_deref(), Some("Ada Lind"));
                assert_eq!(person(&world, "mail").await.as_deref(), Some(OLD));
                assert_eq!(sync.state["adma"].pending_export, 0);
            }
        }
    }
}

#[tokio::test]
async fn a_list_flows_whole_to_several_values_and_to_one_only_if_it_is_one() {
    let tenant = (TENANT, "\"mail\", ", "\"mail\", \"otherMails\", ");
    let directory = (DIRECTORY, "\"mail\", ", "\"mail\", \"proxyAddresses\", ");
    let flow = mail("entra", "Select($m,[otherMails],LCase($m))", "");
    let addresses = "to = \"mail\"\nfrom = \"mail\"\n[[flow]]\nto = \"proxyAddresses\"\n\
                     dialect = \"entra\"\nfrom = 'Split([mail] & \",b,a\",\",\")'";
    let world = World::with(&[tenant, directory, (IN, MAIL, &flow), (OUT, MAIL, addresses)]).await;
    world.graph.set(G1, "otherMails", "One@Contoso.example");
    world.cycle().await;
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), "one@contoso.example");
    let object = world.object("adma", &account(G1)).await.unwrap();
    let addresses = object.imported.unwrap().get("proxyAddresses").unwrap().to_string();
    assert_eq!(addresses, "a; b; one@contoso.example");
    world.graph.set_many(G1, "otherMails", &["one@contoso.example", "two@contoso.example"]);
    let [_, sync] = world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(sync.errors[0].error_type, "flow-multi-values-to-single-value");
    assert!(sync.errors[0].message.contains("LCase($m)"), "{}", sync.errors[0].message);
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), "one@contoso.example");
}

#[tokio::test]
async fn one_value_of_an_attribute_for_several_is_a_list() {
    let tenant = (TENANT, "\"mail\", ", "\"mail\", \"otherMails\", ");
    let flow = mail("entra", "CStr(Count([otherMails])) & Item([otherMails],1)", "");
    let world = World::with(&[tenant, (IN, MAIL, &flow)]).await;
    world.graph.set(G1, "otherMails", "x@contoso.example");
    world.cycle().await;
    assert_eq!(person(&world, "mail").await.unwrap(), "1x@contoso.example");
}

#[tokio::test]
async fn a_change_that_is_not_sent_yet_stays_while_its_flow_is_ignored() {
    let flow = mail("entra", &switched("entra", "sn", "IgnoreThisFlow"), "");
    let staged = async |world: &World| {
        let object = world.object("adma", &account(G1)).await.unwrap();
        let delta = object.export.pending?;
        delta.changes.get("mail").map(|change| change.value.clone())
    };
    let value = |text: &str| Some(store::ExportValue::Set(model::Values::one(text)));
    // The account is still to be created.
    let world = World::with(&[(OUT, MAIL, &flow)]).await;
    for (connector, profile) in &CYCLE[..6] {
        world.run(connector, profile).await;
    }
    assert_eq!(staged(&world).await, value(OLD));
    change(&world, false).await;
    assert_eq!(staged(&world).await, value(OLD));
    // It is there, and another address waits for it.
    let world = World::with(&[(OUT, MAIL, &flow)]).await;
    world.cycle().await;
    world.graph.set(G1, "mail", "new@treyresearch.example");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(staged(&world).await, value("new@treyresearch.example"));
    change(&world, false).await;
    assert_eq!(staged(&world).await, value("new@treyresearch.example"));
    world.settle().await;
    assert_eq!(world.adma.text(&account(G1), "mail").unwrap(), "new@treyresearch.example");
}

#[tokio::test]
async fn a_value_goes_with_its_giver_although_another_flow_is_ignored() {
    // The account's address counts more, but the account says nothing about it for now.
    let account_flow = (
        "rules/in-b2b-ad.toml",
        "to = \"domain\"",
        "to = \"mail\"\ndialect = \"entra\"\nfrom = 'IgnoreThisFlow'\n[[flow]]\nto = \"domain\"",
    );
    let tenant = (IN, "precedence     = 1", "precedence     = 5");
    let world = World::with(&[account_flow, tenant]).await;
    world.cycle().await;
    assert_eq!(person(&world, "mail").await.as_deref(), Some(OLD));
    world.graph.set(G1, "mail", "");
    world.runs(["b2b-graph/delta-import", "b2b-graph/delta-sync"]).await;
    assert_eq!(person(&world, "mail").await, None);
}

#[tokio::test]
async fn expressions_read_parameters_the_moment_and_what_was_imported() {
    let parameters =
        (TENANT, "[access]", "[rule_parameters]\nDomain.FQDN = \"contoso.com\"\n[access]");
    let flow = mail(
        "entra",
        "%Connector.Name% & \"/\" & %Domain.FQDN% & \"/\" & FormatDateTime(Now(),\"yyyy\")",
        "",
    );
    // The target as imported: nothing while it is new, its own old value afterwards.
    let target = "to = \"mail\"\ndialect = \"entra\"\n\
                  from = 'IIF(IsNull(ImportedValue(\"mail\")),\"first\",ImportedValue(\"mail\") & \"+\")'";
    let world = World::with(&[parameters, (IN, MAIL, &flow), (OUT, MAIL, target)]).await;
    world.cycle().await;
    let imported = person(&world, "mail").await.unwrap();
    assert_eq!(imported, "b2b-graph/contoso.com/2027");
    assert_eq!(world.adma.text(&account(G1), "mail").as_deref(), Some("first"));
    let object = world.object("adma", &account(G1)).await.unwrap();
    let change = &object.export.pending.unwrap().changes["mail"];
    assert_eq!(change.value, store::ExportValue::Set(model::Values::one("first+")));
}

#[tokio::test]
async fn a_rule_is_written_in_entras_language_throughout() {
    let rule = "name = \"IN - Names\"\ndirection = \"inbound\"\nconnector = \"b2b-graph\"\n\
                object = \"user\"\nmetaverse = \"person\"\nprecedence = 7\ndialect = \"entra\"\n\
                [[flow]]\nto = \"cn\"\nfrom = '[surname] & \", \" & [givenName]'\n\
                [[flow]]\nto = \"domain\"\nfrom = 'UCase(Item(Split([mail],\"@\"),2))'\n\
                [[flow]]\nto = \"sn\"\ndialect = \"mim\"\nfrom = 'surname+\"!\"'\n";
    let world = World::with(&[
        ("rules/names.toml", "", rule),
        (IN, "to = \"cn\"\nfrom = \"id\"\n[[flow]]\n", ""),
        (IN, "to = \"sn\"\nfrom = \"surname\"\n[[flow]]\n", ""),
    ])
    .await;
    world.cycle().await;
    assert_eq!(person(&world, "cn").await.unwrap(), "Lind, Ada");
    assert_eq!(person(&world, "sn").await.unwrap(), "Lind!");
}
