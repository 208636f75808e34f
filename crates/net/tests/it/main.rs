//! The integration tests of `net`.

#[cfg(test)]
mod certificates;
#[cfg(test)]
mod serving;
