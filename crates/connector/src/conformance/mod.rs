//! The behaviour every connector must show, as checks that run against a fixture.
//!
//! A [`Fixture`] is a connector to a system that nobody else changes, and the words of that system:
//! the object type to write, names, attributes. [`run_all`] holds it to every check; what the
//! system does not have (names, containers, several values) is left out of the fixture, and with
//! it the checks that need it.
//!
//! The checks read and write only through the connector, except where the fixture offers to change
//! the system behind the connector's back.

mod changes;
mod failures;
mod random;
mod reads;
mod state;

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fmt::Write as _;
use std::pin::Pin;

use async_trait::async_trait;
use model::{Attributes, Name, Secret};

use crate::{Connector, ConnectorError, ErrorKind};

/// A connected system to check a connector with.
///
/// Objects are numbered; each check uses numbers of its own. The system may hold other objects.
#[async_trait]
pub trait Fixture: Send + Sync {
    /// The connector, which must be allowed to export.
    fn connector(&self) -> &dyn Connector;

    /// The type of the objects that are written.
    fn object_type(&self) -> Name;

    /// The DN to create an object with: a name in the tree or, where there is none, the anchor to
    /// be.
    fn dn(&self, number: u32) -> String;

    /// The attributes to create an object with; whatever must be unique is unique to the number.
    /// The attributes named by the methods below are among them.
    fn attributes(&self, number: u32) -> Attributes;

    /// The secret attributes to create an object with.
    fn secrets(&self, _number: u32) -> BTreeMap<Name, Secret> {
        BTreeMap::new()
    }

    /// An optional single-valued attribute that takes any short text.
    fn text_attribute(&self) -> Name;

    /// An optional attribute that takes any number of short texts.
    fn multi_attribute(&self) -> Option<Name> {
        None
    }

    /// Another DN for an object, where objects have names.
    fn other_dn(&self, _number: u32) -> Option<String> {
        None
    }

    /// A DN within a container that does not exist, where objects lie in containers.
    fn orphan_dn(&self, _number: u32) -> Option<String> {
        None
    }

    /// An anchor of the right form that no object has.
    fn unknown_anchor(&self) -> String {
        "00000000-0000-4000-8000-000000000001".to_owned()
    }

    /// Sets the text attribute of the object with this DN without the connector; false where that
    /// is not offered.
    async fn set_text_directly(&self, _dn: &str, _text: &str) -> bool {
        false
    }

    /// Deletes the object with this DN without the connector; false where that is not offered.
    async fn delete_directly(&self, _dn: &str) -> bool {
        false
    }
}

/// What a connector did that it must not do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

impl From<ConnectorError> for Broken {
    fn from(error: ConnectorError) -> Self {
        let mut text = format!("{} {error}", error.code());
        let mut cause = error.source();
        while let Some(next) = cause {
            // Writing to a string does not fail.
            let _written = write!(text, ": {next}");
            cause = next.source();
        }
        Self(text)
    }
}

type Outcome = Result<(), Broken>;
type Running<'a> = Pin<Box<dyn Future<Output = Outcome> + Send + 'a>>;

/// One rule of behaviour.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// The rule, as a claim.
    pub name: &'static str,
    run: for<'a> fn(&'a dyn Fixture, u32) -> Running<'a>,
}

impl Check {
    /// Runs the check; `first` is the first of 100 object numbers that are its own.
    ///
    /// # Errors
    /// [`Broken`] says what the connector did instead.
    pub async fn run(&self, fixture: &dyn Fixture, first: u32) -> Result<(), Broken> {
        (self.run)(fixture, first).await
    }
}

macro_rules! checks {
    ($($module:ident :: $check:ident),* $(,)?) => {
        /// Every check.
        pub const CHECKS: &[Check] = &[$(Check {
            name: stringify!($check),
            run: |fixture, first| Box::pin($module::$check(fixture, first)),
        }),*];
    };
}

checks![
    reads::a_healthy_system_is_found_healthy,
    reads::a_full_import_is_complete,
    reads::a_delta_without_changes_is_empty,
    reads::a_watermark_of_another_kind_asks_for_a_full_import,
    reads::an_unknown_anchor_is_deleted,
    changes::an_added_object_is_confirmed,
    changes::a_set_attribute_is_confirmed,
    changes::a_cleared_attribute_is_confirmed,
    changes::added_and_removed_values_are_confirmed,
    changes::a_rename_is_confirmed,
    changes::a_deletion_is_confirmed,
    changes::a_change_behind_our_back_is_seen,
    failures::a_duplicate_is_an_existing_object,
    failures::a_missing_parent_fails_one_object_only,
    failures::a_missing_object_fails_one_object_only,
    failures::an_add_in_doubt_adopts_what_is_there,
    failures::an_add_in_doubt_creates_what_is_not_there,
    failures::a_repeated_update_succeeds,
    random::deltas_add_up_to_a_full_import,
];

/// Runs every check.
///
/// # Errors
/// All that failed, with the names of the checks.
pub async fn run_all(fixture: &dyn Fixture) -> Result<(), Broken> {
    let mut failures = Vec::new();
    for (first, check) in (1_u32..).step_by(100).zip(CHECKS) {
        if let Err(Broken(what)) = check.run(fixture, first).await {
            failures.push(format!("{}: {what}", check.name));
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(Broken(failures.join("\n"))) }
}

fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(Broken(otherwise())) }
}

fn ensure_kind(error: &ConnectorError, kind: ErrorKind) -> Outcome {
    ensure(error.kind == kind, || format!("{:?} instead of {kind:?}: {error}", error.kind))
}

#[cfg(test)]
mod tests;
