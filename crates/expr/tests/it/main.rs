//! The language from outside: a second, naive evaluator that must agree with the real one on
//! random expressions, and what is printed or stored and read again.

// The attribute tells clippy that functions outside tests are part of them.
#[cfg(test)]
mod agreement;
#[cfg(test)]
mod choices;
#[cfg(test)]
mod generate;
#[cfg(test)]
mod naive;
#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod translation;
#[cfg(test)]
mod world;
