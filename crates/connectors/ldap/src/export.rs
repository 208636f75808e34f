//! Writing objects, one after another: a domain controller has one writer anyway.

use std::sync::Arc;

use async_trait::async_trait;
use connector::{ConnectorError, ExportBatch, ExportOperation, ExportOutcome, ExportSession};

use crate::reader::{Reader, Source};
use crate::write::{Trouble, Writer};

/// A write in progress.
pub(crate) struct Export {
    reader: Reader,
}

impl Export {
    /// Connects and makes sure that what is selected is there.
    ///
    /// # Errors
    /// Whatever keeps us from writing.
    pub(crate) async fn open(source: Arc<Source>) -> Result<Self, ConnectorError> {
        Ok(Self { reader: Reader::open(source).await? })
    }

    /// Domain controllers end idle connections; nothing is lost by that between two calls.
    async fn ensure_open(&mut self) -> Result<(), ConnectorError> {
        if self.reader.connection.is_closed() {
            tracing::debug!("connection has ended, connecting again");
            self.reader = Reader::open(self.reader.source.clone()).await?;
        }
        Ok(())
    }
}

#[async_trait]
impl ExportSession for Export {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let mut outcomes = Vec::with_capacity(operations.len());
        let mut stopped = self.ensure_open().await.err();
        for operation in operations {
            if stopped.is_some() {
                break;
            }
            let writer = Writer { reader: &self.reader };
            let outcome = match Box::pin(writer.carry_out(operation)).await {
                Ok(anchor) => ExportOutcome::Success { anchor },
                Err(Trouble::Object(error)) => ExportOutcome::Failed(error),
                Err(Trouble::NotSent(failure)) => {
                    stopped = Some(self.reader.failed(failure, "exporting"));
                    ExportOutcome::NotSent
                }
                Err(Trouble::InDoubt(failure)) => {
                    stopped = Some(self.reader.failed(failure, "exporting"));
                    ExportOutcome::InDoubt
                }
            };
            outcomes.push(outcome);
        }
        if stopped.is_some() {
            // Whatever it still has to say belongs to requests we have given up.
            self.reader.connection.close();
        }
        outcomes.resize(operations.len(), ExportOutcome::NotSent);
        ExportBatch { outcomes, stopped }
    }
}
