//! The table: a row for each way to the back end.

use std::time::Duration;

use super::backend::{LARGE, LARGE_OCTETS, SMALL, SMALL_OCTETS, Seen};
use super::client::Address;
use super::load::{self, Load, Target};
use super::stage::{HEADERS, PLAIN, PORTAL, Stage};
use super::visitor::{request, sign_in};
use crate::{Failure, print_line};

/// What the gateway is to reach with tickets.
const RATE_GOAL: f64 = 3_000.0;
const SLOWEST_GOAL: Duration = Duration::from_millis(50);
/// Connections for large answers: more would only wait for each other.
const LARGE_CONNECTIONS: usize = 8;

/// What a request tells the back end about the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Nothing,
    Ticket,
    Name,
}

/// Prints every row; gives that of small answers with tickets.
pub(super) async fn measure(
    stage: &Stage,
    connections: usize,
    counted: Duration,
) -> Result<Load, Failure> {
    let row = |title, target, told| Row { stage, title, target, told, counted };
    let (plain, headers, portal) = (
        visiting(stage, PLAIN).await?,
        visiting(stage, HEADERS).await?,
        visiting(stage, PORTAL).await?,
    );
    let small = |visit| target(visit, (SMALL, SMALL_OCTETS));
    let large = |visit| target(visit, (LARGE, LARGE_OCTETS));
    let bare = |is_tls| (stage.bare(is_tls), String::new());
    heading(&format!("1 KiB, {connections} connections"));
    row("back end alone, plain", small(bare(false)), Told::Nothing).run(connections).await?;
    row("back end alone, TLS", small(bare(true)), Told::Nothing).run(connections).await?;
    row("gateway, no sign-on", small(plain), Told::Nothing).run(connections).await?;
    row("gateway, headers", small(headers), Told::Name).run(connections).await?;
    let tickets = row("gateway, Kerberos", small(portal.clone()), Told::Ticket);
    let reached = tickets.run(connections).await?;
    heading(&format!("1 MiB, {LARGE_CONNECTIONS} connections"));
    row("back end alone, plain", large(bare(false)), Told::Nothing).run(LARGE_CONNECTIONS).await?;
    row("back end alone, TLS", large(bare(true)), Told::Nothing).run(LARGE_CONNECTIONS).await?;
    row("gateway, Kerberos", large(portal), Told::Ticket).run(LARGE_CONNECTIONS).await?;
    Ok(reached)
}

/// Says whether the goals are met.
pub(super) fn judge(reached: &Load) {
    let (rate, slowest) = (rate(reached), reached.latencies.percentile(99));
    let met = |is_met| if is_met { "met" } else { "NOT MET" };
    print_line("");
    print_line(&format!(
        "goal, Kerberos, 1 KiB: {RATE_GOAL:.0} requests/s: {} ({rate:.0})",
        met(rate >= RATE_GOAL)
    ));
    print_line(&format!(
        "goal, Kerberos, 1 KiB: p99 at most {} ms: {} ({:.1} ms)",
        SLOWEST_GOAL.as_millis(),
        met(slowest <= SLOWEST_GOAL),
        milliseconds(slowest)
    ));
    print_line(
        "published for Application Proxy's connector on 2 cores: 586 requests/s, p99 325 ms \
         (another machine, another load)",
    );
}

/// Guest 0, signed in at `host`.
async fn visiting(stage: &Stage, host: &str) -> Result<(Address, String), Failure> {
    let address = stage.published(host);
    let guest = stage.guests.first().ok_or("there are no guests")?;
    let cookie = sign_in(stage, &address, guest).await?;
    Ok((address, cookie))
}

fn target((address, cookie): (Address, String), (path, body_octets): (&str, usize)) -> Target {
    let request = request(&address.host, path, &cookie);
    Target { address, request, body_octets }
}

struct Row<'s> {
    stage: &'s Stage,
    title: &'static str,
    target: Target,
    told: Told,
    counted: Duration,
}

impl Row<'_> {
    async fn run(self, connections: usize) -> Result<Load, Failure> {
        let before = self.stage.backend.seen();
        let load = load::run(&self.target, connections, self.counted).await?;
        check(self.told, load.latencies.count(), before, self.stage.backend.seen())?;
        self.print(&load);
        Ok(load)
    }

    #[expect(clippy::cast_precision_loss, reason = "figures for people")]
    fn print(&self, load: &Load) {
        let [p50, p99, slowest] = [50, 99, 100].map(|p| milliseconds(load.latencies.percentile(p)));
        let mebibytes = rate(load) * self.target.body_octets as f64 / (1024.0 * 1024.0);
        let cpu = load.gateway_cpu.as_secs_f64();
        let each = 1e6 * cpu / (load.latencies.count() as f64).max(1.0);
        print_line(&format!(
            "{:<24} {:>10.0} {p50:>9.2} {p99:>9.2} {slowest:>9.2} {mebibytes:>9.1} {each:>10.0}",
            self.title,
            rate(load),
        ));
    }
}

/// The back end must have heard of the person with every request, and accepted every ticket.
fn check(told: Told, count: usize, before: Seen, after: Seen) -> Result<(), Failure> {
    let count = u64::try_from(count)?;
    let (tickets, named) = (after.tickets - before.tickets, after.named - before.named);
    let is_told = match told {
        Told::Nothing => tickets == 0 && named == 0,
        Told::Ticket => tickets >= count && named == 0 && after.checked > before.checked,
        Told::Name => named >= count && tickets == 0,
    };
    if is_told && after.refused == 0 {
        return Ok(());
    }
    Err(format!("the back end saw {after:?} after {count} requests and {before:?}").into())
}

fn heading(what: &str) {
    print_line("");
    print_line(&format!(
        "{what:<24} {:>10} {:>9} {:>9} {:>9} {:>9} {:>10}",
        "requests/s", "p50 ms", "p99 ms", "max ms", "MiB/s", "gateway µs"
    ));
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn rate(load: &Load) -> f64 {
    load.latencies.count() as f64 / load.seconds
}

fn milliseconds(duration: Duration) -> f64 {
    1e3 * duration.as_secs_f64()
}
