//! Lists and searches over more resources than fit into one look.

use model::{Attributes, Guid, Name};
use store::{MemoryStore, ResourceChange, ResourceQuery, ResourceStore as _};

use crate::fixture::Fixture;

/// More than are sorted in one go.
const PEOPLE: u32 = 6_000;

fn people() -> Vec<ResourceChange> {
    let person = |n: u32| {
        let mixed = n.wrapping_mul(2_654_435_761);
        let mut octets = [0; 16];
        octets[..4].copy_from_slice(&mixed.to_be_bytes());
        let mut attributes = Attributes::new();
        attributes.set_one("DisplayName", format!("{} person", mixed % 1_000).as_str());
        attributes.set_one("AccountName", format!("Account{n}").as_str());
        let (id, resource_type) = (Guid::from_bytes(octets), Name::new("Person"));
        ResourceChange::Put { id, resource_type, attributes }
    };
    (0..PEOPLE).map(person).collect()
}

#[tokio::test]
async fn searches_with_few_and_with_many_matches_give_the_models_pages() {
    let (store, model) = (Fixture::new(), MemoryStore::default());
    store.change_resources(people()).await.unwrap();
    model.change_resources(people()).await.unwrap();
    for prefix in [None, Some("account"), Some("account59"), Some("9"), Some("acc x")] {
        let mut after = None;
        for _ in 0..4 {
            let query = ResourceQuery {
                resource_type: Name::new("Person"),
                prefix: prefix.map(str::to_owned),
                after: after.clone(),
                limit: 70,
            };
            let page = store.search_resources(query.clone()).await.unwrap();
            let same = page == model.search_resources(query).await.unwrap();
            assert!(same, "{prefix:?} after {after:?}");
            let Some(last) = page.last() else { break };
            after = Some(last.place());
        }
    }
}
