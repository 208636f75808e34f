//! HTTP client and TLS set-up.
