//! The behaviour of every connector.

use std::sync::Arc;

use async_trait::async_trait;
use connector::Connector;
use connector::conformance::{Fixture, run_all};
use connector_service::ServiceConnector;
use model::{AttributeChange, Attributes, Changes, Guid, Name, Value, Values};
use service::Service;

use crate::support::{id, named, people};

/// People: no tree, no other names, no attribute with several values.
struct People {
    service: Service,
    connector: Arc<ServiceConnector>,
}

#[async_trait]
impl Fixture for People {
    fn connector(&self) -> &dyn Connector {
        &*self.connector
    }

    fn object_type(&self) -> Name {
        Name::new("Person")
    }

    fn dn(&self, number: u32) -> String {
        id(number).to_string()
    }

    fn attributes(&self, number: u32) -> Attributes {
        let mut attributes = named(&format!("Guest {number}"));
        attributes.set_one("JobTitle", "Buyer");
        attributes.set_one("EmployeeType", "Guest");
        attributes.set_one("ObjectSID", Value::Binary([1, 5, 0, 0xff].into()));
        attributes
    }

    fn text_attribute(&self) -> Name {
        Name::new("JobTitle")
    }

    async fn set_text_directly(&self, dn: &str, text: &str) -> bool {
        let set = AttributeChange::Set(Values::one(text));
        let changes: Changes = [(self.text_attribute(), set)].into();
        self.service.modify(Guid::parse(dn).unwrap(), &changes).await.unwrap();
        true
    }

    async fn delete_directly(&self, dn: &str) -> bool {
        self.service.delete(Guid::parse(dn).unwrap()).await.unwrap();
        true
    }
}

#[tokio::test]
async fn on_a_store_in_memory() {
    let (service, connector) = people().await;
    if let Err(broken) = run_all(&People { service, connector }).await {
        panic!("{broken}");
    }
}
