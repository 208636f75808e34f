//! Objects of the metaverse.

use model::Name;
use store::MvObject;

use super::{Comparison, Difference, has_key, name_of};
use crate::describe;
use crate::document::{LineageExpect, MvExpect, Selector};
use crate::similar;

impl Comparison<'_> {
    pub(super) fn check_mv(&mut self, expect: &MvExpect) {
        let MvExpect { line, selector, .. } = expect;
        let object_type = selector.object_type.clone().unwrap_or_default();
        let deployment = self.world.deployment();
        let Some(schema) = deployment.metaverse.types.get(object_type.as_str()) else {
            let known: Vec<&str> = deployment.metaverse.types.keys().map(Name::as_str).collect();
            let help = similar::advice(&object_type, &known);
            self.fail(*line, format!("the metaverse has no type {object_type}"), vec![help]);
            return;
        };
        let known: Vec<&str> = schema.attributes.keys().map(Name::as_str).collect();
        let names = expect.attributes.iter().map(|(name, _)| name.as_str());
        let names = names.chain(selector.key.iter().map(|(name, _)| name.as_str()));
        let names = names.chain(expect.lineage.iter().map(|l| l.attribute.as_str()));
        let owner = format!("metaverse type {object_type}");
        if !self.check_names(*line, &owner, &known, names.collect::<Vec<_>>()) {
            return;
        }
        let state = self.state;
        let found = state.metaverse.iter().filter(|o| mv_matches(selector, o)).collect();
        let of_type = state.metaverse.iter().filter(|o| o.object_type == object_type.as_str());
        let all = of_type.flat_map(|object| describe::mv(object, state)).collect();
        let what = format!("metaverse {object_type} {}", name_of(selector));
        let show = |object: &MvObject| describe::mv(object, state);
        let Some(object) = self.only(*line, &what, expect.is_absent, (found, all), show) else {
            return;
        };
        let all_at = expect.is_all.then_some(*line);
        let attributes = object.to_attributes();
        let mut differences = self.attributes("", &expect.attributes, &attributes, all_at);
        let lineage = expect.lineage.iter().filter_map(|l| self.lineage(l, object));
        differences.extend(lineage);
        differences.extend(self.links(expect, object));
        self.differ(*line, &what, &differences, describe::mv(object, state));
    }

    fn lineage(&self, expect: &LineageExpect, object: &MvObject) -> Option<Difference> {
        let lineage = object.attributes.get(expect.attribute.as_str()).map(|a| &a.lineage);
        let source = lineage.and_then(|lineage| self.state.object(lineage.object));
        let is = |expected: &Option<String>, found: Option<&str>| {
            expected.as_ref().is_none_or(|expected| Some(expected.as_str()) == found)
        };
        let is_met = is(&expect.rule, lineage.map(|l| l.rule.as_str()))
            && is(&expect.system, source.map(|(name, _)| name.as_str()))
            && is(&expect.dn, source.map(|(_, object)| object.dn.as_str()));
        let shown = |rule: Option<&str>, system: Option<&str>, dn: Option<&str>| {
            [rule, system, dn].into_iter().flatten().collect::<Vec<_>>().join(", ")
        };
        (!is_met).then(|| Difference {
            line: expect.line,
            what: format!("lineage of {}", expect.attribute),
            expected: shown(expect.rule.as_deref(), expect.system.as_deref(), expect.dn.as_deref()),
            found: match lineage {
                None => "(no value)".to_owned(),
                Some(lineage) => shown(
                    Some(&lineage.rule),
                    source.map(|(name, _)| name.as_str()),
                    source.map(|(_, object)| object.dn.as_str()),
                ),
            },
        })
    }

    /// Compares the linked objects; `*` stands for a name that nobody knows beforehand.
    fn links(&self, expect: &MvExpect, object: &MvObject) -> Option<Difference> {
        let expected = expect.links.as_ref()?;
        let linked = self.state.spaces.iter().flat_map(|(name, space)| {
            let linked = space.iter().filter(|o| o.state.mv() == Some(object.id));
            linked.map(move |o| (name.as_str(), o.dn.as_str()))
        });
        let found: Vec<(&str, &str)> = linked.collect();
        let mut left = found.clone();
        let named = expected.iter().filter(|(_, dn)| dn != "*");
        let all_there =
            named.chain(expected.iter().filter(|(_, dn)| dn == "*")).all(|(system, dn)| {
                let place = left.iter().position(|(s, d)| s == system && (d == dn || dn == "*"));
                place.map(|place| left.remove(place)).is_some()
            });
        let show = |(system, dn): (&str, &str)| format!("{system} {dn}");
        (!all_there || !left.is_empty()).then(|| Difference {
            line: expect.line,
            what: "links".to_owned(),
            expected: expected
                .iter()
                .map(|(system, dn)| show((system, dn)))
                .collect::<Vec<_>>()
                .join("; "),
            found: found.into_iter().map(show).collect::<Vec<_>>().join("; "),
        })
    }
}

/// True if an object is the one that is meant.
pub(crate) fn mv_matches(selector: &Selector, object: &MvObject) -> bool {
    selector.object_type.as_ref().is_none_or(|t| object.object_type == t.as_str())
        && has_key(&selector.key, &object.to_attributes())
}
