use std::collections::BTreeMap;

use connector::ObjectSelection;

use super::*;

fn text(text: &str) -> Setting {
    Setting::Text(text.to_owned())
}

fn texts(list: &[&str]) -> Setting {
    Setting::List(list.iter().map(|t| text(t)).collect())
}

fn table(entries: &[(&str, Setting)]) -> Setting {
    Setting::Table(entries.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect())
}

fn documented() -> ConnectorConfig {
    let password = Setting::Secret(SecretSource::Env("PROXENY_AD_PASSWORD".to_owned()));
    let user = text("CN=svc-proxeny,OU=Services,DC=contoso,DC=com");
    let connectivity = table(&[
        ("servers", texts(&["ldaps://dc1.contoso.com"])),
        ("bind", table(&[("user", user), ("password", password)])),
        ("ca", text("ca.pem")),
    ]);
    let partition = table(&[
        ("dn", text("DC=contoso,DC=com")),
        ("containers", texts(&["OU=B2BGuest,DC=contoso,DC=com"])),
    ]);
    let attributes = ["sAMAccountName", "unicodePwd", "objectSid", "contosoBadge"];
    let user = ObjectSelection {
        attributes: attributes.iter().map(|a| Name::new(a)).collect(),
        anchor: None,
    };
    ConnectorConfig {
        name: Name::new("adma"),
        settings: BTreeMap::from([
            ("connectivity".to_owned(), connectivity),
            ("partitions".to_owned(), Setting::List(vec![partition])),
        ]),
        objects: BTreeMap::from([
            (Name::new("user"), user),
            (Name::new("container"), ObjectSelection::default()),
        ]),
        export_allowed: true,
        folder: PathBuf::from("/etc/proxeny"),
    }
}

#[test]
fn the_documented_configuration_is_accepted() {
    let settings = LdapSettings::read(&documented()).unwrap();
    assert_eq!(settings.ca, Some(PathBuf::from("/etc/proxeny/ca.pem")));
    assert_eq!(settings.servers[0].port, 636);
    assert_eq!(settings.timeout, DEFAULT_TIMEOUT);
    assert!(settings.schema.attribute("user", "unicodePwd").unwrap().secret);
    assert!(settings.schema.attribute("user", "contosoBadge").unwrap().writable);
    assert!(settings.scope.contains("CN=a,OU=B2BGuest,DC=contoso,DC=com", "user"));
    assert!(!settings.scope.contains("CN=a,CN=Users,DC=contoso,DC=com", "user"));
}

#[test]
fn a_partition_without_containers_is_selected_whole() {
    let mut config = documented();
    let partition = table(&[("dn", text("DC=contoso,DC=com"))]);
    config.settings.insert("partitions".to_owned(), Setting::List(vec![partition]));
    let settings = LdapSettings::read(&config).unwrap();
    assert!(settings.scope.contains("CN=a,CN=Users,DC=contoso,DC=com", "user"));
}

fn problems(change: impl FnOnce(&mut ConnectorConfig)) -> Vec<String> {
    let mut config = documented();
    change(&mut config);
    let problems = LdapSettings::read(&config).unwrap_err();
    problems.into_iter().map(|p| format!("{}: {}", p.path, p.message)).collect()
}

fn connectivity(config: &mut ConnectorConfig, name: &str, value: Setting) {
    let Some(Setting::Table(table)) = config.settings.get_mut("connectivity") else {
        panic!("no table");
    };
    table.insert(name.to_owned(), value);
}

#[test]
fn a_password_is_never_sent_in_the_clear() {
    for (address, expected) in [
        ("ldap://dc1.contoso.com", "would send the password in the clear"),
        ("LDAP://dc1", "would send the password in the clear"),
        ("dc1.contoso.com", "is not the address of a domain controller"),
        ("ldaps://dc1/DC=contoso,DC=com", "is not the address of a domain controller"),
        ("ldaps://user@dc1", "is not the address of a domain controller"),
        ("ldaps://[::1]", "is not the address of a domain controller"),
        ("ldaps://", "is not the address of a domain controller"),
    ] {
        let found = problems(|c| connectivity(c, "servers", texts(&[address])));
        assert_eq!(found, [format!("connectivity.servers: {address} {expected}")]);
    }
}

#[test]
fn every_problem_is_reported_with_its_place() {
    let found = problems(|config| {
        connectivity(config, "servers", texts(&[]));
        connectivity(config, "bind", text("kerberos"));
        connectivity(config, "timeout", text("5 days"));
        connectivity(config, "page_size", Setting::Integer(5));
        config.settings.insert("parameters".to_owned(), table(&[]));
        let partition = table(&[
            ("dn", text("DC=contoso,DC=com")),
            (
                "containers",
                texts(&["OU=a,DC=contoso,DC=com", "OU=b,OU=a,DC=contoso,DC=com", "OU=a,DC=x"]),
            ),
        ]);
        let list = vec![partition, table(&[("dn", text("dc=contoso, dc=com"))])];
        config.settings.insert("partitions".to_owned(), Setting::List(list));
        let user = config.objects.get_mut("user").unwrap();
        user.attributes = vec![Name::new("samaccountname"), Name::new("a b")];
        user.anchor = Some(Name::new("sAMAccountName"));
        config.objects.insert(Name::new("person"), ObjectSelection::default());
    });
    assert_eq!(
        found,
        [
            "parameters: the active-directory connector has no section parameters",
            "connectivity: servers is missing",
            "connectivity.bind: bind must be a table",
            "connectivity.timeout: timeout must be a duration",
            "connectivity.page_size: page_size is not a setting of connectivity",
            "partitions.0.containers: OU=b,OU=a,DC=contoso,DC=com and OU=a,DC=contoso,DC=com overlap",
            "partitions.0.containers: OU=a,DC=x is not within DC=contoso,DC=com",
            "partitions.1.dn: dc=contoso, dc=com is selected twice",
            "objects.person: person is not an object type of the active-directory connector",
            "objects.user.anchor: the anchor of user must be \"objectGUID\"",
            "objects.user.attributes: samaccountname is spelt differently",
            "objects.user.attributes: a b is not an attribute name",
        ]
    );
}
