//! What imports deliver beyond what the kit asks.

use connector::{Connector as _, ErrorKind, ImportEntry, ImportKind};
use connector_service::ServiceConnector;
use service::{ADMINISTRATOR, SYNCHRONIZATION_ACCOUNT};

use crate::support::{config, delta, id, import, named, people, watermark};

/// Resources that fill a page.
const PAGE: u32 = 1_000;

#[tokio::test]
async fn the_people_of_the_service_are_seen_and_the_deleted_are_not() {
    let (service, connector) = people().await;
    service.create("Person", id(1), named("Ada Lind")).await.unwrap();
    service.delete(id(1)).await.unwrap();
    let (entries, end) = import(&connector, ImportKind::Full).await;
    let mut seen: Vec<String> = entries
        .into_iter()
        .map(|entry| match entry {
            ImportEntry::Object(image) => {
                assert_eq!(image.anchor.as_ref(), Some(&image.dn));
                image.dn
            }
            other => panic!("{other:?}"),
        })
        .collect();
    seen.sort();
    assert_eq!(seen, [ADMINISTRATOR.to_string(), SYNCHRONIZATION_ACCOUNT.to_string()]);
    assert_eq!(delta(&connector, &watermark(end)).await, []);
}

#[tokio::test]
async fn a_delta_delivers_tombstones() {
    let (service, connector) = people().await;
    service.create("Person", id(1), named("Ada Lind")).await.unwrap();
    let (_, end) = import(&connector, ImportKind::Full).await;
    service.delete(id(1)).await.unwrap();
    let deleted = ImportEntry::Deleted { anchor: id(1).to_string() };
    assert_eq!(delta(&connector, &watermark(end)).await, [deleted]);
}

#[tokio::test]
async fn a_watermark_the_service_has_not_reached_asks_for_a_full_import() {
    let (service, connector) = people().await;
    let newest = service.version().await.unwrap();
    for (watermark, is_good) in
        [(newest, true), (newest + 1, false), (0, true), (-1, false), (i64::MAX, false)]
    {
        let kind = ImportKind::Delta { watermark: watermark.to_string() };
        match connector.open_import(kind).await {
            Ok(_) => assert!(is_good, "{watermark}"),
            Err(error) => {
                assert!(!is_good, "{watermark}");
                assert_eq!(error.kind, ErrorKind::FullImportRequired);
            }
        }
    }
}

#[tokio::test]
async fn what_is_deleted_between_the_pages_of_a_full_import_is_told_by_the_next_delta() {
    let (service, connector) = people().await;
    for number in 0..PAGE {
        service.create("Person", id(number), named("Guest")).await.unwrap();
    }
    let mut session = connector.open_import(ImportKind::Full).await.unwrap();
    let page = session.next_page().await.unwrap();
    let is_first =
        |entry: &ImportEntry| matches!(entry, ImportEntry::Object(i) if i.dn == id(0).to_string());
    assert!(page.entries.iter().any(is_first));
    assert_eq!(page.end, None);
    service.delete(id(0)).await.unwrap();
    let page = session.next_page().await.unwrap();
    let deleted = ImportEntry::Deleted { anchor: id(0).to_string() };
    assert_eq!(delta(&connector, &watermark(page.end.unwrap())).await, [deleted]);
}

#[tokio::test]
async fn only_selected_types_and_attributes_are_delivered() {
    let (service, _) = people().await;
    let mut attributes = named("Ada Lind");
    attributes.set_one("JobTitle", "Buyer");
    service.create("Person", id(1), attributes).await.unwrap();
    let read = async |objects: &[(&str, &[&str])]| {
        let connector = ServiceConnector::new(&config(objects), service.clone()).unwrap();
        import(&connector, ImportKind::Full).await.0
    };
    assert_eq!(read(&[("SynchronizationRule", &[])]).await, []);
    let mut ada = read(&[("Person", &["JobTitle"])]).await;
    let Some(ImportEntry::Object(image)) = ada.pop() else { panic!("{ada:?}") };
    let names: Vec<&str> = image.attributes.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["JobTitle"]);
}
