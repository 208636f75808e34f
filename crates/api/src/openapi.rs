//! The interface's own description (OpenAPI 3.1), made from the annotated handlers.

use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder};

/// What the description says before any route is in it.
pub(crate) fn skeleton() -> OpenApi {
    let license = LicenseBuilder::new().name("Apache-2.0").identifier(Some("Apache-2.0")).build();
    let description = "People, synchronization and runs of one deployment. Problems are \
        application/problem+json with a stable code. Lists are pages: `next` is what `after` takes \
        for the next one, and a page may be shorter than asked for while there is more.";
    let info = InfoBuilder::new()
        .title("Proxeny")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(description))
        .license(Some(license))
        .build();
    let mut document = OpenApiBuilder::new().info(info).build();
    let mut components = document.components.take().unwrap_or_default();
    let cookie = ApiKeyValue::with_description(
        "__Host-proxeny",
        "the session of a browser; `proxeny` on a loopback address without TLS",
    );
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("an automation token"))
        .build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    document.components = Some(components);
    document
}

/// The whole description as JSON, the same at every build.
#[must_use]
pub fn document_text() -> String {
    let document = crate::router::routes().into_openapi();
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}
