//! A deployment opened for work: configuration checked, store open, engine ready.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use connector::{Connector, Validated};
use engine::{Engine, Observer, Parts, RunOptions, RunRequest, RunSummary, Setup};
use model::Name;
use net::SystemClock;
use rules::{Checked, Deployment, Direction, ProfileStep};
use service::{RuleResource, Service};
use store::{AccessStore, Store};
use store_sql::SqliteStore;

use crate::connectors::CONNECTORS;
use crate::failure::{Failure, chain};
use crate::output::Output;
use crate::random::{SystemRandom, new_guid};
use crate::secrets::SystemSecrets;
use crate::sources;

/// A deployment opened for work.
pub struct Session {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The identity service on the same store.
    pub service: Service,
    validated: BTreeMap<Name, Arc<dyn Validated>>,
    connections: tokio::sync::Mutex<BTreeMap<Name, Arc<dyn Connector>>>,
    secrets: SystemSecrets,
    access: Arc<dyn AccessStore>,
}

impl Session {
    /// Checks the configuration in `folder` and opens its store.
    ///
    /// # Errors
    /// When the configuration has errors (they are printed) or the store cannot be opened.
    pub async fn open(
        folder: &Path,
        secrets: SystemSecrets,
        output: &Output,
    ) -> Result<Self, Failure> {
        let sources = sources::read(folder)?;
        let checked = rules::check(&sources, CONNECTORS);
        crate::commands::check::report(&checked, &sources, output, false);
        let Checked { deployment, validated, .. } = checked;
        let deployment = deployment.ok_or_else(|| {
            Failure::new("the configuration has errors; nothing was done").with_code("CLI-0103")
        })?;
        let path = store_path(folder, &deployment.store_url);
        let opened = tokio::task::spawn_blocking(move || {
            SqliteStore::open(&path, &store_sql::Options::default())
        });
        let opened = opened.await.map_err(|error| Failure::caused(&error))?;
        Self::with_store(deployment, validated, Arc::new(opened?), secrets).await
    }

    /// A session on a store that is open already.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn with_store<S: Store + AccessStore + 'static>(
        deployment: Deployment,
        validated: BTreeMap<Name, Arc<dyn Validated>>,
        store: Arc<S>,
        secrets: SystemSecrets,
    ) -> Result<Self, Failure> {
        let schemas = deployment.schemas(&validated);
        let described = validated.iter().map(|(name, settings)| {
            let dn_style = settings.capabilities().dn_style;
            (name.clone(), (settings.schema().clone(), dn_style))
        });
        let described = described.collect();
        let setup = Setup::new(deployment, &described, store.as_ref()).await?;
        let service = Service::new(store.clone());
        let access = store.clone();
        let parts = Parts {
            store,
            setup,
            schemas,
            clock: Arc::new(SystemClock),
            random: Box::new(SystemRandom),
            owner: new_guid().to_string(),
            sync_page_objects: engine::SYNC_PAGE_OBJECTS,
        };
        Ok(Self {
            engine: Arc::new(Engine::new(parts).await?),
            service,
            validated,
            connections: tokio::sync::Mutex::default(),
            secrets,
            access,
        })
    }

    /// The configuration.
    #[must_use]
    pub fn deployment(&self) -> &Deployment {
        &self.engine.setup().deployment
    }

    /// Where secrets come from.
    #[must_use]
    pub const fn secrets(&self) -> &SystemSecrets {
        &self.secrets
    }

    /// The interface's own credentials, on the same store.
    #[must_use]
    pub const fn access(&self) -> &Arc<dyn AccessStore> {
        &self.access
    }

    /// Makes the configuration's rules those of the identity service.
    ///
    /// # Errors
    /// When the service refuses them.
    pub async fn apply(&self) -> Result<(), Failure> {
        self.service.initialise().await?;
        let schemas = self.deployment().schemas(&self.validated);
        let mut resources = Vec::new();
        for (name, text) in &self.deployment().rules {
            let rule = rules::compile_rule(name, text, &schemas).map_err(|diagnostics| {
                let texts: Vec<String> = diagnostics.iter().map(ToString::to_string).collect();
                Failure::new(texts.join("; "))
            })?;
            resources.push(RuleResource {
                name: rule.name,
                definition: text.clone(),
                flow_type: i64::from(rule.direction == Direction::Outbound),
                connected_system: rule.connector,
                connected_object_type: rule.object,
                metaverse_type: rule.metaverse,
                precedence: i64::from(rule.precedence),
            });
        }
        Ok(self.service.apply_rules(&resources, &mut new_guid).await?)
    }

    /// The connector `name`, made at first use.
    async fn connection(&self, name: &str) -> Result<Option<Arc<dyn Connector>>, Failure> {
        let mut connections = self.connections.lock().await;
        if let Some(connection) = connections.get(name) {
            return Ok(Some(connection.clone()));
        }
        let (Some(document), Some(validated)) =
            (self.deployment().connectors.get(name), self.validated.get(name))
        else {
            return Ok(None);
        };
        let connection: Arc<dyn Connector> = if document.type_name
            == connector_service::DESCRIPTOR.type_name
        {
            let made =
                connector_service::ServiceConnector::new(&document.config, self.service.clone());
            made.map_err(|problems| {
                let texts: Vec<String> = problems.into_iter().map(|p| p.message).collect();
                Failure::new(texts.join("; "))
            })?
        } else {
            validated.build(&self.secrets).await.map_err(|error| {
                let failure = Failure::new(format!("{name}: {}", chain(&error)));
                let failure = failure.with_code(error.code());
                Failure { help: error.help, ..failure }
            })?
        };
        connections.insert(Name::new(name), connection.clone());
        Ok(Some(connection))
    }

    /// Runs a profile.
    ///
    /// # Errors
    /// When the run cannot be made.
    pub async fn run(
        &self,
        connector: &str,
        profile: &str,
        sequence: Option<(Name, u32)>,
        observer: &dyn Observer,
        options: &RunOptions,
    ) -> Result<RunSummary, Failure> {
        let steps = self.engine.steps(connector, profile)?;
        let is_needed = steps.iter().any(ProfileStep::needs_connection);
        let connection = if is_needed { self.connection(connector).await? } else { None };
        let request = RunRequest { connector, profile, sequence, connection, observer };
        Ok(self.engine.run_with(request, options).await?)
    }
}

/// The file that `sqlite:FILE` names.
fn store_path(folder: &Path, url: &str) -> PathBuf {
    folder.join(url.strip_prefix("sqlite:").unwrap_or(url))
}
