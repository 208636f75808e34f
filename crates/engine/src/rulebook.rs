//! The rules in force: those that synchronization brought into the metaverse, or, in a deployment
//! without an identity service, those of the configuration; and the built-in ones.

use model::{Name, Value, Values};
use rules::{AttributePrecedence, Diagnostic, RULE_DEFINITION, RULE_TYPE, RuleSet, Schemas};
use store::{Store, StoreError};

use crate::setup::Setup;
use crate::sync;

/// The rules in force.
#[derive(Debug)]
pub struct Rulebook {
    /// The rules, compiled.
    pub rules: RuleSet,
    /// Their version: equal for equal documents of equal names, equal parameters and an equal order of
    /// contributors.
    pub version: String,
    /// What an operator should know of them.
    pub warnings: Vec<String>,
}

/// The rules in force cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum RulebookError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rules do not compile.
    #[error("the synchronization rules in the metaverse do not compile")]
    Rules(Vec<Diagnostic>),
}

const PAGE: usize = 500;

/// Reads and compiles the rules.
///
/// # Errors
/// [`RulebookError::Rules`] with every diagnostic when a rule does not compile.
pub(crate) async fn load(
    store: &dyn Store,
    setup: &Setup,
    schemas: &Schemas,
) -> Result<Rulebook, RulebookError> {
    let from_metaverse = setup.deployment.rules_connector().is_some();
    let documents = if from_metaverse {
        documents(store).await?
    } else {
        setup.deployment.rules.iter().map(|(n, t)| (n.clone(), t.clone())).collect()
    };
    let mut warnings = Vec::new();
    if from_metaverse {
        warnings = compare(&documents, setup);
    }
    let texts = documents.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let version = version(&documents, setup);
    let mut rules = rules::compile_rules(texts, schemas).map_err(RulebookError::Rules)?;
    rules.extend(setup.deployment.builtin_rules());
    let rules = RuleSet::new(rules);
    warnings.extend(sync::dangling(&rules).map(|(rule, dependency)| {
        format!("the rule {rule:?} waits for {dependency:?}, which does not exist")
    }));
    Ok(Rulebook { rules, version, warnings })
}

/// The version of the rules: of their documents, of the parameters that expressions read, and of the
/// order that attributes give their contributors.
fn version(documents: &[(Name, String)], setup: &Setup) -> String {
    let documents = documents.iter().flat_map(|(name, text)| [name.to_string(), text.clone()]);
    let connectors = setup.deployment.connectors.iter();
    let parameters = connectors.flat_map(|(connector, document)| {
        let of = move |(name, value): (&Name, &Value)| {
            [connector.to_string(), name.to_string(), value.to_string()]
        };
        document.rule_parameters.iter().flat_map(of)
    });
    let types = setup.deployment.metaverse.types.iter();
    let precedences = types.flat_map(|(object_type, declared)| {
        let of = move |(attribute, precedence): (&Name, &AttributePrecedence)| {
            let order = match precedence {
                AttributePrecedence::Equal => "equal".to_owned(),
                AttributePrecedence::Ranked(listed) => {
                    let listed: Vec<&str> = listed.iter().map(Name::as_str).collect();
                    listed.join("\n")
                }
            };
            [object_type.to_string(), attribute.to_string(), order]
        };
        declared.precedence.iter().flat_map(of)
    });
    let texts: Vec<String> = documents.chain(parameters).chain(precedences).collect();
    store::fingerprint(texts.iter().map(String::as_str))
}

/// The documents of the rules in the metaverse, by name.
async fn documents(store: &dyn Store) -> Result<Vec<(Name, String)>, StoreError> {
    let rule_type = Name::new(RULE_TYPE);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.page_mv(Some(&rule_type), after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.id);
        for object in &page {
            let text =
                |name: &str| object.values(name).and_then(Values::single).map(Value::to_string);
            let name = text("displayName").unwrap_or_else(|| object.uid.to_string());
            found.extend(text(RULE_DEFINITION).map(|text| (Name::from(name), text)));
        }
    }
    found.sort();
    Ok(found)
}

/// Says where the metaverse lags behind the applied configuration.
fn compare(documents: &[(Name, String)], setup: &Setup) -> Vec<String> {
    let mut warnings = Vec::new();
    for (name, text) in &setup.deployment.rules {
        match documents.iter().find(|(n, _)| n == name) {
            None => warnings.push(format!("the rule {name:?} has not reached the metaverse yet")),
            Some((_, older)) if older != text => {
                warnings.push(format!("the rule {name:?} in the metaverse is not the newest one"));
            }
            Some(_) => {}
        }
    }
    warnings
}
