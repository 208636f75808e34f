//! A domain controller comes up, does what it is told, and leaves nothing behind.

use testad::{PasswordPolicy, SambaDc, SambaError};

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
