//! `gateway.toml`: the access gateway. What one table says is judged here; what several say
//! together is judged in `check`.

mod accounts;
mod application;
mod headers;
mod kerberos;
mod sign_on;

use std::net::SocketAddr;
use std::ops::Range;

use super::{address, listener, value};
use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node::{Node, Spanned};
use crate::reader::Reader;
use crate::{ApplicationConfig, ProviderConfig, ServerCertificate, SessionLimits};

pub(crate) use accounts::AccountsDocument;
pub(crate) use kerberos::KerberosDocument;

/// Scopes that are asked for anyway.
const OWN_SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// One published application.
#[derive(Debug)]
pub(crate) struct ApplicationDocument {
    pub(crate) name: String,
    /// The external address in its normal form.
    pub(crate) external: Option<Spanned<String>>,
    /// Where it says that it wants Kerberos.
    pub(crate) wants_kerberos: Option<Range<usize>>,
    /// Where it says by what accounts are found, or the application itself.
    pub(crate) find_by_place: Range<usize>,
    /// Where it says under which name Kerberos is asked, or the nearest to it.
    pub(crate) identity_place: Range<usize>,
    /// `None` if something is missing or wrong.
    pub(crate) config: Option<ApplicationConfig>,
}

/// The document.
#[derive(Debug)]
pub(crate) struct GatewayDocument<'a> {
    pub(crate) file: File<'a>,
    pub(crate) listen: Option<SocketAddr>,
    pub(crate) tls: Option<ServerCertificate>,
    pub(crate) session: SessionLimits,
    pub(crate) provider: Option<ProviderConfig>,
    pub(crate) kerberos: Option<KerberosDocument>,
    pub(crate) accounts: AccountsDocument,
    pub(crate) applications: Vec<ApplicationDocument>,
}

/// Reads the document; `None` if it has a version this program does not know.
pub(super) fn read<'a>(
    file: File<'a>,
    root: &Node,
    found: &mut Vec<Diagnostic>,
) -> Option<GatewayDocument<'a>> {
    let mut reader = Reader::root(file, root);
    if !value::read_version(&mut reader, root) {
        found.extend(reader.findings());
        return None;
    }
    value::refuse_control(file, root, found);
    let (listen, tls) = listener::read(&mut reader);
    let session = listener::read_session(&mut reader);
    let provider = read_provider(&mut reader);
    let kerberos = kerberos::read(&mut reader);
    let accounts = accounts::read(&mut reader);
    reader.required("applications");
    let entries = reader.named("applications");
    let applications =
        entries.iter().filter_map(|entry| application::read(&mut reader, entry)).collect();
    reader.finish(found);
    Some(GatewayDocument { file, listen, tls, session, provider, kerberos, accounts, applications })
}

fn read_provider(reader: &mut Reader<'_>) -> Option<ProviderConfig> {
    reader.required("provider")?;
    let mut table = reader.table("provider")?;
    let issuer = table.required_text("issuer");
    let issuer = issuer.and_then(|text| match address::issuer(text.value) {
        Ok(issuer) => Some(issuer),
        Err(problem) => {
            report_address(&mut table, "issuer", text.span, problem);
            None
        }
    });
    let client_id = table.required_text("client_id").map(|text| text.value.to_owned());
    let client_secret = value::required_secret(&mut table, "client_secret");
    let ca = value::path(&mut table, "ca");
    let scopes = read_scopes(&mut table);
    reader.absorb(table);
    Some(ProviderConfig {
        issuer: issuer?,
        client_id: client_id?,
        client_secret: client_secret?,
        ca,
        scopes,
    })
}

fn read_scopes(table: &mut Reader<'_>) -> Vec<String> {
    // RFC 6749 section 3.3: visible characters but for quotes and backslashes.
    let is_allowed = |c: char| c.is_ascii_graphic() && c != '"' && c != '\\';
    let mut scopes = Vec::new();
    for text in table.distinct_texts("scopes") {
        if !text.value.chars().all(is_allowed) {
            let message = format!("`{}` is not one scope", text.value);
            let error = table.file.error(code::BAD_VALUE, text.span, message);
            table.report(error.with_help("write each scope as a text of its own".to_owned()));
        } else if !OWN_SCOPES.contains(&text.value) {
            scopes.push(text.value.to_owned());
        }
    }
    scopes
}

/// Says what is wrong with the address that `what` names.
fn report_address(
    table: &mut Reader<'_>,
    what: &str,
    place: Range<usize>,
    problem: address::Problem,
) {
    let message = format!("`{what}` {}", problem.message);
    let error = table.file.error(code::ADDRESS, place, message);
    table.report(error.with_help(problem.help));
}
