//! What the sign-in service says about itself: OpenID configuration, keys, instance discovery.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, State as Shared};
use axum::response::Json;
use serde_json::{Value, json};

use super::answer::SignInError;
use super::intake::Call;
use super::world::World;

pub(super) async fn openid_configuration(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, SignInError> {
    check_tenant(&world, &tenant)?;
    let Call { origin, .. } = call;
    let tenant = format!("{origin}/{}", world.tenant_id);
    let host = origin.trim_start_matches("https://");
    Ok(Json(json!({
        "issuer": format!("{tenant}/v2.0"),
        "authorization_endpoint": format!("{tenant}/oauth2/v2.0/authorize"),
        "token_endpoint": format!("{tenant}/oauth2/v2.0/token"),
        "jwks_uri": format!("{tenant}/discovery/v2.0/keys"),
        "end_session_endpoint": format!("{tenant}/oauth2/v2.0/logout"),
        "userinfo_endpoint": format!("{origin}/oidc/userinfo"),
        "token_endpoint_auth_methods_supported":
            ["client_secret_post", "private_key_jwt", "client_secret_basic"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nbf", "acct", "email", "idp", "name", "nonce",
            "oid", "preferred_username", "sid", "tid", "ver",
        ],
        "request_uri_parameter_supported": false,
        "http_logout_supported": true,
        "frontchannel_logout_supported": true,
        "tenant_region_scope": "EU",
        "cloud_instance_name": host,
        "cloud_graph_host_name": host,
        "msgraph_host": host,
    })))
}

pub(super) async fn keys(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
    Path(tenant): Path<String>,
) -> Result<Json<Value>, SignInError> {
    check_tenant(&world, &tenant)?;
    let issuer = format!("{}/{}/v2.0", call.origin, world.tenant_id);
    Ok(Json(world.keys().as_jwks(&call.origin, &issuer)))
}

pub(super) async fn instance(
    Shared(world): Shared<Arc<World>>,
    Extension(call): Extension<Call>,
) -> Json<Value> {
    let Call { origin, .. } = call;
    let host = origin.trim_start_matches("https://");
    let endpoint = format!("{origin}/{}/v2.0/.well-known/openid-configuration", world.tenant_id);
    Json(json!({
        "tenant_discovery_endpoint": endpoint,
        "api-version": "1.1",
        "metadata": [{ "preferred_network": host, "preferred_cache": host, "aliases": [host] }],
    }))
}

pub(super) fn check_tenant(world: &World, tenant: &str) -> Result<(), SignInError> {
    if world.is_tenant(tenant) {
        return Ok(());
    }
    let text = format!("Tenant '{tenant}' not found.");
    Err(SignInError::new("invalid_request", 90_002, text))
}
