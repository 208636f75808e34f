//! Export stages: the pending, escrowed and unconfirmed deltas and the last error of one object.

use std::collections::BTreeMap;

use model::{MvId, Name, RunId};

use super::objects::{get_object_error, put_object_error};
use super::values::{get_values, put_values};
use super::wire::{Input, Output};
use super::{Interner, NameTable};
use crate::{ExportChange, ExportDelta, ExportStages, ExportValue, StoreError, WriteOperation};

const PENDING: u8 = 1;
const ESCROW: u8 = 2;
const UNCONFIRMED: u8 = 4;
const ERROR: u8 = 8;
const ALTERED: u8 = 16;

const SET: u8 = 1;
const CLEAR: u8 = 2;
const SECRET: u8 = 3;

/// Encodes the export stages of an object.
///
/// # Errors
/// What `names` fails with.
pub fn encode_export(
    stages: &ExportStages,
    names: &mut impl Interner,
) -> Result<Vec<u8>, StoreError> {
    let mut out = Output::new();
    let flag = |present: bool, bit: u8| if present { bit } else { 0 };
    out.octet(
        flag(stages.pending.is_some(), PENDING)
            | flag(stages.escrow.is_some(), ESCROW)
            | flag(stages.unconfirmed.is_some(), UNCONFIRMED)
            | flag(stages.error.is_some(), ERROR)
            | flag(!stages.altered.is_empty(), ALTERED),
    );
    for delta in [&stages.pending, &stages.escrow, &stages.unconfirmed].into_iter().flatten() {
        put_delta(&mut out, delta, names)?;
    }
    if let Some(error) = &stages.error {
        put_object_error(&mut out, error, names)?;
    }
    if !stages.altered.is_empty() {
        out.length(stages.altered.len());
        for (name, times) in &stages.altered {
            out.id(names.id(name)?);
            out.number(i64::from(*times));
        }
    }
    Ok(out.finish())
}

/// Decodes the export stages of an object.
///
/// # Errors
/// [`StoreError::Corrupt`] for anything that [`encode_export`] does not produce.
pub fn decode_export(bytes: &[u8], names: &NameTable) -> Result<ExportStages, StoreError> {
    let mut input = Input::new(bytes, "export stages")?;
    let present = input.octet()?;
    input.require(present <= PENDING | ESCROW | UNCONFIRMED | ERROR | ALTERED)?;
    let mut delta = |bit: u8| {
        if present & bit == 0 { Ok(None) } else { get_delta(&mut input, names).map(Some) }
    };
    let (pending, escrow, unconfirmed) = (delta(PENDING)?, delta(ESCROW)?, delta(UNCONFIRMED)?);
    let error =
        if present & ERROR == 0 { None } else { Some(get_object_error(&mut input, names)?) };
    let mut altered = BTreeMap::new();
    if present & ALTERED != 0 {
        for _ in 0..input.length()? {
            let name = input.name(names)?;
            let times = input.number()?;
            let times = u32::try_from(times).map_err(|_| input.corrupt())?;
            input.require(altered.insert(name, times).is_none())?;
        }
        input.require(!altered.is_empty())?;
    }
    input.end()?;
    Ok(ExportStages { pending, escrow, unconfirmed, error, altered })
}

fn put_delta(
    out: &mut Output,
    delta: &ExportDelta,
    names: &mut impl Interner,
) -> Result<(), StoreError> {
    out.octet(match delta.operation {
        WriteOperation::Add => 1,
        WriteOperation::Update => 2,
        WriteOperation::Delete => 3,
    });
    out.optional_text(delta.new_dn.as_deref());
    out.octet(u8::from(delta.mv.is_some()));
    if let Some(mv) = delta.mv {
        out.number(mv.0);
    }
    out.id(names.id(&delta.cause)?);
    out.number(delta.run.0);
    out.length(delta.changes.len());
    for (name, change) in &delta.changes {
        out.id(names.id(name)?);
        out.id(names.id(&change.rule)?);
        match &change.value {
            ExportValue::Set(values) => {
                out.octet(SET);
                put_values(out, values);
            }
            ExportValue::Clear => out.octet(CLEAR),
            ExportValue::Secret => out.octet(SECRET),
        }
    }
    Ok(())
}

fn get_delta(input: &mut Input<'_>, names: &NameTable) -> Result<ExportDelta, StoreError> {
    let operation = match input.octet()? {
        1 => WriteOperation::Add,
        2 => WriteOperation::Update,
        3 => WriteOperation::Delete,
        _ => return Err(input.corrupt()),
    };
    let new_dn = input.optional_text()?;
    let mv = if input.flag()? { Some(MvId(input.number()?)) } else { None };
    let cause = input.name(names)?;
    let run = RunId(input.number()?);
    let mut changes: BTreeMap<Name, ExportChange> = BTreeMap::new();
    for _ in 0..input.length()? {
        let name = input.name(names)?;
        let rule = input.name(names)?;
        let value = match input.octet()? {
            SET => ExportValue::Set(get_values(input)?),
            CLEAR => ExportValue::Clear,
            SECRET => ExportValue::Secret,
            _ => return Err(input.corrupt()),
        };
        input.require(changes.insert(name, ExportChange { value, rule }).is_none())?;
    }
    Ok(ExportDelta { operation, new_dn, changes, mv, cause, run })
}
