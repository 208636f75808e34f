//! Writing resources.

use async_trait::async_trait;
use connector::{
    ExportBatch, ExportError, ExportErrorType, ExportKind, ExportOperation, ExportOutcome,
    ExportSession,
};
use model::{AttributeChange, Changes, Guid, Schema};
use service::{Service, ServiceError};

use crate::connector::failed;

/// A write in progress.
pub(crate) struct Export {
    pub(crate) service: Service,
    pub(crate) schema: Schema,
}

impl Export {
    /// What one operation leads to; an error of the store ends the batch.
    async fn outcome(&self, operation: &ExportOperation) -> Result<ExportOutcome, ServiceError> {
        let refused = |error_type, message| {
            Ok(ExportOutcome::Failed(ExportError { error_type, code: None, message }))
        };
        if !self.schema.types.contains_key(&operation.object_type) {
            let message = format!("{} is not selected", operation.object_type);
            return refused(ExportErrorType::NoExportToThisObjectType, message);
        }
        let named = operation.anchor.as_deref().unwrap_or(&operation.dn);
        let Ok(id) = Guid::parse(named) else {
            let message = format!("{named:?} is not the identity of a resource");
            return refused(ExportErrorType::InvalidDn, message);
        };
        match self.carry_out(operation, id).await {
            Ok(()) => Ok(ExportOutcome::Success { anchor: Some(id.to_string()) }),
            Err(error @ ServiceError::Store(_)) => Err(error),
            Err(error) => Ok(ExportOutcome::Failed(refusal(&error))),
        }
    }

    async fn carry_out(&self, operation: &ExportOperation, id: Guid) -> Result<(), ServiceError> {
        match &operation.kind {
            ExportKind::Add { attributes } => {
                let object_type = &operation.object_type;
                match self.service.create(object_type, id, attributes.clone()).await {
                    // An attempt that was cut off has created it: make sure it is as wanted.
                    Err(ServiceError::Exists(_)) if operation.in_doubt => {
                        let set = |(name, values)| (name, AttributeChange::Set(values));
                        let changes: Changes = attributes.clone().into_iter().map(set).collect();
                        self.service.modify(id, &changes).await?;
                    }
                    created => created?,
                }
            }
            ExportKind::Update { changes, .. } => self.service.modify(id, changes).await?,
            ExportKind::Delete => self.service.delete(id).await?,
        }
        Ok(())
    }
}

#[async_trait]
impl ExportSession for Export {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let mut outcomes = Vec::with_capacity(operations.len());
        for operation in operations {
            match self.outcome(operation).await {
                Ok(outcome) => outcomes.push(outcome),
                Err(error) => {
                    outcomes.push(ExportOutcome::InDoubt);
                    outcomes.resize(operations.len(), ExportOutcome::NotSent);
                    let stopped = failed(error);
                    return ExportBatch { outcomes, stopped: Some(stopped) };
                }
            }
        }
        ExportBatch { outcomes, stopped: None }
    }
}

fn refusal(error: &ServiceError) -> ExportError {
    let error_type = match error {
        ServiceError::Exists(_) => ExportErrorType::CdExistingObject,
        ServiceError::Missing(_) => ExportErrorType::CdMissingObject,
        ServiceError::Protected(_) => ExportErrorType::PermissionIssue,
        ServiceError::UnknownType(_) => ExportErrorType::InvalidDn,
        ServiceError::Store(_) => ExportErrorType::CdError,
        ServiceError::UnknownAttribute { .. }
        | ServiceError::Type { .. }
        | ServiceError::SingleValued { .. }
        | ServiceError::TooLong { .. }
        | ServiceError::NotAllowed { .. } => ExportErrorType::InvalidAttributeValue,
    };
    ExportError { error_type, code: Some(error.code().to_owned()), message: error.to_string() }
}
