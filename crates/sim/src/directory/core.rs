//! The directory behind its lock: content, settings, faults and who may do what.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Clock, Dn, Guid, Timestamp};

use super::faults::Faults;
use super::names::Target;
use super::options::Dialect;
use super::rules::Policy;
use super::state::State;

/// Everything requests work on.
pub(super) struct Core {
    pub(super) state: State,
    pub(super) policy: Policy,
    pub(super) faults: Faults,
    pub(super) dirsync_page_rows: Option<usize>,
    pub(super) clock: Arc<dyn Clock>,
    /// Accounts that may write and replicate.
    pub(super) privileged: BTreeSet<Guid>,
    pub(super) names: Names,
}

/// The names the domain controller goes by.
#[derive(Debug, Clone)]
pub(super) struct Names {
    /// `contoso.com`
    pub(super) domain: String,
    pub(super) domain_dn: Dn,
    /// `CONTOSO`
    pub(super) netbios: String,
    /// `dc1.contoso.com`
    pub(super) host: String,
    /// The object that holds the invocation id.
    pub(super) service: Guid,
    pub(super) service_account_dn: String,
}

impl Core {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) const fn is_windows(&self) -> bool {
        matches!(self.policy.dialect, Dialect::Windows)
    }

    /// Sets the fewest characters of a password, here and on the domain object.
    pub(super) fn set_min_password_length(&mut self, length: usize) {
        self.policy.min_password_length = length;
        let now = self.now();
        let domain = Target::Dn(self.names.domain_dn.clone());
        let root = self.state.resolve(&domain).and_then(|guid| self.state.get(guid)).cloned();
        if let Some(mut root) = root {
            root.set_text("minPwdLength", length.to_string());
            self.state.commit(root, now);
        }
    }

    /// Starts a new history, as a restore from backup does ([MS-ADTS] 3.1.1.1.8).
    pub(super) fn renew_invocation_id(&mut self) {
        let id = self.state.new_guid();
        let now = self.now();
        self.state.set_invocation_id(id);
        if let Some(mut service) = self.state.get(self.names.service).cloned() {
            service.set("invocationId", vec![id.to_directory().to_vec()]);
            self.state.commit(service, now);
        }
    }
}
