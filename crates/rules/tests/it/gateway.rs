//! `gateway.toml`: what is published, and how people are made known to it.

use insta::{assert_debug_snapshot, assert_snapshot};

use crate::fixture::{codes, deployment, each, findings};

const FILE: &str = "gateway.toml";

/// A document that says everything that can be said.
pub(crate) const GATEWAY: &str = r#"version = 1
listen = "0.0.0.0:443"
certificate = "gateway.pem"
key = { credential = "gateway.key" }

[session]
idle = "15 min"
absolute = "10 h"

[provider]
issuer = "https://login.microsoftonline.com/5f3c0e7a-91b4-4d0e-8a52-1c7d9be0f6a3/v2.0"
client_id = "00000000-0000-4000-8000-000000000002"
client_secret = { env = "GATEWAY_SECRET" }
ca = "tenant-ca.pem"
scopes = ["openid", "offline_access"]

[accounts]
on_premises_user_principal_name = "mail"

[kerberos]
principal = "gatewaysvc@CONTOSO.COM"
keytab = "gateway.keytab"
tickets = "10 min"

[kerberos.realms."CONTOSO.COM"]
kdcs = ["dc1.contoso.com", "dc2.contoso.com:88"]
domains = ["contoso.com"]

[kerberos.realms."FABRIKAM.COM"]
kdcs = ["[fd00::1]:88"]

[applications.portal]
external_url = "https://portal.contoso.com/"
internal_url = "http://127.0.0.1:8080/"
sign_on = { mode = "headers", secret = { env = "ASSERTION_SECRET" } }
assigned = { everybody = true }

[applications.wiki]
external_url = "https://*.apps.contoso.com/"
internal_url = "https://{host}.internal.contoso.com:8443/wiki/"
ca = "internal-ca.pem"
find_by = "account-name"
body_limit = "100 MiB"
maintenance = "Back on Monday."

[applications.wiki.sign_on]
mode = "kerberos"
service = "HTTP/{host}"
services = ["HTTP/wiki.apps.contoso.com", "HTTP/docs.apps.contoso.com"]
identity = "on-premises-user-principal-name"
send = "on-challenge"
form = "kerberos"
authenticate = "connection"
channel_binding = true

[applications.wiki.assigned]
people = ["5F3C0E7A-91B4-4D0E-8A52-1C7D9BE0F6A3"]
groups = ["5f3c0e7a-91b4-4d0e-8a52-1c7d9be0f6a4"]
roles = ["Wiki.Read"]

[applications.wiki.translate]
headers = false
bodies = true

[applications.wiki.timeouts]
connect = "2 s"
response = "3 min"
idle = "1 min"

[applications.reports]
external_url = "https://portal.contoso.com/reports/"
internal_url = "https://reports.contoso.com/"

[applications.reports.sign_on]
mode = "kerberos"
service = "HTTP/reports.contoso.com"

[applications.reports.assigned]
groups = ["5f3c0e7a-91b4-4d0e-8a52-1c7d9be0f6a4"]
"#;

fn check(edits: &[(&str, &str)]) -> String {
    each(FILE, &[(FILE, "", GATEWAY)], edits)
}

/// The codes of the edited document.
fn codes_of(old: &str, new: &str) -> Vec<&'static str> {
    codes(&[(FILE, "", GATEWAY), (FILE, old, new)])
}

#[test]
fn everything_that_can_be_said_is_read() {
    assert_debug_snapshot!(deployment(&[(FILE, "", GATEWAY)]).gateway.unwrap());
}

#[test]
fn every_error_of_the_document_is_told_at_once() {
    assert_snapshot!(findings(&[(
        FILE,
        "",
        "version = 1\nlisten = \"0.0.0.0:443\"\n[provider]\nissuer = \"contoso\"\nclient = \"x\"\n\
         [applications.portal]\nexternal_url = \"https://portal.contoso.com\"\n\
         sign_on = { mode = \"kerberos\" }\nassigned = { group = [\"x\"] }\n"
    )]));
}

#[test]
fn what_must_be_there_is_named() {
    assert_snapshot!(findings(&[(FILE, "", "version = 1\n")]));
    assert_snapshot!(check(&[
        ("version = 1", "version = 2"),
        ("client_id = \"00000000-0000-4000-8000-000000000002\"\n", ""),
        ("principal = \"gatewaysvc@CONTOSO.COM\"\n", ""),
        ("kdcs = [\"[fd00::1]:88\"]\n", ""),
        ("mode = \"kerberos\"\n", ""),
        ("service = \"HTTP/reports.contoso.com\"\n", ""),
        ("internal_url = \"https://reports.contoso.com/\"\n", ""),
    ]));
}

#[test]
fn unknown_keys_and_words_are_refused_with_those_that_were_meant() {
    assert_snapshot!(check(&[
        ("[provider]", "[providers]"),
        ("client_secret", "client_secert"),
        ("domains =", "domain ="),
        ("find_by = \"account-name\"", "find_by = \"account\""),
        ("\"on-challenge\"", "\"challenge\""),
        ("form = \"kerberos\"", "form = \"ntlm\""),
        ("authenticate = \"connection\"", "authenticate = \"conection\""),
        ("identity = \"on-premises-user-principal-name\"", "identity = \"mail\""),
        ("mode = \"headers\"", "mode = \"header\""),
        ("bodies = true", "body = true"),
        ("connect = \"2 s\"", "connection = \"2 s\""),
        ("body_limit = \"100 MiB\"", "body_limit = \"100 MB\""),
        ("find_by", "findby"),
        ("[applications.reports.assigned]", "[applications.reports.asigned]"),
    ]));
}

#[test]
fn nothing_is_spoken_in_the_clear_but_on_loopback() {
    assert_snapshot!(check(&[(
        "certificate = \"gateway.pem\"\nkey = { credential = \"gateway.key\" }\n",
        ""
    )]));
}

#[test]
fn the_issuer_is_an_https_address_kept_as_written() {
    let issuer = "https://login.microsoftonline.com/5f3c0e7a-91b4-4d0e-8a52-1c7d9be0f6a3/v2.0";
    assert_snapshot!(check(&[
        (issuer, "http://login.contoso.com/"),
        (issuer, "login.contoso.com"),
        (issuer, "https://login.contoso.com/?tenant=x"),
        (issuer, "https://login.contoso.com/#x"),
        (issuer, "https://u:p@login.contoso.com/"),
        (issuer, "https:login.contoso.com"),
        (issuer, "https:\\\\\\\\login.contoso.com"),
    ]));
    for kept in ["https://LOGIN.contoso.com", "http://127.0.0.1:8081/tenant/v2.0"] {
        let said = deployment(&[(FILE, "", GATEWAY), (FILE, issuer, kept)]);
        assert_eq!(said.gateway.unwrap().provider.issuer, kept);
    }
}

#[test]
fn scopes_are_single_words() {
    assert_snapshot!(check(&[
        ("\"offline_access\"", "\"offline_access groups\""),
        ("\"offline_access\"", "\"\""),
        ("\"offline_access\"", "\"openid\""),
    ]));
}

#[test]
fn external_addresses_are_https_names_with_plain_paths() {
    let url = "https://portal.contoso.com/reports/";
    assert_snapshot!(check(&[
        (url, "http://portal.contoso.com/reports/"),
        (url, "https://portal.contoso.com/reports"),
        (url, "https://portal.contoso.com"),
        (url, "https://portal.contoso.com/reports/?a=b"),
        (url, "https://portal.contoso.com/reports/#a"),
        (url, "https://admin@portal.contoso.com/reports/"),
        (url, "https://portal.contoso.com./reports/"),
        (url, "https://portal..contoso.com/reports/"),
        (url, "https://192.0.2.7/reports/"),
        (url, "https://0xC0000207/reports/"),
        (url, "https://[2001:db8::1]/reports/"),
        (url, "https://portal.contoso.com/a/../reports/"),
        (url, "https://portal.contoso.com//reports/"),
        (url, "https://portal.contoso.com/a%2f../"),
        (url, "https://portal.contoso.com/a\\\\b/"),
        (url, "https://portal.contoso.com/.proxeny/x/"),
        (url, "portal.contoso.com/reports/"),
        (url, "ftp://portal.contoso.com/reports/"),
    ]));
    for fine in
        ["https://127.0.0.1:8443/", "https://[::1]/", "https://localhost/a%20b/", "https://x/"]
    {
        assert_eq!(codes_of(url, fine), [""; 0], "{fine}");
    }
    let said = deployment(&[(FILE, "", GATEWAY), (FILE, url, "https://Portal.Contoso.com:443/R/")]);
    let applications = said.gateway.unwrap().applications;
    assert_eq!(applications[2].external_url, "https://portal.contoso.com/R/");
}

#[test]
fn a_star_is_the_whole_first_label() {
    let url = "https://*.apps.contoso.com/";
    assert_snapshot!(check(&[
        (url, "https://wiki.*.contoso.com/"),
        (url, "https://w*.apps.contoso.com/"),
        (url, "https://*.*.contoso.com/"),
        (url, "https://*.com/"),
        (url, "https://*/"),
    ]));
}

#[test]
fn no_two_applications_are_published_at_one_address() {
    assert_snapshot!(check(&[
        ("https://portal.contoso.com/reports/", "https://PORTAL.contoso.com:443/"),
        ("https://portal.contoso.com/reports/", "https://*.apps.contoso.com/"),
    ]));
}

#[test]
fn internal_addresses_are_absolute_and_end_with_a_slash() {
    let url = "https://reports.contoso.com/";
    assert_snapshot!(check(&[
        (url, "reports.contoso.com"),
        (url, "https://reports.contoso.com"),
        (url, "https://reports.contoso.com/?x"),
        (url, "https://reports.contoso.com/a/../"),
        (url, "https://*.contoso.com/"),
        (url, "https://{host}.contoso.com/"),
        ("internal.contoso.com:8443/wiki/", "{host}.contoso.com/"),
        ("https://{host}.internal.contoso.com:8443/wiki/", "https://internal.contoso.com/{host}/"),
    ]));
}

#[test]
fn a_back_end_spoken_to_in_the_clear_is_a_hazard() {
    assert_snapshot!(check(&[("https://reports.contoso.com/", "http://reports.contoso.com/")]));
    for local in ["http://localhost:8080/", "http://[::1]:8080/"] {
        assert_eq!(codes_of("https://reports.contoso.com/", local), [""; 0], "{local}");
    }
}

#[test]
fn what_needs_a_certificate_needs_https() {
    let url = "https://{host}.internal.contoso.com:8443/wiki/";
    assert_snapshot!(check(&[(url, "http://localhost/")]));
}

#[test]
fn services_are_names_on_the_list() {
    assert_snapshot!(check(&[
        ("HTTP/reports.contoso.com", "reports.contoso.com"),
        ("HTTP/reports.contoso.com", "HTTP/reports.contoso.com@CONTOSO.COM"),
        ("HTTP/reports.contoso.com", "HTTP/{hots}"),
        ("HTTP/docs.apps.contoso.com", "HTTP/*.apps.contoso.com"),
        (
            "\"HTTP/reports.contoso.com\"",
            "\"HTTP/reports.contoso.com\"\nservices = [\"HTTP/report.contoso.com\"]"
        ),
        ("HTTP/reports.contoso.com", "HTTP/{host}"),
        ("services = [\"HTTP/wiki.apps.contoso.com\", \"HTTP/docs.apps.contoso.com\"]\n", ""),
    ]));
    let other_case = "\"HTTP/reports.contoso.com\"\nservices = [\"http/REPORTS.contoso.com\"]";
    assert_eq!(codes_of("\"HTTP/reports.contoso.com\"", other_case), [""; 0]);
}

#[test]
fn keys_of_another_mode_are_refused() {
    assert_snapshot!(check(&[
        ("mode = \"headers\", secret", "mode = \"none\", secret"),
        ("mode = \"headers\"", "mode = \"headers\", service = \"HTTP/x\""),
        ("service = \"HTTP/reports.contoso.com\"", "service = \"HTTP/x\"\nheaders = {}"),
    ]));
}

#[test]
fn kerberos_needs_its_section_and_a_known_realm() {
    let section = GATEWAY.split("[kerberos]").nth(1).unwrap();
    let section = section.split("[applications.portal]").next().unwrap();
    let section = format!("[kerberos]{section}");
    assert_snapshot!(check(&[
        (&section, ""),
        ("gatewaysvc@CONTOSO.COM", "gatewaysvc"),
        ("gatewaysvc@CONTOSO.COM", "CONTOSO\\\\gatewaysvc"),
        ("gatewaysvc@CONTOSO.COM", "gatewaysvc@contoso.com"),
        ("gatewaysvc@CONTOSO.COM", "gatewaysvc@TREYRESEARCH.NET"),
        ("realms.\"FABRIKAM.COM\"", "realms.\"fabrikam.com\""),
        ("realms.\"FABRIKAM.COM\"", "realms.\"FABRIKAM COM\""),
        ("kdcs = [\"[fd00::1]:88\"]", "kdcs = []"),
        ("kdcs = [\"[fd00::1]:88\"]", "kdcs = [\"https://dc1.contoso.com\"]"),
        ("kdcs = [\"[fd00::1]:88\"]", "kdcs = [\"dc1\"]\ndomains = [\"Contoso.com\"]"),
        ("domains = [\"contoso.com\"]", "domains = [\"contoso.com }\"]"),
        ("domains = [\"contoso.com\"]", "domains = [\".fabrikam.com\"]"),
        ("tickets = \"10 min\"", "tickets = \"11 h\""),
    ]));
}

#[test]
fn headers_carry_identities_and_nothing_else() {
    let header = |name: &str, value: &str| {
        format!("mode = \"headers\", headers = {{ \"{name}\" = '{value}' }}")
    };
    let cases = [
        ("Host", "{account}"),
        ("cookie", "{account}"),
        ("Authorization", "{account}"),
        ("content_length", "{account}"),
        ("Transfer-Encoding", "{account}"),
        ("X-Forwarded-User", "{account}"),
        ("X Remote User", "{account}"),
        ("", "{account}"),
        ("X-Remote-User", "{acount}"),
        ("X-Remote-User", "{password}"),
        ("X-Remote-User", "{account"),
        ("X-Remote-User", "ü"),
        ("X-Remote-User", ""),
    ];
    let edits: Vec<String> = cases.iter().map(|(name, value)| header(name, value)).collect();
    let mut edits: Vec<(&str, &str)> =
        edits.iter().map(|new| ("mode = \"headers\"", new.as_str())).collect();
    let twice = "mode = \"headers\", headers = { X-User = '{upn}', x_user = '{upn}' }";
    edits.push(("mode = \"headers\"", twice));
    assert_snapshot!(check(&edits));
}

#[test]
fn headers_without_a_signature_are_a_hazard() {
    let headers = "headers = { X-Remote-User = '{domain}\\{account}' }";
    assert_snapshot!(check(&[
        ("secret = { env = \"ASSERTION_SECRET\" }", headers),
        (", secret = { env = \"ASSERTION_SECRET\" }", ""),
        ("{ env = \"ASSERTION_SECRET\" }", "\"hunter2\""),
    ]));
}

#[test]
fn who_may_use_an_application_is_said() {
    let everybody = "{ everybody = true }";
    assert_snapshot!(check(&[
        ("assigned = { everybody = true }\n", ""),
        (everybody, "{}"),
        (everybody, "{ everybody = false }"),
        (everybody, "{ people = [] }"),
        (everybody, "{ everybody = true, roles = [\"Portal\"] }"),
        (everybody, "{ people = [\"anna@contoso.com\"] }"),
        (everybody, "{ groups = [\"Wiki readers\"] }"),
        (everybody, "true"),
    ]));
}

#[test]
fn applications_have_plain_names() {
    assert_snapshot!(check(&[
        ("[applications.portal]", "[applications.\"the portal\"]"),
        ("[applications.portal]", "[applications.\"\"]"),
    ]));
}

#[test]
fn applications_need_only_what_accounts_have() {
    let own = "on_premises_user_principal_name = \"mail\"\n";
    assert_snapshot!(check(&[
        (own, ""),
        (own, "on_premises_user_principal_name = \"upn\"\n"),
        ("identity = \"on-premises-user-principal-name\"", "identity = \"user-part\""),
        ("find_by = \"account-name\"", "find_by = \"user-principal-name\""),
    ]));
    let named = [
        (FILE, "", GATEWAY),
        (FILE, own, "user_principal_name = \"mail\"\n"),
        (FILE, "\"on-premises-user-principal-name\"", "\"user-principal-name\""),
    ];
    assert_eq!(codes(&named), [""; 0]);
}

#[test]
fn no_text_holds_a_control_character() {
    assert_snapshot!(check(&[
        ("client_id = \"", "client_id = \"\\r\\n"),
        ("maintenance = \"", "maintenance = \"\\u0007"),
        ("keytab = \"gateway.keytab\"", "keytab = \"gateway.keytab\\n\""),
        ("[\"Wiki.Read\"]", "[\"Wiki.Read\\t\"]"),
        ("https://portal.contoso.com/reports/", "https://portal.contoso.com/\\nreports/"),
    ]));
}

#[test]
fn accounts_are_where_the_metaverse_has_them() {
    let said = "[accounts]\nobject_type = \"person\"\nenabled = \"enabled\"";
    let config = deployment(&[(FILE, "", GATEWAY), (FILE, "[accounts]", said)]);
    let gateway = config.gateway.unwrap();
    assert_eq!(gateway.accounts.enabled, "enabled");
    assert_eq!(gateway.accounts.object_id, "uid", "as documented where nothing is said");
    assert_eq!(gateway.directory.unwrap(), "ad", "the only one there is");
    for looked_up in ["accountName", "uid"] {
        assert!(config.indexed.metaverse.iter().any(|name| *name == *looked_up), "{looked_up}");
    }
    assert_snapshot!(check(&[
        ("[accounts]", "[accounts]\nobject_type = \"persons\""),
        ("[accounts]", "[accounts]\nsid = \"sid\""),
        ("[accounts]", "[accounts]\ndirectory = \"graph\""),
        ("[accounts]", "[accounts]\nenable = \"enabled\""),
    ]));
}
