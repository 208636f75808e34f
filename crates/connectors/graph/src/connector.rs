//! The connector type: declaration, construction, and the contract with the engine.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use connector::{
    Capabilities, Connector, ConnectorConfig, ConnectorError, Descriptor, DisabledMark, ErrorKind,
    ExportSession, ImportKind, ImportSession, Problem, Secrets, Validated,
};
use model::{Clock, DnStyle, Schema};
use net::{SystemClock, TlsTrust, Url, http_client};
use ring::digest::{SHA256, digest};

use crate::client::GraphClient;
use crate::config::{CredentialSource, GraphSettings};
use crate::health;
use crate::http::Sender;
use crate::import::{Reader, UserImport};
use crate::limits::Patience;
use crate::schema::USER;
use crate::token::{Credential, SigningCertificate, Tokens};
use crate::watermark::{Scope, Watermark};

/// The connector type `graph`.
pub const DESCRIPTOR: Descriptor = Descriptor { type_name: "graph", validate };

fn validate(config: &ConnectorConfig) -> Result<Arc<dyn Validated>, Vec<Problem>> {
    Ok(Arc::new(GraphSettings::read(config)?))
}

const CAPABILITIES: Capabilities =
    Capabilities { dn_style: DnStyle::Anchor, delta_import: true, export: false };

#[async_trait]
impl Validated for GraphSettings {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    async fn build(&self, secrets: &dyn Secrets) -> Result<Arc<dyn Connector>, ConnectorError> {
        let clock = Arc::new(SystemClock);
        Ok(Arc::new(GraphConnector::new(self, secrets, clock, Patience::RUN).await?))
    }
}

/// A tenant reached through Graph.
pub(crate) struct GraphConnector {
    schema: Arc<Schema>,
    reader: Reader,
}

impl fmt::Debug for GraphConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GraphConnector").field("scope", &self.reader.scope).finish_non_exhaustive()
    }
}

impl GraphConnector {
    /// Resolves what `settings` refer to.
    pub(crate) async fn new(
        settings: &GraphSettings,
        secrets: &dyn Secrets,
        clock: Arc<dyn Clock>,
        patience: Patience,
    ) -> Result<Self, ConnectorError> {
        let credential = credential(&settings.credential, secrets)?;
        let client = http_client(&trust(settings).await?).map_err(|error| {
            let message = "the connection to Microsoft Graph cannot be set up";
            ConnectorError::new(ErrorKind::Configuration, message).with_source(error)
        })?;
        let GraphSettings { authority, tenant, graph, client_id, .. } = settings;
        let service = (authority.as_str(), tenant.as_str(), graph.as_str());
        let tokens = Tokens::new(service, client_id, credential, clock.clone());
        let root = format!("{graph}/{}", settings.api_version);
        let url = Url::parse(&root).map_err(|error| {
            let message = "connectivity.graph is not an address";
            ConnectorError::new(ErrorKind::Configuration, message).with_source(error)
        })?;
        let sender = Sender { client, timeout: settings.http_timeout, patience };
        let select = settings.select();
        let reader = Reader {
            client: GraphClient::new(sender, Arc::new(tokens), url),
            clock,
            user: settings.schema.types.get(USER).cloned().unwrap_or_default(),
            scope: Scope { tenant: tenant.clone(), root, select: digest_of(&select) },
            select,
        };
        Ok(Self { schema: settings.schema.clone(), reader })
    }
}

fn credential(
    source: &CredentialSource,
    secrets: &dyn Secrets,
) -> Result<Credential, ConnectorError> {
    let resolve = |source, what: &str| {
        secrets.resolve(source).map_err(|error| {
            let message = format!("the {what} of the application cannot be had");
            ConnectorError::new(ErrorKind::Credentials, message).with_source(error)
        })
    };
    match source {
        CredentialSource::Secret(source) => {
            resolve(source, "client secret").map(Credential::Secret)
        }
        CredentialSource::Certificate(source) => {
            let pem = resolve(source, "client certificate")?;
            Ok(Credential::Certificate(Box::new(SigningCertificate::parse(&pem)?)))
        }
    }
}

async fn trust(settings: &GraphSettings) -> Result<TlsTrust, ConnectorError> {
    let Some(file) = &settings.ca else { return Ok(TlsTrust::System) };
    let pem = tokio::fs::read(file).await.map_err(|error| {
        let message = format!("the file {} of connectivity.ca cannot be read", file.display());
        ConnectorError::new(ErrorKind::Configuration, message).with_source(error)
    })?;
    Ok(TlsTrust::Bundle(pem))
}

/// A short digest in hexadecimal, for telling selections apart.
fn digest_of(text: &str) -> String {
    let digest = digest(&SHA256, text.as_bytes());
    digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[async_trait]
impl Connector for GraphConnector {
    fn capabilities(&self) -> Capabilities {
        CAPABILITIES
    }

    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn disabled_mark(&self) -> Option<DisabledMark> {
        Some(DisabledMark::Boolean { attribute: "accountEnabled", disabled: false })
    }

    async fn check_health(&self) -> Result<(), ConnectorError> {
        health::check(&self.reader).await
    }

    async fn open_import(
        &self,
        kind: ImportKind,
    ) -> Result<Box<dyn ImportSession>, ConnectorError> {
        let reader = self.reader.clone();
        let import = match kind {
            ImportKind::Full => UserImport::full(reader),
            ImportKind::Delta { watermark } => {
                let mark = Watermark::read(&watermark, &reader.scope, reader.clock.now())?;
                UserImport::delta(reader, mark)
            }
        };
        self.reader.client.sign_in().await?;
        Ok(Box::new(import))
    }

    async fn open_export(&self) -> Result<Box<dyn ExportSession>, ConnectorError> {
        let message = "the graph connector only imports";
        Err(ConnectorError::new(ErrorKind::Configuration, message)
            .with_help("set export = false under [access]"))
    }
}
