//! What the documented cycle leaves in a real directory, seen with ldapsearch.

use model::Sid;
use serde_json::Value;

use crate::deployment::{Deployment, Kind, Server, account, hex};

fn line<'a>(ldif: &'a str, name: &str) -> &'a str {
    let prefix = format!("{name}: ");
    ldif.lines().find_map(|line| line.strip_prefix(prefix.as_str())).unwrap_or_default()
}

#[test]
fn the_account_is_as_documented_and_one_sid_is_everywhere() {
    let deployment = Deployment::documented(Kind::Samba);
    deployment.cycle();
    let Server::Samba(samba) = &deployment.directory else { unreachable!() };
    let guests = deployment.guests();
    for id in &guests {
        let attributes = [
            "sAMAccountName",
            "userPrincipalName",
            "mail",
            "givenName",
            "sn",
            "userAccountControl",
            "objectSid",
            "objectGUID",
        ];
        let ldif = samba.ldapsearch(&account(id), "(objectClass=user)", &attributes).unwrap();
        assert_eq!(line(&ldif, "dn"), account(id));
        assert_eq!(line(&ldif, "sAMAccountName"), &id[..20]);
        assert_eq!(line(&ldif, "userAccountControl"), "262656");
        assert!(line(&ldif, "userPrincipalName").contains("#EXT#@contoso.onmicrosoft.com"));
        assert!(line(&ldif, "mail").ends_with("@treyresearch.example"));
        let people = deployment.done(&["mv", "search", "person", id]);
        let person = &people[0]["attributes"];
        assert_eq!(person["domain"]["value"], "CONTOSO");
        let in_metaverse = person["objectSid"]["value"].as_str().unwrap();
        let in_directory = sid_of(&ldif);
        assert_eq!(in_metaverse, in_directory);
        let portal = deployment.done(&["cs", "search", "mimma", &id[..20]]);
        assert_eq!(portal[0]["attributes"]["ObjectSID"], Value::from(in_directory));
        assert_eq!(portal[0]["attributes"]["AccountName"], Value::from(&id[..20]));
    }
    let all = samba.ldapsearch("OU=B2BGuest,DC=contoso,DC=com", "(objectClass=user)", &["cn"]);
    assert_eq!(all.unwrap().matches("dn: ").count(), guests.len());
    assert_eq!(guests.len(), 2);
}

/// ldapsearch prints a binary SID in base64 or, with Samba's own tools, as text.
pub(crate) fn sid_of(ldif: &str) -> String {
    let encoded = ldif.lines().find_map(|line| line.strip_prefix("objectSid:: "));
    match encoded {
        Some(encoded) => hex(&decode_base64(encoded)),
        None => hex(&Sid::parse(line(ldif, "objectSid")).unwrap().to_bytes()),
    }
}

fn decode_base64(text: &str) -> Vec<u8> {
    let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut buffer, mut bits) = (0_u32, 0);
    for c in text.chars().filter(|c| *c != '=') {
        buffer = buffer << 6 | u32::try_from(digits.find(c).unwrap()).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(buffer >> bits & 0xff).unwrap());
        }
    }
    bytes
}
