//! `[api]`: the interface for programs and the portal.

use insta::{assert_debug_snapshot, assert_snapshot};

use crate::fixture::{codes, deployment, each};

const FILE: &str = "proxeny.toml";

/// A section that says everything that can be said.
pub(crate) const API: &str = r#"
[api]
listen = "0.0.0.0:8443"
certificate = "portal.pem"
key = { file = "portal.key" }
organisation = "Contoso"
origins = ["https://portal.contoso.com", "https://intranet.contoso.com:8443"]

[api.kerberos]
keytab = "portal.keytab"
service = "HTTP/portal.contoso.com"

[api.assertion]
secret = { env = "ASSERTION_SECRET" }
audience = "portal"

[api.roles]
administrator = ['CONTOSO\anna', "S-1-5-21-1-2-3-1104"]
auditor = ['CONTOSO\audit svc']

[api.session]
idle = "10 min"
absolute = "4 h"
"#;

fn check(edits: &[(&str, &str)]) -> String {
    each(FILE, &[(FILE, "", API)], edits)
}

#[test]
fn everything_that_can_be_said_is_read() {
    assert_debug_snapshot!(deployment(&[(FILE, "", API)]).api.unwrap());
}

#[test]
fn little_has_to_be_said() {
    let said = deployment(&[(FILE, "", "[api]\nlisten = \"[::1]:0\"\n")]).api.unwrap();
    assert_eq!(said.session, rules::SessionLimits::default());
    assert_eq!((said.tls, said.kerberos, said.assertion), (None, None, None));
    assert!(said.roles.is_empty() && said.origins.is_empty());
}

#[test]
fn a_short_session_needs_no_word_about_idling() {
    let said = deployment(&[
        (FILE, "", API),
        (FILE, "idle = \"10 min\"\nabsolute = \"4 h\"", "absolute = \"5 min\""),
    ]);
    let session = said.api.unwrap().session;
    assert_eq!((session.idle_seconds, session.absolute_seconds), (300, 300));
}

#[test]
fn nothing_is_spoken_in_the_clear_but_on_loopback() {
    let both = "certificate = \"portal.pem\"\nkey = { file = \"portal.key\" }\n";
    assert_snapshot!(check(&[
        (both, ""),
        ("key = { file = \"portal.key\" }\n", ""),
        ("certificate = \"portal.pem\"\n", ""),
    ]));
    for loopback in ["127.0.0.1:80", "127.8.0.1:80", "[::1]:80", "[::ffff:127.0.0.1]:80"] {
        let edits = [(FILE, "", API), (FILE, both, ""), (FILE, "0.0.0.0:8443", loopback)];
        assert_eq!(codes(&edits), [""; 0], "{loopback}");
    }
}

#[test]
fn listeners_and_keys_are_checked() {
    assert_snapshot!(check(&[
        ("listen = \"0.0.0.0:8443\"\n", ""),
        ("0.0.0.0:8443", "portal.contoso.com:8443"),
        ("{ file = \"portal.key\" }", "\"hunter2\""),
        ("\"portal.pem\"", "\"\""),
        ("origins", "origin"),
        ("[api.kerberos]", "[api.kerbros]"),
    ]));
}

#[test]
fn origins_are_scheme_host_and_port() {
    assert_snapshot!(check(&[
        ("https://portal.contoso.com\"", "https://portal.contoso.com/\""),
        ("https://portal.contoso.com\"", "https://portal.contoso.com/app\""),
        ("https://portal.contoso.com\"", "http://portal.contoso.com\""),
        ("https://portal.contoso.com\"", "portal.contoso.com\""),
        ("https://portal.contoso.com\"", "https://u:p@portal.contoso.com\""),
        ("https://portal.contoso.com\"", "https://portal.contoso.com?x\""),
        ("https://intranet.contoso.com:8443", "https://portal.contoso.com"),
    ]));
    let said = deployment(&[(FILE, "", API), (FILE, "https://portal", "https://PORTAL")]);
    assert_eq!(said.api.unwrap().origins[0], "https://portal.contoso.com");
    let local = [(FILE, "", API), (FILE, "https://portal.contoso.com", "http://localhost:8080")];
    assert_eq!(codes(&local), [""; 0]);
}

#[test]
fn kerberos_and_assertions_say_what_they_need() {
    assert_snapshot!(check(&[
        ("keytab = \"portal.keytab\"\n", ""),
        ("HTTP/portal.contoso.com", "portal.contoso.com"),
        ("secret = { env = \"ASSERTION_SECRET\" }\n", ""),
        ("{ env = \"ASSERTION_SECRET\" }", "\"hunter2\""),
        ("{ env = \"ASSERTION_SECRET\" }", "{ env = \"A\", file = \"b\" }"),
        ("audience = \"portal\"\n", ""),
    ]));
}

#[test]
fn roles_are_given_to_accounts_and_sids() {
    assert_snapshot!(check(&[
        ("'CONTOSO\\anna'", "\"anna\""),
        ("'CONTOSO\\anna'", "\"anna@contoso.com\""),
        ("'CONTOSO\\anna'", "'CONTOSO\\sales\\anna'"),
        ("'CONTOSO\\anna'", "'\\anna'"),
        ("S-1-5-21-1-2-3-1104", "S-1-5-x"),
        ("\"S-1-5-21-1-2-3-1104\"", "'contoso\\ANNA'"),
        ("auditor", "auditors"),
        ("auditor", "person"),
    ]));
}

#[test]
fn sessions_idle_no_longer_than_they_last() {
    assert_snapshot!(check(&[
        ("10 min", "5 h"),
        ("idle = \"10 min\"\nabsolute = \"4 h\"", "idle = \"9 h\""),
        ("10 min", "10"),
    ]));
}

#[test]
fn no_text_holds_a_control_character() {
    assert_snapshot!(check(&[
        ("audience = \"portal\"", "audience = \"portal\\r\\nX: y\""),
        ("keytab = \"portal.keytab\"", "keytab = \"portal\\u0000\""),
        ("[api.roles]", "[api.roles]\n\"operator\\n\" = []"),
    ]));
}
