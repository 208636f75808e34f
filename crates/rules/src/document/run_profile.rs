//! `[run_profiles.NAME]` of a connector's document: steps in order, and what each is limited to.

use std::ops::Range;

use model::{Dn, Name};

use crate::code;
use crate::node::{Entry, Spanned};
use crate::reader::Reader;
use crate::{ProfileStep, StepType};

/// Objects that one transaction of an import can cover.
const IMPORT_BATCH_MAX: u32 = 5_000;
/// Objects that one transaction of an export can cover: a crash leaves them in doubt.
const EXPORT_BATCH_MAX: u32 = 50;
/// Longer names are none that people type.
const FILE_NAME_MAX: usize = 100;

/// One step with its places.
#[derive(Debug)]
pub(crate) struct StepSource {
    pub(crate) step: ProfileStep,
    /// Where its type stands.
    pub(crate) place: Range<usize>,
    /// Where its partition stands.
    pub(crate) partition: Option<Range<usize>>,
}

/// One run profile.
#[derive(Debug)]
pub(crate) struct RunProfileSource {
    pub(crate) name: Spanned<Name>,
    pub(crate) steps: Vec<StepSource>,
}

/// Reads the profiles.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<RunProfileSource> {
    let entries = reader.named("run_profiles");
    entries.iter().filter_map(|entry| read_profile(reader, entry)).collect()
}

fn read_profile<'a>(reader: &mut Reader<'a>, entry: &'a Entry) -> Option<RunProfileSource> {
    let mut table = reader.table_in(&format!("run_profiles.{}", entry.key), &entry.node)?;
    let mut steps = Vec::new();
    if table.list("steps").is_empty() {
        let message = format!("the run profile `{}` has no step", entry.key);
        let error = table.file.error(code::MISSING_KEY, table.place(), message);
        table.report(
            error.with_help("for example `steps = [{ type = \"full-import\" }]`".to_owned()),
        );
    }
    for mut step in table.tables("steps") {
        steps.extend(read_step(&mut step));
        table.absorb(step);
    }
    reader.absorb(table);
    let name = Spanned { value: Name::new(&entry.key), span: entry.key_span.clone() };
    Some(RunProfileSource { name, steps })
}

fn read_step(reader: &mut Reader<'_>) -> Option<StepSource> {
    let step_type = reader.required_word("type", &StepType::ALL);
    let partition = reader.filled_text("partition");
    let object_limit = reader.number("object_limit", 1..=u32::MAX);
    let deletion_limit = reader.number("deletion_limit", 0..=u32::MAX);
    let most = match step_type.as_ref().map(|t| t.value) {
        Some(StepType::Export) => EXPORT_BATCH_MAX,
        _ => IMPORT_BATCH_MAX,
    };
    let batch_size = reader.number("batch_size", 1..=most);
    let to_file = read_file(reader, "to_file");
    let resume_from_file = read_file(reader, "resume_from_file");
    let step_type = step_type?;
    if step_type.value.is_sync() {
        let unfit = [
            ("deletion_limit", deletion_limit.as_ref().map(|n| n.span.clone())),
            ("batch_size", batch_size.as_ref().map(|n| n.span.clone())),
            ("to_file", to_file.as_ref().map(|n| n.span.clone())),
            ("resume_from_file", resume_from_file.as_ref().map(|n| n.span.clone())),
        ];
        for (name, span) in unfit.into_iter().filter_map(|(name, span)| Some((name, span?))) {
            let message = format!("`{name}` means nothing in a step that synchronizes");
            reader.report(reader.file.error(code::RUN_PROFILE, span, message));
        }
    }
    if let (Some(to), Some(from)) = (&to_file, &resume_from_file)
        && to.value != from.value
    {
        let message = "a step writes one file or reads one; both together name the same, which is \
                       then an audit file";
        reader.report(reader.file.error(code::RUN_PROFILE, from.span.clone(), message));
    }
    let dn = partition.as_ref().and_then(|text| match Dn::parse(text.value) {
        Ok(dn) => Some(dn),
        Err(_unreadable) => {
            let message = format!("`{}` is no distinguished name", text.value);
            reader.report(reader.file.error(code::RUN_PROFILE, text.span.clone(), message));
            None
        }
    });
    let step = ProfileStep {
        step_type: step_type.value,
        partition: dn,
        object_limit: object_limit.map(|n| u64::from(n.value)),
        deletion_limit: deletion_limit.map(|n| u64::from(n.value)),
        batch_size: batch_size.and_then(|n| usize::try_from(n.value).ok()),
        to_file: to_file.map(|name| name.value),
        resume_from_file: resume_from_file.map(|name| name.value),
    };
    Some(StepSource { step, place: step_type.span, partition: partition.map(|text| text.span) })
}

/// The name of a file in the connector's folder: no way out of it.
fn read_file(reader: &mut Reader<'_>, key: &'static str) -> Option<Spanned<String>> {
    let text = reader.filled_text(key)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name = text.value;
    if name.len() <= FILE_NAME_MAX && !name.starts_with('.') && name.chars().all(is_plain) {
        return Some(Spanned { value: name.to_owned(), span: text.span });
    }
    let message = format!("`{key}` must be the plain name of a file");
    let error = reader.file.error(code::RUN_PROFILE, text.span, message);
    reader.report(
        error.with_help("letters, digits, `.`, `-` and `_`, for example \"all.jsonl\"".to_owned()),
    );
    None
}
