//! The connector against a real Samba domain controller and a simulated one.

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod export;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod import;
#[cfg(test)]
mod lookup;
#[cfg(test)]
mod signin;
#[cfg(test)]
mod support;
