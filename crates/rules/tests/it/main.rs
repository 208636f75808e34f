//! The check of whole configurations, seen from outside: what an administrator would be told.

#[cfg(test)]
mod api;
#[cfg(test)]
mod compile;
#[cfg(test)]
mod dependencies;
mod documents;
#[cfg(test)]
mod fixture;
#[cfg(test)]
mod gateway;
#[cfg(test)]
mod mutations;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod references;
#[cfg(test)]
mod rule_checks;
mod run_profiles;
#[cfg(test)]
mod scenarios;
#[cfg(test)]
mod stub;
