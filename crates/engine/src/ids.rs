//! Ids for new objects, reserved in blocks.

use std::collections::BTreeMap;
use std::ops::Range;

use model::{ConnectorId, CsId, MvId};
use store::{Store, StoreError};

use crate::limits::{CS_ID_BLOCK, CS_ID_BLOCK_MAX};

/// Reserved and not yet used ids, by connector.
#[derive(Debug, Default)]
pub(crate) struct NewIds {
    reserved: BTreeMap<ConnectorId, Range<u32>>,
    block: BTreeMap<ConnectorId, u32>,
    metaverse: Range<i64>,
    metaverse_block: u32,
}

impl NewIds {
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
        *block = block.saturating_mul(2).min(CS_ID_BLOCK_MAX);
        Ok(CsId::new(connector, first))
    }

    /// The first of `count` ids for metaverse objects. What is asked for once is reserved exactly,
    /// since most of it will not be needed; a run that asks again gets blocks.
    pub(crate) async fn metaverse(
        &mut self,
        store: &dyn Store,
        count: u32,
    ) -> Result<MvId, StoreError> {
        let wanted = i64::from(count);
        if self.metaverse.end - self.metaverse.start < wanted {
            let block = self.metaverse_block.max(count);
            let first = store.allocate_mv(block).await?.0;
            self.metaverse = first..first + i64::from(block);
            self.metaverse_block = block.saturating_mul(2).min(CS_ID_BLOCK_MAX);
        }
        let first = self.metaverse.start;
        self.metaverse.start += wanted;
        Ok(MvId(first))
    }
}
