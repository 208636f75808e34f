//! What is expected after a step.

mod read;

use super::value::{Demand, Expected, Literals};

pub(super) use read::{read, selector_alone};

/// Everything expected after a step.
#[derive(Debug)]
pub(crate) struct Expect {
    pub(crate) line: usize,
    pub(crate) run: RunExpect,
    /// Nothing of what is stored or in a connected system differs from before the step.
    pub(crate) is_unchanged: bool,
    pub(crate) cs: Vec<CsExpect>,
    pub(crate) mv: Vec<MvExpect>,
    pub(crate) systems: Vec<SystemExpect>,
    /// By connector, what there is so much of.
    pub(crate) counts: Vec<Of<Vec<(String, u64)>>>,
    /// By metaverse object type.
    pub(crate) metaverse: Vec<Of<u64>>,
    /// By connector, what was asked of it, in order.
    pub(crate) operations: Vec<Of<Vec<OperationExpect>>>,
}

/// What is expected of something with a name, and where that stands.
#[derive(Debug)]
pub(crate) struct Of<T> {
    pub(crate) line: usize,
    pub(crate) name: String,
    pub(crate) expected: T,
}

/// What is expected of the step's last run, or of its sequence.
#[derive(Debug, Default)]
pub(crate) struct RunExpect {
    pub(crate) result: Option<String>,
    pub(crate) message: Vec<Demand>,
    pub(crate) counters: Vec<(usize, String, u64)>,
    pub(crate) counters_are_all: bool,
    pub(crate) errors: Vec<ErrorExpect>,
    pub(crate) errors_are_all: bool,
    pub(crate) warnings: Vec<Vec<Demand>>,
    /// The runs of a sequence: what ran and how it ended.
    pub(crate) runs: Vec<(usize, String, Option<String>)>,
}

impl RunExpect {
    /// True if there has to be a run.
    pub(crate) const fn demands_something(&self) -> bool {
        self.result.is_some()
            || !self.message.is_empty()
            || !self.counters.is_empty()
            || !self.errors.is_empty()
            || !self.warnings.is_empty()
            || !self.runs.is_empty()
            || self.counters_are_all
            || self.errors_are_all
    }
}

/// Which object is meant.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector {
    pub(crate) dn: Option<String>,
    pub(crate) anchor: Option<String>,
    pub(crate) object_type: Option<String>,
    pub(crate) key: Literals,
}

/// An error of an object or a run.
#[derive(Debug, Clone, Default)]
pub(crate) struct ErrorExpect {
    pub(crate) line: usize,
    /// There is none.
    pub(crate) is_none: bool,
    pub(crate) object: Vec<Demand>,
    pub(crate) error_type: Option<String>,
    pub(crate) step: Option<String>,
    pub(crate) rule: Option<String>,
    pub(crate) code: Vec<Demand>,
    pub(crate) message: Vec<Demand>,
    pub(crate) count: Option<u64>,
}

/// Whether something is pending, and what.
#[derive(Debug, Clone)]
pub(crate) enum Pending {
    None,
    Some(DeltaExpect),
}

/// One stage of an export.
#[derive(Debug, Clone, Default)]
pub(crate) struct DeltaExpect {
    pub(crate) line: usize,
    pub(crate) operation: Option<String>,
    pub(crate) attributes: Expected,
    pub(crate) cleared: Vec<String>,
    pub(crate) is_all: bool,
    pub(crate) new_dn: Vec<Demand>,
    pub(crate) rule: Option<String>,
}

/// An object of a connector space.
#[derive(Debug)]
pub(crate) struct CsExpect {
    pub(crate) line: usize,
    pub(crate) system: String,
    pub(crate) selector: Selector,
    pub(crate) is_absent: bool,
    pub(crate) state: Option<String>,
    pub(crate) anchor: Vec<Demand>,
    pub(crate) dn: Vec<Demand>,
    pub(crate) attributes: Expected,
    pub(crate) synchronized: Expected,
    pub(crate) expected: Expected,
    pub(crate) is_all: bool,
    pub(crate) pending_import: Option<String>,
    pub(crate) pending_export: Option<Pending>,
    pub(crate) escrow: Option<Pending>,
    pub(crate) unconfirmed: Option<Pending>,
    pub(crate) linked_by: Option<String>,
    pub(crate) linked_to: Option<Selector>,
    pub(crate) import_error: Option<ErrorExpect>,
    pub(crate) export_error: Option<ErrorExpect>,
}

/// Where a value comes from.
#[derive(Debug, Clone)]
pub(crate) struct LineageExpect {
    pub(crate) line: usize,
    pub(crate) attribute: String,
    pub(crate) rule: Option<String>,
    pub(crate) system: Option<String>,
    pub(crate) dn: Option<String>,
}

/// An object of the metaverse.
#[derive(Debug)]
pub(crate) struct MvExpect {
    pub(crate) line: usize,
    pub(crate) selector: Selector,
    pub(crate) is_absent: bool,
    pub(crate) attributes: Expected,
    pub(crate) is_all: bool,
    pub(crate) lineage: Vec<LineageExpect>,
    /// Every linked object, as connector and DN.
    pub(crate) links: Option<Vec<(String, String)>>,
}

/// An object of a connected system.
#[derive(Debug)]
pub(crate) struct SystemExpect {
    pub(crate) line: usize,
    pub(crate) system: String,
    pub(crate) selector: Selector,
    pub(crate) is_absent: bool,
    pub(crate) dn: Vec<Demand>,
    pub(crate) anchor: Vec<Demand>,
    pub(crate) attributes: Expected,
    pub(crate) is_all: bool,
    /// Secrets it was last sent.
    pub(crate) secrets: Expected,
}

/// An operation that a system was asked to carry out.
#[derive(Debug)]
pub(crate) struct OperationExpect {
    pub(crate) operation: String,
    pub(crate) dn: String,
    pub(crate) to: Option<String>,
    pub(crate) attributes: Expected,
    pub(crate) cleared: Vec<String>,
    pub(crate) is_in_doubt: Option<bool>,
}
