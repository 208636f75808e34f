//! Reads what is expected.

use super::{
    CsExpect, DeltaExpect, ErrorExpect, Expect, LineageExpect, MvExpect, Of, OperationExpect,
    Pending, RunExpect, Selector, SystemExpect,
};
use crate::document::value::{self, Demand, Expected};
use crate::node::{Node, NodeKind};
use crate::reader::{Page, Reader, number_in, wrong};
use crate::similar;
use crate::words;

/// Reads what is expected.
pub(in crate::document) fn read(mut reader: Reader<'_>) -> Expect {
    let page = reader.page;
    let line = reader.line();
    let run = read_run(&mut reader);
    let counts = reader.named("count").iter().map(|entry| {
        let counted = entry.node.entries().iter().filter_map(|counted| {
            check_word(page, &counted.key, &counted.key_span, &words::COUNTS);
            Some((counted.key.clone(), number_in(page, &counted.key, &counted.node)?))
        });
        let expected = counted.collect();
        Of { line: page.line(entry.key_span.start), name: entry.key.clone(), expected }
    });
    let counts = counts.collect();
    let metaverse = reader.named("metaverse").iter().filter_map(|entry| {
        let expected = number_in(page, &entry.key, &entry.node)?;
        Some(Of { line: page.line(entry.key_span.start), name: entry.key.clone(), expected })
    });
    let metaverse = metaverse.collect();
    let operations = reader.named("operations").iter().map(|entry| {
        let read = |node| read_operation(page, &entry.key, node);
        let expected = match &entry.node.kind {
            NodeKind::List(items) => items.iter().filter_map(read).collect(),
            _ => wrong(page, &entry.key, &entry.node, "a list").unwrap_or_default(),
        };
        Of { line: page.line(entry.key_span.start), name: entry.key.clone(), expected }
    });
    let operations = operations.collect();
    let expect = Expect {
        line,
        run,
        is_unchanged: reader.boolean("unchanged").unwrap_or_default(),
        cs: reader.tables("cs").into_iter().map(read_cs).collect(),
        mv: reader.tables("mv").into_iter().map(read_mv).collect(),
        systems: reader.tables("system").into_iter().map(read_system).collect(),
        counts,
        metaverse,
        operations,
    };
    reader.finish();
    expect
}

fn check_word(page: &Page<'_>, word: &str, span: &std::ops::Range<usize>, known: &[&str]) {
    if !known.contains(&word) {
        let help = similar::advice(word, known);
        page.error(span.clone(), format!("there is no `{word}`"), Some(help));
    }
}

/// A text of a closed set.
fn known_text(reader: &mut Reader<'_>, key: &'static str, known: &[&str]) -> Option<String> {
    let text = reader.text(key)?;
    let span = reader.node(key).map_or(0..0, |node| node.span.clone());
    check_word(reader.page, text, &span, known);
    Some(text.to_owned())
}

fn read_run(reader: &mut Reader<'_>) -> RunExpect {
    let page = reader.page;
    let mut counters = Vec::new();
    for entry in reader.named("counters") {
        let (name, target) = entry.key.split_once('@').unwrap_or((&entry.key, ""));
        let known: &[&str] =
            if target.is_empty() { &words::COUNTERS } else { &words::TARGET_COUNTERS };
        check_word(page, name, &entry.key_span, known);
        let count = number_in(page, &entry.key, &entry.node);
        let line = page.line(entry.key_span.start);
        counters.extend(count.map(|count| (line, entry.key.clone(), count)));
    }
    let warnings = match reader.node("warnings") {
        Some(Node { kind: NodeKind::List(items), .. }) => {
            items.iter().map(|item| value::demands(page, "warnings", item)).collect()
        }
        Some(node) => wrong(page, "warnings", node, "a list").unwrap_or_default(),
        None => Vec::new(),
    };
    let errors_are_all = reader.boolean("errors_exact").unwrap_or_default();
    let runs = reader.tables("runs").into_iter().map(|mut run| {
        let line = run.line();
        let name = run.required_text("run").replace(char::is_whitespace, "/");
        let result = known_text(&mut run, "result", &words::RESULTS);
        run.finish();
        (line, name, result)
    });
    let runs = runs.collect();
    RunExpect {
        result: known_text(reader, "result", &words::RESULTS),
        message: one_demand(reader, "message"),
        counters,
        counters_are_all: reader.boolean("counters_exact").unwrap_or_default(),
        errors: reader.tables("errors").into_iter().map(error_table).collect(),
        errors_are_all,
        warnings,
        runs,
    }
}

fn one_demand(reader: &mut Reader<'_>, key: &'static str) -> Vec<Demand> {
    let page = reader.page;
    reader.node(key).map(|node| value::demands(page, key, node)).unwrap_or_default()
}

fn owned(text: Option<&str>) -> Option<String> {
    text.map(ToOwned::to_owned)
}

fn error_table(mut reader: Reader<'_>) -> ErrorExpect {
    let error = ErrorExpect {
        line: reader.line(),
        is_none: false,
        object: one_demand(&mut reader, "object"),
        error_type: owned(reader.text("type")),
        step: owned(reader.text("step")),
        rule: owned(reader.text("rule")),
        code: one_demand(&mut reader, "code"),
        message: one_demand(&mut reader, "message"),
        count: reader.number("count"),
    };
    reader.finish();
    error
}

/// An object's error: its name, `none`, or a table.
fn object_error(reader: &mut Reader<'_>, key: &'static str) -> Option<ErrorExpect> {
    let node = reader.node(key)?;
    let line = reader.page.line(node.span.start);
    if let NodeKind::Text(text) = &node.kind {
        let is_none = text == "none";
        let error_type = (!is_none).then(|| text.clone());
        return Some(ErrorExpect { line, is_none, error_type, ..ErrorExpect::default() });
    }
    reader.table(key).map(error_table)
}

/// Reads a selector that has a table of its own.
pub(in crate::document) fn selector_alone(mut reader: Reader<'_>) -> Selector {
    let selector = selector(&mut reader);
    reader.finish();
    selector
}

fn selector(reader: &mut Reader<'_>) -> Selector {
    let page = reader.page;
    let selector = Selector {
        dn: owned(reader.text("dn")),
        anchor: owned(reader.text("anchor")),
        object_type: owned(reader.text("type")),
        key: value::attributes(page, reader.named("key")),
    };
    if selector.dn.is_none() && selector.anchor.is_none() && selector.key.is_empty() {
        let help = "`dn`, `anchor` or `key = { attribute = value }`".to_owned();
        page.error(reader.place(), "it does not say which object", Some(help));
    }
    selector
}

fn demands_by_name(reader: &mut Reader<'_>, key: &'static str) -> Expected {
    let page = reader.page;
    value::expected(page, reader.named(key))
}

const OPERATIONS: [&str; 5] = ["none", "add", "update", "delete", "delete-add"];

fn read_cs(mut reader: Reader<'_>) -> CsExpect {
    let line = reader.line();
    let expect = CsExpect {
        line,
        system: reader.required_text("system"),
        selector: selector(&mut reader),
        is_absent: reader.boolean("absent").unwrap_or_default(),
        state: known_text(&mut reader, "state", &words::STATES),
        anchor: one_demand(&mut reader, "has_anchor"),
        dn: one_demand(&mut reader, "has_dn"),
        attributes: demands_by_name(&mut reader, "attributes"),
        synchronized: demands_by_name(&mut reader, "synchronized"),
        expected: demands_by_name(&mut reader, "expected"),
        is_all: reader.boolean("exact").unwrap_or_default(),
        pending_import: known_text(&mut reader, "pending_import", &OPERATIONS),
        pending_export: pending(&mut reader, "pending_export"),
        escrow: pending(&mut reader, "escrow"),
        unconfirmed: pending(&mut reader, "unconfirmed"),
        linked_by: owned(reader.text("linked_by")),
        linked_to: reader.table("linked_to").map(selector_alone),
        import_error: object_error(&mut reader, "import_error"),
        export_error: object_error(&mut reader, "export_error"),
    };
    reader.finish();
    expect
}

fn pending(reader: &mut Reader<'_>, key: &'static str) -> Option<Pending> {
    let node = reader.node(key)?;
    let line = reader.page.line(node.span.start);
    if let NodeKind::Text(text) = &node.kind {
        check_word(reader.page, text, &node.span, &OPERATIONS);
        let operation = Some(text.clone());
        return Some(match text.as_str() {
            "none" => Pending::None,
            _ => Pending::Some(DeltaExpect { line, operation, ..DeltaExpect::default() }),
        });
    }
    let mut table = reader.table(key)?;
    let delta = DeltaExpect {
        line,
        operation: known_text(&mut table, "operation", &OPERATIONS),
        attributes: demands_by_name(&mut table, "attributes"),
        cleared: table.texts("cleared").into_iter().map(ToOwned::to_owned).collect(),
        is_all: table.boolean("exact").unwrap_or_default(),
        new_dn: one_demand(&mut table, "new_dn"),
        rule: owned(table.text("rule")),
    };
    table.finish();
    Some(Pending::Some(delta))
}

fn read_mv(mut reader: Reader<'_>) -> MvExpect {
    let page = reader.page;
    let line = reader.line();
    reader.require("type");
    let object_type = owned(reader.text("type"));
    reader.require("key");
    let key = value::attributes(page, reader.named("key"));
    let selector = Selector { object_type, key, ..Selector::default() };
    let lineage = reader.named("lineage").iter().map(|entry| {
        let line = page.line(entry.key_span.start);
        let attribute = entry.key.clone();
        if let NodeKind::Text(rule) = &entry.node.kind {
            let rule = Some(rule.clone());
            return LineageExpect { line, attribute, rule, system: None, dn: None };
        }
        let mut table = Reader::new(page, &entry.key, &entry.node);
        let (rule, system) = (owned(table.text("rule")), owned(table.text("system")));
        let dn = owned(table.text("dn"));
        table.finish();
        LineageExpect { line, attribute, rule, system, dn }
    });
    let lineage = lineage.collect();
    let links = reader.node("links").is_some().then(|| {
        let texts = reader.texts("links");
        let link = |text: &str| text.split_once(' ').map(|(s, d)| (s.to_owned(), d.to_owned()));
        let links: Vec<(String, String)> = texts.iter().copied().filter_map(link).collect();
        if links.len() < texts.len() {
            let help = "for example \"hr 1001\"".to_owned();
            page.error(reader.place(), "a link is a connector, a space and a DN", Some(help));
        }
        links
    });
    let expect = MvExpect {
        line,
        selector,
        is_absent: reader.boolean("absent").unwrap_or_default(),
        attributes: demands_by_name(&mut reader, "attributes"),
        is_all: reader.boolean("exact").unwrap_or_default(),
        lineage,
        links,
    };
    reader.finish();
    expect
}

fn read_system(mut reader: Reader<'_>) -> SystemExpect {
    let expect = SystemExpect {
        line: reader.line(),
        system: reader.required_text("system"),
        selector: selector(&mut reader),
        is_absent: reader.boolean("absent").unwrap_or_default(),
        dn: one_demand(&mut reader, "has_dn"),
        anchor: one_demand(&mut reader, "has_anchor"),
        attributes: demands_by_name(&mut reader, "attributes"),
        is_all: reader.boolean("exact").unwrap_or_default(),
        secrets: demands_by_name(&mut reader, "secrets"),
    };
    reader.finish();
    expect
}

/// `"add DN"`, `"update DN"`, `"rename DN"`, `"delete DN"`, or a table.
fn read_operation(page: &Page<'_>, what: &str, node: &Node) -> Option<OperationExpect> {
    let words = ["add", "update", "rename", "delete"];
    if let NodeKind::Text(text) = &node.kind {
        let (operation, dn) = text.split_once(' ').unwrap_or((text, ""));
        check_word(page, operation, &node.span, &words);
        return Some(OperationExpect {
            operation: operation.to_owned(),
            dn: dn.to_owned(),
            to: None,
            attributes: Vec::new(),
            cleared: Vec::new(),
            is_in_doubt: None,
        });
    }
    let mut reader = Reader::new(page, what, node);
    reader.require("do");
    let operation = known_text(&mut reader, "do", &words);
    let dn = reader.required_text("dn");
    let expect = OperationExpect {
        operation: operation?,
        dn,
        to: owned(reader.text("to")),
        attributes: demands_by_name(&mut reader, "attributes"),
        cleared: reader.texts("cleared").into_iter().map(ToOwned::to_owned).collect(),
        is_in_doubt: reader.boolean("in_doubt"),
    };
    reader.finish();
    Some(expect)
}
