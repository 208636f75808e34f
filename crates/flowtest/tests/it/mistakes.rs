//! What is said of tests that fail, and of tests that make no sense.

use flowtest::{Report, Verdict};

use crate::flows::CONNECTORS;

/// A configuration of one connector, and what every test begins with.
const BEGIN: &str = r#"
description = "a test of the tests"

[[patch]]
file = "metaverse.toml"
text = """
[types.person.attributes]
login = { type = "string", indexed = true }
mail  = { type = "string" }
"""
[[patch]]
file = "connectors/hr.toml"
text = """
type = "test"
[connectivity.schema.user]
login = "string"
mail  = "string"
[objects.user]
anchor = "login"
"""
[[patch]]
file = "rules/in-hr.toml"
text = """
name                = "IN - HR"
direction           = "inbound"
connector           = "hr"
object              = "user"
metaverse           = "person"
precedence          = 1
create_in_metaverse = true
[[flow]]
to   = "login"
from = "login"
[[flow]]
to   = "mail"
from = "mail"
"""
[[given.hr]]
attributes = { login = "ada", mail = "ada@contoso.com" }
"#;

pub(crate) async fn play(text: &str) -> Report {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("test.toml");
    std::fs::write(&file, text).unwrap();
    Box::pin(flowtest::play(&file, "test.toml", CONNECTORS, false)).await
}

pub(crate) fn texts(report: &Report) -> String {
    let texts: Vec<String> = report.failures().iter().map(ToString::to_string).collect();
    texts.join("\n")
}

/// A test that makes no sense, and what is said of it.
async fn malformed(steps: &str, expected: &[&str]) {
    let report = play(&format!("{BEGIN}{steps}")).await;
    assert!(matches!(report.verdict, Verdict::Malformed(_)), "{steps}: {report:#?}");
    let said = texts(&report);
    for text in expected {
        assert!(said.contains(text), "{steps}: {said}");
    }
}

/// A test that fails, and what is said of it.
async fn failed(steps: &str, expected: &[&str]) {
    let report = play(&format!("{BEGIN}{steps}")).await;
    assert!(matches!(report.verdict, Verdict::Failed(_)), "{steps}: {report:#?}");
    let said = texts(&report);
    for text in expected {
        assert!(said.contains(text), "{steps}: {said}");
    }
}

#[tokio::test]
async fn wrong_words_are_never_passed_over() {
    let run = "[[step]]\nrun = \"hr/full-import\"\n";
    let check = |text: &str| format!("{run}[step.expect]\n{text}\n");
    malformed("", &["a test without steps tests nothing"]).await;
    malformed(&check("reslt = \"success\""), &["FLW-0101", "did you mean `result`?"]).await;
    malformed(&check("result = \"succes\""), &["did you mean `success`?"]).await;
    malformed(&check("counters = { stage-ad = 1 }"), &["did you mean `stage-add`?"]).await;
    malformed(&check("counters = { stage-add = \"1\" }"), &["must be a whole number, not text"])
        .await;
    malformed(&check("count.hr = { totl = 1 }"), &["did you mean `total`?"]).await;
    malformed(&check("[[step.expect.cs]]\nsystem = \"hr\""), &["does not say which object"]).await;
    malformed("[[step]]\nrun = \"hr\"\n", &["does not name a connector and a run profile"]).await;
    malformed("[[step]]\nrun = \"hp/full-import\"\n", &["no connector \"hp\"", "`hr`"]).await;
    malformed("[[step]]\nrun = \"hr/full-inport\"\n", &["did you mean `full-import`?"]).await;
    malformed("[[step]]\nsequence = \"all\"\n", &["there is no sequence all"]).await;
    malformed("[[step]]\nadvance = \"1 week\"\n", &["`1 week` is no time"]).await;
    malformed("[[step]]\n[step.expect]\nresult = \"success\"\n", &["has none"]).await;
    malformed("[[step]\n", &["FLW-0101"]).await;
}

#[tokio::test]
async fn things_that_are_not_there_are_mistakes() {
    let change = |text: &str| format!("[[step]]\nchange = [{{ system = \"hr\", {text} }}]\n");
    malformed(&change("delete = \"adda\""), &["hr has no adda", "did you mean `ada`?"]).await;
    malformed(&change("delete = \"ada\", rename = \"x\""), &["a change is one of"]).await;
    malformed(&change("modify = \"ada\", set = { mial = \"x\" }"), &["did you mean `mail`?"]).await;
    malformed(&change("modify = \"ada\", set = { mail = 1 }"), &["1 is no value of type string"])
        .await;
    malformed(&change("add = \"ada\""), &["hr has ada already"]).await;
    malformed("[[given.hs]]\ndn = \"x\"\n[[step]]\n", &["no connector hs", "did you mean `hr`?"])
        .await;
    malformed("[systems.hs]\n[[step]]\n", &["there is no connector hs"]).await;
    let fault = |text: &str| format!("[[step]]\nfault = [{{ system = \"hr\", {text} }}]\n");
    malformed(&fault("on = \"page\", lost = \"applied\""), &["cannot happen at such an event"])
        .await;
    malformed(&fault("on = \"page\""), &["a fault has one effect"]).await;
    malformed(&fault("on = \"pages\", hide = true"), &["did you mean `page`?"]).await;
    let joiner = |text: &str| format!("[[step]]\njoiner = [{{ system = \"hr\", {text} }}]\n");
    malformed(&joiner("dn = \"ada\", do = \"disconnect\""), &["has no ada"]).await;
    malformed(&joiner("dn = \"ada\", do = \"part\""), &["possible: `join`, `project`"]).await;
    malformed(&joiner("dn = \"ada\", do = \"join\""), &["`to` is missing"]).await;
    let limited = "[[step]]\nrun = { run = \"hr/full-import\", accept_limits = \"deletes\" }\n";
    malformed(limited, &["`deletes` is no kind of change that has limits", "delete,"]).await;
    malformed("[[step]]\npreview = { system = \"hr\", dn = \"ada\" }\n", &["has no ada"]).await;
}

#[tokio::test]
async fn mistakes_of_the_configuration_are_those_that_check_reports() {
    let patch =
        |text: &str| format!("[[step]]\n[[step.patch]]\nfile = \"rules/in-hr.toml\"\n{text}\n");
    malformed(&patch("find = \"mial\"\nreplace = \"x\""), &["does not say \"mial\""]).await;
    malformed(&patch("find = \"mail\"\nreplace = \"x\""), &["says \"mail\" 2 times"]).await;
    malformed(&patch("append = \"x\"\nremove = true"), &["a patch has one of"]).await;
    let wrong = patch("find = 'from = \"mail\"'\nreplace = 'from = \"mial\"'");
    malformed(&wrong, &["rules/in-hr.toml", "EXP-0202", "did you mean `mail`?"]).await;
}

#[tokio::test]
async fn what_differs_is_shown_with_its_place_and_the_object() {
    let run = "[[step]]\nrun = [\"hr/full-import\", \"hr/full-sync\"]\n";
    let mv = "[[step.expect.mv]]\ntype = \"person\"\nkey = { login = \"ada\" }\n";
    failed(
        &format!("{run}{mv}attributes = {{ mail = \"a@contoso.com\" }}\n"),
        &[
            "test.toml:42: metaverse person with login \"ada\" is not as expected",
            "mail (line 45)",
            "- expected: \"a@contoso.com\"",
            "+ found:    \"ada@contoso.com\"",
            "mail = \"ada@contoso.com\"  (IN - HR, hr ada)",
        ],
    )
    .await;
    failed(&format!("{run}{mv}absent = true\n"), &["is there"]).await;
    failed(&format!("{run}{mv}exact = true\n"), &["login (line 42)", "(no value)"]).await;
    failed(&format!("{run}{mv}links = [\"hr bob\"]\n"), &["- expected: hr bob"]).await;
    failed(&format!("{run}{mv}lineage = {{ mail = \"IN\" }}\n"), &["lineage of mail"]).await;
    failed(&format!("{run}{mv}attributes = {{ mial = \"\" }}\n"), &["did you mean `mail`?"]).await;
    let expect = |text: &str| format!("{run}[step.expect]\n{text}\n");
    failed(&expect("result = \"completed-warnings\""), &["+ found:    success"]).await;
    failed(&expect("counters = { joins = 1 }"), &["joins (line 43)", "- expected: 1"]).await;
    failed(&expect("counters_exact = true"), &["disconnector-projected-flow"]).await;
    failed(&expect("errors = [{ type = \"cd-error\" }]"), &["no such error"]).await;
    failed(&expect("metaverse.person = 2"), &["has 1 objects of type person, not 2"]).await;
    failed(&expect("count.hr.total = 2"), &["connector space hr", "total"]).await;
    failed(&expect("operations.hr = [\"add x\"]"), &["- expected: [add x]"]).await;
    failed(&expect("unchanged = true"), &["the step changed something", "+ "]).await;
}

#[tokio::test]
async fn a_run_that_ends_badly_has_to_be_expected() {
    let fault = "fault = [{ system = \"hr\", on = \"open-import\", error = \"connection\" }]\n";
    let run = format!("[[step]]\n{fault}run = [\"hr/full-import\", \"hr/full-sync\"]\n");
    failed(&run, &["hr/full-import ended no-start-connection, which nothing expects"]).await;
    let expected = "[step.expect]\nruns = [{ run = \"hr/full-import\", result = \
                    \"no-start-connection\" }, { run = \"hr/full-sync\" }]\n";
    let report = play(&format!("{BEGIN}{run}{expected}")).await;
    assert!(report.has_passed(), "{}", texts(&report));
}

#[tokio::test]
async fn what_is_announced_has_to_happen() {
    let fault = "[[step]]\nfault = [{ system = \"hr\", on = \"operation\", crash = \"after\" }]\n";
    failed(&format!("{fault}run = \"hr/full-import\"\n"), &["the fault never happened"]).await;
    failed(&format!("{fault}[[step]]\nmend = \"hr\"\n"), &["the fault never happened"]).await;
    let step = "[[step]]\nrun = \"hr/full-import\"\n";
    let warning = "[[config_warning]]\ncode = \"CFG-0602\"\n";
    failed(&format!("{warning}{step}"), &["does not have the expected warning"]).await;
    failed("[[config_error]]\n", &["does not have the expected error"]).await;
    malformed(&format!("[[config_error]]\n{step}"), &["no step can follow"]).await;
    let store =
        "[[step]]\nfault = [{ system = \"hr\", on = \"operation\", store = { mial = \"\" } }]\n";
    malformed(store, &["hr has no attribute mial", "did you mean `mail`?"]).await;
}
