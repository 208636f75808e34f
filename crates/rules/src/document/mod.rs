//! Documents as they are written: each kind of file is read into a struct of names and places. What
//! the names refer to is another matter (`check`).

mod address;
mod api;
mod condition;
mod connector;
mod deployment;
mod gateway;
mod limits;
mod listener;
mod metaverse;
mod rule;
mod run_profile;
mod service;
mod value;

use std::collections::BTreeSet;

use model::Name;

use crate::code;
use crate::diagnostic::{Diagnostic, File};
use crate::node;
use crate::similar;
use crate::source::{DEPLOYMENT_FILE, GATEWAY_FILE, METAVERSE_FILE, Place, Sources, place};

pub(crate) use condition::{ConditionDocument, Literal};
pub(crate) use connector::ConnectorSource;
pub(crate) use deployment::{DeploymentDocument, StepDocument};
pub(crate) use gateway::{ApplicationDocument, GatewayDocument, KerberosDocument};
pub(crate) use metaverse::{
    AttributeDocument, DeletionDocument, MetaverseDocument, PrecedenceDocument, TypeDocument,
};
pub(crate) use rule::{FlowDocument, PairDocument, RuleDocument};
pub(crate) use run_profile::StepSource;

/// A deployment's documents.
#[derive(Debug, Default)]
pub(crate) struct Documents<'a> {
    pub(crate) deployment: Option<DeploymentDocument<'a>>,
    pub(crate) metaverse: Option<MetaverseDocument<'a>>,
    /// The metaverse's document is there and without errors: what refers to it can be checked.
    pub(crate) metaverse_is_read: bool,
    pub(crate) connectors: Vec<ConnectorSource<'a>>,
    /// Connectors whose documents have errors: what refers to them is only half checked.
    pub(crate) unread: BTreeSet<Name>,
    pub(crate) rules: Vec<RuleDocument<'a>>,
    /// All rules are among them: what names one can be checked.
    pub(crate) rules_are_read: bool,
    pub(crate) gateway: Option<GatewayDocument<'a>>,
}

/// Reads every document of `sources`.
pub(crate) fn read<'a>(sources: &'a Sources, found: &mut Vec<Diagnostic>) -> Documents<'a> {
    let mut documents = Documents { rules_are_read: true, ..Documents::default() };
    for source in &sources.files {
        let file = File { path: &source.path, text: &source.text };
        let place = place(file.path);
        match place {
            Place::Ignored => continue,
            Place::Misplaced => {
                let message = format!("no document belongs at {}", file.path);
                found.push(file.error(code::PLACE, None, message).with_help(places(file.path)));
                continue;
            }
            Place::Deployment
            | Place::Metaverse
            | Place::Gateway
            | Place::Connector(_)
            | Place::Rule => {}
        }
        let before = found.len();
        read_one(file, place, &mut documents, found);
        let is_read = found.len() == before;
        match place {
            Place::Metaverse => documents.metaverse_is_read = is_read,
            Place::Rule => documents.rules_are_read &= is_read,
            Place::Connector(name) if !is_read => {
                documents.unread.insert(Name::new(name));
            }
            _ => {}
        }
    }
    for path in [DEPLOYMENT_FILE, METAVERSE_FILE] {
        if sources.text(path).is_none() {
            let file = File { path, text: "" };
            found.push(file.error(code::PLACE, None, format!("{path} is missing")));
        }
    }
    documents
}

/// Where documents belong: the place that was meant by `path`, or all of them.
fn places(path: &str) -> String {
    match similar::closest(path, [DEPLOYMENT_FILE, METAVERSE_FILE, GATEWAY_FILE]) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!(
            "{DEPLOYMENT_FILE}, {METAVERSE_FILE}, {GATEWAY_FILE}, connectors/NAME.toml or \
             rules/NAME.toml"
        ),
    }
}

fn read_one<'a>(
    file: File<'a>,
    place: Place<'a>,
    documents: &mut Documents<'a>,
    found: &mut Vec<Diagnostic>,
) {
    let Some(root) = node::parse(file, found) else { return };
    match place {
        Place::Deployment => documents.deployment = deployment::read(file, &root, found),
        Place::Metaverse => documents.metaverse = Some(metaverse::read(file, &root, found)),
        Place::Connector(name) => {
            documents.connectors.push(connector::read(file, name, root, found));
        }
        Place::Gateway => documents.gateway = gateway::read(file, &root, found),
        Place::Rule => documents.rules.extend(rule::read(file, &root, found)),
        Place::Misplaced | Place::Ignored => {}
    }
}

/// Reads one rule's document.
pub(crate) fn read_rule<'a>(
    file: File<'a>,
    found: &mut Vec<Diagnostic>,
) -> Option<RuleDocument<'a>> {
    let root = node::parse(file, found)?;
    rule::read(file, &root, found)
}
