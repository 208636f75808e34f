//! The connector.

use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, ErrorKind, ExportSession, ImportKind,
    ImportSession, Problem,
};
use model::Schema;
use service::{Service, ServiceError};

use crate::config::ServiceSettings;
use crate::export::Export;
use crate::import::Import;

/// The identity service as a connected system.
#[derive(Debug)]
pub struct ServiceConnector {
    settings: ServiceSettings,
    service: Service,
}

impl ServiceConnector {
    /// The connector to `service`.
    ///
    /// # Errors
    /// Every problem with the settings.
    pub fn new(config: &ConnectorConfig, service: Service) -> Result<Arc<Self>, Vec<Problem>> {
        Ok(Arc::new(Self { settings: ServiceSettings::read(config)?, service }))
    }
}

#[async_trait]
impl Connector for ServiceConnector {
    fn capabilities(&self) -> Capabilities {
        self.settings.capabilities
    }

    fn schema(&self) -> &Schema {
        &self.settings.schema
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        self.service.version().await.map(|_| ()).map_err(failed)
    }

    async fn open_import(
        &self,
        kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        let newest = self.service.version().await.map_err(failed)?;
        let after = match &kind {
            ImportKind::Full => 0,
            ImportKind::Delta { watermark } => {
                let version = watermark.parse().ok().filter(|v| (0..=newest).contains(v));
                version.ok_or_else(|| {
                    let message = "the watermark is not one of this service";
                    ConnectorError::new(ErrorKind::FullImportRequired, message)
                        .with_help("run a full import")
                })?
            }
        };
        let schema = self.settings.schema.clone();
        let began_at = (kind == ImportKind::Full).then_some(newest);
        Ok(Box::new(Import { service: self.service.clone(), schema, began_at, after }))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        let schema = self.settings.schema.clone();
        Ok(Box::new(Export { service: self.service.clone(), schema }))
    }
}

pub(crate) fn failed(error: ServiceError) -> ConnectorError {
    ConnectorError::new(ErrorKind::Connection, "the service's store failed").with_source(error)
}
