//! Systems made of memory behave as the documentation says.

use crate::mistakes::{play, texts};

/// A directory that is written to and read.
const DIRECTORY: &str = r#"
description = "a test of the systems"

[[patch]]
file = "metaverse.toml"
text = """
[types.person.attributes]
login = { type = "string", indexed = true }
mail  = { type = "string" }
token = { type = "binary" }
since = { type = "datetime" }
grade = { type = "integer" }
here  = { type = "boolean" }
"""
[[patch]]
file = "connectors/hr.toml"
text = """
type = "test"
[connectivity.schema.user]
login = "string"
mail  = "string"
token = "binary"
since = "datetime"
grade = "integer"
here  = "boolean"
[connectivity.schema.robot]
login = "string"
[objects.user]
anchor = "login"
[objects.robot]
anchor = "login"
"""
[[patch]]
file = "connectors/ad.toml"
text = """
type = "test"
[connectivity]
dn_style = "ldap"
[connectivity.schema.user]
mail  = "string"
login = "string"
[connectivity.schema.container]
[objects.user]
[objects.container]
"""
[[patch]]
file = "rules/in-hr.toml"
text = """
name                = "IN - HR"
direction           = "inbound"
connector           = "hr"
object              = "user"
metaverse           = "person"
precedence          = 1
create_in_metaverse = true
[[flow]]
to   = "login"
from = "login"
[[flow]]
to   = "mail"
from = "mail"
"""
[[patch]]
file = "rules/out-ad.toml"
text = """
name       = "OUT - AD"
direction  = "outbound"
connector  = "ad"
object     = "user"
metaverse  = "person"
precedence = 1
create_in_connected_system = true
[[flow]]
to      = "dn"
from    = '"CN="+login+",OU=P,DC=x"'
initial = true
[[flow]]
to   = "login"
from = "login"
[[flow]]
to   = "mail"
from = "mail"
"""
"#;

async fn passes(text: &str) {
    let report = play(&format!("{DIRECTORY}{text}")).await;
    assert!(report.has_passed(), "{}", texts(&report));
}

#[tokio::test]
async fn values_of_every_type_are_written_and_compared() {
    passes(
        r#"
[[given.hr]]
type = "user"
attributes = { login = "ada", token = { hex = "00fF" }, since = 2026-01-31T12:00:00Z, grade = 7, here = true }
[[given.hr]]
type = "user"
attributes = { login = "bob", token = "S-1-5-32-544", mail = { repeat = "x", times = 3 } }
[[given.hr]]
type = "user"
attributes = { login = "eve", token = { guid = "00112233-4455-6677-8899-aabbccddeeff" } }
[[step]]
run = "hr/full-import"
[[step.expect.cs]]
system = "hr"
dn = "ada"
exact = true
[step.expect.cs.attributes]
login = "ada"
token = "00ff"
since = "2026-01-31T12:00:00Z"
grade = { not = 8 }
here = true
[[step.expect.cs]]
system = "hr"
key = { mail = "xxx" }
attributes = { token = { sid = "S-1-5-32-544" }, mail = { count = 1 } }
[[step.expect.cs]]
system = "hr"
dn = "eve"
attributes = { token = { hex = "33221100554477668899aabbccddeeff" } }
"#,
    )
    .await;
}

#[tokio::test]
async fn systems_have_the_habits_they_are_given() {
    passes(
        r#"
[systems.ad]
normalizes = { mail = "lower-case", login = "trim" }
checks_parent = false
[systems.hr]
deletions_in_delta = false
page_objects = 1
[[given.hr]]
type = "user"
attributes = { login = "ada", mail = "Ada@Contoso.com" }
[[step]]
run = ["ad/full-import", "hr/full-import", "hr/full-sync", "ad/export"]
[[step.expect.system]]
system = "ad"
dn = "CN=ada,OU=P,DC=x"
attributes = { mail = "ada@contoso.com" }
[[step]]
change = [{ system = "hr", delete = "ada" }]
run = "hr/delta-import"
[step.expect]
counters_exact = true
[[step]]
run = "hr/full-import"
[step.expect]
counters = { stage-delete = 1 }
"#,
    )
    .await;
}

#[tokio::test]
async fn changes_by_others_are_of_every_kind() {
    passes(
        r#"
[[given.ad]]
dn = "OU=P,DC=x"
type = "container"
[[given.ad]]
dn = "CN=a,OU=P,DC=x"
type = "user"
anchor = "1"
[[given.hr]]
type = "user"
attributes = { login = "ada" }
[[step]]
run = ["ad/full-import", "hr/full-import"]
[[step]]
change = [
  { system = "ad", rename = "OU=P,DC=x", to = "OU=Q,DC=x" },
  { system = "hr", retype = "ada", type = "robot" },
]
run = ["ad/delta-import", "hr/delta-import"]
[step.expect]
counters = { stage-delete-add = 1 }
[[step.expect.system]]
system = "ad"
anchor = "1"
has_dn = "CN=a,OU=Q,DC=x"
[[step]]
name = "a silent change is for full imports only"
change = [{ system = "ad", delete = "OU=Q,DC=x", with_children = true, silent = true }]
run = "ad/delta-import"
[step.expect]
counters_exact = true
[[step]]
run = "ad/full-import"
[step.expect]
counters = { stage-delete = 2 }
"#,
    )
    .await;
}

#[tokio::test]
async fn entries_are_distorted_as_faults_say() {
    passes(
        r#"
[[given.hr]]
type = "user"
attributes = { login = "ada", mail = "a" }
[[given.hr]]
type = "user"
attributes = { login = "bob", mail = "b" }
[[step]]
fault = [
  { system = "hr", on = "entry", object = "ada", show = { mail = "x" } },
  { system = "hr", on = "entry", object = "bob", change_only = true },
  { system = "hr", on = "entry", object = "ada", twice = true },
]
run = "hr/full-import"
[step.expect]
result = "completed-discovery-errors"
errors = [{ type = "duplicate-object", object = "ada" }]
counters = { stage-add = 2 }
[[step.expect.cs]]
system = "hr"
dn = "ada"
attributes = { mail = "x" }
[[step.expect.cs]]
system = "hr"
dn = "bob"
attributes = { mail = "b" }
[[step]]
run = "hr/full-import"
[[step]]
fault = [{ system = "hr", on = "page", deliver = [{ anchor = "bob", deleted = true }, { type = "user", anchor = "eve", attributes = { login = "eve" } }] }]
run = "hr/delta-import"
[step.expect]
counters = { stage-delete = 1, stage-add = 1 }
[[step]]
fault = [{ system = "hr", on = "page", number = 1, error = "throttled", message = "slow down" }]
run = "hr/delta-import"
[step.expect]
result = "stopped-connectivity"
message = "slow down"
"#,
    )
    .await;
}
