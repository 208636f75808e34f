//! An administrator at work: the account joiner, and previews.

use engine::{Decision, PreviewMode, RunOptions, SingleError};
use model::{CsId, MvId, Name};

use crate::compare::mv_matches;
use crate::document::{ByHand, Look, Selector, Verb};
use crate::similar;
use crate::world::{RunOutcome, State, World, is_busy};

/// Who decides, as the history names him.
const ADMINISTRATOR: &str = "administrator";

/// What is wrong with something that was asked for, and what may help.
type Mistake = (String, Option<String>);

impl World {
    /// Carries out a decision; an error says what is wrong with it.
    pub(crate) async fn decide(&self, by_hand: &ByHand) -> Result<RunOutcome, Mistake> {
        self.advance(1_000_000);
        let state = self.state().await;
        let object = object(&state, &by_hand.system, &by_hand.dn)?;
        let decision = match &by_hand.verb {
            Verb::Join(selector) => Decision::Join(metaverse_object(&state, selector)?),
            Verb::Project(object_type) => Decision::Project(Name::new(object_type)),
            Verb::Disconnect { is_explicit } => Decision::Disconnect { is_explicit: *is_explicit },
            Verb::Set { is_explicit } => Decision::Set { is_explicit: *is_explicit },
        };
        let started_by = Some(ADMINISTRATOR.to_owned());
        let options = RunOptions { started_by, ..RunOptions::default() };
        match self.engine.decide(object, &decision, &options).await {
            Ok(summary) => Ok(RunOutcome::Ended(Box::new(summary))),
            Err(SingleError::Engine(error)) if is_busy(&error) => Ok(RunOutcome::Refused),
            Err(error) => Err((error.to_string(), None)),
        }
    }
}

impl World {
    /// Previews an object, and checks what the test says of it, or synchronizes it alone.
    pub(crate) async fn look(&self, look: &Look) -> Result<Option<RunOutcome>, Mistake> {
        self.advance(1_000_000);
        let state = self.state().await;
        let object = object(&state, &look.system, &look.dn)?;
        let mode = if look.is_full { PreviewMode::Full } else { PreviewMode::Delta };
        if look.commits {
            let started_by = Some(ADMINISTRATOR.to_owned());
            let options = RunOptions { started_by, ..RunOptions::default() };
            return match self.engine.synchronize_one(object, mode, &options).await {
                Ok(summary) => Ok(Some(RunOutcome::Ended(Box::new(summary)))),
                Err(SingleError::Engine(error)) if is_busy(&error) => Ok(Some(RunOutcome::Refused)),
                Err(error) => Err((error.to_string(), None)),
            };
        }
        let preview = self.engine.preview(object, mode).await;
        let preview = preview.map_err(|error| (error.to_string(), None))?;
        let error = preview.error.as_ref().map(|error| error.error_type.as_str());
        let deletion = preview.trace.deletions.last().map(engine::DeletionTest::as_str);
        for (what, expected, found) in [
            ("counter", &look.counter, preview.counter),
            ("error", &look.error, error),
            ("deletion rule", &look.deletion, deletion),
        ] {
            let found = found.unwrap_or("none");
            if let Some(expected) = expected.as_ref().filter(|expected| *expected != found) {
                let what = format!("the preview of {} shows another {what}", look.dn);
                return Err((what, Some(format!("expected {expected}, found {found}"))));
            }
        }
        Ok(None)
    }
}

fn object(state: &State, system: &str, dn: &str) -> Result<CsId, Mistake> {
    let Some(space) = state.spaces.get(system) else {
        let known: Vec<&str> = state.spaces.keys().map(Name::as_str).collect();
        let help = similar::advice(system, &known);
        return Err((format!("there is no connector {system}"), Some(help)));
    };
    let found = space.iter().find(|object| object.dn == *dn);
    found.map(|object| object.id).ok_or_else(|| {
        let known: Vec<&str> = space.iter().map(|object| object.dn.as_str()).collect();
        let help = similar::advice(dn, &known);
        (format!("the connector space {system} has no {dn}"), Some(help))
    })
}

fn metaverse_object(state: &State, selector: &Selector) -> Result<MvId, Mistake> {
    let mut found = state.metaverse.iter().filter(|object| mv_matches(selector, object));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only.id),
        (None, _) => Err(("the metaverse has no such object to join".to_owned(), None)),
        (Some(_), Some(_)) => Err(("the metaverse has several such objects".to_owned(), None)),
    }
}
