//! Checks of credentials.

use model::Guid;

use super::samples::at;
use crate::{Credential, CredentialKind, Store, StoreError};

fn credential(id: u8, kind: CredentialKind, name: &str) -> Credential {
    Credential {
        id: Guid::from_bytes([id; 16]),
        kind,
        name: name.to_owned(),
        hash: vec![id; 32],
        salt: vec![id, 0],
        iterations: u32::from(id),
        person: (id == 1).then_some(Guid::from_bytes([9; 16])),
        roles: ["operator", "auditor"].map(str::to_owned).into_iter().take(id.into()).collect(),
        created: at(i64::from(id)),
        expires: (id == 2).then_some(at(100)),
        last_used: None,
    }
}

/// Everything of a credential is kept, and it is found by kind, name and hash.
pub async fn credentials_are_kept_and_found(store: &dyn Store) -> Result<(), StoreError> {
    let (password, token) = (CredentialKind::Password, CredentialKind::Token);
    let (a, b, c) = (
        credential(1, password, "Admin"),
        credential(2, token, "ci"),
        credential(3, token, "admin"),
    );
    for one in [&c, &b, &a] {
        store.put_credential(one.clone()).await?;
    }
    assert_eq!(store.credentials(password).await?, std::slice::from_ref(&a));
    assert_eq!(store.credentials(token).await?, [b.clone(), c.clone()]);
    assert_eq!(store.credential_by_name(password, "ADMIN").await?, Some(a));
    assert_eq!(store.credential_by_name(token, "CI").await?, Some(b));
    assert_eq!(store.credential_by_name(password, "ci").await?, None);
    assert_eq!(store.credential_by_hash(token, &[3; 32]).await?, Some(c));
    assert_eq!(store.credential_by_hash(password, &[3; 32]).await?, None);
    Ok(())
}

/// A name belongs to one credential of a kind; use and deletion are noted.
pub async fn credentials_are_replaced_touched_and_deleted(
    store: &dyn Store,
) -> Result<(), StoreError> {
    let kind = CredentialKind::Token;
    store.put_credential(credential(1, kind, "ci")).await?;
    let newer = credential(2, kind, "CI");
    store.put_credential(newer.clone()).await?;
    assert_eq!(store.credentials(kind).await?, std::slice::from_ref(&newer));
    store.touch_credential(newer.id, at(50)).await?;
    store.touch_credential(Guid::from_bytes([1; 16]), at(50)).await?;
    let used = Credential { last_used: Some(at(50)), ..newer };
    assert_eq!(store.credentials(kind).await?, std::slice::from_ref(&used));
    assert!(store.delete_credential(used.id).await?);
    assert!(!store.delete_credential(used.id).await?);
    assert!(store.credentials(kind).await?.is_empty());
    Ok(())
}
