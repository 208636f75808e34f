//! Delegation and acceptance against a real KDC, and without one.

#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod delegation;
#[cfg(test)]
mod realm;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod traces;

#[cfg(test)]
use realm::Contoso;

#[test]
fn every_file_is_part_of_the_tests() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().replace(".rs", "");
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name}");
    }
}
