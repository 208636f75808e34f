//! Ids for new connector-space objects, reserved in blocks.

use std::collections::BTreeMap;
use std::ops::Range;

use model::{ConnectorId, CsId};
use store::{Store, StoreError};

use crate::limits::CS_ID_BLOCK;

/// Reserved and not yet used ids, by connector.
#[derive(Debug, Default)]
pub(crate) struct CsIds {
    reserved: BTreeMap<ConnectorId, Range<u32>>,
    block: BTreeMap<ConnectorId, u32>,
}

impl CsIds {
    /// The next id. Blocks double while they are used up, so that large runs ask rarely and small
    /// ones waste little.
    pub(crate) async fn next(
        &mut self,
        store: &dyn Store,
        connector: ConnectorId,
    ) -> Result<CsId, StoreError> {
        let reserved = self.reserved.entry(connector).or_default();
        if let Some(sequence) = reserved.next() {
            return Ok(CsId::new(connector, sequence));
        }
        let block = self.block.entry(connector).or_insert(CS_ID_BLOCK);
        let first = store.allocate_cs(connector, *block).await?;
        *reserved = first + 1..first + *block;
        *block = block.saturating_mul(2).min(1 << 16);
        Ok(CsId::new(connector, first))
    }
}
