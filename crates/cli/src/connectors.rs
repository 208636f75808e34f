//! The connector types that this binary has.

use connector::Descriptor;

/// Every connector type.
pub const CONNECTORS: &[&Descriptor] =
    &[&connector_graph::DESCRIPTOR, &connector_ldap::DESCRIPTOR, &connector_service::DESCRIPTOR];
