//! The identity service: resources and their change log.
