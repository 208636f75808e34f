//! The files of a deployment as text, and what each one is by its place.

use std::path::PathBuf;

/// One file of a deployment's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path below the folder, with `/` between the parts; diagnostics name it.
    pub path: String,
    /// Its text.
    pub text: String,
}

/// A deployment's folder, read by the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sources {
    /// The folder; relative file names in settings start from it.
    pub folder: PathBuf,
    /// Its files. Those that do not end in `.toml` are ignored.
    pub files: Vec<SourceFile>,
}

impl Sources {
    /// The text of the file at `path`.
    #[must_use]
    pub fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }
}

/// The document of the deployment itself.
pub(crate) const DEPLOYMENT_FILE: &str = "proxeny.toml";
/// The document of the metaverse.
pub(crate) const METAVERSE_FILE: &str = "metaverse.toml";

/// The document of the access gateway; a deployment without one publishes nothing.
pub(crate) const GATEWAY_FILE: &str = "gateway.toml";

/// What a file is by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    Deployment,
    Metaverse,
    Gateway,
    Connector(&'a str),
    Rule,
    /// A document in a place where none belongs.
    Misplaced,
    /// No document.
    Ignored,
}

/// The place of a file.
pub(crate) fn place(path: &str) -> Place<'_> {
    let Some(stem) = path.strip_suffix(".toml") else { return Place::Ignored };
    let name_in = |folder: &str| {
        let name = stem.strip_prefix(folder)?.strip_prefix('/')?;
        (!name.is_empty() && !name.contains('/')).then_some(name)
    };
    match path {
        DEPLOYMENT_FILE => Place::Deployment,
        METAVERSE_FILE => Place::Metaverse,
        GATEWAY_FILE => Place::Gateway,
        _ => match (name_in("connectors"), name_in("rules")) {
            (Some(name), _) => Place::Connector(name),
            (_, Some(_)) => Place::Rule,
            _ => Place::Misplaced,
        },
    }
}

/// Where a connector's document stands.
pub(crate) fn connector_file(name: &str) -> String {
    format!("connectors/{name}.toml")
}

/// Where a rule's document stands, if its file has the rule's name.
pub(crate) fn rule_file(name: &str) -> String {
    format!("rules/{name}.toml")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_what_its_place_says() {
        assert_eq!(place("proxeny.toml"), Place::Deployment);
        assert_eq!(place("metaverse.toml"), Place::Metaverse);
        assert_eq!(place("gateway.toml"), Place::Gateway);
        assert_eq!(place("connectors/ad.toml"), Place::Connector("ad"));
        assert_eq!(place("rules/in.toml"), Place::Rule);
        assert_eq!(place("rules/old/in.toml"), Place::Misplaced);
        assert_eq!(place("connectors/.toml"), Place::Misplaced);
        assert_eq!(place("person.toml"), Place::Misplaced);
        assert_eq!(place("ca.pem"), Place::Ignored);
    }
}
