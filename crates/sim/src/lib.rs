//! Simulators: an Entra tenant (sign-in and Graph) and a directory (LDAP with Active Directory
//! behaviour), for running the whole system on one machine and for faults no real system gives on
//! demand. They know nothing of connectors: both meet only on the wire.

pub mod directory;
pub mod script;
pub mod tenant;
pub mod tls;
