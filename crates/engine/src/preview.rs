//! Preview: what synchronizing one object would do, and how that comes about. What is carried out
//! afterwards is a synchronization of this object alone, by the same code.

use model::{CsId, MvId, Name};
use store::{CsObject, ExportValue, MvObject, RunError};

use crate::engine::Engine;
use crate::request::{RunOptions, RunSummary};
use crate::setup::Policy;
use crate::single::{Single, SingleError};
use crate::sync::{self, Contribution, ExportFlow, Given, Look, SyncMode, Trace};

/// The run profile that previews which are carried out have in the history.
const PREVIEW: &str = "preview";

/// Which synchronization is previewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviewMode {
    /// A full one.
    Full,
    /// A delta one, which visits only what is pending.
    Delta,
}

impl PreviewMode {
    /// The type of step.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "full-sync",
            Self::Delta => "delta-sync",
        }
    }
}

/// A connector-space object that has a part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsChange {
    /// The connector.
    pub connector: Name,
    /// Its id; below zero if it would be made.
    pub id: CsId,
    /// As it is.
    pub before: Option<CsObject>,
    /// As it would be.
    pub after: Option<CsObject>,
}

/// A metaverse object that has a part in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MvChange {
    /// Its id; without meaning if it would be made.
    pub id: MvId,
    /// As it is.
    pub before: Option<MvObject>,
    /// As it would be.
    pub after: Option<MvObject>,
}

/// What became of what a flow gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FlowStatus {
    /// It counts.
    Applied,
    /// It changes nothing: there is nothing, or it is there already.
    NotApplied,
    /// The flow of this rule has precedence.
    NotPrecedent(Option<Name>),
    /// The flow failed.
    Failed(String),
}

impl FlowStatus {
    /// The status in MIM's words.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Applied => "Applied",
            Self::NotApplied => "Not Applied",
            Self::NotPrecedent(_) => "Skipped: Not Precedent",
            Self::Failed(_) => "Error",
        }
    }
}

/// What synchronizing one object would do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The connector.
    pub connector: Name,
    /// The object as it is.
    pub object: CsObject,
    /// The synchronization.
    pub mode: PreviewMode,
    /// It would visit the object; otherwise nothing happens.
    pub is_visited: bool,
    /// How it comes about.
    pub trace: Trace,
    /// The inbound counter.
    pub counter: Option<&'static str>,
    /// The outbound counters with their connectors.
    pub outbound: Vec<(Name, &'static str)>,
    /// Why it fails, or what an administrator has to decide.
    pub error: Option<RunError>,
    /// Connector-space objects that have a part in it, changed or not.
    pub cs: Vec<CsChange>,
    /// Metaverse objects that have a part in it, changed or not.
    pub mv: Vec<MvChange>,
    /// The candidates of joins.
    pub candidates: Vec<MvObject>,
}

impl Preview {
    /// What became of an import flow.
    #[must_use]
    pub fn import_status(&self, flow: &Contribution) -> FlowStatus {
        match &flow.given {
            Given::Failed(message) => return FlowStatus::Failed(message.clone()),
            Given::Nothing | Given::Ignored => return FlowStatus::NotApplied,
            _ => {}
        }
        let mv = self.mv.iter().find(|mv| mv.id == flow.mv).and_then(|mv| mv.after.as_ref());
        let Some(mv) = mv.filter(|_| !self.has_failed()) else { return FlowStatus::NotApplied };
        let Some(attribute) = mv.attributes.get(&flow.attribute) else {
            let is_null = flow.given == Given::Null;
            let not_precedent = FlowStatus::NotPrecedent(None);
            return if is_null { FlowStatus::Applied } else { not_precedent };
        };
        let lineage = &attribute.lineage;
        let is_own = lineage.rule == flow.rule && lineage.object == flow.object;
        let shares = mv.shares.contains_key(&flow.attribute) && self.is_within(flow, mv);
        if is_own || shares {
            FlowStatus::Applied
        } else {
            FlowStatus::NotPrecedent(Some(lineage.rule.clone()))
        }
    }

    /// True if all that a flow gave is among the values of an attribute that several feed.
    fn is_within(&self, flow: &Contribution, mv: &MvObject) -> bool {
        let Given::Values(given) = &flow.given else { return false };
        let there = mv.values(&flow.attribute);
        given.iter().all(|value| there.is_some_and(|there| there.iter().any(|v| v == value)))
    }

    /// What became of an export flow to an object.
    #[must_use]
    pub fn export_status(&self, object: CsId, flow: &ExportFlow) -> FlowStatus {
        match &flow.given {
            Given::Failed(message) => return FlowStatus::Failed(message.clone()),
            Given::NotAsked => return FlowStatus::NotPrecedent(None),
            Given::Nothing | Given::Ignored => return FlowStatus::NotApplied,
            _ => {}
        }
        let change = self.cs.iter().find(|cs| cs.id == object).filter(|_| !self.has_failed());
        let Some(after) = change.and_then(|cs| cs.after.as_ref()) else {
            return FlowStatus::NotApplied;
        };
        let Some(pending) = &after.export.pending else { return FlowStatus::NotApplied };
        let is_name = flow.attribute == "dn"
            && (pending.new_dn.is_some() || change.is_some_and(|cs| cs.before.is_none()));
        let value = pending.changes.get(&flow.attribute).filter(|c| c.rule == flow.rule);
        let is_sent = value.is_some_and(|change| match (&change.value, &flow.given) {
            (ExportValue::Set(values), Given::Values(given)) => values == given,
            (ExportValue::Clear, Given::Null) | (ExportValue::Secret, Given::Secret) => true,
            _ => false,
        });
        if is_name || is_sent { FlowStatus::Applied } else { FlowStatus::NotApplied }
    }

    /// True if the object could not be synchronized, and nothing but its error would be written.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.counter == Some(crate::counters::inbound::FLOW_FAILURE)
    }
}

impl Engine {
    /// What synchronizing an object would do. Nothing is written.
    ///
    /// # Errors
    /// When there is no such object, the rules cannot be had, or a synchronization is going on.
    pub async fn preview(&self, object: CsId, mode: PreviewMode) -> Result<Preview, SingleError> {
        let _alone = self.synchronize()?;
        self.refuse_abandoned().await?;
        let (setup, object) = self.single(object).await?;
        let book = self.rulebook().await?;
        let policy = Policy { setup: &self.setup, rules: &book.rules };
        let connector = setup.name.clone();
        let is_visited = is_visited(&object, mode);
        let mut preview = Preview {
            connector,
            object,
            mode,
            is_visited,
            trace: Trace::default(),
            counter: None,
            outbound: Vec::new(),
            error: None,
            cs: Vec::new(),
            mv: Vec::new(),
            candidates: Vec::new(),
        };
        if !is_visited {
            return Ok(preview);
        }
        let (source, is_full) = (preview.object.clone(), mode == PreviewMode::Full);
        let begin = (self.clock.now(), self.seed());
        let look = sync::look(self.store.as_ref(), policy, begin, source, is_full).await?;
        self.fill(&mut preview, look);
        let found = preview.trace.joins.iter().flat_map(|attempt| attempt.found.iter().copied());
        preview.candidates = self.store.load_mv(&found.collect::<Vec<_>>()).await?;
        Ok(preview)
    }

    /// Synchronizes an object by itself, as a synchronization of its connector would.
    ///
    /// # Errors
    /// As [`Engine::preview`], and when the run cannot be made.
    pub async fn synchronize_one(
        &self,
        object: CsId,
        mode: PreviewMode,
        options: &RunOptions,
    ) -> Result<RunSummary, SingleError> {
        let _alone = self.synchronize()?;
        self.refuse_abandoned().await?;
        let (setup, object) = self.single(object).await?;
        if !is_visited(&object, mode) {
            let reason = "is not visited by such a synchronization: nothing is pending";
            return Err(SingleError::Unfit { dn: object.dn, reason });
        }
        let description = format!("{} of {} alone", mode.as_str(), object.dn);
        let single = Single {
            setup,
            object,
            profile: PREVIEW,
            step_type: mode.as_str(),
            description,
            mode: if mode == PreviewMode::Full { SyncMode::Full } else { SyncMode::Delta },
            decision: None,
        };
        self.run_single(single, options).await
    }

    fn fill(&self, preview: &mut Preview, look: Look) {
        let name = |id: model::ConnectorId| {
            let setup = self.setup.connectors.get(&id);
            setup.map_or_else(|| Name::from(id.0.to_string()), |setup| setup.name.clone())
        };
        preview.trace = look.trace;
        preview.counter = look.counter;
        preview.outbound =
            look.outbound.into_iter().map(|(id, counter)| (name(id), counter)).collect();
        preview.error = look.error;
        let cs = look.cs.into_iter().map(|(id, before, after)| {
            let connector = name(sync::connector_of(id));
            CsChange { connector, id, before, after }
        });
        preview.cs = cs.collect();
        let mv = look.mv.into_iter().map(|(id, before, after)| MvChange { id, before, after });
        preview.mv = mv.collect();
    }
}

/// True if a synchronization would visit the object.
fn is_visited(object: &CsObject, mode: PreviewMode) -> bool {
    !object.is_transient() && (mode == PreviewMode::Full || object.is_delta_sync_work())
}
