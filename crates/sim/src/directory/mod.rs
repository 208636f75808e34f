//! A simulated directory: LDAP over TLS with the behaviour of Active Directory.
