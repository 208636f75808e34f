//! A flow test as it is written: read into a struct of names and places. What the names refer to is
//! known only with the configuration (`world`, `compare`).

mod by_hand;
mod change;
mod expect;
mod fault;
mod step;
mod value;

use model::Timestamp;

use crate::node::{Entry, NodeKind};
use crate::reader::{Page, Reader};

pub(crate) use by_hand::{ByHand, Look, Verb};
pub(crate) use change::{Change, ChangeKind};
pub(crate) use expect::{
    CsExpect, DeltaExpect, ErrorExpect, Expect, LineageExpect, MvExpect, Of, OperationExpect,
    Pending, RunExpect, Selector, SystemExpect,
};
pub(crate) use fault::{Effect, Event, Fault, Raw};
pub(crate) use step::{Run, Step};
pub(crate) use value::{Demand, Demands, Expected, Literal, Literals};

/// One test.
#[derive(Debug)]
pub(crate) struct Test {
    pub(crate) description: String,
    pub(crate) ids: Vec<String>,
    /// Another test that is played first.
    pub(crate) base: Option<String>,
    pub(crate) config: Config,
    pub(crate) start: Timestamp,
    pub(crate) seed: u64,
    pub(crate) page_objects: Option<usize>,
    pub(crate) systems: Vec<Habits>,
    pub(crate) given: Vec<Given>,
    /// What is to be found wrong with the configuration.
    pub(crate) diagnostics: Vec<DiagnosticExpect>,
    pub(crate) steps: Vec<Step>,
}

/// Something to be found wrong with a configuration.
#[derive(Debug, Clone)]
pub(crate) struct DiagnosticExpect {
    pub(crate) line: usize,
    pub(crate) is_error: bool,
    pub(crate) code: Option<String>,
    pub(crate) file: Option<String>,
    pub(crate) message: Vec<Demand>,
}

/// A configuration: a folder, and files changed in it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Config {
    /// Relative to the test; the present configuration if there is none.
    pub(crate) folder: Option<String>,
    pub(crate) patches: Vec<Patch>,
}

/// A change to one file of a configuration.
#[derive(Debug, Clone)]
pub(crate) struct Patch {
    pub(crate) line: usize,
    pub(crate) file: String,
    pub(crate) kind: PatchKind,
}

#[derive(Debug, Clone)]
pub(crate) enum PatchKind {
    /// The file has this text now.
    Text(String),
    /// The file is gone.
    Remove,
    /// A text that stands there once becomes another.
    Replace { find: String, replace: String },
    /// Text goes to the end.
    Append(String),
}

/// How a connected system behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Habits {
    pub(crate) line: usize,
    pub(crate) system: String,
    pub(crate) page_objects: Option<usize>,
    pub(crate) delta_shows_changes: bool,
    pub(crate) hides_deletions: bool,
    pub(crate) unique: Vec<String>,
    pub(crate) assigns: Vec<(String, String)>,
    pub(crate) normalizes: Vec<(String, Normalization)>,
    pub(crate) withholds_anchors: bool,
    pub(crate) takes_orphans: bool,
}

/// What a system does to text that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Normalization {
    LowerCase,
    UpperCase,
    Trim,
}

/// An object of a connected system before the first step.
#[derive(Debug, Clone)]
pub(crate) struct Given {
    pub(crate) line: usize,
    pub(crate) system: String,
    pub(crate) object: ObjectText,
}

/// An object as written.
#[derive(Debug, Clone)]
pub(crate) struct ObjectText {
    pub(crate) dn: Option<String>,
    pub(crate) object_type: Option<String>,
    pub(crate) anchor: Option<String>,
    pub(crate) attributes: Literals,
}

/// The moment tests begin at unless they say otherwise.
const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

/// Reads a test.
pub(crate) fn read(page: &Page<'_>) -> Option<Test> {
    let root = crate::node::parse(page)?;
    let mut reader = Reader::new(page, "the test", &root);
    let description = reader.required_text("description");
    let ids = reader.texts("ids").into_iter().map(ToOwned::to_owned).collect();
    let base = reader.text("base").map(ToOwned::to_owned);
    for key in ["config", "start", "seed", "page_objects"] {
        if base.is_some() && reader.has(key) {
            let message = format!("`{key}` is the base's to say");
            page.error(reader.place(), message, None);
        }
    }
    let config = read_config(&mut reader, "config");
    let start = reader.text("start").map_or(Ok(START), Timestamp::parse);
    let start = start.unwrap_or_else(|error| {
        page.error(reader.place(), error.to_string(), None);
        START
    });
    let seed = reader.number("seed").unwrap_or(1);
    let page_objects = reader.number("page_objects").and_then(|n| usize::try_from(n).ok());
    let systems = reader.named("systems").iter().map(|entry| habits(page, entry)).collect();
    let given = reader.named("given").iter().flat_map(|entry| given(page, entry)).collect();
    let steps: Vec<Step> = reader.tables("step").into_iter().map(step::read).collect();
    let diagnostics = read_diagnostics(&mut reader);
    match (steps.is_empty(), diagnostics.iter().any(|expected| expected.is_error)) {
        (true, false) => page.error(0..0, "a test without steps tests nothing", None),
        (false, true) => {
            page.error(0..0, "no step can follow a configuration that is refused", None);
        }
        _ => {}
    }
    reader.finish();
    Some(Test {
        description,
        ids,
        base,
        config,
        start,
        seed,
        page_objects,
        systems,
        given,
        diagnostics,
        steps,
    })
}

/// Errors and warnings that the configuration has to have.
fn read_diagnostics(reader: &mut Reader<'_>) -> Vec<DiagnosticExpect> {
    let mut expected = Vec::new();
    for (key, is_error) in [("config_error", true), ("config_warning", false)] {
        for mut table in reader.tables(key) {
            let line = table.line();
            let message = table.node("message");
            let message = message.map(|node| value::demands(reader.page, "message", node));
            let text = |text: Option<&str>| text.map(ToOwned::to_owned);
            expected.push(DiagnosticExpect {
                line,
                is_error,
                code: text(table.text("code")),
                file: text(table.text("file")),
                message: message.unwrap_or_default(),
            });
            table.finish();
        }
    }
    expected
}

fn read_config(reader: &mut Reader<'_>, key: &'static str) -> Config {
    let folder = reader.text(key).map(ToOwned::to_owned);
    let patches = reader.tables("patch").into_iter().map(read_patch).collect();
    Config { folder, patches }
}

fn read_patch(mut reader: Reader<'_>) -> Patch {
    let line = reader.line();
    let file = reader.required_text("file");
    let kinds = ["text", "append", "remove", "find"];
    let given: Vec<&str> = kinds.into_iter().filter(|kind| reader.has(kind)).collect();
    if given.len() != 1 {
        let message = "a patch has one of `text`, `append`, `remove` and `find` with `replace`";
        reader.page.error(reader.place(), message, None);
    }
    let text = |text: Option<&str>| text.map(ToOwned::to_owned);
    let replace = reader.text("replace").unwrap_or_default().to_owned();
    let kind = if let Some(text) = text(reader.text("text")) {
        PatchKind::Text(text)
    } else if let Some(text) = text(reader.text("append")) {
        PatchKind::Append(text)
    } else if let Some(find) = text(reader.text("find")) {
        PatchKind::Replace { find, replace }
    } else {
        reader.boolean("remove");
        PatchKind::Remove
    };
    reader.finish();
    Patch { line, file, kind }
}

fn habits(page: &Page<'_>, entry: &Entry) -> Habits {
    let mut reader = Reader::new(page, &entry.key, &entry.node);
    let names = |texts: Vec<&str>| texts.into_iter().map(ToOwned::to_owned).collect();
    let words = [
        ("lower-case", Normalization::LowerCase),
        ("upper-case", Normalization::UpperCase),
        ("trim", Normalization::Trim),
    ];
    let assigns = reader.named("assigns").iter().filter_map(|entry| match &entry.node.kind {
        NodeKind::Text(text) => Some((entry.key.clone(), text.clone())),
        _ => crate::reader::wrong(page, &entry.key, &entry.node, "text in quotes"),
    });
    let assigns = assigns.collect();
    let mut normalizes = Vec::new();
    for entry in reader.named("normalizes") {
        let NodeKind::Text(text) = &entry.node.kind else {
            crate::reader::wrong::<()>(page, &entry.key, &entry.node, "text in quotes");
            continue;
        };
        match words.iter().find(|(word, _)| word == text) {
            Some((_, normalization)) => normalizes.push((entry.key.clone(), *normalization)),
            None => {
                let known = words.map(|(word, _)| word);
                let help = crate::similar::advice(text, &known);
                page.error(entry.node.span.clone(), format!("`{text}` is no way"), Some(help));
            }
        }
    }
    let habits = Habits {
        line: page.line(entry.key_span.start),
        system: entry.key.clone(),
        page_objects: reader.number("page_objects").and_then(|n| usize::try_from(n).ok()),
        delta_shows_changes: reader
            .word("delta", &[("objects", false), ("changes", true)])
            .unwrap_or_default(),
        hides_deletions: !reader.boolean("deletions_in_delta").unwrap_or(true),
        unique: names(reader.texts("unique")),
        assigns,
        normalizes,
        withholds_anchors: !reader.boolean("answers_anchor").unwrap_or(true),
        takes_orphans: !reader.boolean("checks_parent").unwrap_or(true),
    };
    reader.finish();
    habits
}

/// Objects that one table may stand for.
const TIMES_MAX: u64 = 100_000;

fn given(page: &Page<'_>, entry: &Entry) -> Vec<Given> {
    let nodes = match &entry.node.kind {
        NodeKind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(&entry.node),
    };
    let mut all = Vec::new();
    for node in nodes {
        let mut reader = Reader::new(page, &entry.key, node);
        let line = reader.line();
        let object = object(&mut reader, "dn");
        let times = reader.number("times");
        if times.is_some_and(|times| times > TIMES_MAX) {
            let message = format!("`times` must be at most {TIMES_MAX}");
            page.error(reader.place(), message, None);
        }
        reader.finish();
        let given = |object| Given { line, system: entry.key.clone(), object };
        match times {
            None => all.push(given(object)),
            Some(times) => {
                all.extend((1..=times.min(TIMES_MAX)).map(|n| given(numbered(&object, n))));
            }
        }
    }
    all
}

/// The object with a number in the place of every `{n}`.
fn numbered(object: &ObjectText, number: u64) -> ObjectText {
    let number = number.to_string();
    let fill = |text: &String| text.replace("{n}", &number);
    let literal = |literal: &Literal| match literal {
        Literal::Text(text) => Literal::Text(fill(text)),
        other => other.clone(),
    };
    let attribute = |(name, literals): &(String, Vec<Literal>)| {
        (name.clone(), literals.iter().map(literal).collect())
    };
    ObjectText {
        dn: object.dn.as_ref().map(fill),
        object_type: object.object_type.clone(),
        anchor: object.anchor.as_ref().map(fill),
        attributes: object.attributes.iter().map(attribute).collect(),
    }
}

/// Reads an object whose DN stands under `dn`.
fn object(reader: &mut Reader<'_>, dn: &'static str) -> ObjectText {
    let text = |text: Option<&str>| text.map(ToOwned::to_owned);
    ObjectText {
        dn: text(reader.text(dn)),
        object_type: text(reader.text("type")),
        anchor: text(reader.text("anchor")),
        attributes: value::attributes(reader.page, reader.named("attributes")),
    }
}
