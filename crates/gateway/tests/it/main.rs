//! The gateway between a browser driven by hand, the simulated tenant, and back ends that answer
//! octet by octet what a test says.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod backend;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod fakes;
#[cfg(test)]
mod forwarding;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod people;
#[cfg(test)]
mod samba;
#[cfg(test)]
mod sessions;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod translation;
#[cfg(test)]
mod tunnels;

#[test]
fn every_file_is_part_of_the_tests() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().replace(".rs", "");
        assert!(name == "main" || main.contains(&format!("mod {name};")), "{name}");
    }
}
