//! Connections that break, servers that are busy or do not follow the protocol.

use std::time::Duration;

use connector::{ErrorKind, ExportOutcome, ImportKind};
use sim::directory::{Effect, Fault, Operation};

use crate::support::{GUESTS, Place, add_guest, export, full, read, scripted, simulated};

fn fault(operation: Operation, dn: &str, effect: Effect) -> Fault {
    Fault { dn_contains: Some(dn.to_owned()), ..Fault::once(operation, effect) }
}

#[tokio::test]
async fn a_lost_answer_leaves_one_operation_in_doubt() {
    for effect in [Effect::DropAfter, Effect::DropBefore] {
        let (directory, place) = simulated(|_| {}).await;
        let connector = place.connector().await;
        directory.inject(fault(Operation::Add, "CN=b,", effect));
        let mut operations = ["a", "b", "c"].map(|name| add_guest(GUESTS, name));
        let batch = export(&*connector, &operations).await;
        let [first, second, third] = batch.outcomes.as_slice() else { panic!("{batch:?}") };
        assert!(matches!(first, ExportOutcome::Success { .. }), "{batch:?}");
        assert_eq!((second, third), (&ExportOutcome::InDoubt, &ExportOutcome::NotSent));
        assert_eq!(batch.stopped.unwrap().kind, ErrorKind::Connection);
        operations[1].in_doubt = true;
        let batch = export(&*connector, &operations[1..]).await;
        let is_done = |o: &ExportOutcome| matches!(o, ExportOutcome::Success { anchor: Some(_) });
        assert!(batch.outcomes.iter().all(is_done), "{batch:?}");
        assert_eq!(full(&*connector).await.0.len(), 5);
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_write_leaves_nothing_in_doubt() {
    let (directory, place) = simulated(|_| {}).await;
    let connector = place.connector().await;
    let mut session = connector.open_export().await.unwrap();
    directory.inject(Fault::once(Operation::Search, Effect::DropBefore));
    let mut operation = add_guest(GUESTS, "a");
    operation.in_doubt = true;
    let batch = session.export(&[operation]).await;
    assert_eq!(batch.outcomes, [ExportOutcome::NotSent]);
    assert_eq!(batch.stopped.unwrap().kind, ErrorKind::Connection);
}

#[tokio::test]
async fn an_idle_connection_that_was_closed_is_opened_again() {
    let (directory, place) = simulated(|_| {}).await;
    let connector = place.connector().await;
    let mut session = connector.open_export().await.unwrap();
    let batch = session.export(&[add_guest(GUESTS, "a")]).await;
    assert!(batch.stopped.is_none(), "{batch:?}");
    directory.close_connections();
    // The end of the connection takes a moment to arrive; until then a write is in doubt.
    let mut operation = add_guest(GUESTS, "b");
    for _ in 0..100 {
        let batch = session.export(std::slice::from_ref(&operation)).await;
        if batch.stopped.is_none() {
            assert!(matches!(batch.outcomes[0], ExportOutcome::Success { .. }), "{batch:?}");
            return;
        }
        operation.in_doubt = true;
    }
    panic!("the session does not recover");
}

#[tokio::test]
async fn a_busy_server_is_waited_for() {
    let (directory, place) = simulated(|_| {}).await;
    let connector = place.connector().await;
    let busy = Effect::Answer { code: 51, message: "busy".to_owned() };
    directory.inject(Fault { times: 2, ..Fault::once(Operation::Add, busy) });
    let batch = export(&*connector, &[add_guest(GUESTS, "a")]).await;
    assert!(matches!(batch.outcomes[0], ExportOutcome::Success { .. }), "{batch:?}");
    assert_eq!(directory.operations()[&Operation::Add], 3);
}

/// The next object would meet the same, and wait as long.
#[tokio::test]
async fn a_server_that_does_nothing_for_anybody_ends_the_export() {
    for (code, kind, attempts) in [(51, ErrorKind::Throttled, 5), (52, ErrorKind::Connection, 1)] {
        let (directory, place) = simulated(|_| {}).await;
        let connector = place.connector().await;
        let answer = Effect::Answer { code, message: "later".to_owned() };
        directory.inject(Fault { times: attempts, ..Fault::once(Operation::Add, answer) });
        let operations = ["a", "b"].map(|name| add_guest(GUESTS, name));
        let batch = export(&*connector, &operations).await;
        assert_eq!(batch.outcomes, [ExportOutcome::NotSent, ExportOutcome::NotSent]);
        assert_eq!(batch.stopped.unwrap().kind, kind);
        assert_eq!(directory.operations()[&Operation::Add], u64::from(attempts));
        let batch = export(&*connector, &operations).await;
        assert!(batch.stopped.is_none(), "{batch:?}");
    }
}

#[tokio::test]
async fn an_import_that_breaks_off_is_never_complete() {
    let (directory, place) = simulated(|_| {}).await;
    for number in 0..600 {
        let dn = format!("CN=g{number},{GUESTS}");
        let name = format!("g{number}");
        let classes: &[&[u8]] = &[b"user"];
        directory
            .add(&dn, &[("objectClass", classes), ("sAMAccountName", &[name.as_bytes()])])
            .unwrap();
    }
    let connector = place.connector().await;
    let mut session = connector.open_import(ImportKind::Full).await.unwrap();
    let page = session.next_page().await.unwrap();
    assert!(page.end.is_none() && page.entries.len() >= 500);
    directory.inject(Fault::once(Operation::Search, Effect::DropBefore));
    let error = session.next_page().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert_eq!(full(&*connector).await.0.len(), 602);
}

#[tokio::test]
async fn a_refused_cookie_asks_for_a_full_import() {
    let (directory, place) = simulated(|_| {}).await;
    let connector = place.connector().await;
    let (_, watermark) = full(&*connector).await;
    directory.inject(Fault::once(Operation::DirSync, Effect::RejectCookie));
    let error = read(&*connector, ImportKind::Delta { watermark }).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::FullImportRequired);
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_left() {
    let (directory, place) = simulated(|_| {}).await;
    let place = Place { timeout: "1 s", ..place };
    directory.inject(Fault::once(Operation::DirSync, Effect::Delay(Duration::from_secs(60))));
    let error = place.connector().await.check_health().await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Connection);
    assert_eq!(error.message, "localhost did not answer in time during reading changes (DirSync)");
}

/// Message 1: a bind response with result code 0.
const BOUND: &[u8] = &[0x30, 12, 2, 1, 1, 0x61, 7, 0x0a, 1, 0, 4, 0, 4, 0];

#[tokio::test]
async fn answers_against_the_protocol_are_errors() {
    let check = async |answers: &'static [&'static [u8]]| {
        let error = scripted(&["localhost"], answers)
            .await
            .connector()
            .await
            .check_health()
            .await
            .unwrap_err();
        let is_expected = matches!(error.kind, ErrorKind::Connection | ErrorKind::UnexpectedData);
        assert!(is_expected, "{error:?}");
    };
    // Not LDAP at all.
    check(&[b"HTTP/1.1 400 Bad Request\r\n\r\n"]).await;
    // Half a message, then nothing.
    check(&[BOUND, &[0x30, 0x84, 0, 0, 0, 50, 2, 1]]).await;
    // A diagnostic message that is not text.
    check(&[&[0x30, 13, 2, 1, 1, 0x61, 8, 0x0a, 1, 49, 4, 0, 4, 1, 0xff]]).await;
    // An extended response to a search.
    check(&[BOUND, &[0x30, 12, 2, 1, 2, 0x78, 7, 0x0a, 1, 2, 4, 0, 4, 0]]).await;
    // A search entry without attributes.
    check(&[BOUND, &[0x30, 7, 2, 1, 2, 0x64, 2, 4, 0]]).await;
}
