//! The behaviour of every connector.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use connector::Connector;
use connector::conformance::{Fixture, run_all};
use model::{Attributes, Name, Secret, Value, Values};
use sim::directory::{Dialect, DirectoryHandle};
use testad::SambaDc;

use crate::support::{guest, password, samba, samba_place, simulated};

enum Behind {
    Samba(Arc<SambaDc>),
    Simulated(DirectoryHandle),
}

struct AdFixture {
    connector: Arc<dyn Connector>,
    ou: String,
    behind: Behind,
}

#[async_trait]
impl Fixture for AdFixture {
    fn connector(&self) -> &dyn Connector {
        &*self.connector
    }

    fn object_type(&self) -> Name {
        Name::new("user")
    }

    fn dn(&self, number: u32) -> String {
        // Every second name needs an escape.
        let comma = if number.is_multiple_of(2) { "\\," } else { "" };
        format!("CN=Trey{comma} Ada {number},{}", self.ou)
    }

    fn attributes(&self, number: u32) -> Attributes {
        let mut attributes = guest(&format!("guest{number}"));
        let phones = ["+1 555 0100", "+1 555 0101"].map(Value::string);
        attributes.set(Name::new("otherTelephone"), Values::from_vec(phones.to_vec()));
        attributes
    }

    fn secrets(&self, number: u32) -> BTreeMap<Name, Secret> {
        password(&format!("Long-And-Random-Passw0rd-{number}"))
    }

    fn text_attribute(&self) -> Name {
        Name::new("title")
    }

    fn multi_attribute(&self) -> Option<Name> {
        Some(Name::new("otherTelephone"))
    }

    fn other_dn(&self, number: u32) -> Option<String> {
        Some(format!("CN=Renamed \\\"{number}\\\" \\+ ü,OU=Moved,{}", self.ou))
    }

    fn orphan_dn(&self, number: u32) -> Option<String> {
        Some(format!("CN=Orphan {number},OU=Missing,{}", self.ou))
    }

    async fn set_text_directly(&self, dn: &str, text: &str) -> bool {
        match &self.behind {
            Behind::Samba(dc) => dc
                .ldapmodify(&format!(
                    "dn: {dn}\nchangetype: modify\nreplace: title\ntitle: {text}\n"
                ))
                .unwrap(),
            Behind::Simulated(directory) => {
                directory.modify(dn, &[("title", &[text.as_bytes()])]).unwrap();
            }
        }
        true
    }

    async fn delete_directly(&self, dn: &str) -> bool {
        match &self.behind {
            Behind::Samba(dc) => dc.ldapmodify(&format!("dn: {dn}\nchangetype: delete\n")).unwrap(),
            Behind::Simulated(directory) => directory.delete(dn).unwrap(),
        }
        true
    }
}

async fn check(fixture: AdFixture) {
    if let Err(broken) = run_all(&fixture).await {
        panic!("{broken}");
    }
}

#[tokio::test]
async fn with_samba() {
    let place = samba_place("Conformance");
    let ou = place.containers[0].clone();
    samba().create_ou(&format!("OU=Moved,{ou}")).unwrap();
    let connector = place.connector().await;
    check(AdFixture { connector, ou, behind: Behind::Samba(samba()) }).await;
}

async fn with_simulated(dialect: Dialect, dirsync_page_rows: Option<usize>) {
    let (directory, place) = simulated(|options| {
        options.dialect = dialect;
        options.dirsync_page_rows = dirsync_page_rows;
    })
    .await;
    let ou = place.containers[0].clone();
    directory.create_ou(&format!("OU=Moved,{ou}")).unwrap();
    let connector = place.connector().await;
    check(AdFixture { connector, ou, behind: Behind::Simulated(directory) }).await;
}

#[tokio::test]
async fn with_a_simulated_windows_domain_controller() {
    with_simulated(Dialect::Windows, None).await;
}

#[tokio::test]
async fn with_a_simulated_windows_domain_controller_that_sends_changes_in_small_pages() {
    with_simulated(Dialect::Windows, Some(2)).await;
}

#[tokio::test]
async fn with_a_simulated_samba_domain_controller() {
    with_simulated(Dialect::Samba, None).await;
}
