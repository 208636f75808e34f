//! Internal identifiers. Each kind of thing has a type of its own, so they cannot be mixed up.

use std::fmt;

/// A connector's number: small, given at first use, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectorId(pub u16);

/// A connector-space object: the connector's number in the high bits (from bit 40), a sequence of
/// the connector below. Order is order of arrival; one connector is one range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CsId(pub i64);

impl CsId {
    /// The id with `sequence` in `connector`'s range.
    #[must_use]
    pub const fn new(connector: ConnectorId, sequence: u32) -> Self {
        Self((connector.0 as i64) << 40 | sequence as i64)
    }

    /// The connector whose range the id lies in.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made by `new`")]
    pub const fn connector(self) -> ConnectorId {
        ConnectorId((self.0 >> 40) as u16)
    }

    /// The place in the connector's order of arrival.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "made by `new`")]
    pub const fn sequence(self) -> u32 {
        self.0 as u32
    }

    /// The first id of a connector's range.
    #[must_use]
    pub const fn first(connector: ConnectorId) -> Self {
        Self::new(connector, 0)
    }

    /// The first id after a connector's range.
    #[must_use]
    pub const fn end(connector: ConnectorId) -> Self {
        Self((connector.0 as i64 + 1) << 40)
    }
}

impl fmt::Display for CsId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cs:{}:{}", self.connector().0, self.sequence())
    }
}

/// A metaverse object, by order of projection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MvId(pub i64);

impl fmt::Display for MvId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "mv:{}", self.0)
    }
}

/// One run of one run profile, in order of start over all connectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId(pub i64);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connector_is_a_range_of_ids() {
        let id = CsId::new(ConnectorId(7), 12);
        assert_eq!((id.connector(), id.sequence()), (ConnectorId(7), 12));
        assert!(CsId::first(ConnectorId(7)) < id && id < CsId::end(ConnectorId(7)));
        assert_eq!(CsId::end(ConnectorId(7)), CsId::first(ConnectorId(8)));
        assert_eq!(id.to_string(), "cs:7:12");
    }
}
