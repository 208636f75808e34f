//! Whom the connector trusts, who it says it is, and what it says when that does not work.

use std::time::{Duration, Instant};

use connector::{ConnectorError, ErrorKind};
use model::Secret;

use crate::support::{DOMAIN, Place, samba, samba_place, scripted, simulated};

async fn failure(place: &Place) -> ConnectorError {
    let connector = place.connector().await;
    connector.check_health().await.unwrap_err()
}

#[tokio::test]
async fn refused_sign_ins_have_words() {
    let dc = samba();
    let base = samba_place("SignIn");
    let ou = &base.containers[0];
    let add = |name: &str| {
        dc.samba_tool(&["user", "create", name, "Sign-In-Passw0rd", "--userou=OU=SignIn"]).unwrap();
        format!("CN={name},{ou}")
    };
    let modify = |dn: &str, attribute: &str, value: &str| {
        let change = format!("changetype: modify\nreplace: {attribute}\n{attribute}: {value}");
        dc.ldapmodify(&format!("dn: {dn}\n{change}\n")).unwrap();
    };
    let disabled = add("disabled");
    modify(&disabled, "userAccountControl", "514");
    let expired = add("expired");
    modify(&expired, "accountExpires", "132000000000000000");
    let fresh = add("fresh");
    modify(&fresh, "pwdLastSet", "0");
    for (user, password, expected) in [
        (&fresh, "wrong", "the name or the password is wrong"),
        (&disabled, "Sign-In-Passw0rd", "the account is disabled"),
        (&expired, "Sign-In-Passw0rd", "the account has expired"),
        (&fresh, "Sign-In-Passw0rd", "the password must be changed before the first sign-in"),
    ] {
        let place = Place {
            user: user.clone(),
            password: Secret::new(password.to_owned()),
            ..base.clone()
        };
        let error = failure(&place).await;
        assert_eq!(error.kind, ErrorKind::Credentials);
        assert!(error.message.contains(expected), "{error}");
        let shown = format!("{error:?} {:?}", place.connector().await);
        assert!(!shown.contains("Sign-In-Passw0rd"), "{shown}");
    }
}

#[tokio::test]
async fn an_empty_password_is_never_sent() {
    let (directory, mut place) = simulated(|_| {}).await;
    place.password = Secret::new(String::new());
    let error = place.try_connector().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Credentials);
    assert!(directory.operations().is_empty());
}

#[tokio::test]
async fn only_the_right_certificate_is_accepted() {
    let (_other, other_place) = simulated(|_| {}).await;
    let (directory, place) = simulated(|_| {}).await;
    let stranger = Place { ca_pem: other_place.ca_pem, ..place.clone() };
    let error = failure(&stranger).await;
    assert_eq!(error.kind, ErrorKind::Certificate);
    assert!(error.help.is_some_and(|help| help.contains("connectivity.ca")));
    assert!(directory.operations().is_empty(), "nothing is sent to a stranger");
    let misnamed = scripted(&["dc1.contoso.com"], &[]).await;
    let error = failure(&misnamed).await;
    assert_eq!(error.kind, ErrorKind::Certificate);
    assert!(error.message.contains("is not valid for localhost"), "{error}");
    // A spelling of 127.0.0.1 that no certificate can have.
    let url = directory.url().replace("localhost", "0x7f000001");
    let error = failure(&Place { servers: vec![url], ..place }).await;
    assert_eq!(error.kind, ErrorKind::Configuration);
}

#[tokio::test]
async fn the_next_server_is_tried_when_one_is_down() {
    let (_directory, mut place) = simulated(|_| {}).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    place.servers.insert(0, format!("ldaps://localhost:{free}"));
    let start = Instant::now();
    place.connector().await.check_health().await.unwrap();
    assert!(start.elapsed() < Duration::from_secs(2));
    place.servers.truncate(1);
    let error = failure(&place).await;
    assert_eq!(error.kind, ErrorKind::Connection);
    assert_eq!(error.message, format!("localhost cannot be reached on port {free}"));
}

#[tokio::test]
async fn what_the_configuration_names_must_be_there() {
    let place = samba_place("Health");
    place.connector().await.check_health().await.unwrap();
    let missing = Place { containers: vec![format!("OU=Nowhere,{DOMAIN}")], ..place };
    let error = failure(&missing).await;
    assert_eq!(error.kind, ErrorKind::PartitionMissing);
    assert!(error.message.contains("OU=Nowhere"), "{error}");
    let connector = missing.connector().await;
    let export = connector.open_export().await.err().unwrap();
    assert_eq!(export.kind, ErrorKind::PartitionMissing);
    let (_directory, place) = simulated(|options| {
        options.domain = "fabrikam.com".to_owned();
        options.organizational_units.clear();
    })
    .await;
    let error = failure(&place).await;
    assert_eq!(error.kind, ErrorKind::PartitionMissing);
    assert!(error.help.is_some_and(|help| help.contains("DC=fabrikam,DC=com")));
}

#[tokio::test]
async fn the_missing_right_to_see_changes_is_named() {
    let check = |error: &ConnectorError| {
        assert_eq!(error.kind, ErrorKind::Permission, "{error}");
        let help = error.help.clone().unwrap_or_default();
        assert!(help.contains("Replicating Directory Changes"), "{help}");
    };
    let password = Secret::new("Limited-Passw0rd".to_owned());
    let users = vec![("limited".to_owned(), password.clone())];
    let (_directory, place) = simulated(|options| options.limited_users = users).await;
    let user = format!("CN=limited,OU=Services,{DOMAIN}");
    check(&failure(&Place { user, password, ..place }).await);
    let place = samba_place("Limited");
    let arguments = ["user", "create", "limited", "Limited-Passw0rd", "--userou=OU=Limited"];
    samba().samba_tool(&arguments).unwrap();
    let user = format!("CN=limited,{}", place.containers[0]);
    let password = Secret::new("Limited-Passw0rd".to_owned());
    check(&failure(&Place { user, password, ..place }).await);
}
