//! Settings are checked as a whole.

use connector::{Problem, Setting};
use connector_service::DESCRIPTOR;
use model::DnStyle;

use crate::support::config;

#[test]
fn every_problem_is_reported_with_its_place() {
    let mut config = config(&[("Person", &["JobTitle", "Shoe"]), ("Group", &[])]);
    config.settings.insert("connectivity".to_owned(), Setting::Boolean(true));
    let problems = (DESCRIPTOR.validate)(&config).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|Problem { path, .. }| path.as_str()).collect();
    assert_eq!(paths, ["connectivity", "objects.Group", "objects.Person.attributes"]);
}

#[test]
fn anchors_are_names_and_exports_must_be_allowed() {
    let mut config = config(&[("Person", &["JobTitle"])]);
    for export_allowed in [true, false] {
        config.export_allowed = export_allowed;
        let validated = (DESCRIPTOR.validate)(&config).unwrap();
        let capabilities = validated.capabilities();
        assert_eq!(capabilities.dn_style, DnStyle::Anchor);
        assert!(capabilities.delta_import);
        assert_eq!(capabilities.export, export_allowed);
        // The key that ties a resource to the metaverse needs no mention.
        let names: Vec<&str> =
            validated.schema().types["Person"].keys().map(model::Name::as_str).collect();
        assert_eq!(names, ["JobTitle", "MVObjectID"]);
    }
}
