//! Faults of the tenant.

use axum::http::{HeaderName, HeaderValue};

use super::ScriptError;
use super::entry::{Entry, entries};
use crate::tenant::Fault;

const METHODS: [&str; 5] = ["GET", "POST", "PATCH", "PUT", "DELETE"];

/// Reads a script for the tenant.
///
/// ```toml
/// [[fault]]
/// method  = "GET"                     # optional
/// path    = "/v1.0/users"             # how the path begins
/// status  = 503
/// headers = { Retry-After = "1" }     # optional, like everything below
/// body    = "busy"
/// after   = 2                         # so many matching requests pass first
/// times   = 1
/// cut     = false                     # break the connection in the middle of the body
/// ```
///
/// # Errors
/// [`ScriptError`] names the first entry and key that cannot be used.
pub fn tenant_faults(text: &str) -> Result<Vec<Fault>, ScriptError> {
    entries(text, fault)
}

fn fault(entry: &mut Entry<'_>) -> Result<Fault, ScriptError> {
    let method = entry.text("method")?.map(str::to_uppercase);
    if method.as_deref().is_some_and(|method| !METHODS.contains(&method)) {
        return Err(entry.wrong("method", format!("one of {}", METHODS.join(", "))));
    }
    let path = entry.text("path")?.ok_or_else(|| entry.missing("path"))?;
    if !path.starts_with('/') {
        return Err(entry.wrong("path", "the beginning of a path, such as \"/v1.0/users\""));
    }
    let status = entry.number("status", 200..=599)?.ok_or_else(|| entry.missing("status"))?;
    let headers = entry.texts("headers")?;
    for (name, value) in &headers {
        if name.parse::<HeaderName>().is_err() || value.parse::<HeaderValue>().is_err() {
            return Err(entry.wrong("headers", "names and values that HTTP allows"));
        }
    }
    Ok(Fault {
        method,
        path: path.to_owned(),
        // Its range is that of a status.
        status: u16::try_from(status).unwrap_or_default(),
        headers,
        body: entry.text("body")?.unwrap_or_default().to_owned(),
        skip: entry.number("after", 0..=u32::MAX)?.unwrap_or_default(),
        times: entry.times()?,
        cut: entry.flag("cut")?,
    })
}
