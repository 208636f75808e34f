//! Writing resources.

use async_trait::async_trait;
use connector::{
    ConnectorError, ErrorKind, ExportBatch, ExportError, ExportErrorType, ExportKind,
    ExportOperation, ExportOutcome, ExportSession,
};
use model::{AttributeChange, Changes, Guid, Schema};
use service::{Service, ServiceError};

/// A write in progress.
pub(crate) struct Export {
    pub(crate) service: Service,
    pub(crate) schema: Schema,
}

impl Export {
    async fn carry_out(&self, operation: &ExportOperation) -> Result<String, ServiceError> {
        let named = operation.anchor.as_deref().unwrap_or(&operation.dn);
        let id = Guid::parse(named).map_err(|_e| ServiceError::UnknownType(named.to_owned()))?;
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
        Ok(id.to_string())
    }
}

#[async_trait]
impl ExportSession for Export {
    async fn export(&mut self, operations: &[ExportOperation]) -> ExportBatch {
        let mut outcomes = Vec::with_capacity(operations.len());
        for operation in operations {
            if !self.schema.types.contains_key(&operation.object_type) {
                let message = format!("{} is not selected", operation.object_type);
                let error_type = ExportErrorType::NoExportToThisObjectType;
                outcomes.push(ExportOutcome::Failed(ExportError {
                    error_type,
                    code: None,
                    message,
                }));
                continue;
            }
            match self.carry_out(operation).await {
                Ok(id) => outcomes.push(ExportOutcome::Success { anchor: Some(id) }),
                Err(ServiceError::Store(error)) => {
                    outcomes.push(ExportOutcome::InDoubt);
                    outcomes.resize(operations.len(), ExportOutcome::NotSent);
                    let message = "the service's store failed";
                    let stopped =
                        ConnectorError::new(ErrorKind::Connection, message).with_source(error);
                    return ExportBatch { outcomes, stopped: Some(stopped) };
                }
                Err(error) => outcomes.push(ExportOutcome::Failed(refusal(&error))),
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
