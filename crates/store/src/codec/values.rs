//! Attribute sets and changes to them.
//!
//! Set: `count, count * (name id, form, length, payload)` in order of id. The form octet is the
//! type of the values, or 0 when they are of several types, plus 0x80 for more than one value. The
//! payload of one value is the value; of several, `length, value` each in canonical order, with the
//! type octet before each length when the form says 0.

use model::{AttributeChange, Attributes, Changes, Timestamp, Value, ValueType, Values};

use super::wire::{Input, Output, count_octets};
use super::{Interner, NameTable};
use crate::StoreError;

const SEVERAL: u8 = 0x80;
const SEVERAL_TYPES: u8 = SEVERAL;

const SET: u8 = 1;
const UPDATE: u8 = 2;
const CLEAR: u8 = 3;

/// Encodes an attribute set.
///
/// # Errors
/// What `names` fails with.
pub fn encode_attributes(
    attributes: &Attributes,
    names: &mut impl Interner,
) -> Result<Vec<u8>, StoreError> {
    let mut entries = Vec::with_capacity(attributes.len());
    for (name, values) in attributes.iter() {
        entries.push((names.id(name)?, values));
    }
    entries.sort_unstable_by_key(|(id, _)| *id);
    let mut out = Output::new();
    out.length(entries.len());
    for (id, values) in entries {
        out.id(id);
        put_values(&mut out, values);
    }
    Ok(out.finish())
}

/// Decodes an attribute set.
///
/// # Errors
/// [`StoreError::Corrupt`] for anything that [`encode_attributes`] does not produce.
pub fn decode_attributes(bytes: &[u8], names: &NameTable) -> Result<Attributes, StoreError> {
    let mut input = Input::new(bytes, "an attribute set")?;
    let mut attributes = Vec::new();
    let mut ascending = Ascending::default();
    for _ in 0..input.length()? {
        let id = ascending.next(&mut input)?;
        let name = names.name(id).cloned().ok_or_else(|| input.corrupt())?;
        let values = get_values(&mut input)?;
        attributes.push((name, values));
    }
    input.end()?;
    Ok(attributes.into_iter().collect())
}

/// Decodes one attribute of an encoded set, without the others; `None` when it has no value.
///
/// # Errors
/// [`StoreError::Corrupt`] when the octets up to the attribute are not an attribute set.
pub fn attribute(bytes: &[u8], wanted: u16) -> Result<Option<Values>, StoreError> {
    let mut input = Input::new(bytes, "an attribute set")?;
    for _ in 0..input.length()? {
        let id = input.id()?;
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

/// Encodes changes to an attribute set.
///
/// # Errors
/// What `names` fails with.
pub fn encode_changes(changes: &Changes, names: &mut impl Interner) -> Result<Vec<u8>, StoreError> {
    let mut out = Output::new();
    put_changes(&mut out, changes, names)?;
    Ok(out.finish())
}

/// Decodes changes to an attribute set.
///
/// # Errors
/// [`StoreError::Corrupt`] for anything that [`encode_changes`] does not produce.
pub fn decode_changes(bytes: &[u8], names: &NameTable) -> Result<Changes, StoreError> {
    let mut input = Input::new(bytes, "attribute changes")?;
    let changes = get_changes(&mut input, names)?;
    input.end()?;
    Ok(changes)
}

pub(super) fn put_changes(
    out: &mut Output,
    changes: &Changes,
    names: &mut impl Interner,
) -> Result<(), StoreError> {
    out.length(changes.len());
    for (name, change) in changes {
        out.id(names.id(name)?);
        match change {
            AttributeChange::Set(values) => {
                out.octet(SET);
                put_values(out, values);
            }
            AttributeChange::Update { add, remove } => {
                out.octet(UPDATE);
                put_list(out, add);
                put_list(out, remove);
            }
            AttributeChange::Clear => out.octet(CLEAR),
        }
    }
    Ok(())
}

pub(super) fn get_changes(input: &mut Input<'_>, names: &NameTable) -> Result<Changes, StoreError> {
    let mut changes = Changes::new();
    for _ in 0..input.length()? {
        let name = input.name(names)?;
        let change = match input.octet()? {
            SET => AttributeChange::Set(get_values(input)?),
            UPDATE => AttributeChange::Update { add: get_list(input)?, remove: get_list(input)? },
            CLEAR => AttributeChange::Clear,
            _ => return Err(input.corrupt()),
        };
        input.require(changes.insert(name, change).is_none())?;
    }
    Ok(changes)
}

pub(super) fn put_values(out: &mut Output, values: &Values) {
    if let Some(value) = values.single() {
        out.octet(tag(value));
        out.length(octets(value));
        put_value(out, value);
        return;
    }
    let first = values.first().map_or(0, tag);
    let is_uniform = values.iter().all(|v| tag(v) == first);
    let entry = |v: &Value| {
        let length = octets(v);
        count_octets(length) + length + usize::from(!is_uniform)
    };
    out.octet(if is_uniform { first | SEVERAL } else { SEVERAL_TYPES });
    out.length(values.iter().map(entry).sum());
    for value in values {
        if !is_uniform {
            out.octet(tag(value));
        }
        out.length(octets(value));
        put_value(out, value);
    }
}

pub(super) fn get_values(input: &mut Input<'_>) -> Result<Values, StoreError> {
    let form = input.octet()?;
    let payload = input.counted()?;
    if form & SEVERAL == 0 {
        return Ok(Values::one(get_value(input, form, payload)?));
    }
    let mut part = input.part(payload);
    let mut values = Vec::new();
    while !part.is_at_end() {
        let tag = if form == SEVERAL_TYPES { part.octet()? } else { form & !SEVERAL };
        let bytes = part.counted()?;
        values.push(get_value(&part, tag, bytes)?);
    }
    let count = values.len();
    let uniform = values.windows(2).all(|pair| match pair {
        [a, b] => tag(a) == tag(b),
        _ => true,
    });
    input.require(count > 1 && values.is_sorted_by(|a, b| a < b))?;
    input.require(uniform == (form != SEVERAL_TYPES))?;
    let values = Values::from_vec(values).ok_or_else(|| input.corrupt())?;
    // Empty text is no value: it is dropped, and then it was not there when this was written.
    input.require(values.len() == count)?;
    Ok(values)
}

/// Passes over what [`get_values`] would read.
pub(super) fn skip_values(input: &mut Input<'_>) -> Result<(), StoreError> {
    input.octet()?;
    input.counted()?;
    Ok(())
}

/// Values as they come: a list is no canonical set.
fn put_list(out: &mut Output, values: &[Value]) {
    out.length(values.len());
    for value in values {
        out.octet(tag(value));
        out.length(octets(value));
        put_value(out, value);
    }
}

fn get_list(input: &mut Input<'_>) -> Result<Vec<Value>, StoreError> {
    let mut values = Vec::new();
    for _ in 0..input.length()? {
        let tag = input.octet()?;
        let bytes = input.counted()?;
        values.push(get_value(input, tag, bytes)?);
    }
    Ok(values)
}

const fn tag(value: &Value) -> u8 {
    match value.value_type() {
        ValueType::String => 1,
        ValueType::Integer => 2,
        ValueType::Boolean => 3,
        ValueType::Binary => 4,
        ValueType::Reference => 5,
        ValueType::DateTime => 6,
    }
}

fn octets(value: &Value) -> usize {
    match value {
        Value::String(text) | Value::Reference(text) => text.len(),
        Value::Integer(_) | Value::DateTime(_) => 8,
        Value::Boolean(_) => 1,
        Value::Binary(bytes) => bytes.len(),
    }
}

fn put_value(out: &mut Output, value: &Value) {
    match value {
        Value::String(text) | Value::Reference(text) => out.raw(text.as_bytes()),
        Value::Integer(number) => out.number(*number),
        Value::Boolean(truth) => out.octet(u8::from(*truth)),
        Value::Binary(bytes) => out.raw(bytes),
        Value::DateTime(moment) => out.number(moment.0),
    }
}

fn get_value(input: &Input<'_>, tag: u8, bytes: &[u8]) -> Result<Value, StoreError> {
    let text = || std::str::from_utf8(bytes).map_err(|_e| input.corrupt());
    let mut part = input.part(bytes);
    let value = match tag {
        1 => return Ok(Value::string(text()?)),
        4 => return Ok(Value::binary(bytes)),
        5 => return Ok(Value::reference(text()?)),
        2 => Value::Integer(part.number()?),
        3 => Value::Boolean(part.flag()?),
        6 => Value::DateTime(Timestamp(part.number()?)),
        _ => return Err(input.corrupt()),
    };
    part.end()?;
    Ok(value)
}

/// Name ids that must rise strictly.
#[derive(Default)]
pub(super) struct Ascending {
    last: Option<u16>,
}

impl Ascending {
    pub(super) fn next(&mut self, input: &mut Input<'_>) -> Result<u16, StoreError> {
        let id = input.id()?;
        input.require(self.last.is_none_or(|last| id > last))?;
        self.last = Some(id);
        Ok(id)
    }
}
