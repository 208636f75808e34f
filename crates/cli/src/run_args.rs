//! The part of the command line that is about runs: `run` and `runs`.

use clap::{Args, Subcommand, ValueEnum};

use crate::args::Config;

/// `run`.
#[derive(Debug, Args)]
pub struct Run {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// The connector
    pub connector: Option<String>,
    /// The run profile: full-import, delta-import, full-sync, delta-sync, export, or one of the
    /// connector's own
    pub profile: Option<String>,
    /// Run a whole sequence of proxeny.toml; one that was interrupted goes on where it stood
    #[arg(long, value_name = "NAME", conflicts_with_all = ["connector", "profile"])]
    pub sequence: Option<String>,
    /// Do not let [limits] on this kind of change stop the run, this once; may be repeated
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    pub accept_limits: Vec<LimitedKind>,
}

/// A kind of change that can be limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum LimitedKind {
    /// Objects that are created
    Create,
    /// Objects whose attributes change
    Update,
    /// Objects that become disabled
    Disable,
    /// Objects that are deleted, or found gone
    Delete,
    /// Objects that are renamed or moved
    Move,
    /// Members that leave groups
    MemberRemoval,
    /// Objects that lose the last value of an attribute
    AttributeBlanking,
}

impl From<LimitedKind> for rules::ChangeKind {
    fn from(kind: LimitedKind) -> Self {
        match kind {
            LimitedKind::Create => Self::Create,
            LimitedKind::Update => Self::Update,
            LimitedKind::Disable => Self::Disable,
            LimitedKind::Delete => Self::Delete,
            LimitedKind::Move => Self::Move,
            LimitedKind::MemberRemoval => Self::MemberRemoval,
            LimitedKind::AttributeBlanking => Self::AttributeBlanking,
        }
    }
}

/// `runs`.
#[derive(Debug, Args)]
pub struct Runs {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// What to do.
    #[command(subcommand)]
    pub action: RunsAction,
}

/// What to do with the history of runs.
#[derive(Debug, Subcommand)]
pub enum RunsAction {
    /// Forget runs and their errors; objects, watermarks and the newest run stay
    Purge {
        /// Runs that ended before this day, such as 2026-01-31, or moment, such as
        /// 2026-01-31T12:00:00Z
        #[arg(long, value_name = "DATE")]
        before: String,
    },
}
