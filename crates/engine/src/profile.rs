//! Run profiles. Every connector has the five that its kind of step defines.

/// What a run profile does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Reads everything and stages it.
    FullImport,
    /// Reads what changed and stages it.
    DeltaImport,
    /// Synchronizes every object of the connector space.
    FullSync,
    /// Synchronizes what changed.
    DeltaSync,
    /// Sends what is pending.
    Export,
}

impl Profile {
    /// Every profile with its name.
    pub const ALL: [(&'static str, Self); 5] = [
        ("full-import", Self::FullImport),
        ("delta-import", Self::DeltaImport),
        ("full-sync", Self::FullSync),
        ("delta-sync", Self::DeltaSync),
        ("export", Self::Export),
    ];

    /// The profile `name`.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(n, _)| *n == name).map(|(_, profile)| profile)
    }

    /// True for synchronization, which needs no connection.
    #[must_use]
    pub const fn is_sync(self) -> bool {
        matches!(self, Self::FullSync | Self::DeltaSync)
    }
}
