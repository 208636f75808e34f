//! The domain that every domain controller starts as: provisioned once, then copied.
//!
//! A template is kept per recipe and Samba version. Invariant: a template folder with the file
//! `complete` is whole, and no daemon ever ran on it.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::SambaError;
use crate::certificate::{self, CA_FILE, CERTIFICATE_FILE, KEY_FILE};
use crate::tools::{finish, run, samba};

/// The domain's base.
pub(crate) const BASE_DN: &str = "DC=contoso,DC=com";
/// The domain controller's name.
pub(crate) const HOST_NAME: &str = "dc1.contoso.com";
/// Samba's configuration within an instance.
pub(crate) const CONFIGURATION: &str = "etc/smb.conf";
/// The administrator's password, alone in a file.
pub(crate) const ADMIN_PASSWORD: &str = "administrator.password";
/// The service account's password, alone in a file.
pub(crate) const SERVICE_PASSWORD: &str = "service.password";
/// The address the template was provisioned for, replaced in each copy.
pub(crate) const TEMPLATE_ADDRESS: &str = "127.0.0.2/8";

const COMPLETE: &str = "complete";

/// The folder of the template, provisioned now if there is none yet.
pub(crate) fn ensure(cache: &Path) -> Result<PathBuf, SambaError> {
    let version = finish("samba", samba().arg("--version"), "")?;
    // Any change of this file makes a new template.
    let recipe = concat!(include_str!("template.rs"), include_str!("certificate.rs"));
    let hash = xxhash_rust::xxh3::xxh3_64(format!("{version}{recipe}").as_bytes());
    let folder = cache.join(format!("{hash:016x}"));
    fs::create_dir_all(cache).map_err(SambaError::file(cache))?;
    let lock_path = cache.join(format!("{hash:016x}.lock"));
    let lock = File::create(&lock_path).map_err(SambaError::file(&lock_path))?;
    lock.lock().map_err(SambaError::file(&lock_path))?;
    if folder.join(COMPLETE).exists() {
        return Ok(folder);
    }
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(SambaError::file(&folder))?;
    }
    fs::create_dir(&folder).map_err(SambaError::file(&folder))?;
    provision(&folder)?;
    let complete = folder.join(COMPLETE);
    File::create(&complete).map_err(SambaError::file(complete))?;
    Ok(folder)
}

fn provision(folder: &Path) -> Result<(), SambaError> {
    // The passwords lie in it.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
        .map_err(SambaError::file(folder))?;
    certificate::write(folder, HOST_NAME)?;
    let admin_password = write_password(folder, ADMIN_PASSWORD)?;
    let service_password = write_password(folder, SERVICE_PASSWORD)?;
    let here = folder.display();
    let options = [
        format!("interfaces={TEMPLATE_ADDRESS}"),
        "bind interfaces only=yes".to_owned(),
        // Extended attributes are not on every file system.
        "vfs objects=".to_owned(),
        format!("posix:eadb={here}/eadb.tdb"),
        "ldb:nosync=true".to_owned(),
        format!("pid directory={here}/run"),
        format!("ncalrpc dir={here}/ncalrpc"),
        format!("log file={here}/log.%m"),
        format!("tls certfile={here}/{CERTIFICATE_FILE}"),
        format!("tls keyfile={here}/{KEY_FILE}"),
        format!("tls cafile={here}/{CA_FILE}"),
        "server services=ldap, cldap, kdc".to_owned(),
        "dcerpc endpoint servers=".to_owned(),
    ];
    let mut arguments: Vec<String> = ["domain", "provision", "--server-role=dc", "--use-rfc2307"]
        .iter()
        .map(ToString::to_string)
        .collect();
    arguments.extend([
        "--realm=CONTOSO.COM".to_owned(),
        "--domain=CONTOSO".to_owned(),
        "--host-name=dc1".to_owned(),
        "--host-ip=127.0.0.2".to_owned(),
        "--dns-backend=NONE".to_owned(),
        format!("--adminpass={admin_password}"),
        format!("--targetdir={here}"),
    ]);
    arguments.extend(options.iter().map(|option| format!("--option={option}")));
    for name in ["run", "ncalrpc"] {
        let path = folder.join(name);
        fs::create_dir(&path).map_err(SambaError::file(path))?;
    }
    run("samba-tool", &arguments)?;
    let tool = |arguments: &[&str]| tool(folder, arguments);
    // Nobody's password may run out while the template is kept.
    tool(&["domain", "passwordsettings", "set", "--max-pwd-age=0"])?;
    tool(&["ou", "create", &format!("OU=Services,{BASE_DN}")])?;
    tool(&["user", "create", "svc-proxeny", &service_password, "--userou=OU=Services"])?;
    tool(&["user", "setexpiry", "svc-proxeny", "--noexpiry"])?;
    tool(&["group", "addmembers", "Domain Admins", "svc-proxeny"])?;
    Ok(())
}

/// Runs `samba-tool` on the domain in `folder`, whether a daemon serves it or not.
pub(crate) fn tool(folder: &Path, arguments: &[&str]) -> Result<String, SambaError> {
    let configuration = format!("--configfile={}", folder.join(CONFIGURATION).display());
    let all: Vec<&str> = arguments.iter().copied().chain([configuration.as_str()]).collect();
    run("samba-tool", &all)
}

/// A new password that every complexity rule accepts: upper case, lower case and digits.
pub(crate) fn random_password() -> Result<String, SambaError> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(SambaError::Random)?;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!("Pw{hex}"))
}

fn write_password(folder: &Path, name: &str) -> Result<String, SambaError> {
    let password = random_password()?;
    let path = folder.join(name);
    fs::write(&path, &password).map_err(SambaError::file(path))?;
    Ok(password)
}
