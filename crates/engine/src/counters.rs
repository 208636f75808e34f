//! The counters of runs, by their documented names.

use store::Counters;

/// Counts by name. Names come from the constants below and nowhere else.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally(Counters);

impl Tally {
    /// Goes on from counters that an interrupted run left.
    #[must_use]
    pub const fn resume(counters: Counters) -> Self {
        Self(counters)
    }

    /// Counts one.
    pub fn count(&mut self, name: &str) {
        self.add(name, 1);
    }

    /// Counts several.
    pub fn add(&mut self, name: &str, count: u64) {
        if count > 0 {
            *self.0.entry(name.to_owned()).or_insert(0) += count;
        }
    }

    /// How many were counted under `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> u64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    /// The counters as the store keeps them.
    #[must_use]
    pub fn to_counters(&self) -> Counters {
        self.0.clone()
    }
}

/// Objects that a step has written to its file.
pub const FILE_OBJECTS: &str = "file-objects";

/// What an import did with an entry.
pub mod staging {
    #![expect(missing_docs, reason = "the names are explained in docs/counters.md")]
    pub const NO_CHANGE: &str = "stage-no-change";
    pub const ADD: &str = "stage-add";
    pub const UPDATE: &str = "stage-update";
    pub const RENAME: &str = "stage-rename";
    pub const DELETE: &str = "stage-delete";
    pub const DELETE_ADD: &str = "stage-delete-add";
    pub const FAILURE: &str = "stage-failure";
    pub const FILTERED_DELETIONS: &str = "filtered-deletions";
}

/// What synchronization did with an object: exactly one per object.
pub mod inbound {
    #![expect(missing_docs, reason = "the names are explained in docs/counters.md")]
    pub const DISCONNECTOR_FILTERED: &str = "disconnector-filtered";
    pub const DISCONNECTOR_REMAINS: &str = "disconnector-remains";
    pub const JOINED_FLOW: &str = "disconnector-joined-flow";
    pub const JOINED_NO_FLOW: &str = "disconnector-joined-no-flow";
    pub const PROJECTED_FLOW: &str = "disconnector-projected-flow";
    pub const PROJECTED_NO_FLOW: &str = "disconnector-projected-no-flow";
    pub const CONNECTOR_FILTERED_REMOVE_MV: &str = "connector-filtered-remove-mv";
    pub const CONNECTOR_FILTERED_LEAVE_MV: &str = "connector-filtered-leave-mv";
    pub const JOINED_REMOVE_MV: &str = "disconnector-joined-remove-mv";
    pub const PROJECTED_REMOVE_MV: &str = "disconnector-projected-remove-mv";
    pub const CONNECTOR_FLOW: &str = "connector-flow";
    pub const CONNECTOR_FLOW_REMOVE_MV: &str = "connector-flow-remove-mv";
    pub const CONNECTOR_NO_FLOW: &str = "connector-no-flow";
    pub const CONNECTOR_DELETE_REMOVE_MV: &str = "connector-delete-remove-mv";
    pub const CONNECTOR_DELETE_LEAVE_MV: &str = "connector-delete-leave-mv";
    pub const CONNECTOR_DELETE_ADD: &str = "connector-delete-add-processed";
    pub const FLOW_FAILURE: &str = "flow-failure";
}

/// What synchronization staged in target connector spaces; stored as `NAME@CONNECTOR`.
pub mod outbound {
    #![expect(missing_docs, reason = "the names are explained in docs/counters.md")]
    pub const ADD_FLOW: &str = "provisioned-add-flow";
    pub const ADD_NO_FLOW: &str = "provisioned-add-no-flow";
    pub const RENAME_FLOW: &str = "provisioned-rename-flow";
    pub const RENAME_NO_FLOW: &str = "provisioned-rename-no-flow";
    pub const DISCONNECT: &str = "provisioned-disconnect";
    pub const FLOW: &str = "outbound-connector-flow";
    pub const NO_FLOW: &str = "outbound-connector-no-flow";
}

/// What an export did.
pub mod export {
    #![expect(missing_docs, reason = "the names are explained in docs/counters.md")]
    pub const ADD: &str = "export-add";
    pub const UPDATE: &str = "export-update";
    pub const RENAME: &str = "export-rename";
    pub const DELETE: &str = "export-delete";
    pub const FAILURE: &str = "export-failure";
}

/// The lines that MIM's operations page sums up, and what each adds.
const ROLL_UPS: [(&str, &[&str]); 9] = [
    (
        "projections",
        &[inbound::PROJECTED_FLOW, inbound::PROJECTED_NO_FLOW, inbound::PROJECTED_REMOVE_MV],
    ),
    ("joins", &[inbound::JOINED_FLOW, inbound::JOINED_NO_FLOW, inbound::JOINED_REMOVE_MV]),
    ("filtered-disconnectors", &[inbound::DISCONNECTOR_FILTERED]),
    ("disconnectors", &[inbound::DISCONNECTOR_REMAINS]),
    (
        "connectors-with-flow-updates",
        &[
            inbound::JOINED_FLOW,
            inbound::PROJECTED_FLOW,
            inbound::CONNECTOR_FLOW,
            inbound::CONNECTOR_FLOW_REMOVE_MV,
        ],
    ),
    (
        "connectors-without-flow-updates",
        &[inbound::CONNECTOR_NO_FLOW, inbound::JOINED_NO_FLOW, inbound::PROJECTED_NO_FLOW],
    ),
    (
        "filtered-connectors",
        &[inbound::CONNECTOR_FILTERED_LEAVE_MV, inbound::CONNECTOR_FILTERED_REMOVE_MV],
    ),
    (
        "deleted-connectors",
        &[inbound::CONNECTOR_DELETE_LEAVE_MV, inbound::CONNECTOR_DELETE_REMOVE_MV],
    ),
    (
        "metaverse-object-deletes",
        &[
            inbound::CONNECTOR_FILTERED_REMOVE_MV,
            inbound::CONNECTOR_DELETE_REMOVE_MV,
            inbound::CONNECTOR_FLOW_REMOVE_MV,
            inbound::JOINED_REMOVE_MV,
            inbound::PROJECTED_REMOVE_MV,
        ],
    ),
];

/// The sums over all target connectors.
const OUTBOUND_ROLL_UPS: [(&str, &[&str]); 4] = [
    ("provisioning-adds", &[outbound::ADD_FLOW, outbound::ADD_NO_FLOW]),
    ("provisioning-renames", &[outbound::RENAME_FLOW, outbound::RENAME_NO_FLOW]),
    ("provisioning-disconnects", &[outbound::DISCONNECT]),
    ("export-attribute-flow", &[outbound::ADD_FLOW, outbound::RENAME_FLOW, outbound::FLOW]),
];

/// The counters with the sums that administrators know from the operations page.
#[must_use]
pub fn with_roll_ups(counters: &Counters) -> Counters {
    let mut all = counters.clone();
    let mut put = |name: &str, sum: u64| {
        if sum > 0 {
            all.insert(name.to_owned(), sum);
        }
    };
    for (name, parts) in ROLL_UPS {
        put(name, parts.iter().filter_map(|part| counters.get(*part)).sum());
    }
    for (name, parts) in OUTBOUND_ROLL_UPS {
        let matches = |key: &str| key.split('@').next().is_some_and(|k| parts.contains(&k));
        put(name, counters.iter().filter(|(key, _)| matches(key)).map(|(_, n)| n).sum());
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_operations_page() {
        let mut tally = Tally::default();
        tally.add(inbound::PROJECTED_FLOW, 2);
        tally.add(inbound::DISCONNECTOR_FILTERED, 1);
        tally.add("provisioned-add-flow@adma", 2);
        tally.add("provisioned-add-flow@mimma", 2);
        let all = with_roll_ups(&tally.to_counters());
        assert_eq!(all["projections"], 2);
        assert_eq!(all["connectors-with-flow-updates"], 2);
        assert_eq!(all["provisioning-adds"], 4);
        assert_eq!(all["export-attribute-flow"], 4);
        assert!(!all.contains_key("joins"));
    }
}
