//! Runs that wait for the test.

use std::sync::{Arc, Mutex};

use api::{RunFailure, RunOrder, Runner};
use async_trait::async_trait;
use engine::{Engine, EngineError, Observer, RunRequest, RunSummary};
use service::Service;
use tokio::sync::Semaphore;

/// What becomes of a run before it begins.
pub(crate) enum Trouble {
    /// It cannot be made.
    Failure(RunFailure),
    /// A bug.
    Panic,
}

/// Runs on the engine; a run waits until the test lets it go on.
pub(crate) struct GatedRunner {
    pub(crate) trouble: Mutex<Option<Trouble>>,
    engine: Arc<Engine>,
    service: Service,
    pub(crate) gate: Semaphore,
}

impl GatedRunner {
    /// One that lets a thousand runs pass.
    pub(crate) fn new(engine: Arc<Engine>, service: Service) -> Self {
        Self { trouble: Mutex::default(), engine, service, gate: Semaphore::new(1_000) }
    }
}

#[async_trait]
impl Runner for GatedRunner {
    async fn run(
        &self,
        order: RunOrder<'_>,
        observer: &dyn Observer,
    ) -> Result<RunSummary, RunFailure> {
        let trouble = self.trouble.lock().unwrap().take();
        match trouble {
            Some(Trouble::Failure(failure)) => return Err(failure),
            Some(Trouble::Panic) => panic!("as the test wants"),
            None => {}
        }
        let failed = |error: EngineError| RunFailure {
            message: error.to_string(),
            code: None,
            help: Some("see the log".to_owned()),
        };
        let RunOrder { connector, profile, sequence, options } = order;
        let is_service = connector == "mimma";
        let document = &self.engine.setup().connector(connector).unwrap().document;
        let connection: Option<Arc<dyn connector::Connector>> = if is_service {
            let made =
                connector_service::ServiceConnector::new(&document.config, self.service.clone());
            Some(made.unwrap())
        } else {
            None
        };
        let request = RunRequest { connector, profile, sequence, connection, observer };
        let summary = self.engine.run_with(request, options).await.map_err(failed);
        self.gate.acquire().await.unwrap().forget();
        summary
    }
}
