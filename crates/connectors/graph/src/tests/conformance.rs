//! The behaviour of every connector, as far as it is about reading: what the checks write, they
//! write to the simulated tenant itself, because this connector does not.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use connector::conformance::{CHECKS, Fixture};
use connector::{
    Capabilities, Connector, ConnectorError, ExportBatch, ExportKind, ExportOperation,
    ExportOutcome, ExportSession, ImportKind, ImportSession,
};
use model::{AttributeChange, Attributes, Changes, Name, Schema, Values};
use serde_json::{Map, Value, json};

use super::bench::{Bench, bench};
use crate::connector::GraphConnector;

/// Checks of what an export must refuse or repeat; nothing here exports through the connector.
const ABOUT_EXPORTS: [&str; 6] = [
    "a_duplicate_is_an_existing_object",
    "a_missing_parent_fails_one_object_only",
    "a_missing_object_fails_one_object_only",
    "an_add_in_doubt_adopts_what_is_there",
    "an_add_in_doubt_creates_what_is_not_there",
    "a_repeated_update_succeeds",
];

/// Reads through the connector and writes to the tenant.
struct Users {
    connector: GraphConnector,
    bench: Arc<Bench>,
}

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.connector.fmt(f)
    }
}

#[async_trait]
impl Connector for Users {
    fn capabilities(&self) -> Capabilities {
        self.connector.capabilities()
    }

    fn schema(&self) -> &Schema {
        self.connector.schema()
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        self.connector.check_health().await
    }

    async fn open_import(
        &self,
        kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        self.connector.open_import(kind).await
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        Ok(Box::new(Direct(self.bench.clone())))
    }
}

struct Direct(Arc<Bench>);

#[async_trait]
impl ExportSession for Direct {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let outcomes = operations.iter().map(|operation| self.write(operation)).collect();
        ExportBatch { outcomes, stopped: None }
    }
}

impl Direct {
    fn write(&self, operation: &ExportOperation) -> ExportOutcome {
        let id = &operation.dn;
        match &operation.kind {
            ExportKind::Add { attributes } => {
                let mut user: Map<String, Value> =
                    attributes.iter().map(|(name, values)| property(name, values)).collect();
                // An id is never given twice: who comes again is restored.
                if self.0.tenant.restore_user(id).is_ok() {
                    self.0.tenant.update_user(id, Value::Object(user)).unwrap();
                } else {
                    user.insert("id".to_owned(), json!(id));
                    self.0.tenant.add_user(Value::Object(user)).unwrap();
                }
            }
            ExportKind::Update { changes, .. } => self.update(id, changes),
            ExportKind::Delete => self.0.tenant.delete_user(id).unwrap(),
        }
        ExportOutcome::Success { anchor: Some(id.clone()) }
    }

    fn update(&self, id: &str, changes: &Changes) {
        for (name, change) in changes {
            let value = match change {
                AttributeChange::Set(values) => property(name, values).1,
                AttributeChange::Clear if name.as_str() == "businessPhones" => json!([]),
                AttributeChange::Clear => Value::Null,
                AttributeChange::Update { add, remove } => {
                    let users = self.0.tenant.users();
                    let user = users.iter().find(|user| user["id"] == *id).unwrap();
                    let old = user["businessPhones"].as_array().unwrap().iter();
                    let kept = old.filter(|v| !remove.iter().any(|r| *v == &json!(r.to_string())));
                    let added = add.iter().map(|v| json!(v.to_string()));
                    kept.cloned().chain(added).collect()
                }
            };
            self.0.tenant.update_user(id, json!({ name.as_str(): value })).unwrap();
        }
    }
}

fn property(name: &Name, values: &Values) -> (String, Value) {
    let texts: Vec<String> = values.iter().map(ToString::to_string).collect();
    let is_multi = name.as_str() == "businessPhones";
    (name.to_string(), if is_multi { json!(texts) } else { json!(texts.concat()) })
}

#[async_trait]
impl Fixture for Users {
    fn connector(&self) -> &dyn Connector {
        self
    }

    fn object_type(&self) -> Name {
        Name::new("user")
    }

    fn dn(&self, number: u32) -> String {
        format!("0dc4c140-0000-4000-9000-{number:012}")
    }

    fn attributes(&self, number: u32) -> Attributes {
        let mut attributes = Attributes::default();
        attributes.set_one("displayName", format!("Guest {number}").as_str());
        attributes.set_one("mail", format!("guest{number}@partner.example").as_str());
        attributes.set_one("mobilePhone", "1");
        attributes.set_one("businessPhones", "2");
        attributes.set_one("userType", "Guest");
        attributes
    }

    fn text_attribute(&self) -> Name {
        Name::new("mobilePhone")
    }

    fn multi_attribute(&self) -> Option<Name> {
        Some(Name::new("businessPhones"))
    }
}

#[tokio::test]
async fn reading_keeps_to_the_kit_whatever_the_pages() {
    for name in ABOUT_EXPORTS {
        assert!(CHECKS.iter().any(|check| check.name == name), "there is no check {name}");
    }
    for page_size in [1, 3, 100] {
        let bench = Arc::new(bench().await);
        bench.tenant.set_page_size(page_size);
        let users = Users { connector: bench.connector().await, bench };
        let about_reading = CHECKS.iter().filter(|check| !ABOUT_EXPORTS.contains(&check.name));
        for (first, check) in (1_u32..).step_by(100).zip(about_reading) {
            if let Err(broken) = check.run(&users, first).await {
                panic!("{} with pages of {page_size}: {broken}", check.name);
            }
        }
    }
}
