//! What an export does to the directory, and what it refuses.

use std::collections::BTreeMap;

use connector::{
    Connector, ErrorKind, ExportBatch, ExportErrorType, ExportKind, ExportOperation, ExportOutcome,
};
use model::{AttributeChange, Changes, Name, Secret, Value, Values};
use sim::directory::{Dialect, Effect, Fault, Operation};
use testad::PasswordPolicy;

use crate::support::{
    DOMAIN, GUESTS, Place, add_guest, export, full, guest, password, samba, samba_place, simulated,
};

fn anchor(batch: &ExportBatch) -> String {
    match batch.outcomes.as_slice() {
        [ExportOutcome::Success { anchor: Some(anchor) }] => anchor.clone(),
        _ => panic!("{batch:?}"),
    }
}

fn error_types(batch: &ExportBatch) -> Vec<Option<ExportErrorType>> {
    assert!(batch.stopped.is_none(), "{batch:?}");
    let error = |outcome: &ExportOutcome| match outcome {
        ExportOutcome::Failed(error) => Some(error.error_type),
        ExportOutcome::Success { .. } => None,
        other => panic!("{other:?}"),
    };
    batch.outcomes.iter().map(error).collect()
}

fn change(anchor: &str, kind: ExportKind) -> ExportOperation {
    ExportOperation {
        anchor: Some(anchor.to_owned()),
        kind,
        secrets: BTreeMap::new(),
        ..add_guest(GUESTS, "no longer its name")
    }
}

fn rename(anchor: &str, new_dn: &str) -> ExportOperation {
    let kind = ExportKind::Update { changes: Changes::new(), new_dn: Some(new_dn.to_owned()) };
    change(anchor, kind)
}

/// True if the directory accepts this password for `dn`.
async fn signs_in(place: &Place, dn: &str, password: &str) -> bool {
    let password = Secret::new(password.to_owned());
    let place = Place { user: dn.to_owned(), password, ..place.clone() };
    match place.connector().await.check_health().await {
        Ok(()) => true,
        Err(error) => error.kind != ErrorKind::Credentials,
    }
}

#[tokio::test]
async fn a_guest_is_created_in_one_request() {
    let (directory, place) = simulated(|_| {}).await;
    let connector = place.connector().await;
    anchor(&export(&*connector, &[add_guest(GUESTS, "ada")]).await);
    let writes = directory.operations();
    assert_eq!((writes.get(&Operation::Add), writes.get(&Operation::Modify)), (Some(&1), None));
    let entry = directory.get(&format!("CN=ada,{GUESTS}")).unwrap();
    assert_eq!(entry["userAccountControl"], [b"262656"]);
}

#[tokio::test]
async fn a_password_is_set_and_set_again_when_in_doubt() {
    let place = samba_place("Passwords");
    let ou = place.containers[0].clone();
    let connector = place.connector().await;
    let mut operation = add_guest(&ou, "signsin");
    let mut attributes = guest("signsin");
    attributes.set_one("userAccountControl", 512);
    operation.kind = ExportKind::Add { attributes };
    let first = anchor(&export(&*connector, &[operation.clone()]).await);
    assert!(signs_in(&place, &operation.dn, "Long-And-Random-Passw0rd").await);
    assert!(!signs_in(&place, &operation.dn, "Another-Random-Passw0rd").await);
    operation.in_doubt = true;
    operation.secrets = password("Another-Random-Passw0rd");
    assert_eq!(anchor(&export(&*connector, &[operation.clone()]).await), first);
    assert!(signs_in(&place, &operation.dn, "Another-Random-Passw0rd").await);
}

#[tokio::test]
async fn a_domain_controller_that_wants_steps_gets_steps() {
    let (directory, place) = simulated(|_| {}).await;
    let connector = place.connector().await;
    let unwilling = || {
        let message = "00002077: SvcErr: DSID-031A, problem 5003 (WILL_NOT_PERFORM), data 0";
        let effect = Effect::Answer { code: 53, message: message.to_owned() };
        directory.inject(Fault::once(Operation::Add, effect));
    };
    unwilling();
    let id = anchor(&export(&*connector, &[add_guest(GUESTS, "ada")]).await);
    let writes = directory.operations();
    assert_eq!((writes[&Operation::Add], writes[&Operation::Modify]), (2, 2));
    let (images, _) = full(&*connector).await;
    let image = images.iter().find(|image| image.anchor.as_ref() == Some(&id)).unwrap();
    assert_eq!(image.attributes.single("userAccountControl"), Some(&Value::Integer(262_656)));

    unwilling();
    let weak = ExportOperation { secrets: password("abc"), ..add_guest(GUESTS, "eve") };
    let batch = export(&*connector, &[weak]).await;
    assert_eq!(error_types(&batch), [Some(ExportErrorType::PasswordPolicyViolation)]);
    assert!(directory.get(&format!("CN=eve,{GUESTS}")).is_none(), "no half account stays");
}

/// Refusals that name the reason, the same for every directory.
async fn refusals_are_told_apart(connector: &dyn Connector, ou: &str) {
    let ada = add_guest(ou, "ada");
    anchor(&export(connector, std::slice::from_ref(&ada)).await);
    let with = |dn: &str, attribute: &str, value: &str| {
        let mut attributes = guest(dn);
        attributes.set_one(attribute, value);
        ExportOperation { kind: ExportKind::Add { attributes }, ..add_guest(ou, dn) }
    };
    let weak = ExportOperation { secrets: password("abc"), ..add_guest(ou, "weak") };
    let operations = [
        ada,
        with("same-account", "sAMAccountName", "ada"),
        with("same-upn", "userPrincipalName", "ADA#ext#@contoso.com"),
        with("no-manager", "manager", &format!("CN=Nobody,{ou}")),
        weak,
        with("long", "sAMAccountName", "a-name-of-22-character"),
        with("read-only", "objectSid", "S-1-5"),
        add_guest(DOMAIN, "elsewhere"),
        add_guest(ou, "fine"),
    ];
    use ExportErrorType as E;
    assert_eq!(
        error_types(&export(connector, &operations).await),
        [
            Some(E::CdExistingObject),
            Some(E::CdExistingAttributeOrValue),
            Some(E::CdExistingAttributeOrValue),
            Some(E::InvalidAttributeValue),
            Some(E::PasswordPolicyViolation),
            Some(E::InvalidAttributeValue),
            Some(E::ReadonlyAttribute),
            Some(E::InvalidDn),
            None,
        ]
    );
}

#[tokio::test]
async fn refusals_are_told_apart_on_samba() {
    let place = samba_place("Refusals");
    samba().set_password_policy(PasswordPolicy { min_length: 7, is_complex: true }).unwrap();
    refusals_are_told_apart(&*place.connector().await, &place.containers[0]).await;
}

#[tokio::test]
async fn refusals_are_told_apart_on_simulated_domain_controllers() {
    for dialect in [Dialect::Windows, Dialect::Samba] {
        let (_directory, place) = simulated(|options| options.dialect = dialect).await;
        refusals_are_told_apart(&*place.connector().await, GUESTS).await;
    }
}

/// Moves, renames and deletes within `ou`, which has an `OU=Inner`.
async fn names_change(connector: &dyn Connector, ou: &str) {
    let id = anchor(&export(connector, &[add_guest(ou, "namechange")]).await);
    anchor(&export(connector, &[add_guest(ou, "taken")]).await);
    let moved = format!("CN=Na\\, me,OU=Inner,{ou}");
    anchor(&export(connector, &[rename(&id, &moved)]).await);
    // Case only.
    let upper = format!("CN=NA\\, ME,OU=Inner,{ou}");
    anchor(&export(connector, &[rename(&id, &upper)]).await);
    let (images, _) = full(connector).await;
    let image = images.iter().find(|image| image.anchor.as_ref() == Some(&id)).unwrap();
    assert_eq!(image.dn, upper);

    let inner = images.iter().find(|image| image.dn == format!("OU=Inner,{ou}")).unwrap();
    let inner = inner.anchor.clone().unwrap();
    let delete_inner = ExportOperation {
        object_type: Name::new("container"),
        ..change(&inner, ExportKind::Delete)
    };
    let operations = [
        rename(&id, &format!("CN=taken,{ou}")),
        rename(&id, &format!("CN=namechange,OU=Missing,{ou}")),
        rename(&id, &format!("CN=namechange,CN=Users,{DOMAIN}")),
        delete_inner.clone(),
        change(&id, ExportKind::Delete),
        change(&id, ExportKind::Delete),
        rename(&id, &moved),
        delete_inner,
    ];
    use ExportErrorType as E;
    assert_eq!(
        error_types(&export(connector, &operations).await),
        [
            Some(E::RenameToExistingDn),
            Some(E::NonExistentParent),
            Some(E::InvalidDn),
            Some(E::UnsupportedContainerDelete),
            None,
            None,
            Some(E::CdMissingObject),
            None,
        ]
    );
    let container = ExportOperation {
        object_type: Name::new("container"),
        dn: format!("OU=Inner,{ou}"),
        kind: ExportKind::Add { attributes: model::Attributes::new() },
        secrets: BTreeMap::new(),
        ..add_guest(ou, "x")
    };
    anchor(&export(connector, &[container]).await);
}

#[tokio::test]
async fn names_change_on_samba() {
    let place = samba_place("Names");
    samba().create_ou(&format!("OU=Inner,{}", place.containers[0])).unwrap();
    names_change(&*place.connector().await, &place.containers[0]).await;
}

#[tokio::test]
async fn names_change_on_simulated_domain_controllers() {
    for dialect in [Dialect::Windows, Dialect::Samba] {
        let (directory, place) = simulated(|options| options.dialect = dialect).await;
        directory.create_ou(&format!("OU=Inner,{GUESTS}")).unwrap();
        names_change(&*place.connector().await, GUESTS).await;
    }
}

#[tokio::test]
async fn what_left_the_selected_containers_is_not_touched() {
    let (directory, place) = simulated(|_| {}).await;
    let connector = place.connector().await;
    let id = anchor(&export(&*connector, &[add_guest(GUESTS, "ada")]).await);
    let users = format!("CN=Users,{DOMAIN}");
    directory.rename(&format!("CN=ada,{GUESTS}"), "CN=ada", Some(&users)).unwrap();
    let title = AttributeChange::Set(Values::one("x"));
    let changes: Changes = [(Name::new("title"), title)].into();
    let operations = [
        change(&id, ExportKind::Update { changes, new_dn: None }),
        rename(&id, &format!("CN=ada,{GUESTS}")),
        change(&id, ExportKind::Delete),
    ];
    let missing = Some(ExportErrorType::CdMissingObject);
    assert_eq!(error_types(&export(&*connector, &operations).await), [missing; 3]);
    let entry = directory.get(&format!("CN=ada,{users}")).unwrap();
    assert_eq!(entry["title"], [b"Guest"]);
}

/// Members that are there already, or gone already, are no error and do not hold up the others.
async fn members_are_added_and_removed(connector: &dyn Connector, ou: &str) {
    let names = ["ma", "mb", "mc"];
    let people: Vec<_> = names.iter().map(|name| add_guest(ou, name)).collect();
    assert_eq!(error_types(&export(connector, &people).await), [None; 3]);
    let dn = |name: &str| Value::reference(&format!("CN={name},{ou}"));
    let group = ExportOperation {
        object_type: Name::new("group"),
        kind: ExportKind::Add {
            attributes: [(Name::new("member"), Values::one(dn("ma")))].into_iter().collect(),
        },
        secrets: BTreeMap::new(),
        ..add_guest(ou, "team")
    };
    let id = anchor(&export(connector, &[group]).await);
    let update = |add: &[&str], remove: &[&str]| {
        let list = |names: &[&str]| names.iter().map(|name| dn(name)).collect();
        let change = AttributeChange::Update { add: list(add), remove: list(remove) };
        let changes: Changes = [(Name::new("member"), change)].into();
        let kind = ExportKind::Update { changes, new_dn: None };
        ExportOperation { object_type: Name::new("group"), ..self::change(&id, kind) }
    };
    let operations =
        [update(&["ma", "mb"], &["mc"]), update(&["ma"], &["mc"]), update(&["mc"], &["ma"])];
    assert_eq!(error_types(&export(connector, &operations).await), [None; 3]);
    let (images, _) = full(connector).await;
    let group = images.iter().find(|image| image.object_type == *"group").unwrap();
    let expected = Values::from_vec(vec![dn("mb"), dn("mc")]);
    assert_eq!(group.attributes.get("member").cloned(), expected);
    let missing = error_types(&export(connector, &[update(&["nobody"], &[])]).await);
    assert_eq!(missing, [Some(ExportErrorType::InvalidAttributeValue)]);
}

#[tokio::test]
async fn members_are_added_and_removed_on_samba() {
    let place = Place { types: vec!["user", "group"], ..samba_place("Members") };
    members_are_added_and_removed(&*place.connector().await, &place.containers[0]).await;
}

#[tokio::test]
async fn members_are_added_and_removed_on_simulated_domain_controllers() {
    for dialect in [Dialect::Windows, Dialect::Samba] {
        let (_directory, mut place) = simulated(|options| options.dialect = dialect).await;
        place.types = vec!["user", "group"];
        members_are_added_and_removed(&*place.connector().await, GUESTS).await;
    }
}
