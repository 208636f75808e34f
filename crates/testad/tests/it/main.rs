//! A domain controller comes up, does what it is told, and leaves nothing behind.

use std::os::unix::fs::PermissionsExt as _;

use testad::{NewUser, PasswordPolicy, SambaDc, SambaError};

#[test]
fn a_domain_controller_serves_and_stops() {
    let dc = SambaDc::start().expect("domain controller");
    dc.create_ou("OU=B2BGuest,DC=contoso,DC=com").unwrap();
    let user = "dn: CN=ada,OU=B2BGuest,DC=contoso,DC=com\nchangetype: add\nobjectClass: user\n\
                sAMAccountName: ada\n";
    dc.ldapmodify(user).unwrap();
    assert!(matches!(dc.ldapmodify(user), Err(SambaError::Failed { .. })));
    let ldif = dc.ldapsearch(dc.base_dn(), "(sAMAccountName=ada)", &["name"]).unwrap();
    assert_eq!(ldif, "dn: CN=ada,OU=B2BGuest,DC=contoso,DC=com\nname: ada\n\n");
    let second = SambaDc::start().expect("second domain controller");
    assert_ne!(dc.url(), second.url());
    let ldif = second.ldapsearch(dc.base_dn(), "(sAMAccountName=ada)", &["name"]).unwrap();
    assert_eq!(ldif, "");
    let folder = dc.ca_file().parent().unwrap().to_owned();
    let address = dc.address();
    drop(dc);
    assert!(!folder.exists());
    for port in [88, 389, 636] {
        assert!(std::net::TcpStream::connect((address, port)).is_err(), "port {port}");
    }
}

#[test]
fn the_password_policy_is_the_one_set() {
    let dc = SambaDc::start().expect("domain controller");
    let add = |name: &str| {
        dc.samba_tool(&["user", "create", name, "abc"]).map(drop).map_err(|e| e.to_string())
    };
    assert!(add("ada").unwrap_err().contains("password"));
    dc.set_password_policy(PasswordPolicy { min_length: 0, is_complex: false }).unwrap();
    assert_eq!(add("ada"), Ok(()));
}

#[test]
fn a_domain_is_prepared_for_delegation() {
    let dc = SambaDc::start().expect("domain controller");
    let fixture = dc.prepare_delegation().unwrap();
    for keytab in [&fixture.gateway.keytab, &fixture.portal.keytab] {
        assert_eq!(std::fs::metadata(keytab).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let shown = dc.samba_tool(&["delegation", "show", "gatewaysvc"]).unwrap();
    for wanted in [
        "TRUSTED_TO_AUTHENTICATE_FOR_DELEGATION",
        "HTTP/portal.contoso.com",
        "HTTP/app.contoso.com",
    ] {
        assert!(shown.contains(wanted), "{shown}");
    }
    dc.create_user(NewUser {
        account: "7e0f7b7e-3d9a-4a57-9",
        upn: Some("ada_treyresearch.com#EXT#@contoso.onmicrosoft.com"),
        password: None,
    })
    .unwrap();
    assert!(dc.object_sid("7e0f7b7e-3d9a-4a57-9").unwrap().is_some());
    assert_eq!(dc.object_sid("nobody").unwrap(), None);
}

#[test]
fn a_stopped_domain_controller_serves_again() {
    let mut dc = SambaDc::start().expect("domain controller");
    let port = (dc.address(), 636);
    dc.stop();
    assert!(std::net::TcpStream::connect(port).is_err());
    dc.resume().unwrap();
    assert!(std::net::TcpStream::connect(port).is_ok());
}

#[test]
fn an_isolated_test_has_a_kerberos_configuration_of_its_own() {
    testad::isolated("an_isolated_test_has_a_kerberos_configuration_of_its_own", |config| {
        assert!(config.parent().unwrap().is_dir());
        assert!(!config.exists());
    });
}

#[test]
#[should_panic(expected = "there is no test \"no_such_test\"")]
fn an_isolated_test_under_a_wrong_name_fails() {
    testad::isolated("no_such_test", |_config| {});
}
