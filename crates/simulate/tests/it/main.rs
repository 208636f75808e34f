//! Seeds that always have to pass, and the reports of the simulation itself.

/// Seeds of the short simulation.
const SEEDS: u64 = 50;

#[test]
fn no_law_is_broken() {
    let failures: Vec<simulate::Failure> = (1..=SEEDS).filter_map(simulate::check).collect();
    assert_eq!(failures, []);
}

#[test]
fn a_seed_tells_the_same_story_every_time() {
    let story = simulate::story(7);
    assert!(story.contains("--- rules/in-0-user.toml"));
    assert!(story.ends_with("no violation\n"));
    assert_eq!(simulate::story(7), story);
}
