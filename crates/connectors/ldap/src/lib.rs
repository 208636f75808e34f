//! Active Directory over LDAPS.
