//! What goes over the wire: JSON in camel case, moments as RFC 3339 text in UTC, identifiers as
//! text. Absent is absent: no member is `null` but a page's `next`.

mod connector;
mod metaverse;
mod object;
mod person;
mod rule;
mod run;
mod session;
mod token;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

pub use connector::{Connector, SpaceCounts};
pub use metaverse::{
    FlowRole, Lineage, Link, MetaverseAttribute, MetaverseSchema, MetaverseType, MvObject,
    MvObjectSummary, TypeAttribute,
};
pub use object::{
    ChangeKind, CsAttribute, CsObject, CsObjectSummary, CsState, ExportStage, ImportOperation,
    ImportStage, ObjectError, ObjectFault, PendingExport, StageChange, Stages, WriteOperation,
};
pub use person::{Me, Person, PersonChanges, PersonSummary};
pub use rule::{Rule, RuleDirection};
pub use run::{
    Run, RunCounters, RunError, RunEvent, RunPlace, RunRequest, RunStarted, RunState, RunStep,
    Schedule, Sequence, Step,
};
pub use session::{Method, Portal, RoleName, Session, SignIn};
pub use token::{NewToken, Token, TokenCreated};

/// A page of a list.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Page<T> {
    /// What is on this page.
    pub items: Vec<T>,
    /// What `after` takes for the next page; `null` on the last one.
    #[schema(required)]
    pub next: Option<String>,
}

/// An attribute with its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NamedValues {
    /// The attribute.
    pub name: String,
    /// Its values as text, in canonical order; `secret` in place of a secret one.
    pub values: Vec<String>,
}

/// Where a page begins and how long it is.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct PageQuery {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// Items on the page.
    #[param(minimum = 1, maximum = 500, default = 50)]
    pub limit: Option<u32>,
}
