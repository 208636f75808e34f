//! Credentials of the interface itself: the passwords of local accounts and automation tokens, both
//! only as hashes.

use async_trait::async_trait;
use model::{Guid, Timestamp};

use crate::StoreError;

/// What a credential proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialKind {
    /// That somebody knows a local account's password.
    Password,
    /// That a program was given a token.
    Token,
}

/// A credential. Nothing in it signs anybody in.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    /// Its identity.
    pub id: Guid,
    /// What it proves.
    pub kind: CredentialKind,
    /// The local account, or what the token is for; unique within a kind, without regard to case.
    pub name: String,
    /// The hash of the secret.
    pub hash: Vec<u8>,
    /// What was mixed into the hash; empty for tokens, which are random throughout.
    pub salt: Vec<u8>,
    /// How often the hash function was applied.
    pub iterations: u32,
    /// Whom it signs in as, if it is a person.
    pub person: Option<Guid>,
    /// What it allows, in the words of the configuration.
    pub roles: Vec<String>,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// When it was last used.
    pub last_used: Option<Timestamp>,
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The interface's part of the store.
///
/// # Errors
/// Every method fails with [`StoreError::Unavailable`] when the database does.
#[async_trait]
pub trait AccessStore: Send + Sync {
    /// Puts a credential, in place of the one with the same id or the same kind and name.
    async fn put_credential(&self, credential: Credential) -> Result<(), StoreError>;

    /// Every credential of a kind, oldest first.
    async fn credentials(&self, kind: CredentialKind) -> Result<Vec<Credential>, StoreError>;

    /// The credential of a kind with this name, without regard to case.
    async fn credential_by_name(
        &self,
        kind: CredentialKind,
        name: &str,
    ) -> Result<Option<Credential>, StoreError>;

    /// The credential of a kind with this hash.
    async fn credential_by_hash(
        &self,
        kind: CredentialKind,
        hash: &[u8],
    ) -> Result<Option<Credential>, StoreError>;

    /// Deletes a credential; true if it was there.
    async fn delete_credential(&self, id: Guid) -> Result<bool, StoreError>;

    /// Notes that a credential was used; one that is gone stays gone.
    async fn touch_credential(&self, id: Guid, at: Timestamp) -> Result<(), StoreError>;
}
