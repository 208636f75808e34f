//! `administrator`: a new password for the portal's local administrator, for when the old one is
//! lost.

use api::SystemRandom;
use net::SystemClock;
use serde_json::json;
use store::CredentialKind;

use crate::args::Config;
use crate::failure::{Exit, Failure};
use crate::output::Output;

/// Runs the command. Whoever can open the store may do this; sessions end with the process that
/// served them, which has the store until then.
pub(super) async fn run(config: &Config, output: &Output) -> Result<Exit, Failure> {
    let session = super::open(config, output).await?;
    let access = session.access();
    for credential in access.credentials(CredentialKind::Password).await? {
        access.delete_credential(credential.id).await?;
    }
    let made = api::ensure_local_administrator(access.as_ref(), &SystemRandom, &SystemClock).await;
    let (account, password) = made
        .map_err(|error| Failure::caused(&error))?
        .ok_or_else(|| Failure::new("another process made an administrator at this moment"))?;
    output.text(&format!("{account}, password {}", password.expose()));
    output.text("this password is shown once; it is kept nowhere");
    output.object(&json!({ "account": account, "password": password.expose() }));
    Ok(Exit::Done)
}
