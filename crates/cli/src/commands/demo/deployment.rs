//! The demo's configuration: one of the examples, pointed at the demo's servers.

use std::path::Path;

use toml_edit::{DocumentMut, value};

use super::world::World;
use crate::failure::Failure;

/// The tenant's certificate authority in the configuration folder.
pub(super) const TENANT_CA: &str = "tenant-ca.pem";
/// The directory's.
const DIRECTORY_CA: &str = "directory-ca.pem";

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

/// Writes the example into `folder`, with the connectors pointed at `world`.
pub(super) fn write(example: Example, folder: &Path, world: &World) -> Result<(), Failure> {
    let files = match example {
        Example::Recommended => RECOMMENDED,
        Example::Documented => DOCUMENTED,
    };
    std::fs::create_dir(folder.join("connectors"))?;
    std::fs::create_dir(folder.join("rules"))?;
    std::fs::write(folder.join(TENANT_CA), world.tenant.ca_pem())?;
    std::fs::write(folder.join(DIRECTORY_CA), world.directory_ca())?;
    for (name, text) in files {
        let text = match *name {
            "connectors/b2b-graph.toml" => point_graph(text, world)?,
            "connectors/adma.toml" => point_directory(text, world)?,
            _ => (*text).to_owned(),
        };
        std::fs::write(folder.join(name), text)?;
    }
    Ok(())
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
        let servers: toml_edit::Array = [world.directory_url()].into_iter().collect();
        connectivity.insert("servers", value(servers));
        connectivity.insert("ca", value(DIRECTORY_CA));
        if let Some(bind) = connectivity.get_mut("bind").and_then(|b| b.as_inline_table_mut()) {
            bind.insert("user", world.bind_dn().into());
        }
    }
    Ok(document.to_string())
}
