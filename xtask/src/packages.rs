//! Debian packages that tasks need: installed when the user is root, named when not.

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::process::Command;

use crate::failure::{Failure, output, succeed};

/// A package, and a program of it that shows its presence where there is no dpkg.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    name: &'static str,
    program: Option<&'static str>,
}

const fn package(name: &'static str, program: Option<&'static str>) -> Package {
    Package { name, program }
}

/// A C compiler, for SQLite and ring. Any will do, whatever package it came from.
pub(crate) const COMPILER: [Package; 2] =
    [package("gcc", Some("cc")), package("libc6-dev", Some("cc"))];

/// A C++ compiler, for the fuzzer.
pub(crate) const CXX_COMPILER: [Package; 1] = [package("g++", Some("c++"))];

/// A domain controller, and the LDAP clients that its fixture waits and looks with.
pub(crate) const SAMBA: [Package; 5] = [
    package("samba", Some("samba-tool")),
    package("samba-ad-dc", Some("samba")),
    package("samba-ad-provision", None),
    package("samba-dsdb-modules", None),
    package("ldap-utils", Some("ldapsearch")),
];

/// Kerberos, which the program loads when it needs it.
pub(crate) const KERBEROS: [Package; 1] = [package("libgssapi-krb5-2", None)];

/// What shows tests a wrong clock.
pub(crate) const CLOCK: [Package; 1] = [package("faketime", Some("faketime"))];

/// The browser that tests drive, with a font for what it shows.
pub(crate) const BROWSER: [Package; 2] =
    [package("chromium", Some("chromium")), package("fonts-dejavu-core", None)];

/// What builds the portal's pages, where nothing else brought it.
pub(crate) const NODE: [Package; 2] =
    [package("nodejs", Some("node")), package("npm", Some("npm"))];

/// Sees to it that the packages are there.
pub(crate) fn ensure(needed: &[Package]) -> Result<(), Failure> {
    let has_dpkg = has_program("dpkg-query");
    let missing: BTreeSet<&str> = needed
        .iter()
        .filter(|package| !is_present(package, has_dpkg))
        .map(|package| package.name)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.into_iter().collect();
    if !has_program("apt-get") {
        return Err(Failure::new(format!(
            "missing; please install what your system calls these Debian packages: {}",
            names.join(" ")
        )));
    }
    if output(Command::new("id").arg("-u"))?.trim() != "0" {
        return Err(Failure::new(format!(
            "packages are missing; please install them:\n  \
             sudo apt-get install --no-install-recommends {}",
            names.join(" ")
        )));
    }
    install(&names)
}

/// Programs that may come from anywhere, not only from a package.
const FROM_ANYWHERE: [&str; 3] = ["cc", "node", "npm"];

/// By dpkg where there is one, save what may come from anywhere.
fn is_present(package: &Package, has_dpkg: bool) -> bool {
    match package.program {
        Some(program) if FROM_ANYWHERE.contains(&program) || !has_dpkg => has_program(program),
        None if !has_dpkg => true,
        _ => {
            let mut query = Command::new("dpkg-query");
            let status = output(query.args(["-W", "-f", "${Status}", package.name]));
            status.is_ok_and(|status| status == "install ok installed")
        }
    }
}

fn install(names: &[&str]) -> Result<(), Failure> {
    // Debian starts the services it installs, and a machine that only runs tests wants none.
    let _no_services = NoServices::declare();
    let mut apt = Command::new("apt-get");
    succeed(apt.arg("update").env("DEBIAN_FRONTEND", "noninteractive"))?;
    let mut apt = Command::new("apt-get");
    apt.args(["install", "--yes", "--no-install-recommends"]).args(names);
    succeed(apt.env("DEBIAN_FRONTEND", "noninteractive"))
}

/// While it lives, packages do not start services, unless the machine has a policy of its own.
struct NoServices {
    created: bool,
}

const SERVICE_POLICY: &str = "/usr/sbin/policy-rc.d";

impl NoServices {
    fn declare() -> Self {
        let file = OpenOptions::new().write(true).create_new(true).mode(0o755).open(SERVICE_POLICY);
        let written = file.and_then(|mut file| file.write_all(b"#!/bin/sh\nexit 101\n"));
        Self { created: written.is_ok() }
    }
}

impl Drop for NoServices {
    fn drop(&mut self) {
        if self.created {
            let _gone = fs::remove_file(SERVICE_POLICY);
        }
    }
}

fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).collect::<Vec<_>>();
    let system = ["/usr/sbin", "/sbin"].map(Path::new);
    let mut all = folders.iter().map(AsRef::as_ref).chain(system);
    all.any(|folder: &Path| folder.join(name).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not() {
        assert!(has_program("cargo"));
        assert!(!has_program("a-program-that-nobody-has"));
        assert!(ensure(&[package("gcc", Some("cc"))]).is_ok());
        assert!(!is_present(&package("x", Some("a-program-that-nobody-has")), false));
    }
}
