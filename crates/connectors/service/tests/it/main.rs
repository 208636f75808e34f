//! The connector on a store in memory.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod export;
#[cfg(test)]
mod import;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod support;
