//! Identifiers: SIDs and GUIDs.

use model::{Guid, Sid, Value};

use super::Arguments;
use crate::ErrorKind;
use crate::environment::Context;
use crate::operand::{Failure, Operand};

pub(super) fn sid_to_string(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let Some(Value::Binary(bytes)) = arguments.single(0) else {
        return Ok(Operand::Null);
    };
    match Sid::from_bytes(bytes) {
        Ok(sid) => Ok(Operand::text(sid.to_string())),
        Err(error) => Err(Failure::of_argument(0, ErrorKind::Value, error.to_string())),
    }
}

pub(super) fn string_to_guid(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    match Guid::parse(arguments.text(0)) {
        Ok(guid) => Ok(Operand::One(Value::binary(&guid.to_directory()))),
        // The error's own text shows the value.
        Err(_) => {
            let message = "the text is not a GUID of the form 8-4-4-4-12 hexadecimal digits";
            Err(Failure::of_argument(0, ErrorKind::Value, message))
        }
    }
}

pub(super) fn new_guid(
    _arguments: &Arguments,
    context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    let mut bytes = [0_u8; 16];
    for byte in &mut bytes {
        *byte = u8::try_from(context.random.below(256)).unwrap_or_default();
    }
    // RFC 9562 section 5.4: version 4, variant 10.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(Operand::text(Guid::from_bytes(bytes).to_string()))
}
