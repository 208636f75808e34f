//! Full and delta imports of a tenant that behaves.

use std::collections::BTreeMap;

use connector::{Completeness, Connector as _, ErrorKind, ImportEntry, ImportKind};
use model::{AttributeChange, DnStyle, Values};
use serde_json::json;

use super::bench::{DELTA, bench, shown};

#[tokio::test]
async fn a_full_import_reads_every_user_whatever_the_pages() {
    let bench = bench().await;
    for i in 0..7 {
        bench.invite(i);
    }
    bench.tenant.add_member("Member", "member").unwrap();
    for (size, with_blanks, pages) in [(1, false, 8), (3, true, 6), (100, false, 1)] {
        bench.tenant.set_page_size(size);
        bench.tenant.set_empty_pages(with_blanks);
        let read = bench.full_import().await.unwrap();
        assert_eq!((read.pages, read.errors.len()), (pages, 0));
        assert!(matches!(read.end, Completeness::Complete { watermark: Some(_) }));
        assert!(read.entries.iter().all(|e| matches!(e, ImportEntry::Object(_))));
        let mut space = BTreeMap::new();
        read.apply(&mut space);
        assert_eq!(shown(&space), bench.expected_space());
    }
}

#[tokio::test]
async fn a_delta_import_brings_the_space_up_to_date() {
    let bench = bench().await;
    let ids: Vec<String> = (0..6).map(|i| bench.invite(i)).collect();
    bench.set_phone(&ids[0], Some("1"));
    bench.set_phone(&ids[1], Some("2"));
    let full = bench.full_import().await.unwrap();
    let mut space = BTreeMap::new();
    full.apply(&mut space);

    bench.set_phone(&ids[0], None);
    bench.tenant.update_user(&ids[1], json!({ "displayName": "Renamed" })).unwrap();
    bench.tenant.update_user(&ids[2], json!({ "jobTitle": "not selected" })).unwrap();
    bench.tenant.delete_user(&ids[3]).unwrap();
    bench.tenant.purge_user(&ids[4]).unwrap();
    bench.tenant.delete_user(&ids[5]).unwrap();
    bench.invite(6);
    bench.tenant.set_page_size(2);
    let delta = bench.delta_import(&full.watermark()).await.unwrap();
    assert!(matches!(delta.end, Completeness::Delta { .. }));
    delta.apply(&mut space);
    assert_eq!(shown(&space), bench.expected_space());
    assert!(!delta.entries.iter().any(|e| anchor_of(e) == ids[2]), "unselected property");

    bench.tenant.restore_user(&ids[5]).unwrap();
    let last = bench.delta_import(&delta.watermark()).await.unwrap();
    last.apply(&mut space);
    assert_eq!(shown(&space), bench.expected_space());
    assert_eq!(last.entries.len(), 1);
    let none = bench.delta_import(&last.watermark()).await.unwrap();
    assert!(none.entries.is_empty());
}

fn anchor_of(entry: &ImportEntry) -> &str {
    match entry {
        ImportEntry::Object(image) => &image.dn,
        ImportEntry::Change { anchor, .. } | ImportEntry::Deleted { anchor } => anchor,
    }
}

#[tokio::test]
async fn cleared_is_told_from_never_set() {
    let bench = bench().await;
    let id = bench.invite(0);
    bench.set_phone(&id, Some("1"));
    let full = bench.full_import().await.unwrap();
    bench.set_phone(&id, None);
    let delta = bench.delta_import(&full.watermark()).await.unwrap();
    let [ImportEntry::Change { anchor, dn, changes }] = delta.entries.as_slice() else { panic!() };
    assert_eq!((anchor, dn.as_ref()), (&id, Some(&id)));
    assert_eq!(changes.get("mobilePhone"), Some(&AttributeChange::Clear));
    assert_eq!(changes.get("businessPhones"), Some(&AttributeChange::Clear), "an empty list");
    assert_eq!(
        changes.get("mail"),
        Some(&AttributeChange::Set(Values::one("guest0@partner.example")))
    );
    assert_eq!(changes.get("jobTitle"), None);
}

#[tokio::test]
async fn users_are_fetched_one_by_one_or_known_to_be_gone() {
    let bench = bench().await;
    let (here, gone) = (bench.invite(0), bench.invite(1));
    bench.tenant.delete_user(&gone).unwrap();
    let connector = bench.connector().await;
    let mut session = connector.open_import(ImportKind::Full).await.unwrap();
    let fetched = session.fetch(&[here.clone(), gone.clone()]).await.unwrap();
    let [ImportEntry::Object(image), ImportEntry::Deleted { anchor }] = fetched.as_slice() else {
        panic!("{fetched:?}")
    };
    assert_eq!(image.anchor.as_ref(), Some(&here));
    assert_eq!(image.attributes.text("mail"), Some("guest0@partner.example"));
    assert_eq!(anchor, &gone);
}

#[tokio::test]
async fn beta_and_a_tenant_id_work_as_well() {
    let mut bench = bench().await;
    bench.invite(0);
    bench.set_text("api_version", "beta");
    let tenant_id = bench.tenant.tenant_id().to_owned();
    bench.set_text("tenant", &tenant_id);
    assert_eq!(bench.full_import().await.unwrap().entries.len(), 1);
    assert_eq!(bench.tenant.request_count("GET", DELTA), 0);
    assert_eq!(bench.tenant.request_count("GET", "/beta/users/delta"), 1);
}

#[tokio::test]
async fn a_watermark_that_does_not_fit_asks_for_a_full_import() {
    let mut bench = bench().await;
    bench.invite(0);
    let watermark = bench.full_import().await.unwrap().watermark();
    bench.set_text("api_version", "beta");
    let error = bench.delta_import(&watermark).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FullImportRequired);
    bench.set_text("api_version", "v1.0");
    assert!(bench.delta_import(&watermark).await.is_ok());
    bench.clock.advance(7 * 86_400);
    let calls = bench.tenant.request_count("GET", DELTA);
    let error = bench.delta_import(&watermark).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FullImportRequired);
    assert_eq!(bench.tenant.request_count("GET", DELTA), calls, "refused before asking");
}

#[tokio::test]
async fn the_selection_is_in_the_watermark() {
    let mut bench = bench().await;
    let watermark = bench.full_import().await.unwrap().watermark();
    let user = bench.config.objects.values_mut().next().unwrap();
    user.attributes.push("surname".into());
    let error = bench.delta_import(&watermark).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FullImportRequired);
    assert!(error.message.contains("selected attributes"), "{error}");
}

#[tokio::test]
async fn a_healthy_connector_imports_and_does_not_export() {
    let bench = bench().await;
    let connector = bench.connector().await;
    connector.check_health().await.unwrap();
    let capabilities = connector.capabilities();
    assert_eq!(capabilities.dn_style, DnStyle::Anchor);
    assert!(capabilities.delta_import && !capabilities.export);
    assert!(connector.schema().attribute("user", "mail").is_some());
    let Err(error) = connector.open_export().await else { panic!() };
    assert_eq!(error.kind, ErrorKind::Configuration);
}
