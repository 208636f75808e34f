//! A preview as JSON.

use engine::{CsChange, FlowStatus, Given, MvChange, Preview, ScopeTest, Tested};
use model::Name;
use serde_json::{Map, Value, json};
use store::MvObject;

use super::super::show;

/// The whole preview as one object.
pub(super) fn preview(preview: &Preview) -> Value {
    let trace = &preview.trace;
    json!({
        "connector": preview.connector.as_str(),
        "mode": preview.mode.as_str(),
        "object": show::cs_json(&preview.object),
        "visited": preview.is_visited,
        "filter": trace.filter.as_ref().map(|alternatives| {
            alternatives.iter().map(|conditions| tests(conditions)).collect::<Vec<_>>()
        }),
        "inbound_rules": trace.inbound.iter().map(scope).collect::<Vec<_>>(),
        "joins": trace.joins.iter().map(|attempt| json!({
            "rule": attempt.rule.as_str(),
            "relationship": attempt.pairs.iter().map(|pair| json!({
                "metaverse": pair.metaverse.as_str(),
                "object": pair.object.as_str(),
                "values": pair.values.as_ref().map(show::values_json),
            })).collect::<Vec<_>>(),
            "found": attempt.found.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "projection": trace.projection.as_ref().map(Name::as_str),
        "import_flow": trace.import_flow.iter().map(|flow| {
            let mut object = flow_json(
                (&flow.attribute, &flow.rule, &flow.expression),
                &flow.given,
                &preview.import_status(flow),
            );
            object.insert("metaverse".to_owned(), json!(flow.mv.to_string()));
            object.insert("source".to_owned(), json!(flow.object.to_string()));
            Value::Object(object)
        }).collect::<Vec<_>>(),
        "metaverse": preview.mv.iter().map(mv_change).collect::<Vec<_>>(),
        "connected": trace.connected.iter().map(|connected| json!({
            "object": connected.object.to_string(), "rule": connected.rule.as_str(),
        })).collect::<Vec<_>>(),
        "provisioning": trace.provisioning.iter().map(|place| json!({
            "connector": place.connector.as_str(),
            "type": place.object_type.as_str(),
            "linked": place.linked,
            "rules": place.rules.iter().map(scope).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "export_flow": export_flow(preview),
        "deletion_rules": trace.deletions.iter().map(|test| json!({
            "metaverse": test.mv.to_string(),
            "connector": test.connector.as_str(),
            "links": test.links,
            "result": test.as_str(),
        })).collect::<Vec<_>>(),
        "deprovisioned": trace.deprovisioned.iter().map(|gone| json!({
            "object": gone.object.to_string(),
            "cause": gone.cause.as_str(),
            "option": rules::Deprovisioning::ALL.iter().find(|(_, o)| *o == gone.option)
                .map(|(word, _)| *word),
        })).collect::<Vec<_>>(),
        "objects": preview.cs.iter().map(cs_change).collect::<Vec<_>>(),
        "counter": preview.counter,
        "outbound_counters": preview.outbound.iter()
            .map(|(connector, counter)| format!("{counter}@{connector}")).collect::<Vec<_>>(),
        "error": preview.error.as_ref().map(show::run_error_json),
    })
}

fn tests(conditions: &[Tested]) -> Vec<Value> {
    let conditions = conditions.iter().map(|tested| {
        let condition = &tested.condition;
        let operator = rules::Operator::ALL.iter().find(|(_, o)| *o == condition.operator);
        json!({
            "attribute": condition.attribute.as_str(),
            "operator": operator.map(|(word, _)| *word),
            "values": condition.values.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "found": tested.values.as_ref().map(show::values_json),
            "holds": tested.holds,
        })
    });
    conditions.collect()
}

fn scope(rule: &ScopeTest) -> Value {
    json!({
        "rule": rule.rule.as_str(),
        "creates": rule.creates,
        "in_scope": rule.is_in_scope(),
        "scope": rule.groups.iter().map(|group| tests(group)).collect::<Vec<_>>(),
    })
}

fn flow_json(
    (attribute, rule, expression): (&Name, &Name, &str),
    given: &Given,
    status: &FlowStatus,
) -> Map<String, Value> {
    let by = match status {
        FlowStatus::NotPrecedent(by) => by.as_ref().map(Name::as_str),
        _ => None,
    };
    let message = match status {
        FlowStatus::Failed(message) => Some(message.as_str()),
        _ => None,
    };
    let given = match given {
        Given::Values(values) => json!({ "values": show::values_json(values) }),
        Given::Secret => json!("secret"),
        Given::Nothing => json!("nothing"),
        Given::Null => json!("null"),
        Given::Ignored => json!("ignored"),
        Given::NotAsked => json!("not-asked"),
        Given::Failed(_) => json!("failed"),
    };
    let pairs = [
        ("attribute", json!(attribute.as_str())),
        ("rule", json!(rule.as_str())),
        ("expression", json!(expression)),
        ("given", given),
        ("status", json!(status.as_str())),
        ("precedent", json!(by)),
        ("message", json!(message)),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn export_flow(preview: &Preview) -> Vec<Value> {
    let objects = preview.trace.export_flow.iter().map(|(id, flows)| {
        let flows: Vec<Value> = flows
            .iter()
            .map(|flow| {
                let names = (&flow.attribute, &flow.rule, flow.expression.as_str());
                let status = preview.export_status(*id, flow);
                Value::Object(flow_json(names, &flow.given, &status))
            })
            .collect();
        json!({ "object": id.to_string(), "flows": flows })
    });
    objects.collect()
}

fn mv_change(change: &MvChange) -> Value {
    let values = |object: &Option<MvObject>| {
        object.as_ref().map(|object| {
            let attributes = object.attributes.iter();
            let attributes: Map<String, Value> = attributes
                .map(|(name, a)| (name.to_string(), show::values_json(&a.values)))
                .collect();
            json!({ "type": object.object_type.as_str(), "attributes": attributes })
        })
    };
    json!({
        "id": change.before.as_ref().map(|object| object.id.to_string()),
        "before": values(&change.before),
        "after": values(&change.after),
    })
}

fn cs_change(change: &CsChange) -> Value {
    json!({
        "connector": change.connector.as_str(),
        "id": change.id.to_string(),
        "before": change.before.as_ref().map(show::cs_json),
        "after": change.after.as_ref().map(show::cs_json),
    })
}
