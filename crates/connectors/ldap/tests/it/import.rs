//! What is imported, and what counts as a change.

use connector::{Connector, ErrorKind, ImportEntry, ImportKind};
use model::{Name, Value};

use crate::support::{
    DOMAIN, GUESTS, Place, add_guest, delta, export, full, guest, read, samba, samba_place,
    simulated,
};

/// DNs of objects and anchors of deleted ones, in order of the text.
fn shown(entries: &[ImportEntry]) -> Vec<String> {
    let show = |entry: &ImportEntry| match entry {
        ImportEntry::Object(image) => image.dn.clone(),
        ImportEntry::Deleted { .. } => "deleted".to_owned(),
        ImportEntry::Change { .. } => panic!("never a part"),
    };
    let mut list: Vec<String> = entries.iter().map(show).collect();
    list.sort();
    list.dedup();
    list
}

#[tokio::test]
async fn the_documented_selection_has_two_containers() {
    let place = samba_place("Documented");
    let ou = place.containers[0].clone();
    let connector = place.connector().await;
    export(&*connector, &[add_guest(&ou, "documented")]).await;
    let (mut images, _) = full(&*connector).await;
    images.sort_by_key(|image| (image.object_type.clone(), image.dn.len()));
    let found: Vec<(&str, &str)> =
        images.iter().map(|i| (i.object_type.as_str(), i.dn.as_str())).collect();
    let guest_dn = format!("CN=documented,{ou}");
    assert_eq!(found, [("container", DOMAIN), ("container", &ou), ("user", &guest_dn)]);
    let user = images.last().unwrap();
    for (name, values) in guest("documented").iter() {
        assert_eq!(user.attributes.get(name), Some(values));
    }
    let Some(Value::Binary(sid)) = user.attributes.single("objectSid") else { panic!("no SID") };
    assert!(model::Sid::from_bytes(sid).unwrap().to_string().starts_with("S-1-5-21-"));
    assert!(user.attributes.get("unicodePwd").is_none());
}

#[tokio::test]
async fn a_whole_partition_has_people_but_no_computers() {
    let place = Place { containers: Vec::new(), ..samba_place("Whole") };
    let (images, _) = full(&*place.connector().await).await;
    let has = |dn: &str| images.iter().any(|image| image.dn == dn);
    assert!(has(&format!("CN=Administrator,CN=Users,{DOMAIN}")));
    assert!(has(DOMAIN) && has(&format!("CN=Builtin,{DOMAIN}")));
    assert!(!has(&format!("CN=DC1,OU=Domain Controllers,{DOMAIN}")));
}

/// Renames and moves containers by `rename(dn, new RDN, new parent)`.
async fn containers_take_their_content_along(
    connector: &dyn Connector,
    ou: &str,
    rename: impl Fn(&str, &str, &str),
) {
    let inner = format!("OU=Inner,{ou}");
    let guests = [add_guest(&inner, "inside"), add_guest(ou, "outside")];
    let batch = export(connector, &guests).await;
    assert!(batch.stopped.is_none(), "{batch:?}");
    let (images, watermark) = full(connector).await;
    let known: Vec<String> = images.into_iter().filter_map(|image| image.anchor).collect();
    // Other tests change other parts of the domain.
    let follow = async |watermark: &str| {
        let (mut entries, watermark) = delta(connector, watermark).await;
        entries
            .retain(|e| !matches!(e, ImportEntry::Deleted { anchor } if !known.contains(anchor)));
        (entries, watermark)
    };

    rename(&inner, "OU=Renamed", ou);
    let (entries, watermark) = follow(&watermark).await;
    let renamed = format!("OU=Renamed,{ou}");
    assert_eq!(shown(&entries), [format!("CN=inside,{renamed}"), renamed.clone()]);

    rename(&renamed, "OU=Away", DOMAIN);
    let (entries, watermark) = follow(&watermark).await;
    let deleted = entries.iter().filter(|e| matches!(e, ImportEntry::Deleted { .. })).count();
    assert_eq!((deleted, entries.len()), (2, 2), "the container and the guest in it");

    rename(&format!("OU=Away,{DOMAIN}"), "OU=Back", ou);
    let (entries, watermark) = follow(&watermark).await;
    let back = format!("OU=Back,{ou}");
    assert_eq!(shown(&entries), [format!("CN=inside,{back}"), back.clone()]);
    let whole = entries.iter().find_map(|entry| match entry {
        ImportEntry::Object(image) if image.object_type == *"user" => Some(image),
        _ => None,
    });
    assert_eq!(whole.unwrap().attributes.text("sn"), Some("Trey"));

    rename(&format!("CN=inside,{back}"), "CN=inside", &format!("CN=Users,{DOMAIN}"));
    let (entries, watermark) = follow(&watermark).await;
    assert_eq!(shown(&entries), ["deleted"]);
    let (entries, _) = follow(&watermark).await;
    assert_eq!(shown(&entries), Vec::<String>::new());
}

#[tokio::test]
async fn containers_take_their_content_along_on_samba() {
    let place = samba_place("Along");
    let ou = place.containers[0].clone();
    samba().create_ou(&format!("OU=Inner,{ou}")).unwrap();
    let connector = place.connector().await;
    containers_take_their_content_along(&*connector, &ou, |dn, rdn, parent| {
        let change = format!("newrdn: {rdn}\ndeleteoldrdn: 1\nnewsuperior: {parent}");
        samba().ldapmodify(&format!("dn: {dn}\nchangetype: modrdn\n{change}\n")).unwrap();
    })
    .await;
}

#[tokio::test]
async fn containers_take_their_content_along_on_a_simulated_domain_controller() {
    let (directory, place) = simulated(|options| options.dirsync_page_rows = Some(1)).await;
    directory.create_ou(&format!("OU=Inner,{GUESTS}")).unwrap();
    let connector = place.connector().await;
    containers_take_their_content_along(&*connector, GUESTS, |dn, rdn, parent| {
        directory.rename(dn, rdn, Some(parent)).unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_large_group_comes_whole() {
    let (directory, mut place) = simulated(|_| {}).await;
    place.types = vec!["user", "group"];
    let mut members = Vec::new();
    for number in 0..1_600 {
        let dn = format!("CN=m{number},{GUESTS}");
        let name = format!("m{number}");
        let classes: &[&[u8]] = &[b"user"];
        directory
            .add(&dn, &[("objectClass", classes), ("sAMAccountName", &[name.as_bytes()])])
            .unwrap();
        members.push(dn);
    }
    let values: Vec<&[u8]> = members.iter().map(String::as_bytes).collect();
    let group: &[(&str, &[&[u8]])] = &[("objectClass", &[b"group"]), ("member", &values)];
    directory.add(&format!("CN=all,{GUESTS}"), group).unwrap();
    let (images, _) = full(&*place.connector().await).await;
    assert_eq!(images.len(), 1_601, "several pages");
    let group = images.iter().find(|image| image.object_type == *"group").unwrap();
    assert_eq!(group.attributes.get("member").map(model::Values::len), Some(1_600));
}

#[tokio::test]
async fn a_changed_selection_asks_for_a_full_import() {
    let (_directory, place) = simulated(|_| {}).await;
    let (_, watermark) = full(&*place.connector().await).await;
    let kind = ImportKind::Delta { watermark };
    let more = Place { types: vec!["user", "container", "group"], ..place.clone() };
    let error = read(&*more.connector().await, kind.clone()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FullImportRequired);
    let wider = Place { containers: vec![DOMAIN.to_owned()], ..place.clone() };
    let error = read(&*wider.connector().await, kind.clone()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FullImportRequired);
    read(&*place.connector().await, kind).await.unwrap();
}

#[tokio::test]
async fn a_rebuilt_domain_controller_asks_for_a_full_import() {
    let (directory, place) = simulated(|_| {}).await;
    let connector = place.connector().await;
    let (_, watermark) = full(&*connector).await;
    directory.renew_invocation_id();
    let kind = ImportKind::Delta { watermark };
    let error = read(&*connector, kind).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FullImportRequired);
}

#[tokio::test]
async fn unselected_types_are_no_changes() {
    let (directory, mut place) = simulated(|_| {}).await;
    place.types = vec!["user"];
    let connector = place.connector().await;
    let (images, watermark) = full(&*connector).await;
    assert_eq!(images, []);
    directory.create_ou(&format!("OU=New,{GUESTS}")).unwrap();
    let group: &[(&str, &[&[u8]])] = &[("objectClass", &[b"group"])];
    directory.add(&format!("CN=group,{GUESTS}"), group).unwrap();
    let computer: &[(&str, &[&[u8]])] = &[("objectClass", &[b"computer"])];
    directory.add(&format!("CN=pc,{GUESTS}"), computer).unwrap();
    let (entries, _) = delta(&*connector, &watermark).await;
    assert_eq!(shown(&entries), Vec::<String>::new());
    assert_eq!(connector.schema().types.keys().collect::<Vec<_>>(), [&Name::new("user")]);
}
