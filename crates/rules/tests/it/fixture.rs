//! A small configuration without a fault, and the means to put one in.

use std::fmt::Write as _;
use std::path::PathBuf;

use rules::{Checked, Deployment, SourceFile, Sources};

use crate::stub::DESCRIPTORS;

const FILES: [(&str, &str); 6] = [
    (
        "proxeny.toml",
        r#"version = 1

[store]
url = "sqlite:test.db"

[sequences]
all = ["graph/full-import", "graph/delta-sync", "ad/export", "ad/delta-import"]

[[schedules]]
sequence = "all"
every = "5 min"
"#,
    ),
    (
        "metaverse.toml",
        r#"[types.person]
deletion = { rule = "any", connectors = ["graph"] }

[types.person.attributes]
accountName = { type = "string", indexed = true }
displayName = { type = "string" }
enabled     = { type = "boolean" }
mail        = { type = "string" }
mails       = { type = "string", multi = true }
objectSid   = { type = "binary" }
uid         = { type = "string" }
"#,
    ),
    (
        "connectors/ad.toml",
        r#"type = "active-directory"

[connectivity]
servers = ["ldaps://dc1.contoso.com"]

[objects.user]
attributes = ["displayName", "employeeNumber", "mail", "manager", "objectSid", "otherMailbox",
    "sAMAccountName", "unicodePwd", "userAccountControl", "whenCreated"]
"#,
    ),
    (
        "connectors/graph.toml",
        r#"type = "graph"

[connectivity]
tenant = "contoso.onmicrosoft.com"
client_id = "00000000-0000-4000-8000-000000000001"
client_secret = { env = "GRAPH_SECRET" }

[objects.user]
attributes = ["id", "accountEnabled", "displayName", "mail", "otherMails", "userType"]

[[objects.user.filter]]
all = [{ attribute = "userType", operator = "equal", value = "Member" }]

[access]
export = false
"#,
    ),
    (
        "rules/in.toml",
        r#"name = "IN"
direction = "inbound"
connector = "graph"
object = "user"
metaverse = "person"
precedence = 1
relationship = [{ metaverse = "uid", object = "id" }]
create_in_metaverse = true

[[flow]]
to = "uid"
from = "id"
[[flow]]
to = "mail"
from = "mail"
"#,
    ),
    (
        "rules/out.toml",
        r#"name = "OUT"
direction = "outbound"
connector = "ad"
object = "user"
metaverse = "person"
precedence = 1
create_in_connected_system = true

[[flow]]
to = "dn"
from = 'EscapeDNComponent("CN="+uid)+",OU=Guests,DC=contoso,DC=com"'
initial = true
[[flow]]
to = "mail"
from = "mail"
"#,
    ),
];

/// The configuration without a fault.
pub(crate) fn sources() -> Sources {
    let file = |(path, text): (&str, &str)| SourceFile { path: path.into(), text: text.into() };
    Sources { folder: PathBuf::from("config"), files: FILES.map(file).into() }
}

/// The configuration with texts replaced: file, what is there, what comes there instead. A file
/// that is not there is made; nothing there means the end of the file.
pub(crate) fn edited(edits: &[(&str, &str, &str)]) -> Sources {
    let mut sources = sources();
    for (path, old, new) in edits {
        match sources.files.iter_mut().find(|file| file.path == *path) {
            Some(file) if old.is_empty() => file.text.push_str(new),
            Some(file) => {
                assert!(file.text.contains(old), "{old:?} is not in {path}");
                file.text = file.text.replacen(old, new, 1);
            }
            None => sources.files.push(SourceFile { path: (*path).into(), text: (*new).into() }),
        }
    }
    sources
}

/// What the check says of `sources`, rendered.
pub(crate) fn rendered(sources: &Sources) -> String {
    let Checked { deployment, diagnostics, .. } = rules::check(sources, &DESCRIPTORS);
    let mut out = String::new();
    for diagnostic in &diagnostics {
        let text = sources.text(&diagnostic.file);
        writeln!(out, "{}", diagnostic.render(text)).unwrap();
    }
    let has_errors = diagnostics.iter().any(|d| d.is_error());
    assert_eq!(deployment.is_none(), has_errors, "a deployment exactly without errors:\n{out}");
    out
}

/// What the check says of the edited configuration.
pub(crate) fn findings(edits: &[(&str, &str, &str)]) -> String {
    rendered(&edited(edits))
}

/// The codes of what the check says of the edited configuration.
pub(crate) fn codes(edits: &[(&str, &str, &str)]) -> Vec<&'static str> {
    let checked = rules::check(&edited(edits), &DESCRIPTORS);
    checked.diagnostics.iter().map(|diagnostic| diagnostic.code).collect()
}

/// The deployment of an edited configuration without errors.
pub(crate) fn deployment(edits: &[(&str, &str, &str)]) -> Deployment {
    let sources = edited(edits);
    let checked = rules::check(&sources, &DESCRIPTORS);
    checked.deployment.unwrap_or_else(|| panic!("{}", rendered(&sources)))
}

/// What the check says after each edit of the configuration that `base` makes, one after another:
/// the text that is replaced, what comes there instead, and the findings. Every one must have some.
pub(crate) fn each(
    path: &'static str,
    base: &[(&str, &str, &str)],
    edits: &[(&str, &str)],
) -> String {
    assert_eq!(findings(base), "");
    let mut out = String::new();
    for (old, new) in edits {
        let edits = [base, &[(path, *old, *new)]].concat();
        let found = findings(&edits);
        assert!(!found.is_empty(), "nothing wrong with {new:?}");
        writeln!(out, "{}\n", found.trim_end()).unwrap();
    }
    out
}
