//! What a person's first request costs, and a ticket when it is kept.

use std::time::Duration;

use gateway::{LoginName, TicketRequest, Tickets as _};
use rules::TicketForm;
use tokio::time::Instant;

use super::backend::SMALL;
use super::client::Client;
use super::domain::{self, Domain};
use super::load::Latencies;
use super::stage::{APP, PORTAL, Stage};
use super::visitor::{request, sign_in};
use crate::{Failure, print_line};

/// Kept tickets that are asked for, one after the other.
const KEPT: usize = 5_000;

/// Prints first requests by account name and by user principal name, and kept tickets.
pub(super) async fn measure(stage: &Stage, domain: &Domain) -> Result<(), Failure> {
    print_line("");
    print_line(&format!(
        "{:<34} {:>8} {:>9} {:>9} {:>9}",
        "one after the other", "count", "p50 ms", "p99 ms", "max ms"
    ));
    print("first request, by account name", &first_requests(stage, PORTAL).await?);
    print("first request, by tenant's name", &first_requests(stage, APP).await?);
    print("kept ticket, a new token", &kept(stage, domain).await?);
    Ok(())
}

/// Each guest's first request; the one of the table had his already.
async fn first_requests(stage: &Stage, host: &str) -> Result<Latencies, Failure> {
    let address = stage.published(host);
    let mut latencies = Vec::new();
    for guest in stage.guests.iter().skip(1) {
        let cookie = sign_in(stage, &address, guest).await?;
        let mut client = Client::connect(&address).await?;
        let request = request(host, SMALL, &cookie);
        let began = Instant::now();
        client.get(&request).await?;
        latencies.push(began.elapsed());
    }
    Ok(Latencies::new(latencies))
}

async fn kept(stage: &Stage, domain: &Domain) -> Result<Latencies, Failure> {
    let request = TicketRequest {
        object_id: stage.guests.first().cloned().unwrap_or_default(),
        login: LoginName::Account { name: domain::account_name(0), realm: None },
        service: format!("HTTP/{PORTAL}"),
        form: TicketForm::Spnego,
        channel_binding: None,
    };
    let mut latencies = Vec::new();
    for _ in 0..KEPT {
        let began = Instant::now();
        let token = domain.tickets.token(&request).await?;
        latencies.push(began.elapsed());
        if token.is_fresh {
            return Err("a ticket was not kept".into());
        }
    }
    Ok(Latencies::new(latencies))
}

fn print(title: &str, latencies: &Latencies) {
    let [p50, p99, slowest] =
        [50, 99, 100].map(|p| 1e3 * Duration::as_secs_f64(&latencies.percentile(p)));
    let count = latencies.count();
    print_line(&format!("{title:<34} {count:>8} {p50:>9.2} {p99:>9.2} {slowest:>9.2}"));
}
