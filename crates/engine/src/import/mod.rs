//! Import: stages what a connector reads, confirms exports, and finds what is missing.

mod gather;
mod missing;
mod read;
mod stage;

pub(crate) use read::run;
