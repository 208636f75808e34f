//! The commands, one file each.

mod administrator;
pub mod check;
mod clear;
mod cs;
mod demo;
mod doctor;
pub mod expr;
mod history;
mod joiner;
mod mv;
mod pending;
mod preview;
mod run;
mod runs;
mod search;
mod serve;
mod show;
mod sim;
mod status;
mod test;

use std::path::Path;

use self::serve::Parts;
use crate::args::{Command, Config};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::secrets::SystemSecrets;
use crate::session::Session;

/// Carries out a command.
///
/// # Errors
/// When it fails.
pub async fn run(command: Command, output: &Output) -> Result<Exit, Failure> {
    match command {
        Command::Demo(arguments) => Box::pin(demo::run(arguments, output)).await,
        Command::Check(arguments) => check::run(&arguments, output).await,
        Command::Apply(config) => apply(&config, output).await,
        Command::Run(arguments) => run::run(&arguments, output).await,
        Command::Status(arguments) => status::run(&arguments, output).await,
        Command::History(arguments) => history::run(&arguments, output).await,
        Command::Runs(arguments) => runs::run(&arguments, output).await,
        Command::Pending(arguments) => pending::run(&arguments, output).await,
        Command::Cs(arguments) => cs::run(&arguments, output).await,
        Command::Preview(arguments) => preview::run(&arguments, output).await,
        Command::Joiner(arguments) => joiner::run(&arguments, output).await,
        Command::Mv(arguments) => mv::run(&arguments, output).await,
        Command::Administrator(config) => administrator::run(&config, output).await,
        Command::Doctor(arguments) => Box::pin(doctor::run(&arguments, output)).await,
        Command::Serve(config) => Box::pin(serve::run(&config, Parts::All, output)).await,
        Command::Gateway(config) => Box::pin(serve::run(&config, Parts::Gateway, output)).await,
        Command::Expr(arguments) => expr::run(&arguments.action, output),
        Command::Sim(arguments) => sim::run(arguments.kind, output).await,
        Command::Test(arguments) => Box::pin(test::run(&arguments, output)).await,
    }
}

async fn open(config: &Config, output: &Output) -> Result<Session, Failure> {
    let folder: &Path = &config.folder;
    Session::open(folder, SystemSecrets::new(folder), output).await
}

async fn apply(config: &Config, output: &Output) -> Result<Exit, Failure> {
    let session = open(config, output).await?;
    session.apply().await?;
    check::report_left_behind(&session, output).await?;
    let count = session.deployment().rules.len();
    output.text(&format!("{count} rules are in the identity service"));
    output.object(&serde_json::json!({ "rules": count }));
    Ok(Exit::Done)
}
