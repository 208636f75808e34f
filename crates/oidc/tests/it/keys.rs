//! The tenant changes its keys while people sign in.

use oidc::OidcError;

use crate::desk::{PORTAL, desk};

#[tokio::test]
async fn a_new_key_is_fetched_once_and_at_most_once_in_five_minutes() {
    let mut desk = desk().await;
    let provider = desk.application(PORTAL);
    desk.sign_in_with(&provider).await.unwrap();
    assert_eq!(desk.keys_count(), 1);
    desk.tenant.rotate_keys().await.unwrap();
    desk.sign_in_with(&provider).await.unwrap();
    desk.sign_in_with(&provider).await.unwrap();
    assert_eq!(desk.keys_count(), 2, "for the first token with the new key");

    desk.tenant.rotate_keys().await.unwrap();
    for _ in 0..3 {
        assert_eq!(desk.sign_in_with(&provider).await.unwrap_err(), OidcError::UnknownKey);
    }
    assert_eq!(desk.keys_count(), 2);
    desk.clock.advance(300);
    desk.sign_in_with(&provider).await.unwrap();
    assert_eq!(desk.keys_count(), 3);
}

#[tokio::test]
async fn an_old_token_is_refused_for_its_nonce_and_later_for_its_key() {
    let mut desk = desk().await;
    let provider = desk.application(PORTAL);
    let old = desk.sign_in_with(&provider).await.unwrap();
    desk.wire.swap_next(&old.id_token);
    assert_eq!(desk.sign_in_with(&provider).await.unwrap_err(), OidcError::WrongNonce);

    desk.tenant.rotate_keys().await.unwrap();
    desk.sign_in_with(&provider).await.unwrap();
    desk.clock.advance(300);
    desk.tenant.rotate_keys().await.unwrap();
    desk.sign_in_with(&provider).await.unwrap();
    desk.wire.swap_next(&old.id_token);
    let error = desk.sign_in_with(&provider).await.unwrap_err();
    assert_eq!(error, OidcError::UnknownKey, "the tenant has forgotten the key");
}
