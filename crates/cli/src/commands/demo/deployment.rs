//! The demo's configuration: one of the examples, pointed at the demo's servers.

use std::net::SocketAddr;
use std::path::Path;

use toml_edit::{Array, DocumentMut, InlineTable, Item, value};

use super::world::World;
use crate::failure::Failure;

/// The tenant's certificate authority in the configuration folder.
pub(super) const TENANT_CA: &str = "tenant-ca.pem";
/// The directory's.
const DIRECTORY_CA: &str = "directory-ca.pem";
/// The gateway's certificate and key.
const GATEWAY_CERTIFICATE: &str = "gateway.pem";
const GATEWAY_KEY: &str = "gateway.key";
/// What portal and gateway share where headers are all there is.
const ASSERTION_SECRET: &str = "PROXENY_ASSERTION_SECRET";

/// Where the portal and its gateway are.
#[derive(Debug, Clone)]
pub(super) struct Places {
    /// Where people find the portal, ending with a slash.
    pub(super) external_url: String,
    /// Where the gateway listens.
    pub(super) gateway: SocketAddr,
    /// Where the portal itself listens.
    pub(super) portal: SocketAddr,
}

/// Which example.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Example {
    /// The one we recommend.
    Recommended,
    /// The documented deployment, to the letter.
    Documented,
}

macro_rules! example {
    ($folder:literal: $($file:literal),+ $(,)?) => {
        &[$(($file, include_str!(concat!("../../../../../examples/", $folder, "/", $file)))),+]
    };
}

const RECOMMENDED: &[(&str, &str)] = example!("b2b":
    "gateway.toml",
    "proxeny.toml",
    "metaverse.toml",
    "connectors/adma.toml",
    "connectors/b2b-graph.toml",
    "connectors/mimma.toml",
    "rules/in-b2b-ad.toml",
    "rules/in-b2b-guest.toml",
    "rules/out-b2b-ad.toml",
);

const DOCUMENTED: &[(&str, &str)] = example!("b2b-documented":
    "proxeny.toml",
    "metaverse.toml",
    "connectors/adma.toml",
    "connectors/b2b-graph.toml",
    "connectors/mimma.toml",
    "rules/in-b2b-ad.toml",
    "rules/in-b2b-guest.toml",
    "rules/out-b2b-ad.toml",
);

/// Writes the example into `folder`, with the connectors pointed at `world`. Without places for
/// them there is neither portal nor gateway.
pub(super) fn write(
    example: Example,
    folder: &Path,
    world: &World,
    places: Option<&Places>,
) -> Result<(), Failure> {
    let files = match example {
        Example::Recommended => RECOMMENDED,
        Example::Documented => DOCUMENTED,
    };
    std::fs::create_dir(folder.join("connectors"))?;
    std::fs::create_dir(folder.join("rules"))?;
    std::fs::write(folder.join(TENANT_CA), world.tenant.ca_pem())?;
    std::fs::write(folder.join(DIRECTORY_CA), world.directory_ca())?;
    if places.is_some() {
        let names = ["localhost", "127.0.0.1", "portal.contoso.com"];
        let pem = world.authority().server_pem(&names).map_err(|e| Failure::caused(&e))?;
        std::fs::write(folder.join(GATEWAY_CERTIFICATE), pem.0)?;
        write_private(&folder.join(GATEWAY_KEY), &pem.1)?;
    }
    for (name, text) in files {
        let text = match (*name, places) {
            ("connectors/b2b-graph.toml", _) => point_graph(text, world)?,
            ("connectors/adma.toml", _) => point_directory(text, world)?,
            ("gateway.toml", None) => continue,
            ("gateway.toml", Some(places)) => point_gateway(text, world, places)?,
            ("proxeny.toml", places) => point_portal(text, world, places)?,
            _ => (*text).to_owned(),
        };
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
}

fn write_private(path: &Path, text: &str) -> Result<(), Failure> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    Ok(std::io::Write::write_all(&mut file, text.as_bytes())?)
}

fn secret(name: &str) -> Item {
    let mut table = InlineTable::new();
    table.insert("env", name.into());
    value(table)
}

/// Sets `key` in the table at `path`, which is made where there is none.
fn set(document: &mut DocumentMut, path: &[&str], key: &str, item: impl Into<Item>) {
    let mut table = document.as_item_mut();
    for name in path {
        table = &mut table[*name];
        if !table.is_table_like() {
            *table = toml_edit::table();
        }
    }
    table[key] = item.into();
}

/// Takes what is at `path` out.
fn remove(document: &mut DocumentMut, path: &[&str]) {
    let Some((last, above)) = path.split_last() else { return };
    let mut item = Some(document.as_item_mut());
    for name in above {
        item = item.and_then(|item| item.get_mut(name));
    }
    if let Some(table) = item.and_then(Item::as_table_like_mut) {
        table.remove(last);
    }
}

/// The gateway between the demo's tenant and its portal: with Kerberos where there is a real
/// directory; with signed headers where a directory is only simulated, and with it no distribution
/// centre.
fn point_gateway(text: &str, world: &World, places: &Places) -> Result<String, Failure> {
    let mut document: DocumentMut = text.parse().map_err(|e| Failure::caused(&e))?;
    let to = &mut document;
    set(to, &[], "listen", value(places.gateway.to_string()));
    let tenant = &world.tenant;
    let issuer = format!("{}/{}/v2.0", tenant.base_url(), tenant.tenant_id());
    set(to, &["provider"], "issuer", value(issuer));
    set(to, &["provider"], "ca", value(TENANT_CA));
    let portal = ["applications", "portal"];
    set(to, &portal, "external_url", value(places.external_url.as_str()));
    set(to, &portal, "internal_url", value(format!("http://{}/", places.portal)));
    if let Some((delegation, address)) = world.delegation() {
        let keytab = delegation.gateway.keytab.display().to_string();
        set(to, &["kerberos"], "principal", value(delegation.gateway.principal.as_str()));
        set(to, &["kerberos"], "keytab", value(keytab));
        let kdcs: Array = [address.to_string()].into_iter().collect();
        set(to, &["kerberos", "realms", testad::REALM], "kdcs", value(kdcs));
    } else {
        remove(to, &["kerberos"]);
        remove(to, &["applications", "portal", "sign_on"]);
        let sign_on = ["applications", "portal", "sign_on"];
        set(to, &sign_on, "mode", value("headers"));
        set(to, &sign_on, "secret", secret(ASSERTION_SECRET));
    }
    Ok(document.to_string())
}

/// The portal behind it.
fn point_portal(text: &str, world: &World, places: Option<&Places>) -> Result<String, Failure> {
    let mut document: DocumentMut = text.parse().map_err(|e| Failure::caused(&e))?;
    let to = &mut document;
    let Some(places) = places else {
        remove(to, &["api"]);
        return Ok(document.to_string());
    };
    let origins: Array = [places.external_url.trim_end_matches('/')].into_iter().collect();
    set(to, &["api"], "listen", value(places.portal.to_string()));
    set(to, &["api"], "origins", value(origins));
    if let Some((delegation, _)) = world.delegation() {
        let keytab = delegation.portal.keytab.display().to_string();
        set(to, &["api", "kerberos"], "keytab", value(keytab));
    } else {
        remove(to, &["api", "kerberos"]);
        set(to, &["api", "assertion"], "secret", secret(ASSERTION_SECRET));
        set(to, &["api", "assertion"], "audience", value("portal"));
    }
    Ok(document.to_string())
}

fn point_graph(text: &str, world: &World) -> Result<String, Failure> {
    let mut document: DocumentMut = text.parse().map_err(|e| Failure::caused(&e))?;
    let url = world.tenant.base_url();
    if let Some(connectivity) = document.get_mut("connectivity").and_then(|c| c.as_table_mut()) {
        connectivity.insert("tenant", value(world.tenant.name()));
        connectivity.insert("authority", value(url));
        connectivity.insert("graph", value(url));
        connectivity.insert("ca", value(TENANT_CA));
    }
    Ok(document.to_string())
}

fn point_directory(text: &str, world: &World) -> Result<String, Failure> {
    let mut document: DocumentMut = text.parse().map_err(|e| Failure::caused(&e))?;
    if let Some(connectivity) = document.get_mut("connectivity").and_then(|c| c.as_table_mut()) {
        let servers: Array = [world.directory_url()].into_iter().collect();
        connectivity.insert("servers", value(servers));
        connectivity.insert("ca", value(DIRECTORY_CA));
        if let Some(bind) = connectivity.get_mut("bind").and_then(|b| b.as_inline_table_mut()) {
            bind.insert("user", world.bind_dn().into());
        }
    }
    Ok(document.to_string())
}
