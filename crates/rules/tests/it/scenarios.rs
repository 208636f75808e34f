//! The example deployments, as files.

use std::path::{Path, PathBuf};

use expr::Random;
use insta::assert_snapshot;
use model::{Attributes, Value};
use rules::{SourceFile, Sources, check, compile_rules};

use crate::fixture::rendered;
use crate::stub::DESCRIPTORS;

fn read(example: &str) -> Sources {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples").join(example);
    let mut files = Vec::new();
    for below in ["", "connectors", "rules"] {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join(below))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_file())
            .collect();
        paths.sort();
        for path in paths {
            let name = path.file_name().unwrap().to_str().unwrap();
            let shown = Path::new(below).join(name).to_str().unwrap().replace('\\', "/");
            files.push(SourceFile { path: shown, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
    Sources { folder, files }
}

#[test]
fn the_documented_deployment_passes_with_its_known_hazards() {
    assert_snapshot!(rendered(&read("b2b-documented")));
}

#[test]
fn the_recommended_deployment_has_nothing_to_complain_about() {
    assert_eq!(rendered(&read("b2b")), "");
}

struct Zero;

impl Random for Zero {
    fn below(&mut self, _bound: u64) -> u64 {
        0
    }
}

/// What a flow of the recommended deployment makes of an object.
fn flows(rule: &str, to: &str, object: &[(&str, Value)]) -> String {
    let checked = check(&read("b2b"), &DESCRIPTORS);
    let deployment = checked.deployment.unwrap();
    let texts = deployment.rules.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let rules = compile_rules(texts, &deployment.schemas(&checked.validated)).unwrap();
    let rule = rules.iter().find(|r| r.name == rule).unwrap();
    let flow = rule.flows.iter().find(|flow| flow.to == to).unwrap();
    let mut attributes = Attributes::new();
    for (name, value) in object {
        attributes.set_one(name, value.clone());
    }
    let values = flow.from.eval(&attributes, &mut Zero).unwrap();
    values.map(|values| values.to_string()).unwrap_or_default()
}

#[test]
fn recommended_account_names_are_readable_legal_and_tell_guests_apart() {
    let name = |id: &str, mail: &str| {
        flows("IN - B2B Guest", "accountName", &[("id", id.into()), ("mail", mail.into())])
    };
    let id = "5f3c0e7a-91b4-4d0e-8a52-1c7d9be0f6a3";
    assert_eq!(name(id, "ada@treyresearch.net"), "ada-5f3c0e7a");
    assert_eq!(name(id, "Bartholomäus.Müller+x@treyresearch.net"), "bartholomau-5f3c0e7a");
    assert_eq!(name(id, ""), "guest-5f3c0e7a");
    assert!(name(id, "a.very.long.name@fabrikam.com").len() <= 20);
}

#[test]
fn recommended_accounts_are_enabled_only_while_the_guest_may_sign_in() {
    let control =
        |enabled: &[(&str, Value)]| flows("OUT - B2B - AD", "userAccountControl", enabled);
    assert_eq!(control(&[("accountEnabled", true.into())]), "262656");
    assert_eq!(control(&[("accountEnabled", false.into())]), "262658");
    assert_eq!(control(&[]), "262658");
}
