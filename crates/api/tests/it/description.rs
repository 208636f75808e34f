//! `openapi/openapi.json` is what the handlers say.

use std::path::Path;

/// Set to write the file anew.
const UPDATE: Option<&str> = option_env!("UPDATE_OPENAPI");

#[test]
fn the_checked_in_description_is_the_one_the_handlers_make() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi/openapi.json");
    let made = api::document_text();
    if UPDATE.is_some() {
        std::fs::write(&path, &made).unwrap();
    }
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == made,
        "openapi/openapi.json is out of date: UPDATE_OPENAPI=1 cargo test -p api description"
    );
}
