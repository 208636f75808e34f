//! The part of the command line that is about single objects: `preview` and `joiner`.

use clap::{Args, Subcommand, ValueEnum};

use crate::args::Config;

/// `preview`.
#[derive(Debug, Args)]
pub struct Preview {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// Which object.
    #[command(flatten)]
    pub place: Place,
    /// Preview a full synchronization instead of a delta one, which visits only what is pending
    #[arg(long)]
    pub full: bool,
    /// Synchronize this object alone instead of showing what would happen
    #[arg(long)]
    pub commit: bool,
}

/// `joiner`.
#[derive(Debug, Args)]
pub struct Joiner {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// What to do.
    #[command(subcommand)]
    pub action: JoinerAction,
}

/// An object of a connector space, as the command line names it.
#[derive(Debug, Args)]
pub struct Place {
    /// The connector
    pub connector: String,
    /// The object's DN, its anchor, or its number as `cs search` prints it
    pub object: String,
}

/// What an administrator can decide about an object.
#[derive(Debug, Subcommand)]
pub enum JoinerAction {
    /// List the metaverse objects that the relationships of rules find for an object
    Candidates {
        /// Which object.
        #[command(flatten)]
        place: Place,
    },
    /// Link a disconnector to a metaverse object, as an explicit connector
    Join {
        /// Which object.
        #[command(flatten)]
        place: Place,
        /// The metaverse object: its public identifier, or its number as `mv search` prints it
        metaverse: String,
    },
    /// Make a new metaverse object of a disconnector, which becomes an explicit connector
    Project {
        /// Which object.
        #[command(flatten)]
        place: Place,
        /// The metaverse object type
        object_type: String,
    },
    /// Cut a connector from its metaverse object
    Disconnect {
        /// Which object.
        #[command(flatten)]
        place: Place,
        /// What it is then: a normal disconnector may be joined again by the next synchronization
        #[arg(long = "as", value_enum, default_value_t = Kind::Explicit)]
        kind: Kind,
    },
    /// Make an object explicit, so that rules neither link nor filter it, or normal again
    Set {
        /// Which object.
        #[command(flatten)]
        place: Place,
        /// What it is then
        #[arg(value_enum)]
        kind: Kind,
    },
}

impl JoinerAction {
    /// The object it is about.
    #[must_use]
    pub const fn place(&self) -> &Place {
        match self {
            Self::Candidates { place }
            | Self::Join { place, .. }
            | Self::Project { place, .. }
            | Self::Disconnect { place, .. }
            | Self::Set { place, .. } => place,
        }
    }
}

/// Whether rules have a say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// By an administrator's word: rules leave it as it is
    Explicit,
    /// By the rules
    Normal,
}
