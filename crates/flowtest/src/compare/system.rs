//! Objects of connected systems, and what was asked of the systems.

use std::collections::BTreeMap;

use model::{Image, Name};

use super::{Comparison, Difference, has_key, name_of, word};
use crate::describe;
use crate::document::{Demand, Expected, OperationExpect, SystemExpect};

impl Comparison<'_> {
    pub(super) fn check_system(&mut self, expect: &SystemExpect) {
        let SystemExpect { line, system, selector, .. } = expect;
        if !self.check_system_name(*line, system) {
            return;
        }
        let known = self.system_attributes(system);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let names = [&expect.attributes, &expect.secrets].into_iter().flatten();
        let names = names.map(|(name, _)| name.as_str());
        let names = names.chain(selector.key.iter().map(|(name, _)| name.as_str()));
        if !self.check_names(*line, &format!("system {system}"), &known, names.collect::<Vec<_>>())
        {
            return;
        }
        let state = self.state;
        let objects = state.systems.get(system.as_str()).map(Vec::as_slice).unwrap_or_default();
        let style = self
            .world
            .systems
            .get(system.as_str())
            .map(|s| s.contents().nature.capabilities.dn_style);
        let is_meant = |image: &&Image| {
            let is_dn = |dn: &String| style.is_some_and(|s| s.key(dn) == s.key(&image.dn));
            selector.dn.as_ref().is_none_or(is_dn)
                && selector.anchor.as_ref().is_none_or(|a| image.anchor.as_ref() == Some(a))
                && selector.object_type.as_ref().is_none_or(|t| image.object_type == t.as_str())
                && has_key(&selector.key, &image.attributes)
        };
        let found = objects.iter().filter(is_meant).collect();
        let all = objects.iter().map(|image| image.dn.clone()).collect();
        let what = format!("system {system}: {}", name_of(selector));
        let show = |image: &Image| describe::image(system, image);
        let Some(image) = self.only(*line, &what, expect.is_absent, (found, all), show) else {
            return;
        };
        let all_at = expect.is_all.then_some(*line);
        let mut found = self.attributes("", &expect.attributes, &image.attributes, all_at);
        found.extend(self.text((*line, "dn"), &expect.dn, Some(&image.dn)));
        found.extend(self.text((*line, "anchor"), &expect.anchor, image.anchor.as_deref()));
        found.extend(self.secrets(expect, image));
        self.differ(*line, &what, &found, describe::image(system, image));
    }

    /// Compares secrets; what differs is never shown.
    fn secrets(&self, expect: &SystemExpect, image: &Image) -> Vec<Difference> {
        let secrets = self.world.systems.get(expect.system.as_str()).map(|s| s.secrets());
        let all: BTreeMap<String, BTreeMap<Name, String>> = secrets.unwrap_or_default();
        let own = image.anchor.as_ref().and_then(|anchor| all.get(anchor));
        let mut found = Vec::new();
        for (name, demands) in &expect.secrets {
            let secret = own.and_then(|own| own.get(name.as_str()));
            let what = format!("secret {name}");
            let difference =
                self.text((demands.line, &what), &demands.all, secret.map(String::as_str));
            found.extend(difference.map(|difference| Difference {
                found: if secret.is_some() { "another secret" } else { "none was sent" }.to_owned(),
                ..difference
            }));
        }
        found
    }

    pub(super) fn check_operations(
        &mut self,
        line: usize,
        system: &str,
        expected: &[OperationExpect],
    ) {
        if !self.check_system_name(line, system) {
            return;
        }
        let asked = self.world.systems.get(system).map(|s| s.contents().operations.clone());
        let asked = asked.unwrap_or_default();
        let shown = |word: &str, dn: &str| format!("{word} {dn}");
        let found: Vec<String> = asked.iter().map(|o| shown(o.word, &o.dn)).collect();
        let wanted: Vec<String> = expected.iter().map(|o| shown(&o.operation, &o.dn)).collect();
        let mut differences = Vec::new();
        if found != wanted {
            differences.push(Difference {
                line,
                what: "what was asked for".to_owned(),
                expected: format!("[{}]", wanted.join("; ")),
                found: format!("[{}]", found.join("; ")),
            });
        }
        let pairs =
            if differences.is_empty() { expected.iter().zip(&asked).collect() } else { Vec::new() };
        for (expected, asked) in pairs {
            let prefix = format!("{} {}: ", asked.word, asked.dn);
            let is_secret =
                |demands: &[Demand]| demands.iter().any(|d| matches!(d, Demand::Secret));
            let (secret, plain): (Expected, Expected) =
                expected.attributes.iter().cloned().partition(|(_, d)| is_secret(&d.all));
            differences.extend(self.attributes(&prefix, &plain, &asked.set, None));
            for (name, demands) in &secret {
                let is_sent = asked.secrets.iter().any(|sent| sent == name.as_str());
                let sent = if is_sent { "a secret" } else { "no secret" };
                let what = format!("{prefix}{name}");
                differences.extend(word(&what, demands.line, Some("a secret"), sent));
            }
            let to = asked.to.as_deref().unwrap_or("(no other name)");
            differences.extend(word(&format!("{prefix}to"), line, expected.to.as_deref(), to));
            let doubt = |is: bool| if is { "in doubt" } else { "not in doubt" };
            let wanted = expected.is_in_doubt.map(doubt);
            differences.extend(word(&prefix, line, wanted, doubt(asked.is_in_doubt)));
            for name in &expected.cleared {
                let is_cleared = asked.cleared.iter().any(|c| c == name.as_str());
                let actual = if is_cleared { "(cleared)" } else { "(not cleared)" };
                differences.extend(word(
                    &format!("{prefix}{name}"),
                    line,
                    Some("(cleared)"),
                    actual,
                ));
            }
        }
        self.differ(line, &format!("what {system} was asked for"), &differences, Vec::new());
    }
}
