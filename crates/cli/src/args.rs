//! The command line.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use crate::operate_args::{Joiner, JoinerAction, Preview};
pub use crate::run_args::{LimitedKind, Run, Runs, RunsAction};
pub use crate::search_args::{CsSearch, MvSearch, Status};

/// Guests of your tenant get, and lose, the accounts that on-premises applications ask of everybody
#[derive(Debug, Parser)]
#[command(
    name = "proxeny",
    version,
    after_help = "Exit codes: 0 done; 1 failed; 2 the command line makes no sense; 3 done, but objects \
                  failed.\n\nBegin with `proxeny demo`: it runs everything on this machine, with a \
                  simulated tenant and directory."
)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Print JSON, one object per line, instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Log what happens to the error stream; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Where the configuration is.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// The folder with proxeny.toml, metaverse.toml, connectors/ and rules/
    #[arg(long = "config", value_name = "FOLDER", default_value = ".", env = "PROXENY_CONFIG")]
    pub folder: PathBuf,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the whole system on this machine and show what it does
    Demo(Demo),
    /// Check the configuration offline and point at what is wrong
    Check(Check),
    /// Make the configuration's rules those of the identity service
    ///
    /// The engine takes them up with the next import and synchronization of the service connector.
    Apply(Config),
    /// Run a profile of a connector, or a sequence of them
    Run(Run),
    /// Show the state of every connector space and the metaverse
    Status(Status),
    /// Show past runs and their errors
    History(History),
    /// Tend the history of runs
    Runs(Runs),
    /// Show what is waiting to be exported
    Pending(Pending),
    /// Search and show connector-space objects
    Cs(Cs),
    /// Search and show metaverse objects with the source of every value
    #[command(alias = "metaverse")]
    Mv(Mv),
    /// Show what synchronizing one object would do and why, or do it
    Preview(Preview),
    /// Link and disconnect objects by hand
    Joiner(Joiner),
    /// Serve the portal, the interface for programs and the gateway, and run the schedules
    Serve(Config),
    /// Serve the gateway alone
    Gateway(Config),
    /// Look for what stands in the way of a part, and say what mends it
    Doctor(Doctor),
    /// Give the portal's local administrator a new password and print it once
    Administrator(Config),
    /// Run a simulated tenant or directory by itself
    Sim(Sim),
    /// Try, check and convert rule expressions, without any deployment
    Expr(Expr),
    /// Play flow tests: what a configuration does to given objects
    Test(Test),
}

impl Command {
    /// True if the command may ask for tickets or accept them.
    #[must_use]
    pub fn wants_kerberos(&self) -> bool {
        match self {
            Self::Serve(_) | Self::Gateway(_) | Self::Doctor(_) => true,
            Self::Demo(demo) => {
                let is_samba = matches!(demo.directory, DirectoryKind::Samba);
                is_samba && !demo.once && demo.action.is_none()
            }
            _ => false,
        }
    }
}

/// `doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    /// Which part.
    #[command(subcommand)]
    pub part: DoctorPart,
}

/// The parts that can be looked at.
#[derive(Debug, Subcommand)]
pub enum DoctorPart {
    /// The gateway: key table, clock, distribution centres, delegation, provider, applications
    Gateway(DoctorGateway),
}

/// `doctor gateway`.
#[derive(Debug, Args)]
pub struct DoctorGateway {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// Get tickets for this account, too, as if its owner had signed in
    #[arg(long, value_name = "ACCOUNT-NAME")]
    pub account: Option<String>,
}

/// `demo`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Demo {
    /// A second terminal's part.
    #[command(subcommand)]
    pub action: Option<DemoAction>,
    /// Stop after the cycles instead of waiting for more guests
    #[arg(long)]
    pub once: bool,
    /// How many guests to invite
    #[arg(long, value_name = "N")]
    pub guests: Option<usize>,
    /// Use the configuration of the documented deployment to the letter: 2 guests, 1 member
    #[arg(long)]
    pub as_documented: bool,
    /// Which directory to use
    #[arg(long, value_enum, default_value_t = DirectoryKind::Simulated)]
    pub directory: DirectoryKind,
    /// Where people find the portal: this port of localhost; 0 takes a free one
    #[arg(long, default_value_t = 8443)]
    pub port: u16,
}

/// What a second terminal can do to a running demo.
#[derive(Debug, Subcommand)]
pub enum DemoAction {
    /// Invite one more guest into the running demo's tenant
    Invite {
        /// The guest's name, e.g. "Ada Lind"
        name: String,
        /// The guest's address, e.g. ada@partner.example
        mail: String,
    },
}

/// The directory of the demo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DirectoryKind {
    /// The built-in simulator
    Simulated,
    /// A real Samba domain controller, provisioned for the demo
    Samba,
}

/// `check`.
#[derive(Debug, Args)]
pub struct Check {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// Treat warnings as errors
    #[arg(long)]
    pub strict: bool,
    /// Look into the store, too: which rules are gone and still have objects
    #[arg(long)]
    pub store: bool,
}

/// `history`.
#[derive(Debug, Args)]
pub struct History {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// Only this run, with its errors
    pub run: Option<i64>,
    /// Only runs of this connector
    #[arg(long)]
    pub connector: Option<String>,
    /// How many runs
    #[arg(long, default_value = "20")]
    pub limit: NonZeroUsize,
}

/// `pending`.
#[derive(Debug, Args)]
pub struct Pending {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// Only this connector
    pub connector: Option<String>,
}

/// `cs`.
#[derive(Debug, Args)]
pub struct Cs {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// Search or show.
    #[command(subcommand)]
    pub action: CsAction,
}

/// What to do in a connector space.
#[derive(Debug, Subcommand)]
pub enum CsAction {
    /// List objects by what is in them, where they are and how they stand
    Search(Box<CsSearch>),
    /// Show one object with its change stack
    Show {
        /// The connector
        connector: String,
        /// Its DN, its anchor, or its number as `cs search` prints it
        object: String,
    },
    /// Empty a connector space: everything in it counts as gone. Without --yes, say what that means
    Clear {
        /// The connector
        connector: String,
        /// Do it
        #[arg(long)]
        yes: bool,
        /// Do not let [limits] on deletions stop it
        #[arg(long)]
        accept_limits: bool,
    },
}

/// `mv`.
#[derive(Debug, Args)]
pub struct Mv {
    /// Where the configuration is.
    #[command(flatten)]
    pub config: Config,
    /// Search or show.
    #[command(subcommand)]
    pub action: MvAction,
}

/// What to do in the metaverse.
#[derive(Debug, Subcommand)]
pub enum MvAction {
    /// List objects by what is in them
    Search(MvSearch),
    /// Show one object: every value with its rule, source object and run, and what is linked
    Show {
        /// Its public identifier, or its number as `mv search` prints it
        object: String,
    },
}

/// `sim`.
#[derive(Debug, Args)]
pub struct Sim {
    /// Which simulator.
    #[command(subcommand)]
    pub kind: SimKind,
}

/// The simulators.
#[derive(Debug, Subcommand)]
pub enum SimKind {
    /// An Entra tenant: sign-in endpoints and Microsoft Graph over HTTPS
    Tenant(SimTenant),
    /// A directory: LDAP over TLS with the behaviour of Active Directory
    Directory(SimDirectory),
}

/// What both simulators need.
#[derive(Debug, Args)]
pub struct SimServer {
    /// The port on 127.0.0.1; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    pub port: u16,
    /// Where to write the certificate that clients must trust
    #[arg(long, value_name = "FILE")]
    pub ca_out: PathBuf,
    /// A TOML file with the faults that requests are to meet
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
}

/// `sim tenant`.
#[derive(Debug, Args)]
pub struct SimTenant {
    /// Port, certificate and script.
    #[command(flatten)]
    pub server: SimServer,
    /// The client id of the registered application
    #[arg(long, default_value = "0dc4c140-0000-4000-8000-000068babca0")]
    pub client_id: String,
    /// The application's secret
    #[arg(long, env = "PROXENY_GRAPH_SECRET", hide_env_values = true)]
    pub client_secret: String,
    /// Sign-in fails because the secret has expired
    #[arg(long)]
    pub expired_secret: bool,
    /// Where people who signed in, or out, may be sent; may be repeated
    #[arg(long, value_name = "URL")]
    pub redirect_uri: Vec<String>,
    /// Where browsers tell the application that a session ended; https
    #[arg(long, value_name = "URL")]
    pub logout_url: Option<String>,
    /// Only this person may sign in: an id, user principal name or address; may be repeated
    #[arg(long, value_name = "WHO")]
    pub assign: Vec<String>,
    /// Guests to begin with
    #[arg(long, value_name = "N", default_value_t = 2)]
    pub guests: usize,
    /// Members to begin with
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub members: usize,
    /// Users per page of lists and changes, instead of as many as Graph sends
    #[arg(long, value_name = "N")]
    pub page_size: Option<NonZeroUsize>,
    /// Serve /_sim, through which anybody on this machine can script the tenant
    #[arg(long)]
    pub control: bool,
}

/// `sim directory`.
#[derive(Debug, Args)]
pub struct SimDirectory {
    /// Port, certificate and script.
    #[command(flatten)]
    pub server: SimServer,
    /// The service account's password
    #[arg(long, env = "PROXENY_AD_PASSWORD", hide_env_values = true)]
    pub password: String,
    /// Whose result codes, messages and rules to follow
    #[arg(long, value_enum, default_value_t = SimDialect::Windows)]
    pub dialect: SimDialect,
    /// An organizational unit to create, with those above it; may be repeated
    #[arg(long, value_name = "DN", default_value = "OU=B2BGuest,DC=contoso,DC=com")]
    pub ou: Vec<String>,
}

/// The directory that is simulated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SimDialect {
    /// Active Directory on Windows Server, the stricter one
    Windows,
    /// Samba
    Samba,
}

/// `test`.
#[derive(Debug, Args)]
pub struct Test {
    /// A folder with tests, at whatever depth, or the file of one
    #[arg(default_value = ".")]
    pub folder: PathBuf,
    /// Only tests whose name, description or ids contain this text
    #[arg(long, value_name = "TEXT")]
    pub filter: Option<String>,
    /// Print everything there is after each step
    #[arg(long)]
    pub states: bool,
}

/// `expr`.
#[derive(Debug, Args)]
pub struct Expr {
    /// What to do.
    #[command(subcommand)]
    pub action: ExprAction,
}

/// The language of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExprDialect {
    /// Microsoft Identity Manager 2016, with functions of our own
    Mim,
    /// Microsoft Entra Connect Sync
    Entra,
    /// Entra Connect with functions of cloud provisioning
    EntraExtended,
}

impl From<ExprDialect> for expr::Dialect {
    fn from(dialect: ExprDialect) -> Self {
        match dialect {
            ExprDialect::Mim => Self::Mim,
            ExprDialect::Entra => Self::Entra,
            ExprDialect::EntraExtended => Self::EntraExtended,
        }
    }
}

/// What to do with expressions.
#[derive(Debug, Subcommand)]
pub enum ExprAction {
    /// Evaluate an expression for one object
    Eval {
        /// The expression
        #[arg(allow_hyphen_values = true)]
        expression: String,
        /// The language
        #[arg(long, value_enum, default_value_t = ExprDialect::Mim)]
        dialect: ExprDialect,
        /// The object's attributes: JSON, or a file with it
        #[arg(long, value_name = "JSON|FILE")]
        attrs: Option<String>,
        /// What parameters stand for, such as $name or %Forest.LDAP%: JSON, or a file with it
        #[arg(long, value_name = "JSON|FILE")]
        params: Option<String>,
        /// The attributes as last imported: JSON, or a file with it
        #[arg(long, value_name = "JSON|FILE")]
        imported: Option<String>,
        /// A name that another object has already, for UniqueName and SelectUniqueValue; repeat it
        /// for several
        #[arg(long, value_name = "NAME")]
        taken: Vec<String>,
        /// Show every step
        #[arg(long)]
        explain: bool,
    },
    /// Look for mistakes in an expression
    Check {
        /// The expression
        #[arg(allow_hyphen_values = true)]
        expression: String,
        /// The language
        #[arg(long, value_enum, default_value_t = ExprDialect::Mim)]
        dialect: ExprDialect,
        /// The attributes there are, such as mail,employeeID:integer,proxyAddresses:string*; any
        /// without it. A type lets wrong arguments be found; * stands for several values
        #[arg(long, value_name = "NAMES", value_delimiter = ',')]
        attributes: Vec<String>,
        /// The attribute that the result flows to, also with its type if it is known
        #[arg(long, value_name = "NAME")]
        to: Option<String>,
        /// Treat warnings as errors
        #[arg(long)]
        strict: bool,
    },
    /// Turn a stored rule into text, text into a stored function tree, or one language into the
    /// other
    Convert {
        /// `<fn>`, `<export-flow>`, `<import-flow>`, `<sync-rule-mapping>`, `<mapping>` or a
        /// workflow, an expression, or a file with one
        #[arg(allow_hyphen_values = true)]
        input: String,
        /// Translate into this language, where that is exact
        #[arg(long, value_enum)]
        to: Option<ExprDialect>,
        /// The language of an expression to translate; the other one unless told
        #[arg(long, value_enum, requires = "to")]
        dialect: Option<ExprDialect>,
        /// The types of attributes, such as employeeID:integer,proxyAddresses:string*; any other
        /// is taken for one text
        #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "to")]
        attributes: Vec<String>,
    },
    /// List the functions, or show one
    Functions {
        /// The function
        name: Option<String>,
        /// Only this language
        #[arg(long, value_enum)]
        dialect: Option<ExprDialect>,
        /// Print the reference page
        #[arg(long, conflicts_with = "name")]
        markdown: bool,
    },
    /// Run a file of vectors: expressions with the results they must have
    Test {
        /// The file
        file: PathBuf,
    },
}
