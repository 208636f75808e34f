//! Objects of connector spaces.

use model::{Attributes, Values};
use store::{CsObject, ExportDelta, ExportValue, ObjectError};

use super::mv::mv_matches;
use super::{Comparison, Difference, has_key, name_of, word};
use crate::describe;
use crate::document::{CsExpect, DeltaExpect, Demand, ErrorExpect, Expected, Pending, Selector};

impl Comparison<'_> {
    fn cs_matches(&self, system: &str, selector: &Selector, object: &CsObject) -> bool {
        let style =
            self.world.systems.get(system).map(|s| s.contents().nature.capabilities.dn_style);
        let is_dn = |dn: &String| style.is_some_and(|style| style.key(dn) == object.dn_key);
        selector.dn.as_ref().is_none_or(is_dn)
            && selector.anchor.as_ref().is_none_or(|a| object.anchor.as_ref() == Some(a))
            && selector.object_type.as_ref().is_none_or(|t| object.object_type == t.as_str())
            && has_key(&selector.key, &object.expected())
    }

    pub(super) fn check_cs(&mut self, expect: &CsExpect) {
        let CsExpect { line, system, selector, .. } = expect;
        if !self.check_system_name(*line, system) {
            return;
        }
        let known = self.system_attributes(system);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let delta = |pending: &Option<Pending>| match pending {
            Some(Pending::Some(delta)) => {
                let names = delta.attributes.iter().map(|(name, _)| name.clone());
                names.chain(delta.cleared.iter().cloned()).collect()
            }
            _ => Vec::new(),
        };
        let stages = [&expect.pending_export, &expect.escrow, &expect.unconfirmed];
        let staged: Vec<String> = stages.into_iter().flat_map(delta).collect();
        let expected = [&expect.attributes, &expect.synchronized, &expect.expected];
        let names = expected.into_iter().flatten().map(|(name, _)| name.as_str());
        let names = names.chain(selector.key.iter().map(|(name, _)| name.as_str()));
        let names: Vec<&str> = names.chain(staged.iter().map(String::as_str)).collect();
        if !self.check_names(*line, &format!("connector {system}"), &known, names) {
            return;
        }
        let state = self.state;
        let space = state.spaces.get(system.as_str()).map(Vec::as_slice).unwrap_or_default();
        let found = space.iter().filter(|o| self.cs_matches(system, selector, o)).collect();
        let all = space.iter().map(|o| format!("{} ({})", o.dn, describe::standing(o)));
        let what = format!("connector space {system}: {}", name_of(selector));
        let show = |object: &CsObject| describe::cs(system, object, state);
        let found = (found, all.collect());
        let Some(object) = self.only(*line, &what, expect.is_absent, found, show) else { return };
        let mut differences = self.cs_differences(expect, object);
        differences.extend(self.link_difference(expect, object));
        self.differ(*line, &what, &differences, describe::cs(system, object, state));
    }

    fn cs_differences(&self, expect: &CsExpect, object: &CsObject) -> Vec<Difference> {
        let line = expect.line;
        let mut found = Vec::new();
        let state = describe::standing(object);
        found.extend(word("state", line, expect.state.as_deref(), state));
        let staged = describe::import_operation(object);
        found.extend(word("pending import", line, expect.pending_import.as_deref(), staged));
        found.extend(self.text((line, "anchor"), &expect.anchor, object.anchor.as_deref()));
        found.extend(self.text((line, "dn"), &expect.dn, Some(&object.dn)));
        let linked_by = object.linked_by.as_deref().unwrap_or("(nothing)");
        found.extend(word("linked by", line, expect.linked_by.as_deref(), linked_by));
        let imported = object.imported.clone().unwrap_or_default();
        let all_at = expect.is_all.then_some(line);
        found.extend(self.attributes("", &expect.attributes, &imported, all_at));
        let synchronized = object.synchronized().unwrap_or_default();
        found.extend(self.attributes("synchronized ", &expect.synchronized, &synchronized, None));
        let composed = object.expected();
        found.extend(self.attributes("expected ", &expect.expected, &composed, None));
        let export = &object.export;
        for (what, expected, delta) in [
            ("pending export", &expect.pending_export, &export.pending),
            ("escrow", &expect.escrow, &export.escrow),
            ("unconfirmed", &expect.unconfirmed, &export.unconfirmed),
        ] {
            let expected = expected.as_ref();
            found.extend(
                expected.map(|e| self.stage(line, what, e, delta.as_ref())).into_iter().flatten(),
            );
        }
        for (what, expected, error) in [
            ("import error", &expect.import_error, &object.import_error),
            ("export error", &expect.export_error, &export.error),
        ] {
            let expected = expected.as_ref();
            found.extend(expected.and_then(|e| self.object_error(what, e, error.as_ref())));
        }
        found
    }

    fn link_difference(&self, expect: &CsExpect, object: &CsObject) -> Option<Difference> {
        let selector = expect.linked_to.as_ref()?;
        let mv = object.state.mv();
        let linked = self.state.metaverse.iter().find(|o| Some(o.id) == mv);
        if linked.is_some_and(|o| mv_matches(selector, o)) {
            return None;
        }
        let kind = selector.object_type.clone().unwrap_or_default();
        let found = linked.map(|o| describe::mv(o, self.state).join("; "));
        Some(Difference {
            line: expect.line,
            what: "linked to".to_owned(),
            expected: format!("{kind} {}", name_of(selector)),
            found: found.unwrap_or_else(|| "(nothing)".to_owned()),
        })
    }

    fn stage(
        &self,
        line: usize,
        what: &str,
        expected: &Pending,
        delta: Option<&ExportDelta>,
    ) -> Vec<Difference> {
        let shown = delta.map_or_else(|| "none".to_owned(), describe::delta);
        match (expected, delta) {
            (Pending::None, None) => Vec::new(),
            (Pending::None, Some(_)) => {
                vec![Difference {
                    line,
                    what: what.to_owned(),
                    expected: "none".to_owned(),
                    found: shown,
                }]
            }
            (Pending::Some(expected), None) => {
                let operation = expected.operation.clone();
                let expected = operation.unwrap_or_else(|| "something".to_owned());
                vec![Difference { line, what: what.to_owned(), expected, found: shown }]
            }
            (Pending::Some(expected), Some(delta)) => self.delta(what, expected, delta),
        }
    }

    fn delta(&self, what: &str, expect: &DeltaExpect, delta: &ExportDelta) -> Vec<Difference> {
        let line = expect.line;
        let mut set = Attributes::new();
        let mut found = Vec::new();
        let mut secret = Vec::new();
        for (name, change) in &delta.changes {
            match &change.value {
                ExportValue::Set(values) => set.set(name.clone(), Some(values.clone())),
                ExportValue::Secret => secret.push(name.as_str()),
                ExportValue::Clear => {
                    let is_expected = expect.cleared.iter().any(|c| name == c.as_str());
                    if expect.is_all && !is_expected {
                        let (expected, found_text) = ("(untouched)", "(cleared)");
                        found.extend(word(
                            &format!("{what} {name}"),
                            line,
                            Some(expected),
                            found_text,
                        ));
                    }
                }
            }
        }
        let operation = describe::write_operation(delta.operation);
        let operation_word = format!("{what} operation");
        found.extend(word(&operation_word, line, expect.operation.as_deref(), operation));
        found.extend(word(&format!("{what} rule"), line, expect.rule.as_deref(), &delta.cause));
        let new_dn = delta.new_dn.as_deref();
        found.extend(self.text((line, &format!("{what} dn")), &expect.new_dn, new_dn));
        let is_secret = |demands: &[Demand]| demands.iter().any(|d| matches!(d, Demand::Secret));
        let plain: Expected =
            expect.attributes.iter().filter(|(_, d)| !is_secret(&d.all)).cloned().collect();
        let all_at = expect.is_all.then_some(line);
        found.extend(self.attributes(&format!("{what} "), &plain, &set, all_at));
        for (name, demands) in expect.attributes.iter().filter(|(_, d)| is_secret(&d.all)) {
            let actual = if secret.contains(&name.as_str()) { "a secret" } else { "no secret" };
            found.extend(word(&format!("{what} {name}"), demands.line, Some("a secret"), actual));
        }
        for name in &expect.cleared {
            let is_clear = |c: &store::ExportChange| c.value == ExportValue::Clear;
            let is_cleared = delta.changes.get(name.as_str()).is_some_and(is_clear);
            let actual = if is_cleared { "(cleared)" } else { "(not cleared)" };
            found.extend(word(&format!("{what} {name}"), line, Some("(cleared)"), actual));
        }
        found
    }

    fn object_error(
        &self,
        what: &str,
        expect: &ErrorExpect,
        error: Option<&ObjectError>,
    ) -> Option<Difference> {
        let found = error.map_or_else(|| "none".to_owned(), describe::error);
        let is_met = match error {
            None => expect.is_none,
            Some(_) if expect.is_none => false,
            Some(error) => self.meets_error(expect, &Described::of_object(error)),
        };
        let expected = show_error(expect);
        (!is_met).then(|| Difference { line: expect.line, what: what.to_owned(), expected, found })
    }

    /// True if an error is the expected one.
    pub(super) fn meets_error(&self, expect: &ErrorExpect, error: &Described<'_>) -> bool {
        let is = |expected: &Option<String>, found: Option<&str>| {
            expected.as_ref().is_none_or(|expected| Some(expected.as_str()) == found)
        };
        let meets = |demands: &[Demand], text: Option<&str>| {
            let values = text.and_then(|text| Values::from_vec(vec![text.into()]));
            self.unmet(demands, values.as_ref()).is_none()
        };
        is(&expect.error_type, Some(error.error_type))
            && is(&expect.step, Some(error.step))
            && is(&expect.rule, error.rule)
            && meets(&expect.object, error.object)
            && meets(&expect.code, error.code)
            && meets(&expect.message, Some(error.message))
            && expect.count.is_none_or(|count| error.count == Some(count))
    }

    pub(super) fn check_counts(&mut self, line: usize, system: &str, counts: &[(String, u64)]) {
        if !self.check_system_name(line, system) {
            return;
        }
        let space = self.state.spaces.get(system).map(Vec::as_slice).unwrap_or_default();
        let mut differences = Vec::new();
        for (name, expected) in counts {
            let found = count(space, name);
            let (expected, found) = (expected.to_string(), found.to_string());
            differences.extend(word(name, line, Some(&expected), &found));
        }
        let all = space.iter().flat_map(|object| describe::cs(system, object, self.state));
        let all = all.collect();
        self.differ(line, &format!("connector space {system}"), &differences, all);
    }
}

/// How many objects of a connector space are so.
fn count(space: &[CsObject], name: &str) -> usize {
    let is_so = |object: &&CsObject| {
        let state = describe::state(object.state);
        match name {
            "total" => state != "placeholder",
            "connectors" => object.state.mv().is_some(),
            "explicit-connectors" => state == "explicit-connector",
            "disconnectors" => state == "disconnector",
            "explicit-disconnectors" => state == "explicit-disconnector",
            "filtered-disconnectors" => state == "filtered-disconnector",
            "placeholders" => state == "placeholder",
            "pending-import" => object.pending_import.is_some(),
            "pending-export" => object.export.pending.is_some() || object.export.escrow.is_some(),
            "awaiting-confirmation" => object.export.unconfirmed.is_some(),
            "import-errors" => object.import_error.is_some(),
            "export-errors" => object.export.error.is_some(),
            _ => false,
        }
    };
    space.iter().filter(is_so).count()
}

/// An error in the form that expectations are compared with.
pub(super) struct Described<'a> {
    pub(super) object: Option<&'a str>,
    pub(super) error_type: &'a str,
    pub(super) step: &'a str,
    pub(super) rule: Option<&'a str>,
    pub(super) code: Option<&'a str>,
    pub(super) message: &'a str,
    pub(super) count: Option<u64>,
}

impl<'a> Described<'a> {
    fn of_object(error: &'a ObjectError) -> Self {
        Self {
            object: None,
            error_type: &error.error_type,
            step: &error.step,
            rule: error.rule.as_deref(),
            code: error.code.as_deref(),
            message: &error.message,
            count: Some(u64::from(error.count)),
        }
    }
}

/// An expected error in words.
pub(super) fn show_error(expect: &ErrorExpect) -> String {
    if expect.is_none {
        return "none".to_owned();
    }
    let object = expect.object.iter().filter_map(|demand| match demand {
        Demand::Equal(literals) => literals.first().map(crate::document::Literal::show),
        Demand::Matches(regex) => Some(regex.as_str().to_owned()),
        _ => None,
    });
    let words = [&expect.error_type, &expect.step, &expect.rule];
    let words = words.into_iter().flatten().cloned();
    let shown: Vec<String> = words.chain(object).collect();
    if shown.is_empty() { "an error".to_owned() } else { shown.join(", ") }
}
