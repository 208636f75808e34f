//! The SQLite store from outside: the contract of all stores, and what is its own.

// The attribute tells clippy that functions outside tests are part of them.
#[cfg(test)]
mod contract;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod file;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod resources;
#[cfg(test)]
mod schema;
