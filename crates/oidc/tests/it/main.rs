//! The integration tests of `oidc`: a relying party, a browser driven by hand, and the simulated
//! tenant, over TLS.

#[cfg(test)]
mod desk;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod logs;
#[cfg(test)]
mod people;
