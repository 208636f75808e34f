//! Kerberos (RFC 4120, RFC 4121, [MS-SFU]) through the system's MIT GSS-API library, loaded when it is
//! first needed.
