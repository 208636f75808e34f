//! Where a delta import goes on from: `DirSync` cookies and what they hold good for.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use connector::{ConnectorError, ErrorKind};
use model::{Schema, Timestamp};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::scope::Scope;

const VERSION: u32 = 1;

/// Deletions are kept at least this long: the default where `tombstoneLifetime` is not set
/// ([MS-ADTS] 7.1.1.2.4.1.1). A cookie older than that may have missed some.
const AGE_MAX_SECONDS: i64 = 60 * 86_400;

/// A domain controller's identity: cookies are its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    /// The DN of its settings, `dsServiceName` of the root DSE.
    pub(crate) service: String,
    /// The life of its database, where the account may read it; changes when it is restored.
    pub(crate) invocation: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Watermark {
    version: u32,
    domain_controller: Identity,
    /// Stands for types, attributes and containers.
    selection: String,
    /// Seconds since 1970.
    time: i64,
    /// By partition, in Base64.
    cookies: BTreeMap<String, String>,
}

impl Watermark {
    /// A watermark of `now`; `cookies` by partition as configured.
    pub(crate) fn new(
        domain_controller: Identity,
        selection: String,
        now: Timestamp,
        cookies: &BTreeMap<String, Vec<u8>>,
    ) -> Self {
        let cookies = cookies.iter().map(|(dn, c)| (dn.clone(), STANDARD.encode(c))).collect();
        Self { version: VERSION, domain_controller, selection, time: now.seconds(), cookies }
    }

    /// The text the engine keeps.
    ///
    /// # Errors
    /// Never for what [`Watermark::new`] made.
    pub(crate) fn write(&self) -> Result<String, ConnectorError> {
        serde_json::to_string(self).map_err(|error| {
            let message = "the watermark cannot be written";
            ConnectorError::new(ErrorKind::UnexpectedData, message).with_source(error)
        })
    }

    /// Reads a text that [`Watermark::write`] made, if it is of use for `selection` at `now`.
    ///
    /// # Errors
    /// [`ErrorKind::FullImportRequired`].
    pub(crate) fn read(
        text: &str,
        selection: &str,
        now: Timestamp,
    ) -> Result<Self, ConnectorError> {
        let watermark: Self = serde_json::from_str(text)
            .map_err(|_e| full_import_required("the watermark cannot be read"))?;
        if watermark.version != VERSION {
            return Err(full_import_required("the watermark is of another version"));
        }
        if watermark.selection != selection {
            let message = "object types, attributes or containers have been changed";
            return Err(full_import_required(message));
        }
        let age = now.seconds().saturating_sub(watermark.time);
        if age > AGE_MAX_SECONDS {
            return Err(full_import_required("the last import was more than 60 days ago"));
        }
        Ok(watermark)
    }

    /// The cookies by partition, if they are of the domain controller `identity`.
    ///
    /// # Errors
    /// [`ErrorKind::FullImportRequired`].
    pub(crate) fn cookies(
        &self,
        identity: &Identity,
    ) -> Result<BTreeMap<String, Vec<u8>>, ConnectorError> {
        if self.domain_controller.service != identity.service {
            return Err(full_import_required("another domain controller answers"));
        }
        if self.domain_controller.invocation != identity.invocation {
            let message = "the domain controller's database has been restored";
            return Err(full_import_required(message));
        }
        let decode = |(dn, cookie): (&String, &String)| {
            let bytes = STANDARD.decode(cookie);
            let bytes = bytes.map_err(|_e| full_import_required("the watermark is damaged"));
            bytes.map(|bytes| (dn.clone(), bytes))
        };
        self.cookies.iter().map(decode).collect()
    }
}

/// The error that asks for a full import.
pub(crate) fn full_import_required(why: &str) -> ConnectorError {
    let message = format!("the delta import cannot go on: {why}");
    ConnectorError::new(ErrorKind::FullImportRequired, message).with_help("run a full import")
}

/// A short text that is the same for the same types, attributes and containers.
pub(crate) fn selection(schema: &Schema, scope: &Scope) -> String {
    let mut text = scope.describe();
    for (object_type, attributes) in &schema.types {
        text.push_str("\n\n");
        text.push_str(object_type);
        for name in attributes.iter().filter(|(_, a)| !a.secret).map(|(name, _)| name) {
            text.push('\n');
            text.push_str(name);
        }
    }
    format!("{:016x}", xxh3_64(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_800_000_000);

    fn identity(service: &str, invocation: &str) -> Identity {
        Identity { service: service.to_owned(), invocation: Some(invocation.to_owned()) }
    }

    #[test]
    fn a_watermark_holds_good_for_its_own_case_only() {
        let cookies = BTreeMap::from([("DC=x".to_owned(), vec![1, 2, 255])]);
        let written = Watermark::new(identity("dc1", "1"), "s".to_owned(), NOW, &cookies);
        let text = written.write().unwrap();
        let read = Watermark::read(&text, "s", NOW).unwrap();
        assert_eq!(read.cookies(&identity("dc1", "1")).unwrap(), cookies);
        let reason = |error: ConnectorError| {
            assert_eq!(error.kind, ErrorKind::FullImportRequired);
            error.message
        };
        let later = Timestamp::from_seconds(NOW.seconds() + AGE_MAX_SECONDS + 1);
        for (error, expected) in [
            (Watermark::read("42", "s", NOW).unwrap_err(), "the watermark cannot be read"),
            (Watermark::read(&text, "t", NOW).unwrap_err(), "containers have been changed"),
            (Watermark::read(&text, "s", later).unwrap_err(), "more than 60 days ago"),
            (read.cookies(&identity("dc2", "1")).unwrap_err(), "another domain controller"),
            (read.cookies(&identity("dc1", "2")).unwrap_err(), "has been restored"),
        ] {
            let said = reason(error);
            assert!(said.contains(expected), "{said}");
        }
    }
}
