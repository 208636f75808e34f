//! Run profiles, limits by kind of change, and how long the history is kept.

use model::Name;
use rules::{ChangeKind, Limit, StepType};

use crate::fixture::{codes, deployment, each};

const AD: &str = "connectors/ad.toml";
const PROXENY: &str = "proxeny.toml";

const NIGHTLY: &str = r#"
[run_profiles.nightly]
steps = [
  { type = "full-import", object_limit = 500, deletion_limit = 100, batch_size = 1000, to_file = "all.jsonl", resume_from_file = "all.jsonl" },
  { type = "full-sync" },
  { type = "export", deletion_limit = 0, batch_size = 1 },
]
[run_profiles.drop]
steps = [{ type = "full-import", to_file = "all.jsonl" }]
"#;

#[test]
fn a_connector_has_its_own_profiles_beside_the_five() {
    let said = deployment(&[(AD, "", NIGHTLY)]);
    let document = &said.connectors["ad"];
    let names: Vec<&str> = document.profile_names().collect();
    let expected =
        ["full-import", "delta-import", "full-sync", "delta-sync", "export", "drop", "nightly"];
    assert_eq!(names, expected);
    let steps = document.steps("nightly").unwrap();
    let words: Vec<String> = steps.iter().map(ToString::to_string).collect();
    assert_eq!(
        words,
        [
            "full-import, object_limit 500, deletion_limit 100, batch_size 1000, to_file \
             all.jsonl, resume_from_file all.jsonl",
            "full-sync",
            "export, deletion_limit 0, batch_size 1",
        ]
    );
    let [only] = <[_; 1]>::try_from(document.steps("delta-sync").unwrap()).unwrap();
    assert_eq!((only.step_type, only.object_limit), (StepType::DeltaSync, None));
    assert_eq!(document.steps("weekly"), None);
}

#[test]
fn sequences_run_a_connector_s_own_profiles() {
    let step = (PROXENY, "ad/export", "ad/nightly");
    let said = deployment(&[(AD, "", NIGHTLY), step]);
    assert_eq!(said.sequences["all"][2], (Name::new("ad"), Name::new("nightly")));
    assert_eq!(codes(&[step]), ["CFG-0202"]);
}

#[test]
fn profiles_that_cannot_be_are_refused() {
    let with = |step: &str| format!("[run_profiles.x]\nsteps = [{step}]\n");
    let edits = [
        "[run_profiles.export]\nsteps = [{ type = \"export\" }]\n".to_owned(),
        "[run_profiles.x]\nsteps = []\n".to_owned(),
        "[run_profiles.x]\n".to_owned(),
        with("{ type = \"full\" }"),
        with("{ object_limit = 1 }"),
        with("{ type = \"full-import\", object_limit = 0 }"),
        with("{ type = \"export\", batch_size = 51 }"),
        with("{ type = \"full-sync\", to_file = \"a\", deletion_limit = 1 }"),
        with("{ type = \"export\", to_file = \"../a\" }"),
        with("{ type = \"export\", to_file = \"a\", resume_from_file = \"b\" }"),
        with("{ type = \"full-import\", partition = \"DC=fabrikam,DC=com\" }"),
        with("{ type = \"full-import\", partition = \"contoso\" }"),
    ];
    let edits: Vec<(&str, &str)> = edits.iter().map(|new| ("", new.as_str())).collect();
    insta::assert_snapshot!(each(AD, &[], &edits));
}

#[test]
fn what_is_done_by_hand_has_names_that_no_profile_takes() {
    for name in ["clear", "joiner", "preview"] {
        let profile = format!("[run_profiles.{name}]\nsteps = [{{ type = \"full-import\" }}]\n");
        assert_eq!(codes(&[(AD, "", &profile)]), ["CFG-0321"], "{name}");
    }
}

#[test]
fn a_connector_that_only_reads_has_no_profile_that_exports() {
    let read_only =
        (AD, "", "[access]\nexport = false\n[run_profiles.x]\nsteps = [{ type = \"export\" }]\n");
    assert_eq!(codes(&[read_only]), ["CFG-0321", "CFG-0202"]);
}

#[test]
fn limits_are_by_kind_of_change_and_by_object_type() {
    let text = "[limits]\ndelete = { count = 100, percent = 5 }\nmember_removal = { percent = 10 }\n\
                [objects.user.limits]\ndisable = { count = 3 }\n";
    let said = deployment(&[(AD, "", text)]);
    let limits = &said.connectors["ad"].limits;
    let delete = Limit { count: Some(100), percent: Some(5) };
    assert_eq!(limits.on(ChangeKind::Delete).collect::<Vec<_>>(), [(None, delete)]);
    let user = Name::new("user");
    let disable = Limit { count: Some(3), percent: None };
    assert_eq!(limits.on(ChangeKind::Disable).collect::<Vec<_>>(), [(Some(&user), disable)]);
    assert!(limits.has(ChangeKind::MemberRemoval) && !limits.has(ChangeKind::Create));
    let both = "[limits]\ndelete = { count = 1 }\ndeletes = { count = 1 }\n";
    assert_eq!(codes(&[(AD, "", both)]), ["CFG-0109"]);
    assert_eq!(codes(&[(AD, "", "[limits]\nrenames = { count = 1 }\n")]), ["CFG-0103"]);
}

#[test]
fn a_deployment_exports_unless_it_is_in_staging_mode() {
    let is_staging = |text: &str| deployment(&[(PROXENY, "", text)]).is_staging;
    assert!(!is_staging(""));
    assert!(is_staging("[engine]\nstaging = true\n"));
    assert_eq!(codes(&[(PROXENY, "", "[engine]\nstaging = 1\n")]), ["CFG-0104"]);
}

#[test]
fn the_history_is_kept_for_a_month_unless_told_otherwise() {
    let days = |text: &str| deployment(&[(PROXENY, "", text)]).history.keep_days;
    assert_eq!(days(""), Some(30));
    assert_eq!(days("[history]\nkeep_days = 7\n"), Some(7));
    assert_eq!(days("[history]\nkeep_days = 0\n"), None);
    assert_eq!(codes(&[(PROXENY, "", "[history]\nkeep_days = 40000\n")]), ["CFG-0106"]);
}
