//! The configuration of a deployment: documents parsed with spans, checked as a whole with every
//! error at once, and compiled into what the engine runs.
//!
//! Text comes in ([`Sources`]), types and diagnostics go out ([`check`]); no file is opened here.
//! Three passes: `node` makes a tree with places of a document, `document` reads it into structs of
//! names, `check` follows the names. Rules that come out of the metaverse take the same way
//! ([`compile_rules`]).
//! Not here: expressions themselves (`expr`), running rules (`engine`), the settings of a connector
//! type (its own crate, through [`connector::Descriptor`]).

mod api_config;
mod builtin;
mod check;
mod code;
mod condition;
mod config;
mod diagnostic;
mod document;
mod gateway_config;
mod limits;
mod literal;
mod merge;
mod node;
mod parameter;
mod reader;
mod rule;
mod run_profile;
mod schemas;
mod similar;
mod source;

pub use api_config::{
    AcceptorConfig, ApiConfig, AssertionConfig, Role, ServerCertificate, SessionLimits,
};
pub use builtin::{
    DETECTED_RULE_TYPE, DETECTED_RULES, EXPECTED_RULE_TYPE, EXPECTED_RULES, RULE_DEFINITION,
    RULE_TYPE, ServiceMapping, builtin_rules, builtin_type, detected, entry,
};
pub use check::{Checked, check, compile_rule, compile_rules};
pub use condition::{Condition, Operator, Scope, ScopeGroup};
pub use config::{
    AttributePrecedence, ConnectorDocument, DeletionRule, Deployment, Deprovisioning,
    HistoryConfig, Indexed, Metaverse, MetaverseType, Rank, Schedule, Sequence,
};
pub use diagnostic::{Diagnostic, Severity};
pub use gateway_config::{
    AccountAttributes, ApplicationConfig, Assignment, BackendTimeouts, FindBy, GatewayConfig,
    KerberosConfig, LoginIdentity, ProviderConfig, RealmConfig, SendTicket, SignOn, TicketForm,
    Translate,
};
pub use limits::{ChangeKind, KindLimits, Limit, Limits};
pub use merge::MergeType;
pub use rule::{
    Applies, Direction, Flow, LinkType, OnAmbiguous, Relationship, Rule, RuleSet, WhenOutOfScope,
};
pub use run_profile::{ProfileStep, StepFile, StepType};
pub use schemas::Schemas;
pub use source::{SourceFile, Sources};
