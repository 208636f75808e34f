//! Settings: only object types and attributes; the service needs no connection.

use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, Descriptor, ErrorKind, Problem,
    Secrets, Validated,
};
use model::{DnStyle, Name, Schema};

/// The connector type `service`.
pub const DESCRIPTOR: Descriptor = Descriptor { type_name: "service", validate };

/// Checked settings.
#[derive(Debug, Clone)]
pub(crate) struct ServiceSettings {
    pub(crate) capabilities: Capabilities,
    pub(crate) schema: Schema,
}

fn validate(config: &ConnectorConfig) -> Result<Arc<dyn Validated>, Vec<Problem>> {
    Ok(Arc::new(ServiceSettings::read(config)?))
}

impl ServiceSettings {
    pub(crate) fn read(config: &ConnectorConfig) -> Result<Self, Vec<Problem>> {
        let mut problems = Vec::new();
        let mut schema = Schema::default();
        for section in config.settings.keys() {
            problems.push(Problem {
                path: section.clone(),
                message: format!("a service connector has no section {section}"),
                help: Some("the service shares the engine's store".to_owned()),
            });
        }
        for (object_type, selection) in &config.objects {
            let path = format!("objects.{object_type}");
            let Some(known) = service::resource_schema(object_type) else {
                let types = service::resource_types().join(", ");
                problems.push(Problem {
                    path,
                    message: format!("the service has no resource type {object_type}"),
                    help: Some(format!("known: {types}")),
                });
                continue;
            };
            for attribute in &selection.attributes {
                if !known.contains_key(attribute) {
                    let names: Vec<&str> = known.keys().map(Name::as_str).collect();
                    problems.push(Problem {
                        path: format!("{path}.attributes"),
                        message: format!("{object_type} has no attribute {attribute}"),
                        help: Some(format!("known: {}", names.join(", "))),
                    });
                }
            }
            // Without a list everything is selected; the key that ties the resource to the
            // metaverse always is.
            let all = selection.attributes.is_empty();
            let selected = known.into_iter().filter(|(name, _)| {
                all || *name == "MVObjectID" || selection.attributes.contains(name)
            });
            schema.types.insert(object_type.clone(), selected.collect());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let capabilities = Capabilities {
            dn_style: DnStyle::Anchor,
            delta_import: true,
            export: config.export_allowed,
        };
        Ok(Self { capabilities, schema })
    }
}

#[async_trait]
impl Validated for ServiceSettings {
    fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The service lives in the store that the calling process has open, so only that process can
    /// make the connector: with [`crate::ServiceConnector::new`].
    async fn build(&self, _secrets: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError> {
        let message = "the service connector is made by the process that has the store open";
        Err(ConnectorError::new(ErrorKind::Configuration, message))
    }
}
