//! The pages about expressions: what they show is what the program prints.

use std::path::Path;
use std::process::Command;

/// The pages whose examples are run.
const PAGES: [&str; 3] = ["expressions-guide.md", "expression-dialects.md", "commands.md"];

/// A fenced block with the sentence before it.
struct Block<'a> {
    before: &'a str,
    language: &'a str,
    body: String,
}

fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    let mut before = "";
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let body = lines.by_ref().take_while(|line| *line != "```");
            let body = body.map(|line| format!("{line}\n")).collect();
            found.push(Block { before, language, body });
        } else if !line.trim().is_empty() {
            before = line;
        }
    }
    found
}

/// The words of a command line, as a shell splits them; single quotes are the only ones in use.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            _ => words.last_mut().unwrap().push(c),
        }
    }
    assert!(!is_quoted, "a quote is not closed in {line}");
    words
}

fn printed(line: &str, folder: &Path) -> String {
    let words = words(line);
    assert_eq!(words.first().map(String::as_str), Some("proxeny"), "{line}");
    let mut command = Command::new(env!("CARGO_BIN_EXE_proxeny"));
    command.args(words.iter().skip(1)).current_dir(folder).env_remove("PROXENY_CONFIG");
    let output = command.output().unwrap();
    // What is wrong is said before what came out.
    String::from_utf8([output.stderr, output.stdout].concat()).unwrap()
}

/// The commands of a block, each with what the page shows below it.
fn examples(body: &str) -> Vec<(&str, &str)> {
    let commands = body.strip_prefix("$ ").into_iter().flat_map(|body| body.split("\n$ "));
    commands.map(|command| command.split_once('\n').unwrap_or((command, ""))).collect()
}

#[test]
fn pages_show_what_expressions_really_give() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let mut wrong = Vec::new();
    let mut count = 0;
    for page in PAGES {
        let text = std::fs::read_to_string(docs.join(page)).unwrap();
        let folder = tempfile::tempdir().unwrap();
        for block in blocks(&text) {
            if !block.language.is_empty() {
                // A sentence before a file's contents ends with its name.
                if let Some(name) = block.before.split('`').nth(1).filter(|n| n.contains('.')) {
                    std::fs::write(folder.path().join(name), &block.body).unwrap();
                }
                continue;
            }
            if !block.body.starts_with("$ proxeny expr ") {
                continue;
            }
            for (line, shown) in examples(&block.body) {
                count += 1;
                let found = printed(line, folder.path());
                if found.trim_end() != shown.trim_end() {
                    wrong.push(format!("{page}: {line}\n{found}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "write anew:\n{}", wrong.join("\n"));
    assert!(count > 70, "only {count} examples");
}

#[test]
fn decisions_hold_on_the_command_line() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found = printed("proxeny expr test examples/expressions/decisions.json", &project);
    assert!(found.ends_with(" passed, 0 failed\n"), "{found}");
}
