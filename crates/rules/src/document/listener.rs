//! What every listener has: an address, a certificate, and sessions of limited length.

use std::net::{IpAddr, SocketAddr};

use super::value;
use crate::code;
use crate::node::Entry;
use crate::reader::Reader;
use crate::{ServerCertificate, SessionLimits};

/// Reads `listen`, `certificate` and `key`. Without a certificate only loopback addresses do: what
/// signs people in is never spoken in the clear on a network.
pub(super) fn read(table: &mut Reader<'_>) -> (Option<SocketAddr>, Option<ServerCertificate>) {
    let text = table.required_text("listen");
    let listen = text.and_then(|text| match text.value.parse::<SocketAddr>() {
        Ok(address) => Some((address, text.span)),
        Err(_) => {
            let message = "`listen` must be an IP address and a port";
            let error = table.file.error(code::BAD_VALUE, text.span, message);
            table.report(error.with_help("for example \"127.0.0.1:8080\"".to_owned()));
            None
        }
    });
    let has = [table.entry("certificate").is_some(), table.entry("key").is_some()];
    let certificate = value::path(table, "certificate");
    let key = value::secret(table, "key");
    if let [true, false] | [false, true] = has {
        let (given, missing) = if has == [true, false] {
            ("certificate", "`key = { file = \"portal.key\" }`")
        } else {
            ("key", "`certificate = \"portal.pem\"`")
        };
        let place = table.entry(given).map(Entry::span);
        let message = "a certificate and its private key belong together";
        let error = table.file.error(code::LISTENER, place, message);
        table.report(error.with_help(format!("add {missing}")));
    }
    if let Some((address, place)) = &listen
        && has == [false, false]
        && !is_loopback(address.ip())
    {
        let message = format!("without a certificate, {address} would be spoken to in the clear");
        let error = table.file.error(code::LISTENER, place.clone(), message);
        let help = "add `certificate` and `key`, or listen at 127.0.0.1";
        table.report(error.with_help(help.to_owned()));
    }
    let tls = certificate.zip(key).map(|(certificate, key)| ServerCertificate { certificate, key });
    (listen.map(|(address, _)| address), tls)
}

/// True if only programs of the same machine reach the address.
pub(super) fn is_loopback(ip: IpAddr) -> bool {
    ip.to_canonical().is_loopback()
}

/// Reads `[session]`.
pub(super) fn read_session(reader: &mut Reader<'_>) -> SessionLimits {
    let default = SessionLimits::default();
    let Some(mut table) = reader.table("session") else { return default };
    let idle = value::seconds(&mut table, "idle");
    let absolute = value::seconds(&mut table, "absolute");
    let absolute_seconds = absolute.map_or(default.absolute_seconds, |time| time.value);
    let idle_seconds = match idle {
        Some(idle) if idle.value > absolute_seconds => {
            let message = "`idle` must not be longer than `absolute`";
            let error = table.file.error(code::BAD_VALUE, idle.span, message);
            let help = format!("sessions last {} at all", in_words(absolute_seconds));
            table.report(error.with_help(help));
            absolute_seconds
        }
        Some(idle) => idle.value,
        None => default.idle_seconds.min(absolute_seconds),
    };
    reader.absorb(table);
    SessionLimits { idle_seconds, absolute_seconds }
}

/// A time as configuration writes it.
pub(super) fn in_words(seconds: u64) -> String {
    match seconds {
        s if s % 3600 == 0 => format!("{} h", s / 3600),
        s if s % 60 == 0 => format!("{} min", s / 60),
        s => format!("{s} s"),
    }
}
