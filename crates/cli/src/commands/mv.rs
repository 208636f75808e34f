//! `mv`: the objects of the metaverse, with the lineage of every value.

use std::collections::BTreeMap;

use model::{ConnectorId, MvId, Name, ObjectSchema, ValueType};
use rules::{Condition, Operator, ScopeGroup};
use serde_json::{Map, Value, json};
use store::{CsObject, MvObject, Store};

use super::show;
use crate::args::{Mv, MvAction, MvSearch};
use crate::failure::{Exit, Failure};
use crate::output::Output;
use crate::text::moment;

const PAGE: usize = 1_000;
/// The heading over [`row`]s.
pub(super) const HEADING: [&str; 5] = ["number", "identifier", "account", "name", "mail"];

/// Runs the command.
pub(super) async fn run(arguments: &Mv, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(&arguments.config, output).await?;
    let store = session.engine.store().as_ref();
    match &arguments.action {
        MvAction::Search(wanted) => {
            let (object_type, limit) = (&wanted.object_type, wanted.limit.get());
            let types = &session.deployment().metaverse.types;
            let Some(schema) = types.get(object_type.as_str()) else {
                let known: Vec<&str> = types.keys().map(Name::as_str).collect();
                let failure = Failure::usage(format!("there is no metaverse type {object_type:?}"));
                return Err(failure.with_help(format!("types: {}", known.join(", "))));
            };
            let clauses = wanted.clauses.iter().map(|text| clause(text, &schema.attributes));
            let clauses = ScopeGroup { all: clauses.collect::<Result<_, _>>()? };
            let found = search(store, wanted, &clauses).await?;
            for object in &found {
                output.object(&object_json(object, &BTreeMap::new(), &[]));
            }
            let rows: Vec<Vec<String>> = found.iter().map(row).collect();
            output.table(&HEADING, &rows);
            show::found(found.len(), limit, output);
        }
        MvAction::Show { object } => {
            let found = find(store, object).await?;
            let names = store.connectors().await?;
            let ids = store.linked_cs(&[found.id]).await?.remove(&found.id).unwrap_or_default();
            let linked = store.load_cs(&ids).await?;
            output.object(&object_json(&found, &names, &linked));
            print(&found, &names, &linked, output);
        }
    }
    Ok(Exit::Done)
}

/// An object on one line.
pub(super) fn row(object: &MvObject) -> Vec<String> {
    let text = |name: &str| object.values(name).map(ToString::to_string).unwrap_or_default();
    vec![
        object.id.0.to_string(),
        object.uid.to_string(),
        text("accountName"),
        text("displayName"),
        text("mail"),
    ]
}

async fn search(
    store: &dyn Store,
    wanted: &MvSearch,
    clauses: &ScopeGroup,
) -> Result<Vec<MvObject>, Failure> {
    let text = wanted.text.as_deref().map(str::to_lowercase);
    let object_type = Name::new(&wanted.object_type);
    let mut found = Vec::new();
    let mut after = None;
    loop {
        let page = store.page_mv(Some(&object_type), after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id);
        for object in page {
            if found.len() == wanted.limit.get() {
                return Ok(found);
            }
            let is_wanted = text.as_ref().is_none_or(|text| contains(&object, text));
            if is_wanted && clauses.holds(&object.to_attributes()) {
                found.push(object);
            }
        }
    }
}

/// A clause of a search: attribute, operator, and the value that is the rest of it.
fn clause(text: &str, schema: &ObjectSchema) -> Result<Condition, Failure> {
    let mut words = text.trim().splitn(3, char::is_whitespace);
    let (name, word) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let Some(attribute) = schema.get(name) else {
        let known: Vec<&str> = schema.keys().map(Name::as_str).collect();
        let failure = Failure::usage(format!("the type has no attribute {name:?}"));
        return Err(failure.with_help(format!("attributes: {}", known.join(", "))));
    };
    let Some(operator) = Operator::parse(word) else {
        let known = Operator::ALL.map(|(word, _)| word).join(", ");
        let failure = Failure::usage(format!("there is no operator {word:?}"));
        return Err(failure.with_help(format!("operators: {known}")));
    };
    let value = words.next().map(str::trim).filter(|value| !value.is_empty());
    if operator.takes_value() != value.is_some() {
        let whether = if operator.takes_value() { "needs a value" } else { "takes no value" };
        return Err(Failure::usage(format!("the operator {word} {whether}")));
    }
    let texts: Vec<&str> = match value {
        Some(list) if operator.takes_list() => list.split(',').map(str::trim).collect(),
        value => value.into_iter().collect(),
    };
    let values = texts.into_iter().map(|text| parse(text, attribute.value_type));
    let values = values.collect::<Result<_, _>>()?;
    Ok(Condition { attribute: Name::new(name), operator, values, case_sensitive: false })
}

/// A value of a clause as one of the attribute's type.
fn parse(text: &str, value_type: ValueType) -> Result<model::Value, Failure> {
    let no_value = || Failure::usage(format!("{text:?} is no value of type {value_type:?}"));
    Ok(match value_type {
        ValueType::String => model::Value::string(text),
        ValueType::Reference => model::Value::reference(text),
        ValueType::Integer => model::Value::Integer(text.parse().map_err(|_error| no_value())?),
        ValueType::Boolean => {
            model::Value::Boolean(text.to_lowercase().parse().map_err(|_error| no_value())?)
        }
        _ => return Err(no_value()),
    })
}

fn contains(object: &MvObject, text: &str) -> bool {
    object.uid.to_string().contains(text)
        || object.attributes.values().any(|attribute| {
            attribute.values.iter().any(|value| value.to_string().to_lowercase().contains(text))
        })
}

/// The object that somebody names by number or public identifier.
pub(super) async fn find(store: &dyn Store, wanted: &str) -> Result<MvObject, Failure> {
    let missing = || {
        Failure::new(format!("the metaverse has no object {wanted:?}"))
            .with_help("list them with: proxeny mv search TYPE")
    };
    if let Ok(number) = wanted.trim_start_matches("mv:").parse() {
        return store.load_mv(&[MvId(number)]).await?.into_iter().next().ok_or_else(missing);
    }
    let mut after = None;
    loop {
        let page = store.page_mv(None, after, PAGE).await?;
        let last = page.last().ok_or_else(missing)?.id;
        if let Some(object) = page.into_iter().find(|o| o.uid.to_string() == wanted.to_lowercase())
        {
            return Ok(object);
        }
        after = Some(last);
    }
}

fn connector_name(names: &BTreeMap<ConnectorId, Name>, id: ConnectorId) -> String {
    names.get(&id).map_or_else(|| id.0.to_string(), ToString::to_string)
}

/// An object as JSON.
pub(super) fn object_json(
    object: &MvObject,
    names: &BTreeMap<ConnectorId, Name>,
    linked: &[CsObject],
) -> Value {
    let attributes = object.attributes.iter().map(|(name, attribute)| {
        let lineage = &attribute.lineage;
        let value = json!({
            "value": show::values_json(&attribute.values),
            "rule": lineage.rule.as_str(),
            "connector": names.get(&lineage.object.connector()).map(Name::as_str),
            "object": lineage.object.to_string(),
            "run": lineage.run.0,
            "at": lineage.at.to_string(),
        });
        (name.to_string(), value)
    });
    let attributes: Map<String, Value> = attributes.collect();
    let shares = object.shares.iter().map(|(name, shares)| {
        let shares = shares.iter().map(|share| {
            json!({
                "value": show::values_json(&share.values),
                "rule": share.rule.as_str(),
                "connector": names.get(&share.object.connector()).map(Name::as_str),
                "object": share.object.to_string(),
            })
        });
        (name.to_string(), Value::Array(shares.collect()))
    });
    let shares: Map<String, Value> = shares.collect();
    let links: Vec<Value> = linked
        .iter()
        .map(|cs| {
            json!({
                "connector": names.get(&cs.id.connector()).map(Name::as_str),
                "object": cs.id.to_string(),
                "dn": cs.dn,
                "linked_by": cs.linked_by.as_ref().map(Name::as_str),
            })
        })
        .collect();
    json!({
        "id": object.id.to_string(),
        "object_id": object.uid.to_string(),
        "type": object.object_type.as_str(),
        "attributes": attributes,
        "shares": shares,
        "links": links,
    })
}

fn print(
    object: &MvObject,
    names: &BTreeMap<ConnectorId, Name>,
    linked: &[CsObject],
    output: &Output,
) {
    let facts = [
        ("number", object.id.0.to_string()),
        ("type", object.object_type.to_string()),
        ("identifier", object.uid.to_string()),
    ];
    output.table(&[], &facts.map(|(name, fact)| vec![name.to_owned(), fact]));
    output.text("");
    let rows: Vec<Vec<String>> = object
        .attributes
        .iter()
        .map(|(name, attribute)| {
            let lineage = &attribute.lineage;
            let source = connector_name(names, lineage.object.connector());
            vec![
                name.to_string(),
                show::values_text(name, &attribute.values),
                lineage.rule.to_string(),
                format!("{source} {}", lineage.object.sequence()),
                lineage.run.to_string(),
                moment(lineage.at),
            ]
        })
        .collect();
    output.table(&["attribute", "value", "rule", "source", "run", "since"], &rows);
    output.text("");
    let rows = share_rows(object, names);
    if !rows.is_empty() {
        output.table(&["shared attribute", "share", "rule", "source"], &rows);
        output.text("");
    }
    let rows: Vec<Vec<String>> = linked
        .iter()
        .map(|cs| {
            vec![
                connector_name(names, cs.id.connector()),
                cs.id.sequence().to_string(),
                cs.dn.clone(),
                cs.linked_by.as_ref().map(ToString::to_string).unwrap_or_default(),
                show::open_work(cs),
            ]
        })
        .collect();
    output.table(&["connector", "number", "dn", "linked by", "open"], &rows);
}

/// What each contributor gives to the attributes that several hold together.
fn share_rows(object: &MvObject, names: &BTreeMap<ConnectorId, Name>) -> Vec<Vec<String>> {
    let shares = object.shares.iter().flat_map(|(name, shares)| {
        shares.iter().map(move |share| {
            let source = connector_name(names, share.object.connector());
            vec![
                name.to_string(),
                show::values_text(name, &share.values),
                share.rule.to_string(),
                format!("{source} {}", share.object.sequence()),
            ]
        })
    });
    shares.collect()
}

#[cfg(test)]
mod tests {
    use model::{CsId, Guid, Values};
    use store::Share;

    use super::*;

    #[test]
    fn who_gave_what_of_a_shared_attribute_is_shown() {
        let hr = ConnectorId(1);
        let share = |values| Share { object: CsId::new(hr, 7), rule: Name::new("IN - HR"), values };
        let values = Values::from_vec(vec!["x".into(), "y".into()]);
        let object = MvObject {
            id: MvId(1),
            uid: Guid::from_bytes([1; 16]),
            object_type: Name::new("person"),
            attributes: BTreeMap::new(),
            shares: [(Name::new("phones"), values.map(share).into_iter().collect())].into(),
        };
        let names = BTreeMap::from([(hr, Name::new("hr"))]);
        let [row] = &share_rows(&object, &names)[..] else { panic!("one row") };
        assert_eq!(
            (row[0].as_str(), &row[2..]),
            ("phones", &["IN - HR".into(), "hr 7".into()][..])
        );
        let json = object_json(&object, &names, &[]);
        assert_eq!(json["shares"]["phones"][0]["connector"], "hr");
        assert_eq!(json["shares"]["phones"][0]["value"], json!(["x", "y"]));
    }
}
