//! Tests of the directory as a whole, without and with the wire.

mod bench;
mod matrix;
mod search;
mod sync;
mod wire;
mod wire_faults;
