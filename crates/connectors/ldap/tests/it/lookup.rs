//! Looking single objects up, on the real directory.

use connector_ldap::filter_value;

use crate::support::{DOMAIN, samba, samba_place};

#[tokio::test]
async fn an_object_is_found_by_its_name_whatever_is_in_it() {
    let dc = samba();
    let place = samba_place("Lookup");
    let ou = &place.containers[0];
    let name = "a(b)*";
    let record = "changetype: add\nobjectClass: user\nuserAccountControl: 514";
    dc.ldapmodify(&format!("dn: CN=lookup,{ou}\n{record}\ndisplayName: {name}\n")).unwrap();
    let lookup = place.lookup().await;
    assert_eq!(lookup.base(), DOMAIN);
    let filter = format!("(&(objectClass=user)(displayName={}))", filter_value(name));
    let found = lookup.find(&filter, &["userAccountControl", "displayName"]).await.unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].dn(), format!("CN=lookup,{ou}"));
    assert_eq!(found[0].text("displayname"), Some(name));
    assert_eq!(found[0].integer("UserAccountControl"), Some(514));
    let nobody = lookup.find("(displayName=nobody-is-called-so)", &["cn"]).await.unwrap();
    assert!(nobody.is_empty());
    let clock = lookup.clock().await.unwrap().unwrap();
    assert!(clock.starts_with("20") && clock.ends_with('Z'), "{clock}");
}
