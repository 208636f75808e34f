//! Preview: it shows what a synchronization does, and writes nothing.

use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use engine::{Engine, FlowStatus, Given, Observer, Preview, PreviewMode, RunOptions};
use model::{CsId, MvId, Name, RunId};
use store::{CsObject, CsState, ExportDelta, MvObject};

use crate::world::{CYCLE, G1, G2, World, account};

/// Everything there is in the store, runs included.
async fn everything(world: &World) -> String {
    let mut spaces = Vec::new();
    for connector in ["adma", "b2b-graph", "mimma"] {
        spaces.push((world.space(connector).await, world.watermark(connector).await));
    }
    let metaverse = world.store.page_mv(None, None, usize::MAX).await.unwrap();
    format!("{spaces:?} {metaverse:?} {:?}", world.history().await)
}

async fn preview(world: &World, object: &CsObject, mode: PreviewMode) -> Preview {
    let before = everything(world).await;
    let preview = world.engine.preview(object.id, mode).await.unwrap();
    assert_eq!(everything(world).await, before, "the preview of {} wrote something", object.dn);
    preview
}

/// What matters of an object: not when and by which run something came, nor what a new metaverse
/// object is numbered.
fn portrait(object: &CsObject, is_new: impl Fn(MvId) -> bool) -> String {
    let state = match object.state {
        CsState::Connector { mv, kind } if is_new(mv) => format!("{kind:?} of a new object"),
        state => format!("{state:?}"),
    };
    let pending = |delta: &ExportDelta| {
        let changes: Vec<_> =
            delta.changes.iter().filter(|(name, _)| !is_identifier(name)).collect();
        format!("{:?} {:?} {changes:?}", delta.operation, delta.new_dn)
    };
    let export = object.export.pending.as_ref().map(pending);
    let error = object.import_error.as_ref().map(|error| &error.error_type);
    let import = object.pending_import.is_some();
    format!("{} {state} {:?} {export:?} {import} {error:?}", object.object_type, object.linked_by)
}

/// True for attributes that hold the identifier of a metaverse object.
fn is_identifier(name: &Name) -> bool {
    *name == "MVObjectID"
}

fn values(object: &MvObject) -> Vec<String> {
    let attributes = object.attributes.iter();
    attributes.map(|(name, a)| format!("{name} {} {}", a.values, a.lineage.rule)).collect()
}

async fn check_like_the_preview(world: &World, preview: &Preview, known: &[MvId]) {
    for change in preview.cs.iter().filter(|change| change.before.is_some()) {
        let there = world.store.load_cs(&[change.id]).await.unwrap();
        let is_new = |mv: MvId| !known.contains(&mv);
        assert_eq!(
            there.first().map(|object| portrait(object, is_new)),
            change.after.as_ref().map(|object| portrait(object, is_new)),
        );
    }
    for change in preview.mv.iter().filter(|change| change.before.is_some()) {
        let there = world.store.load_mv(&[change.id]).await.unwrap();
        assert_eq!(there.first().map(values), change.after.as_ref().map(values));
    }
    let made = preview.cs.iter().filter(|change| change.before.is_none());
    for change in made.filter_map(|change| change.after.as_ref().zip(Some(&change.connector))) {
        let (object, connector) = change;
        let wanted = portrait(object, |mv| !known.contains(&mv));
        let space = world.space(connector).await;
        let is_there = |o: &CsObject| portrait(o, |mv| !known.contains(&mv)) == wanted;
        assert!(space.iter().any(is_there), "{wanted}\n{space:#?}");
    }
}

#[tokio::test]
async fn what_a_preview_shows_is_what_its_object_then_goes_through() {
    let world = World::documented().await;
    let mut seen = 0;
    for (connector, profile) in CYCLE {
        if !profile.ends_with("sync") {
            world.run(connector, profile).await;
            continue;
        }
        let mode = if profile == "full-sync" { PreviewMode::Full } else { PreviewMode::Delta };
        for object in world.space(connector).await {
            let preview = preview(&world, &object, mode).await;
            if !preview.is_visited {
                continue;
            }
            let known = world.store.page_mv(None, None, usize::MAX).await.unwrap();
            let known: Vec<MvId> = known.iter().map(|object| object.id).collect();
            let done = world.engine.synchronize_one(object.id, mode, &RunOptions::default()).await;
            let counters = done.unwrap().counters;
            assert!(preview.counter.is_none_or(|counter| counters.contains_key(counter)));
            check_like_the_preview(&world, &preview, &known).await;
            seen += 1;
        }
    }
    assert!(seen > 15, "{seen}");
    let other = World::documented().await;
    other.cycle().await;
    assert_eq!(world.portrait().await, other.portrait().await);
}

#[tokio::test]
async fn a_preview_says_of_every_contributor_why_it_counts_or_does_not() {
    let world = World::documented().await;
    world.cycle().await;
    world.graph.set(G1, "surname", "Berg");
    world.run("b2b-graph", "delta-import").await;
    let guest = world.object("b2b-graph", G1).await.unwrap();
    let preview = preview(&world, &guest, PreviewMode::Delta).await;
    assert_eq!((preview.counter, preview.error.as_ref()), (Some("connector-flow"), None));
    let filter = preview.trace.filter.as_ref().unwrap();
    assert!(filter.iter().all(|alternative| alternative.iter().any(|tested| !tested.holds)));
    let status = |attribute: &str, rule: &str| {
        let mut flows = preview.trace.import_flow.iter();
        let flow = flows.find(|flow| flow.attribute == *attribute && flow.rule == *rule);
        preview.import_status(flow.unwrap())
    };
    assert_eq!(status("sn", "IN - B2B Guest"), FlowStatus::Applied);
    assert_eq!(status("mobilePhone", "IN - B2B Guest"), FlowStatus::NotApplied);
    let names = ["IN - B2B Guest", "IN - B2B - AD"].map(|rule| status("accountName", rule));
    let [winner, loser] = &names;
    let won = if *winner == FlowStatus::Applied { "IN - B2B Guest" } else { "IN - B2B - AD" };
    assert!(names.contains(&FlowStatus::Applied), "{winner:?} {loser:?}");
    assert!(
        names.contains(&FlowStatus::NotPrecedent(Some(Name::new(won)))),
        "{winner:?} {loser:?}"
    );

    let account = world.object("adma", &account(G1)).await.unwrap();
    let mut objects = preview.trace.export_flow.iter();
    let (_, flows) = objects.find(|(id, _)| *id == account.id).unwrap();
    let flow = |attribute: &str| flows.iter().find(|flow| flow.attribute == *attribute).unwrap();
    assert_eq!(preview.export_status(account.id, flow("sn")), FlowStatus::Applied);
    assert_eq!(preview.export_status(account.id, flow("mail")), FlowStatus::NotApplied);
    assert!(matches!(&flow("sn").given, Given::Values(values) if values.to_string() == "Berg"));
    assert!(flows.iter().all(|flow| flow.attribute != "unicodePwd"), "it is set at creation only");
}

#[tokio::test]
async fn a_failure_is_shown_and_not_written() {
    let world = World::documented().await;
    for (connector, profile) in CYCLE.into_iter().take(4) {
        world.run(connector, profile).await;
    }
    world.adma.put("user", "taken", &account(G2), &[]);
    world.run("adma", "full-import").await;
    world.run("b2b-graph", "full-import").await;
    let guest = world.object("b2b-graph", G2).await.unwrap();
    let preview = preview(&world, &guest, PreviewMode::Full).await;
    assert!(preview.has_failed());
    assert_eq!(preview.error.as_ref().unwrap().error_type, "object-already-exists");
    assert_eq!(world.object("b2b-graph", G2).await.unwrap().import_error, None);
}

/// Asks for a preview as soon as a run has begun.
struct Curious<'a> {
    engine: &'a Engine,
    object: CsId,
    answers: Mutex<Vec<String>>,
}

impl Observer for Curious<'_> {
    fn started(&self, _run: RunId) {
        let preview = pin!(self.engine.preview(self.object, PreviewMode::Full));
        let answer = match preview.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(Err(error)) => error.code().to_owned(),
            Poll::Ready(Ok(_)) => "shown".to_owned(),
            Poll::Pending => "waits".to_owned(),
        };
        self.answers.lock().unwrap().push(answer);
    }

    fn expect(&self, _objects: u64) {}

    fn progress(&self, _objects: u64) {}
}

#[tokio::test]
async fn a_preview_during_a_synchronization_is_refused() {
    let world = World::documented().await;
    world.run("b2b-graph", "full-import").await;
    let object = world.object("b2b-graph", G1).await.unwrap().id;
    let curious = Curious { engine: &world.engine, object, answers: Mutex::default() };
    let options = RunOptions::default();
    world.run_as("b2b-graph", "full-sync", &curious, &options).await.unwrap();
    assert_eq!(*curious.answers.lock().unwrap(), ["ENG-0121"]);
    assert!(world.engine.preview(object, PreviewMode::Full).await.unwrap().is_visited);
}
