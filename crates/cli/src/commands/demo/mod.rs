//! `demo`: the whole system on one machine.

mod deployment;
mod invite;
mod stage;
mod world;

use std::sync::Arc;
use std::time::Duration;

use engine::RunOptions;
use model::{Name, Sid, Value};
use store::{Lineage, MvObject};

use self::deployment::Example;
use self::stage::Stage;
use self::world::World;
use super::run::run_sequence;
use super::{show, sim};
use crate::args::{Demo, DemoAction};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;

/// The sequence that both examples define.
const SEQUENCE: &str = "b2b";
/// The runs that carry a change from the tenant to the account and the portal.
const STEADY: [(&str, &str); 8] = [
    ("b2b-graph", "delta-import"),
    ("b2b-graph", "delta-sync"),
    ("adma", "export"),
    ("adma", "delta-import"),
    ("adma", "delta-sync"),
    ("mimma", "export"),
    ("mimma", "delta-import"),
    ("mimma", "delta-sync"),
];
/// Guests that the table of accounts shows.
const ROWS: usize = 20;
/// The pause between two looks at the tenant.
const PAUSE: Duration = Duration::from_secs(2);

/// Runs the command.
pub(super) async fn run(arguments: Demo, output: &Output) -> Result<Exit, Failure> {
    if let Some(DemoAction::Invite { name, mail }) = arguments.action {
        return invite::run(&name, &mail, output).await;
    }
    let example = if arguments.as_documented { Example::Documented } else { Example::Recommended };
    let guests = arguments.guests.unwrap_or(if arguments.as_documented { 2 } else { 3 });
    // The documented deployment knows neither portal nor gateway of ours.
    let stays = !arguments.once && !arguments.as_documented;
    let stage = if stays { Some(Stage::set(arguments.port).await?) } else { None };
    let url = stage.as_ref().map(|stage| stage.places.external_url.as_str());
    let world = World::start(arguments.directory, url, output).await?;
    sim::fill(&world.tenant, guests, 1)?;
    let folder = tempfile::tempdir()?;
    let places = stage.as_ref().map(|stage| &stage.places);
    deployment::write(example, folder.path(), &world, places)?;
    output.text(&format!("tenant     {}", world.tenant.base_url()));
    output.text(&format!("directory  {}", world.directory_url()));
    output.text(&format!("settings   {}\n", folder.path().display()));
    let session = Session::open(folder.path(), world.secrets(folder.path()), output).await?;
    let session = Arc::new(session);
    session.apply().await?;
    let exit = cycles(&session, output).await?;
    guests_and_accounts(&session, output).await?;
    match stage {
        _ if arguments.once => {}
        Some(stage) => stage::play(stage, &session, &world, folder.path(), *output).await?,
        None => watch(&session, &world, folder.path(), output).await?,
    }
    drop(session);
    world.stop().await;
    Ok(exit)
}

/// The cycle, and a second one that has nothing to do.
async fn cycles(session: &Session, output: &Output) -> Result<Exit, Failure> {
    let options = RunOptions::default();
    let (_, first) = run_sequence(session, SEQUENCE, &options, output, |_| true).await?;
    if first == Exit::Failed {
        return Ok(first);
    }
    output.text("\nonce more, with nothing changed:");
    let (second, exit) =
        run_sequence(session, SEQUENCE, &options, output, |_| output.is_json()).await?;
    let quiet = second.iter().filter(|summary| !show::changes_something(summary)).count();
    output.text(&format!("{} runs, {quiet} of them changed nothing\n", second.len()));
    Ok(if exit == Exit::Done { first } else { exit })
}

/// Who has which account.
async fn guests_and_accounts(session: &Session, output: &Output) -> Result<(), Failure> {
    if output.is_json() {
        return Ok(());
    }
    let person = Name::new("person");
    let people = session.engine.store().page_mv(Some(&person), None, ROWS).await?;
    let mut rows = Vec::new();
    for object in &people {
        rows.push(account_row(session, object).await?);
    }
    output.table(&["guest", "account", "distinguished name", "sid"], &rows);
    let all = session.engine.metaverse().await?.get("person").copied().unwrap_or(0);
    let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    if all > shown {
        output.text(&format!("and {} more", all - shown));
    }
    Ok(())
}

async fn account_row(session: &Session, object: &MvObject) -> Result<Vec<String>, Failure> {
    let text = |name: &str| object.values(name).map(ToString::to_string).unwrap_or_default();
    let sid = match object.values("objectSid").and_then(|v| v.first()) {
        Some(Value::Binary(bytes)) => Sid::from_bytes(bytes).map(|sid| sid.to_string()),
        _ => Ok(String::new()),
    };
    let source: Option<&Lineage> = object.attributes.get("objectSid").map(|a| &a.lineage);
    let ids: Vec<_> = source.iter().map(|lineage| lineage.object).collect();
    let account = session.engine.store().load_cs(&ids).await?;
    Ok(vec![
        text("displayName"),
        text("accountName"),
        account.first().map(|cs| cs.dn.clone()).unwrap_or_default(),
        sid.unwrap_or_default(),
    ])
}

/// Looks at the tenant again and again and lets every change through, until it is interrupted.
async fn watch(
    session: &Session,
    world: &World,
    folder: &std::path::Path,
    output: &Output,
) -> Result<(), Failure> {
    let _announced = invite::announce(world, folder, output)?;
    let interrupted = sim::until_interrupted();
    tokio::pin!(interrupted);
    loop {
        tokio::select! {
            result = &mut interrupted => return result,
            () = tokio::time::sleep(PAUSE) => {}
        }
        steady_cycle(session, output).await?;
    }
}

/// One pass of the steady runs. It ends with the first when the tenant has nothing new.
async fn steady_cycle(session: &Session, output: &Output) -> Result<(), Failure> {
    for (connector, profile) in STEADY {
        let summary = session
            .run(connector, profile, None, &engine::NoObserver, &RunOptions::default())
            .await?;
        let something = show::changes_something(&summary) || !summary.result.is_clean();
        if something {
            show::summary(&summary, output);
        } else if profile == STEADY[0].1 && connector == STEADY[0].0 {
            return Ok(());
        }
    }
    output.text("");
    guests_and_accounts(session, output).await
}
