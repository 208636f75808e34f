//! The identity service as a connected system.
