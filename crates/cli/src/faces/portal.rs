//! The portal: the interface with its pages.

use std::path::Path;
use std::sync::Arc;

use api::{Api, ApiParts, SystemRandom};
use connector::Secrets as _;
use kerberos::Acceptor;
use net::{ServeOptions, SystemClock};
use oidc::assertion::{AssertionKey, AssertionVerifier};
use rules::{ApiConfig, ServerCertificate};

use super::runner::{Ended, SessionRunner};
use super::sign_in::{KeytabAcceptor, SignedAssertions};
use crate::failure::{Failure, chain};
use crate::output::Output;
use crate::secrets::SystemSecrets;
use crate::session::Session;

/// The account that everything begins with, as it was made.
pub(crate) struct FirstAdministrator {
    /// Its name.
    pub(crate) account: String,
    /// Its password, shown this once.
    pub(crate) password: model::Secret,
}

/// The interface of `session`. At the first start, with the administrator that was made.
///
/// # Errors
/// When a key, a secret or the store cannot be had.
pub(crate) async fn build(
    session: &Arc<Session>,
    config: &ApiConfig,
    folder: &Path,
    ended: Ended,
) -> Result<(Api, Option<FirstAdministrator>), Failure> {
    let access = session.access().clone();
    let administrator =
        api::ensure_local_administrator(access.as_ref(), &SystemRandom, &SystemClock);
    let administrator = administrator.await.map_err(|error| Failure::caused(&error))?;
    let api = Api::new(ApiParts {
        engine: session.engine.clone(),
        service: session.service.clone(),
        runner: Arc::new(SessionRunner::new(session.clone(), ended)),
        config: config.clone(),
        portal_name: config.organisation.clone().unwrap_or_else(|| "Proxeny".to_owned()),
        acceptor: acceptor(config, folder)?,
        assertion: assertion(config, session.secrets())?,
        access,
        clock: Arc::new(SystemClock),
        random: Arc::new(SystemRandom),
    });
    let first = |(account, password)| FirstAdministrator { account, password };
    Ok((api, administrator.map(first)))
}

fn acceptor(
    config: &ApiConfig,
    folder: &Path,
) -> Result<Option<Arc<dyn api::NegotiateAcceptor>>, Failure> {
    let Some(kerberos) = &config.kerberos else { return Ok(None) };
    let failed = |error: kerberos::KerberosError| {
        let help = error.help();
        Failure::new(format!("the portal's Kerberos keys: {}", chain(&error)))
            .with_help(help)
            .with_code(error.code())
    };
    let library = kerberos::Library::load().map_err(failed)?;
    let keytab = folder.join(&kerberos.keytab);
    let acceptor = Acceptor::new(library, &keytab, kerberos.service.as_deref()).map_err(failed)?;
    Ok(Some(Arc::new(KeytabAcceptor(Arc::new(acceptor)))))
}

fn assertion(
    config: &ApiConfig,
    secrets: &SystemSecrets,
) -> Result<Option<Arc<dyn api::AssertionVerifier>>, Failure> {
    let Some(assertion) = &config.assertion else { return Ok(None) };
    let secret = secrets.resolve(&assertion.secret).map_err(|error| Failure::caused(&error))?;
    let key = AssertionKey::new(&secret).map_err(|error| Failure::caused(&error))?;
    let verifier = AssertionVerifier::new(vec![key], &assertion.audience);
    Ok(Some(Arc::new(SignedAssertions(verifier))))
}

/// How a listener with this certificate serves.
///
/// # Errors
/// When certificate and key cannot be read or do not belong together.
pub(crate) fn serve_options(
    tls: Option<&ServerCertificate>,
    folder: &Path,
    secrets: &SystemSecrets,
) -> Result<ServeOptions, Failure> {
    let Some(tls) = tls else { return Ok(ServeOptions::default()) };
    let path = folder.join(&tls.certificate);
    let certificate = std::fs::read(&path)
        .map_err(|error| Failure::new(format!("cannot read {}: {error}", path.display())))?;
    let key = secrets.resolve(&tls.key).map_err(|error| Failure::caused(&error))?;
    let config = net::server_tls(&certificate, key.expose().as_bytes()).map_err(|error| {
        Failure::new(format!("the certificate {}: {}", path.display(), chain(&error)))
            .with_help("it must be PEM, with the key that belongs to it")
    })?;
    Ok(ServeOptions { tls: Some(config), ..ServeOptions::default() })
}

/// Tells who may administer, once.
pub(crate) fn announce(administrator: &FirstAdministrator, output: &Output) {
    let FirstAdministrator { account, password } = administrator;
    output.text(&format!(
        "a local administrator was made: {account}, password {}",
        password.expose()
    ));
    output.text("this password is shown once; it is kept nowhere");
}
