//! The check of settings, without a tenant.

use std::collections::BTreeMap;
use std::time::Duration;

use connector::{ConnectorConfig, ObjectSelection, SecretSource, Setting};
use model::Name;

use crate::config::GraphSettings;
use crate::connector::DESCRIPTOR;

fn config(
    connectivity: &[(&str, Setting)],
    parameters: &[(&str, Setting)],
    attributes: &[&str],
) -> ConnectorConfig {
    let table = |t: &[(&str, Setting)]| {
        Setting::Table(t.iter().map(|(n, s)| ((*n).to_owned(), s.clone())).collect())
    };
    let user = ObjectSelection {
        attributes: attributes.iter().map(|a| Name::new(a)).collect(),
        anchor: Some(Name::new("id")),
    };
    ConnectorConfig {
        name: Name::new("graph"),
        settings: BTreeMap::from([
            ("connectivity".to_owned(), table(connectivity)),
            ("parameters".to_owned(), table(parameters)),
        ]),
        objects: BTreeMap::from([(Name::new("user"), user)]),
        export_allowed: true,
        folder: "/etc/proxeny".into(),
    }
}

fn text(text: &str) -> Setting {
    Setting::Text(text.to_owned())
}

fn secret() -> Setting {
    Setting::Secret(SecretSource::Env("SECRET".to_owned()))
}

fn good() -> Vec<(&'static str, Setting)> {
    vec![
        ("tenant", text("contoso.onmicrosoft.com")),
        ("client_id", text("0dc4c140-0000-4000-8000-000068babca0")),
        ("client_secret", secret()),
    ]
}

fn problems(config: &ConnectorConfig) -> Vec<String> {
    let problems = GraphSettings::read(config).err().unwrap_or_default();
    let show = |p: connector::Problem| match p.help {
        Some(help) => format!("{}: {} ({help})", p.path, p.message),
        None => format!("{}: {}", p.path, p.message),
    };
    problems.into_iter().map(show).collect()
}

#[test]
fn the_global_cloud_is_the_default() {
    let settings = GraphSettings::read(&config(&good(), &[], &["mail"])).unwrap();
    assert_eq!(settings.authority, "https://login.microsoftonline.com");
    assert_eq!(settings.graph, "https://graph.microsoft.com");
    assert_eq!((settings.api_version, settings.ca.is_none()), ("v1.0", true));
    assert_eq!(settings.http_timeout, Duration::from_secs(100));
    assert_eq!(settings.select(), "id,mail", "the anchor is always selected");
    let validated = (DESCRIPTOR.validate)(&config(&good(), &[], &[])).unwrap();
    assert!(!validated.capabilities().export, "whatever the configuration allows");
}

#[test]
fn times_are_read_with_their_unit() {
    for (given, seconds) in [("100 s", 100), ("5s", 5), ("2 min", 120)] {
        let settings = config(&good(), &[("http_timeout", text(given))], &[]);
        let settings = GraphSettings::read(&settings).unwrap();
        assert_eq!(settings.http_timeout, Duration::from_secs(seconds));
    }
    for given in ["100", "s", "0 s", "2 h", "1.5 s", "99999999999999999999 s", "61 min"] {
        let found = problems(&config(&good(), &[("http_timeout", text(given))], &[]));
        assert_eq!(found.len(), 1, "{given}");
        assert!(found[0].starts_with("parameters.http_timeout"), "{found:?}");
    }
}

#[test]
fn every_wrong_setting_is_reported_with_its_place() {
    let mut connectivity = good();
    connectivity[0].1 = text("common");
    connectivity[1].1 = text("my app");
    connectivity.extend([
        ("client_certificate", secret()),
        ("api_version", text("v2.0")),
        ("authority", text("http://login.example")),
        ("graph", text("https://graph.example/v1.0")),
        ("tennant", text("x")),
    ]);
    let parameters = [("datetime_format", text("%Q"))];
    let mut config = config(&connectivity, &parameters, &["mail"]);
    config.settings.insert("partitions".to_owned(), Setting::List(vec![]));
    config.objects.insert(Name::new("group"), ObjectSelection::default());
    let places: Vec<String> =
        problems(&config).iter().map(|p| p.split(':').next().unwrap().to_owned()).collect();
    assert_eq!(
        places,
        [
            "partitions",
            "connectivity.tenant",
            "connectivity.client_id",
            "connectivity.client_certificate",
            "connectivity.api_version",
            "connectivity.authority",
            "connectivity.graph",
            "connectivity.tennant",
            "parameters.datetime_format",
            "objects.group",
        ]
    );
}

#[test]
fn what_is_missing_is_said() {
    let mut empty = config(&[], &[], &[]);
    empty.objects.clear();
    assert_eq!(
        problems(&empty),
        [
            "connectivity: tenant is missing",
            "connectivity: client_id is missing",
            "connectivity: client_secret or client_certificate is missing",
            "objects: the object type user is not selected",
        ]
    );
}

#[test]
fn unknown_attributes_get_a_suggestion() {
    let attributes =
        ["displayname", "phone", "skills", "manager", "identities", "extension_a1_level", "xyz"];
    let found = problems(&config(&good(), &[], &attributes));
    assert_eq!(
        found,
        [
            "objects.user.attributes: displayname is not a property of user \
             (did you mean displayName?)",
            "objects.user.attributes: phone is not a property of user \
             (did you mean businessPhones or mobilePhone?)",
            "objects.user.attributes: skills cannot be imported: \
             Graph does not deliver it in a delta query",
            "objects.user.attributes: manager cannot be imported: links are not imported",
            "objects.user.attributes: identities cannot be imported: \
             it is a structure, not a value",
            "objects.user.attributes: xyz is not a property of user",
        ]
    );
}

#[test]
fn the_anchor_is_the_id() {
    let mut config = config(&good(), &[], &[]);
    config.objects.values_mut().next().unwrap().anchor = Some(Name::new("mail"));
    assert_eq!(problems(&config), ["objects.user.anchor: the anchor of user must be \"id\""]);
}
