//! Connections to a real domain controller that are cut at many places, on the way there and on
//! the way back.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{assert_whole, invite, sequence};
use crate::deployment::{Deployment, Kind, Server};

/// Octets enough for everything.
const PLENTY: usize = usize::MAX / 2;

/// What may pass before the line is cut, in octets.
#[derive(Debug, Default)]
struct Budget {
    /// From the binary to the server.
    there: AtomicUsize,
    /// From the server to the binary.
    back: AtomicUsize,
}

/// Carries connections to a server over a line that can be cut.
struct Line {
    address: SocketAddr,
    budget: Arc<Budget>,
}

impl Line {
    fn to(deployment: &Deployment, server: SocketAddr) -> Self {
        let budget = Arc::new(Budget::default());
        let shared = budget.clone();
        let address = deployment.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            tokio::spawn(async move {
                while let Ok((near, _)) = listener.accept().await {
                    tokio::spawn(carry(near, server, shared.clone()));
                }
            });
            address
        });
        let line = Self { address, budget };
        line.mend();
        line
    }

    /// Lets so many octets through, and then nothing for good.
    fn cut_after(&self, there: usize, back: usize) {
        self.budget.there.store(there, Ordering::SeqCst);
        self.budget.back.store(back, Ordering::SeqCst);
    }

    fn mend(&self) {
        self.cut_after(PLENTY, PLENTY);
    }
}

/// Ends both directions with the first that ends.
async fn carry(mut near: TcpStream, server: SocketAddr, budget: Arc<Budget>) {
    let Ok(mut far) = TcpStream::connect(server).await else { return };
    let (mut from_near, mut to_near) = near.split();
    let (mut from_far, mut to_far) = far.split();
    let (mut there, mut back) = ([0; 4096], [0; 4096]);
    loop {
        let (passed, read) = tokio::select! {
            read = from_near.read(&mut there) => {
                let read = read.unwrap_or(0);
                let passed = spend(&budget.there, read);
                if to_far.write_all(&there[..passed]).await.is_err() {
                    return;
                }
                (passed, read)
            }
            read = from_far.read(&mut back) => {
                let read = read.unwrap_or(0);
                let passed = spend(&budget.back, read);
                if to_near.write_all(&back[..passed]).await.is_err() {
                    return;
                }
                (passed, read)
            }
        };
        if passed < read || read == 0 {
            return;
        }
    }
}

/// How many of these octets may still pass.
fn spend(left: &AtomicUsize, wanted: usize) -> usize {
    let before = left.load(Ordering::SeqCst);
    let passed = before.min(wanted);
    left.store(before - passed, Ordering::SeqCst);
    passed
}

/// The everyday cycle with changes of every kind, over a line that is cut at places some
/// hundred octets apart; the cycle after it goes over a whole line.
#[test]
fn a_line_that_is_cut_anywhere_costs_a_cycle_on_samba() {
    let deployment = Deployment::recommended(Kind::Samba);
    let Server::Samba(samba) = &deployment.directory else { unreachable!() };
    let line = Line::to(&deployment, SocketAddr::from((samba.address(), 636)));
    let servers = format!("[\"ldaps://localhost:{}\"]", line.address.port());
    deployment.edit("connectors/adma.toml", |document| {
        document["connectivity"]["servers"] = servers.parse().unwrap();
    });
    for number in 0..6 {
        invite(&deployment, number);
    }
    deployment.cycle();
    let (mut lost, mut number) = (0, 6);
    for is_there in [true, false] {
        for step in 0..5 {
            let guests = deployment.guests();
            deployment.tenant.delete_user(&guests[0]).unwrap();
            let name = json!({ "surname": format!("Name {number}") });
            deployment.tenant.update_user(&guests[1], name).unwrap();
            invite(&deployment, number);
            invite(&deployment, number + 1);
            number += 2;
            // The handshake takes some hundred octets there and two thousand back.
            let (there, back) =
                if is_there { (1100 + 450 * step, PLENTY) } else { (PLENTY, 2450 + 120 * step) };
            line.cut_after(there, back);
            let (runs, code) = deployment.json(&["run", "--sequence", "changes"]);
            assert!([0, 1].contains(&code), "{runs:#?}");
            lost += code;
            line.mend();
            sequence(&deployment, "changes", 0);
            assert_whole(&deployment, &["changes"]);
        }
    }
    assert!(lost > 7, "the line was cut too late: {lost}");
    assert_whole(&deployment, &["b2b"]);
}
