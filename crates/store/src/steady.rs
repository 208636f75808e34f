//! What synchronization knows of metaverse objects that it need not look at again.

use std::collections::{BTreeMap, BTreeSet};

use model::{ConnectorId, CsId, MvId};

use crate::CsObject;

/// A metaverse object of which is known that synchronizing whatever is linked to it changes nothing.
///
/// The store forgets it with the first batch that writes the metaverse object, an object that is
/// linked to it, or one that was. It takes it from a run only while no other has been open beside it:
/// what that one writes may be missing in what was found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Steady {
    /// The metaverse object.
    pub mv: MvId,
    /// What it was found out by: rules, configuration, program. Under another stamp nothing is known.
    pub stamp: u64,
    /// The connectors of the objects whose export flow was worked out, one entry for each object.
    pub targets: Vec<ConnectorId>,
}

/// What counts as steady in a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SteadyScope {
    /// What was found out by this.
    pub stamp: u64,
    /// Whatever is known of these does not count any more.
    pub except: BTreeSet<MvId>,
}

/// Steady objects that a page leaves out at most: often enough for a lease to be renewed.
pub const STEADY_PAGE_MAX: usize = 50_000;

/// A page of a connector space without the objects linked to steady metaverse objects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnsteadyPage {
    /// The objects that are left, in id order.
    pub objects: Vec<CsObject>,
    /// The last object of the page, left out or not; `None` when there was none.
    pub last: Option<CsId>,
    /// How many were left out.
    pub steady: usize,
    /// The targets of those, with how often each occurs.
    pub targets: BTreeMap<ConnectorId, u64>,
}
