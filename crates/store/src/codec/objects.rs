//! Metaverse objects, pending imports, object errors and counters.
//!
//! Metaverse object: a table of sources `count, count * (object, rule id, run, moment)`, then
//! `count, count * (name id, source's place in the table, values)` in order of name id. Most
//! attributes of an object come from few sources, so lineage costs about an octet per attribute.
//! One that holds shares has version 2, and they follow: `count, count * (name id, count, count *
//! (object, rule id, values))`, likewise in order of name id.

use std::collections::BTreeMap;

use model::{CsId, Name, RunId, Timestamp, Values};

use super::values::{Ascending, get_changes, get_values, put_changes, put_values, skip_values};
use super::wire::{Input, Output, VERSION_SHARES};
use super::{Interner, NameTable};
use crate::{
    Counters, ImportOperation, Lineage, MvAttribute, ObjectError, PendingImport, Share, Shares,
    StoreError, Undo,
};

/// What a metaverse object's record is called in errors.
const MV: &str = "a metaverse object";

/// The attributes of a metaverse object with their lineage, by name.
pub type MvAttributes = BTreeMap<Name, MvAttribute>;

/// Encodes the attributes of a metaverse object with their lineage, and its shares.
///
/// # Errors
/// What `names` fails with.
pub fn encode_mv(
    attributes: &MvAttributes,
    shares: &Shares,
    names: &mut impl Interner,
) -> Result<Vec<u8>, StoreError> {
    let mut sources: Vec<&Lineage> = Vec::new();
    let mut entries = Vec::with_capacity(attributes.len());
    for (name, attribute) in attributes {
        let known = sources.iter().position(|s| **s == attribute.lineage);
        let place = known.unwrap_or(sources.len());
        if known.is_none() {
            sources.push(&attribute.lineage);
        }
        entries.push((names.id(name)?, place, &attribute.values));
    }
    entries.sort_unstable_by_key(|(id, ..)| *id);
    let mut out =
        if shares.is_empty() { Output::new() } else { Output::of_version(VERSION_SHARES) };
    out.length(sources.len());
    for source in sources {
        out.number(source.object.0);
        out.id(names.id(&source.rule)?);
        out.number(source.run.0);
        out.number(source.at.0);
    }
    out.length(entries.len());
    for (id, place, values) in entries {
        out.id(id);
        out.length(place);
        put_values(&mut out, values);
    }
    if !shares.is_empty() {
        put_shares(&mut out, shares, names)?;
    }
    Ok(out.finish())
}

fn put_shares(
    out: &mut Output,
    shares: &Shares,
    names: &mut impl Interner,
) -> Result<(), StoreError> {
    let mut entries = Vec::with_capacity(shares.len());
    for (name, shares) in shares {
        entries.push((names.id(name)?, shares));
    }
    entries.sort_unstable_by_key(|(id, _)| *id);
    out.length(entries.len());
    for (id, shares) in entries {
        out.id(id);
        out.length(shares.len());
        for share in shares {
            out.number(share.object.0);
            out.id(names.id(&share.rule)?);
            put_values(out, &share.values);
        }
    }
    Ok(())
}

fn get_shares(input: &mut Input<'_>, names: &NameTable) -> Result<Shares, StoreError> {
    let mut shares = Shares::new();
    let mut ascending = Ascending::default();
    for _ in 0..input.length()? {
        let id = ascending.next(input)?;
        let name = names.name(id).cloned().ok_or_else(|| input.corrupt())?;
        let mut of_attribute: Vec<Share> = Vec::new();
        for _ in 0..input.length()? {
            let object = CsId(input.number()?);
            let rule = input.name(names)?;
            let last = of_attribute.last();
            input.require(last.is_none_or(|l| (l.object, &l.rule) < (object, &rule)))?;
            of_attribute.push(Share { object, rule, values: get_values(input)? });
        }
        input.require(!of_attribute.is_empty())?;
        shares.insert(name, of_attribute);
    }
    input.require(!shares.is_empty())?;
    Ok(shares)
}

/// Decodes the attributes of a metaverse object, and its shares.
///
/// # Errors
/// [`StoreError::Corrupt`] for anything that [`encode_mv`] does not produce.
pub fn decode_mv(bytes: &[u8], names: &NameTable) -> Result<(MvAttributes, Shares), StoreError> {
    let (mut input, version) = Input::versioned(bytes, MV, VERSION_SHARES)?;
    let mut sources = Vec::new();
    for _ in 0..input.length()? {
        sources.push(Lineage {
            object: CsId(input.number()?),
            rule: input.name(names)?,
            run: RunId(input.number()?),
            at: Timestamp(input.number()?),
        });
    }
    let mut attributes = BTreeMap::new();
    let mut ascending = Ascending::default();
    for _ in 0..input.length()? {
        let id = ascending.next(&mut input)?;
        let name = names.name(id).cloned().ok_or_else(|| input.corrupt())?;
        let place = input.length()?;
        let lineage = sources.get(place).cloned().ok_or_else(|| input.corrupt())?;
        let values = get_values(&mut input)?;
        attributes.insert(name, MvAttribute { values, lineage });
    }
    let shares = match version {
        VERSION_SHARES => get_shares(&mut input, names)?,
        _ => Shares::new(),
    };
    input.end()?;
    Ok((attributes, shares))
}

/// Decodes one attribute's values of an encoded metaverse object, without the others.
///
/// # Errors
/// [`StoreError::Corrupt`] when the octets up to the attribute are not a metaverse object.
pub fn mv_attribute(bytes: &[u8], wanted: u16) -> Result<Option<Values>, StoreError> {
    let (mut input, _) = Input::versioned(bytes, MV, VERSION_SHARES)?;
    for _ in 0..input.length()? {
        input.number()?;
        input.id()?;
        input.number()?;
        input.number()?;
    }
    for _ in 0..input.length()? {
        let id = input.id()?;
        input.length()?;
        if id == wanted {
            return get_values(&mut input).map(Some);
        }
        if id > wanted {
            return Ok(None);
        }
        skip_values(&mut input)?;
    }
    Ok(None)
}

/// Encodes a pending import with its undo.
///
/// # Errors
/// What `names` fails with.
pub fn encode_pending_import(
    pending: &PendingImport,
    names: &mut impl Interner,
) -> Result<Vec<u8>, StoreError> {
    let mut out = Output::new();
    out.octet(match pending.operation {
        ImportOperation::Add => 1,
        ImportOperation::Update => 2,
        ImportOperation::Delete => 3,
        ImportOperation::DeleteAdd => 4,
    });
    out.number(pending.run.0);
    out.optional_text(pending.undo.dn.as_deref());
    put_optional_name(&mut out, pending.undo.object_type.as_ref(), names)?;
    put_changes(&mut out, &pending.undo.changes, names)?;
    Ok(out.finish())
}

/// Decodes a pending import.
///
/// # Errors
/// [`StoreError::Corrupt`] for anything that [`encode_pending_import`] does not produce.
pub fn decode_pending_import(bytes: &[u8], names: &NameTable) -> Result<PendingImport, StoreError> {
    let mut input = Input::new(bytes, "a pending import")?;
    let operation = match input.octet()? {
        1 => ImportOperation::Add,
        2 => ImportOperation::Update,
        3 => ImportOperation::Delete,
        4 => ImportOperation::DeleteAdd,
        _ => return Err(input.corrupt()),
    };
    let run = RunId(input.number()?);
    let dn = input.optional_text()?;
    let object_type = input.optional_name(names)?;
    let changes = get_changes(&mut input, names)?;
    input.end()?;
    Ok(PendingImport { operation, undo: Undo { dn, object_type, changes }, run })
}

/// Encodes an object's error.
///
/// # Errors
/// What `names` fails with.
pub fn encode_object_error(
    error: &ObjectError,
    names: &mut impl Interner,
) -> Result<Vec<u8>, StoreError> {
    let mut out = Output::new();
    put_object_error(&mut out, error, names)?;
    Ok(out.finish())
}

/// Decodes an object's error.
///
/// # Errors
/// [`StoreError::Corrupt`] for anything that [`encode_object_error`] does not produce.
pub fn decode_object_error(bytes: &[u8], names: &NameTable) -> Result<ObjectError, StoreError> {
    let mut input = Input::new(bytes, "an object error")?;
    let error = get_object_error(&mut input, names)?;
    input.end()?;
    Ok(error)
}

/// Encodes a run's counters.
#[must_use]
pub fn encode_counters(counters: &Counters) -> Vec<u8> {
    let mut out = Output::new();
    out.length(counters.len());
    for (name, number) in counters {
        out.text(name);
        out.count(*number);
    }
    out.finish()
}

/// Decodes a run's counters.
///
/// # Errors
/// [`StoreError::Corrupt`] for anything that [`encode_counters`] does not produce.
pub fn decode_counters(bytes: &[u8]) -> Result<Counters, StoreError> {
    let mut input = Input::new(bytes, "the counters of a run")?;
    let mut counters = Counters::new();
    for _ in 0..input.length()? {
        let name = input.text()?.to_owned();
        let number = input.count()?;
        input.require(counters.insert(name, number).is_none())?;
    }
    input.end()?;
    Ok(counters)
}

pub(super) fn put_object_error(
    out: &mut Output,
    error: &ObjectError,
    names: &mut impl Interner,
) -> Result<(), StoreError> {
    out.text(&error.error_type);
    out.text(&error.step);
    out.text(&error.message);
    out.optional_text(error.code.as_deref());
    put_optional_name(out, error.rule.as_ref(), names)?;
    out.number(error.first_occurred.0);
    out.count(u64::from(error.count));
    Ok(())
}

pub(super) fn get_object_error(
    input: &mut Input<'_>,
    names: &NameTable,
) -> Result<ObjectError, StoreError> {
    Ok(ObjectError {
        error_type: input.text()?.to_owned(),
        step: input.text()?.to_owned(),
        message: input.text()?.to_owned(),
        code: input.optional_text()?,
        rule: input.optional_name(names)?,
        first_occurred: Timestamp(input.number()?),
        count: {
            let count = input.count()?;
            u32::try_from(count).map_err(|_e| input.corrupt())?
        },
    })
}

fn put_optional_name(
    out: &mut Output,
    name: Option<&Name>,
    names: &mut impl Interner,
) -> Result<(), StoreError> {
    out.octet(u8::from(name.is_some()));
    if let Some(name) = name {
        out.id(names.id(name)?);
    }
    Ok(())
}
