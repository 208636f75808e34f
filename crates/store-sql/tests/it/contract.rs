//! The contract of all stores, and equality with the model under random steps.

use proptest::prelude::*;
use store::contract::behaves_like;
use store::{MemoryStore, Store as _};
use store_sql::Options;

use crate::fixture::Fixture;

store::store_contract!(Fixture::new());

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn random_steps_lead_where_they_lead_the_model(
        steps in proptest::collection::vec(any::<u64>(), 1..16)
    ) {
        let model = MemoryStore::default();
        let hash_key = Some(*model.hasher().key());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let store = Fixture::with(&Options { hash_key, readers: 1, ..Options::default() });
        runtime.block_on(behaves_like(&*store, &model, &steps)).unwrap();
    }
}
