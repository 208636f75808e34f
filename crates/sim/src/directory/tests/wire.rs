//! The directory as an LDAP client sees it.

use std::collections::HashSet;
use std::time::Duration;

use ldap3::controls::RawControl;
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapResult, Mod, ResultEntry, Scope, SearchEntry,
};
use model::{Guid, Sid};
use net::{TlsTrust, tls_config};

use super::bench::{DOMAIN, GUESTS, SERVICE_PASSWORD, options, quoted};
use crate::directory::{Dialect, Directory, DirectoryHandle, Operation};

pub(super) async fn start() -> DirectoryHandle {
    Directory::start(options(Dialect::Windows)).await.unwrap()
}

/// Nothing here takes longer, even on a busy machine.
const LIMIT: Duration = Duration::from_secs(20);

pub(super) async fn connect(directory: &DirectoryHandle) -> Ldap {
    let tls = tls_config(&TlsTrust::Bundle(directory.ca_pem().as_bytes().to_vec())).unwrap();
    let settings = LdapConnSettings::new().set_config(tls).set_conn_timeout(LIMIT);
    let (connection, ldap) =
        LdapConnAsync::with_settings(settings, &directory.url()).await.unwrap();
    tokio::spawn(connection.drive());
    ldap
}

pub(super) async fn bound(directory: &DirectoryHandle) -> Ldap {
    let mut ldap = connect(directory).await;
    ldap.simple_bind(&directory.bind_dn(), SERVICE_PASSWORD).await.unwrap().success().unwrap();
    ldap
}

fn bytes(values: &[&[u8]]) -> HashSet<Vec<u8>> {
    values.iter().map(|v| v.to_vec()).collect()
}

pub(super) async fn add_guest(ldap: &mut Ldap, name: &str) -> LdapResult {
    add_guest_as(ldap, name, name, &format!("{name}#EXT#@contoso.com"), "Zx-9-unrelated").await
}

async fn add_guest_as(
    ldap: &mut Ldap,
    cn: &str,
    account: &str,
    principal: &str,
    password: &str,
) -> LdapResult {
    let attributes = vec![
        (b"objectClass".to_vec(), bytes(&[b"user"])),
        (b"sAMAccountName".to_vec(), bytes(&[account.as_bytes()])),
        (b"userPrincipalName".to_vec(), bytes(&[principal.as_bytes()])),
        (b"userAccountControl".to_vec(), bytes(&[b"262656"])),
        (b"unicodePwd".to_vec(), bytes(&[&quoted(password)])),
    ];
    ldap.with_timeout(LIMIT).add(&format!("CN={cn},{GUESTS}"), attributes).await.unwrap()
}

/// A binary value, wherever the client put it: it sorts by whether the octets happen to be text.
fn binary(entry: &SearchEntry, name: &str) -> Vec<u8> {
    let found = entry.bin_attrs.get(name).map(|v| v[0].clone());
    found.or_else(|| entry.attrs.get(name).map(|v| v[0].clone().into_bytes())).unwrap()
}

async fn search(ldap: &mut Ldap, base: &str, filter: &str) -> Vec<SearchEntry> {
    let search = ldap.with_timeout(LIMIT).search(base, Scope::Subtree, filter, vec!["*"]).await;
    let (entries, _) = search.unwrap().success().unwrap();
    entries.into_iter().filter(is_entry).map(SearchEntry::construct).collect()
}

fn is_entry(entry: &ResultEntry) -> bool {
    !entry.is_ref() && !entry.is_intermediate()
}

#[tokio::test]
async fn binds_succeed_and_fail() {
    let directory = start().await;
    let mut ldap = connect(&directory).await;
    let unbound = ldap.search(DOMAIN, Scope::Base, "(objectClass=*)", vec!["*"]).await.unwrap();
    assert_eq!(unbound.1.rc, 1);
    let wrong = ldap.simple_bind(&directory.bind_dn(), "wrong").await.unwrap();
    assert_eq!((wrong.rc, wrong.text.contains("data 52e, v1db1")), (49, true));
    let right = ldap.simple_bind(&directory.bind_dn(), SERVICE_PASSWORD).await.unwrap();
    assert_eq!(right.rc, 0);
    assert_eq!(directory.operations().get(&Operation::Bind), Some(&2));
    directory.shutdown().await;
}

#[tokio::test]
async fn the_root_dse_is_open_to_all() {
    let directory = start().await;
    let mut ldap = connect(&directory).await;
    let root = ldap.search("", Scope::Base, "(objectClass=*)", vec!["*", "+"]).await.unwrap();
    let (entries, _) = root.success().unwrap();
    let entry = SearchEntry::construct(entries.into_iter().next().unwrap());
    assert_eq!(entry.attrs["defaultNamingContext"], [DOMAIN]);
    assert!(entry.attrs["supportedControl"].contains(&"1.2.840.113556.1.4.841".to_owned()));
    assert!(entry.attrs["supportedCapabilities"].contains(&"1.2.840.113556.1.4.800".to_owned()));
    let usn = directory.highest_usn().to_string();
    assert_eq!(entry.attrs["highestCommittedUSN"], [usn]);
    let mut ldap = bound(&directory).await;
    let service = search(&mut ldap, &entry.attrs["dsServiceName"][0], "(objectClass=*)").await;
    assert_eq!(binary(&service[0], "invocationId").len(), 16);
}

#[tokio::test]
async fn a_guest_is_added_in_one_request() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    assert_eq!(add_guest(&mut ldap, "ada").await.rc, 0);
    let entries = search(&mut ldap, GUESTS, "(sAMAccountName=ada)").await;
    let entry = &entries[0];
    assert_eq!(entry.dn, format!("CN=ada,{GUESTS}"));
    assert_eq!(entry.attrs["userAccountControl"], ["262656"]);
    assert_eq!(entry.attrs["userPrincipalName"], ["ada#EXT#@contoso.com"]);
    let guid = Guid::from_directory(&binary(entry, "objectGUID")).unwrap();
    let sid = Sid::from_bytes(&binary(entry, "objectSid")).unwrap();
    assert!(sid.to_string().starts_with("S-1-5-21-"), "{sid}");
    assert_eq!(search(&mut ldap, &format!("<GUID={guid}>"), "(cn=*)").await.len(), 1);
    let octets: String = guid.to_directory().iter().map(|octet| format!("\\{octet:02x}")).collect();
    let by_octets = search(&mut ldap, DOMAIN, &format!("(objectGUID={octets})")).await;
    assert_eq!(by_octets[0].dn, entry.dn);
    assert!(!entry.attrs.contains_key("unicodePwd"));
}

#[tokio::test]
async fn conflicts_can_be_told_apart() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    add_guest(&mut ldap, "ada").await;
    let mut check = async |cn: &str, account: &str, principal: &str, password: &str| {
        let result = add_guest_as(&mut ldap, cn, account, principal, password).await;
        (result.rc, result.text.get(..8).unwrap_or_default().to_owned())
    };
    let strong = "Zx-9-unrelated";
    let expected = |rc: u32, code: &str| (rc, code.to_owned());
    assert_eq!(check("ada", "b", "b@x", strong).await, expected(68, "00002071"));
    assert_eq!(check("b", "ADA", "b@x", strong).await, expected(68, "00000524"));
    let principal = check("b", "b", "ada#ext#@contoso.com", strong).await;
    assert_eq!(principal, expected(19, "000021C8"));
    assert_eq!(check("b,OU=Gone", "b", "b@x", strong).await, expected(32, "0000208D"));
    assert_eq!(check("b", "b", "b@x", "weak").await, expected(53, "0000052D"));
    directory.set_password_policy(4);
    assert_eq!(check("b", "b", "b@x", "We4k").await, expected(0, ""));
}

#[tokio::test]
async fn a_guest_is_changed_renamed_moved_and_deleted() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    add_guest(&mut ldap, "ada").await;
    let dn = format!("CN=ada,{GUESTS}");
    let changes = vec![
        Mod::Replace("title", HashSet::from(["Guest"])),
        Mod::Add("proxyAddresses", HashSet::from(["smtp:a@fabrikam.com", "smtp:b@fabrikam.com"])),
    ];
    assert_eq!(ldap.modify(&dn, changes).await.unwrap().rc, 0);
    let services = "OU=Services,DC=contoso,DC=com";
    assert_eq!(ldap.modifydn(&dn, "CN=Ada", true, None).await.unwrap().rc, 0);
    assert_eq!(ldap.modifydn(&dn, "CN=Eve", true, Some(services)).await.unwrap().rc, 0);
    let moved = format!("CN=Eve,{services}");
    let entry = directory.get(&moved).unwrap();
    assert_eq!(entry["title"], [b"Guest"]);
    assert_eq!(entry["proxyAddresses"].len(), 2);
    assert_eq!(ldap.delete(&moved).await.unwrap().rc, 0);
    assert_eq!(directory.get(&moved), None);
}

#[tokio::test]
async fn pages_are_bound_to_their_connection() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    for name in ["a", "b", "c"] {
        add_guest(&mut ldap, name).await;
    }
    let page = |cookie: &[u8]| RawControl {
        ctype: "1.2.840.113556.1.4.319".to_owned(),
        crit: true,
        val: Some(sequence(&[&[2, 1, 2], &octets(cookie)])),
    };
    let ask = async |ldap: &mut Ldap, cookie: &[u8]| {
        let search = ldap.with_controls(page(cookie));
        search.search(GUESTS, Scope::OneLevel, "(cn=*)", vec!["cn"]).await.unwrap()
    };
    let first = ask(&mut ldap, b"").await;
    assert_eq!(first.0.len(), 2);
    let cookie = value_of(&first.1.ctrls[0].1);
    let mut other = bound(&directory).await;
    assert_eq!(ask(&mut other, &cookie).await.1.rc, 53);
    let second = ask(&mut ldap, &cookie).await;
    assert_eq!((second.0.len(), value_of(&second.1.ctrls[0].1).len()), (1, 0));
}

/// BER of short contents.
fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    let body = parts.concat();
    [vec![0x30, u8::try_from(body.len()).unwrap()], body].concat()
}

fn octets(value: &[u8]) -> Vec<u8> {
    [&[4, u8::try_from(value.len()).unwrap()], value].concat()
}

/// The cookie at the end of a control's value.
fn value_of(control: &RawControl) -> Vec<u8> {
    let (_, tag) = lber::parse::parse_tag(control.val.as_ref().unwrap()).unwrap();
    tag.expect_constructed().unwrap().pop().unwrap().expect_primitive().unwrap()
}

pub(super) fn dirsync_control(cookie: &[u8]) -> RawControl {
    RawControl {
        ctype: "1.2.840.113556.1.4.841".to_owned(),
        crit: true,
        val: Some(sequence(&[&[2, 1, 0], &[2, 1, 0], &octets(cookie)])),
    }
}

/// DNs of the rows, and the next cookie.
pub(super) async fn dirsync(ldap: &mut Ldap, cookie: &[u8]) -> (Vec<String>, Vec<u8>) {
    let asked = vec!["name", "isDeleted", "sAMAccountName", "title"];
    let search = ldap.with_controls(dirsync_control(cookie));
    let result = search.search(DOMAIN, Scope::Subtree, "(objectClass=user)", asked).await.unwrap();
    let (rows, result) = result.success().unwrap();
    let names = rows.into_iter().map(|row| SearchEntry::construct(row).dn).collect();
    (names, value_of(&result.ctrls[0].1))
}

#[tokio::test]
async fn dirsync_reports_changes_and_deletions() {
    let directory = start().await;
    let mut ldap = bound(&directory).await;
    add_guest(&mut ldap, "ada").await;
    add_guest(&mut ldap, "eve").await;
    let (rows, cookie) = dirsync(&mut ldap, b"").await;
    assert!(rows.contains(&format!("CN=ada,{GUESTS}")), "{rows:?}");
    directory.modify(&format!("CN=ada,{GUESTS}"), &[("title", &[b"Guest"])]).unwrap();
    let (rows, cookie) = dirsync(&mut ldap, &cookie).await;
    assert_eq!(rows, [format!("CN=ada,{GUESTS}")]);
    directory.delete(&format!("CN=eve,{GUESTS}")).unwrap();
    let (rows, cookie) = dirsync(&mut ldap, &cookie).await;
    assert_eq!(rows.len(), 1);
    assert!(rows[0].starts_with("CN=eve\\0ADEL:"), "{rows:?}");
    assert!(dirsync(&mut ldap, &cookie).await.0.is_empty());
    assert_eq!(directory.operations().get(&Operation::DirSync), Some(&4));
}

#[tokio::test]
async fn many_requests_in_flight_get_their_own_answers() {
    let directory = start().await;
    let ldap = bound(&directory).await;
    let tasks: Vec<_> = (0..40)
        .map(|i| {
            let mut ldap = ldap.clone();
            tokio::spawn(async move {
                let name = format!("guest{i}");
                assert_eq!(add_guest(&mut ldap, &name).await.rc, 0);
                let found = search(&mut ldap, GUESTS, &format!("(cn={name})")).await;
                assert_eq!(found[0].attrs["sAMAccountName"], [name]);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(directory.find_all("(cn=guest*)").unwrap().len(), 40);
}

#[tokio::test]
async fn a_wrong_host_name_or_authority_is_refused() {
    let directory = start().await;
    let other = start().await;
    let tls = tls_config(&TlsTrust::Bundle(other.ca_pem().as_bytes().to_vec())).unwrap();
    let settings = LdapConnSettings::new().set_config(tls);
    assert!(LdapConnAsync::with_settings(settings, &directory.url()).await.is_err());
}
