//! The connector type: declaration, construction, and the contract with the engine.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, Descriptor, DisabledMark, ErrorKind,
    ExportSession, ImportKind, ImportSession, Problem, Secrets, Validated,
};
use model::{DnStyle, Schema};
use net::{SystemClock, TlsTrust, tls_config};

use crate::client::Target;
use crate::config::LdapSettings;
use crate::delta::DeltaImport;
use crate::export::Export;
use crate::full::FullImport;
use crate::health;
use crate::reader::Source;

/// The connector type `active-directory`.
pub const DESCRIPTOR: Descriptor = Descriptor { type_name: "active-directory", validate };

fn validate(config: &ConnectorConfig) -> Result<Arc<dyn Validated>, Vec<Problem>> {
    Ok(Arc::new(LdapSettings::read(config)?))
}

/// [MS-ADTS] 2.2.16: `ADS_UF_ACCOUNT_DISABLE`.
const DISABLED: DisabledMark = DisabledMark::Bit { attribute: "userAccountControl", bit: 2 };

const fn capabilities(export: bool) -> Capabilities {
    Capabilities { dn_style: DnStyle::Ldap, delta_import: true, export }
}

#[async_trait]
impl Validated for LdapSettings {
    fn capabilities(&self) -> Capabilities {
        capabilities(self.export_allowed)
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn build(&self, secrets: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError> {
        let target = self.target(secrets).await?;
        let source = Source {
            target,
            schema: self.schema.clone(),
            scope: self.scope.clone(),
            clock: Arc::new(SystemClock),
        };
        let export_allowed = self.export_allowed;
        Ok(Arc::new(LdapConnector { source: Arc::new(source), export_allowed }))
    }
}

impl LdapSettings {
    /// Everything a connection needs.
    ///
    /// # Errors
    /// When the password or the certificate authority cannot be had.
    pub(crate) async fn target(&self, secrets: &dyn Secrets) -> Result<Target, ConnectorError> {
        let password = secrets.resolve(&self.password).map_err(|error| {
            let message = "the password of the service account cannot be had";
            ConnectorError::new(ErrorKind::Credentials, message).with_source(error)
        })?;
        if password.expose().is_empty() {
            // A bind with a name and no password succeeds as nobody (RFC 4513 section 5.1.2).
            let message = "the password of the service account is empty";
            return Err(ConnectorError::new(ErrorKind::Credentials, message));
        }
        let tls = tls_config(&self.trust().await?).map_err(|error| {
            let message = "the connection to the directory cannot be set up";
            ConnectorError::new(ErrorKind::Configuration, message).with_source(error)
        })?;
        Ok(Target {
            servers: self.servers.clone(),
            user: self.user.clone(),
            password,
            tls,
            timeout: self.timeout,
        })
    }

    async fn trust(&self) -> Result<TlsTrust, ConnectorError> {
        let Some(file) = &self.ca else { return Ok(TlsTrust::System) };
        let pem = tokio::fs::read(file).await.map_err(|error| {
            let message = format!("the file {} of connectivity.ca cannot be read", file.display());
            ConnectorError::new(ErrorKind::Configuration, message).with_source(error)
        })?;
        Ok(TlsTrust::Bundle(pem))
    }
}

/// A directory.
struct LdapConnector {
    source: Arc<Source>,
    export_allowed: bool,
}

impl fmt::Debug for LdapConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let servers: Vec<&str> =
            self.source.target.servers.iter().map(|s| s.host.as_str()).collect();
        f.debug_struct("LdapConnector").field("servers", &servers).finish_non_exhaustive()
    }
}

#[async_trait]
impl Connector for LdapConnector {
    fn capabilities(&self) -> Capabilities {
        capabilities(self.export_allowed)
    }

    fn schema(&self) -> &Schema {
        &self.source.schema
    }

    fn disabled_mark(&self) -> Option<DisabledMark> {
        Some(DISABLED)
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        health::check(self.source.clone()).await
    }

    async fn open_import(
        &self,
        kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        let source = self.source.clone();
        Ok(match kind {
            ImportKind::Full => Box::new(FullImport::open(source).await?),
            ImportKind::Delta { watermark } => {
                Box::new(DeltaImport::open(source, &watermark).await?)
            }
        })
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        if !self.export_allowed {
            let message = "the connector is not allowed to export";
            return Err(ConnectorError::new(ErrorKind::Configuration, message)
                .with_help("set export = true under [access]"));
        }
        Ok(Box::new(Export::open(self.source.clone()).await?))
    }
}
