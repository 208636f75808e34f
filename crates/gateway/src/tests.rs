//! What unit tests share.

use std::collections::BTreeMap;
use std::path::Path;

use rules::{ApplicationConfig, Assignment, BackendTimeouts, FindBy, SignOn, Translate};

use crate::application::{Application, Surroundings};

/// An application without sign-on, everything translated.
pub(crate) fn application(name: &str, external: &str, internal: &str) -> Application {
    let config = ApplicationConfig {
        name: name.to_owned(),
        external_url: external.to_owned(),
        internal_url: internal.to_owned(),
        ca: None,
        find_by: FindBy::ObjectId,
        sign_on: SignOn::None,
        assigned: Assignment::Everybody,
        translate: Translate { headers: true, bodies: true },
        timeouts: BackendTimeouts::default(),
        body_octets_max: None,
        maintenance: None,
    };
    let secrets = BTreeMap::new();
    let around = Surroundings { folder: Path::new("."), secrets: &secrets, has_tickets: false };
    Application::read(&config, &around).unwrap()
}
