//! A relying party of OpenID Connect.
