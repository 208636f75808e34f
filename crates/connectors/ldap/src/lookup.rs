//! Looks single objects up, outside of any run: why an account cannot sign in, what is registered
//! where.

use connector::{ConnectorConfig, ConnectorError, ErrorKind, Problem, Secrets};
use ldap3::Scope;

use crate::client::{Connection, Search};
use crate::config::LdapSettings;
use crate::decode::Entry;

/// More objects than that nobody looks up one by one.
const FOUND_MAX: usize = 100;

/// A signed-in connection that only reads.
#[derive(Debug)]
pub struct Lookup {
    connection: Connection,
    base: String,
}

/// An object that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found(Entry);

impl Found {
    /// Its DN; empty if that is not text.
    #[must_use]
    pub fn dn(&self) -> &str {
        self.0.dn.as_deref().unwrap_or_default()
    }

    /// The values of an attribute, named in any case.
    #[must_use]
    pub fn values(&self, attribute: &str) -> &[Vec<u8>] {
        self.0.values(&attribute.to_ascii_lowercase())
    }

    /// The first value of an attribute as text.
    #[must_use]
    pub fn text(&self, attribute: &str) -> Option<&str> {
        self.0.text(&attribute.to_ascii_lowercase())
    }

    /// All values of an attribute that are text.
    #[must_use]
    pub fn texts(&self, attribute: &str) -> Vec<&str> {
        self.0.texts(&attribute.to_ascii_lowercase())
    }

    /// The first value of an attribute as a number.
    #[must_use]
    pub fn integer(&self, attribute: &str) -> Option<i64> {
        self.text(attribute)?.parse().ok()
    }
}

impl Lookup {
    /// Signs in to the directory that a connector is configured for, with the connector's account.
    ///
    /// # Errors
    /// As a run of the connector would fail.
    pub async fn open(
        config: &ConnectorConfig,
        secrets: &dyn Secrets,
    ) -> Result<Self, ConnectorError> {
        let settings = LdapSettings::read(config).map_err(|problems| not_configured(&problems))?;
        let target = settings.target(secrets).await?;
        let connection = Connection::open(&target).await?;
        let root = connection.read("", &["defaultNamingContext".to_owned()]).await;
        let what = "reading the root entry";
        let root = root.map_err(|failure| failure.into_error(&connection.server, what))?;
        let base = root.and_then(|root| root.text("defaultnamingcontext").map(str::to_owned));
        Ok(Self { connection, base: base.unwrap_or_default() })
    }

    /// The domain's DN.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The objects of the domain that match `filter` (RFC 4515; see [`filter_value`]), the first
    /// hundred of them.
    ///
    /// # Errors
    /// When the directory refuses or is gone.
    pub async fn find(
        &self,
        filter: &str,
        attributes: &[&str],
    ) -> Result<Vec<Found>, ConnectorError> {
        let attributes: Vec<String> = attributes.iter().map(ToString::to_string).collect();
        let search = Search {
            base: &self.base,
            scope: Scope::Subtree,
            filter,
            attributes: &attributes,
            controls: Vec::new(),
        };
        let mut found = Vec::new();
        let take = |entry| {
            if found.len() < FOUND_MAX {
                found.push(Found(entry));
            }
        };
        match self.connection.search_each(search, take).await {
            Ok(_) => Ok(found),
            Err(failure) => Err(failure.into_error(&self.connection.server, "a search")),
        }
    }

    /// The directory's clock, as it writes it (GeneralizedTime).
    ///
    /// # Errors
    /// When the directory refuses or is gone.
    pub async fn clock(&self) -> Result<Option<String>, ConnectorError> {
        let root = self.connection.read("", &["currentTime".to_owned()]).await;
        let what = "reading the root entry";
        let root = root.map_err(|failure| failure.into_error(&self.connection.server, what))?;
        Ok(root.and_then(|root| root.text("currenttime").map(str::to_owned)))
    }
}

fn not_configured(problems: &[Problem]) -> ConnectorError {
    let texts: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
    ConnectorError::new(ErrorKind::Configuration, texts.join("; "))
}

/// `text` as the value of a filter item (RFC 4515 section 3): nothing in it is syntax.
#[must_use]
pub fn filter_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '*' => value.push_str("\\2a"),
            '(' => value.push_str("\\28"),
            ')' => value.push_str("\\29"),
            '\\' => value.push_str("\\5c"),
            '\0' => value.push_str("\\00"),
            other => value.push(other),
        }
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_value_is_syntax() {
        assert_eq!(filter_value("Ada"), "Ada");
        assert_eq!(filter_value("a*(b)\\\0ü"), "a\\2a\\28b\\29\\5c\\00ü");
    }
}
