//! A running domain controller and what tests do with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use model::Secret;
use tempfile::TempDir;

use crate::SambaError;
use crate::address::Address;
use crate::certificate::CA_FILE;
use crate::process::Daemon;
use crate::template::{
    self, ADMIN_PASSWORD, BASE_DN, CONFIGURATION, HOST_NAME, SERVICE_PASSWORD, TEMPLATE_ADDRESS,
};
use crate::tools::{finish, run};

/// Where templates and instances lie.
#[derive(Debug, Clone)]
pub struct SambaOptions {
    /// Keeps the provisioned domain for the next start.
    pub template_cache: PathBuf,
    /// Holds the files of running domain controllers; fast memory is best.
    pub instances: PathBuf,
}

impl Default for SambaOptions {
    /// Templates under the workspace's `target` folder if there is one, instances in `/dev/shm`
    /// if there is one, otherwise the system's temporary folder.
    fn default() -> Self {
        let temporary = std::env::temp_dir();
        let target = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target"));
        let memory = Path::new("/dev/shm");
        let target = target.canonicalize().unwrap_or_else(|_no_workspace| temporary.clone());
        Self {
            template_cache: target.join("testad"),
            instances: if memory.is_dir() { memory.to_owned() } else { temporary },
        }
    }
}

/// An account that may bind.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its DN.
    pub dn: String,
    /// Its password, drawn when the domain was provisioned.
    pub password: Secret,
}

/// Rules for passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    /// Fewest characters; 0 allows none.
    pub min_length: u8,
    /// Three kinds of characters are needed.
    pub is_complex: bool,
}

/// A Samba AD domain controller of the domain `contoso.com`. Dropping it stops it.
#[derive(Debug)]
pub struct SambaDc {
    // Dropped in this order: the daemon before its files, the address last.
    daemon: Option<Daemon>,
    folder: TempDir,
    address: Address,
    ca_pem: String,
    admin: Account,
    service: Account,
}

impl SambaDc {
    /// Starts a domain controller with the default options. The first start provisions the domain
    /// (some 10 seconds), later ones copy it (under a second).
    ///
    /// # Errors
    /// [`SambaError`]; [`SambaError::NotInstalled`] names the packages to install.
    pub fn start() -> Result<Self, SambaError> {
        Self::start_with(&SambaOptions::default())
    }

    /// Starts a domain controller.
    ///
    /// # Errors
    /// As [`SambaDc::start`].
    pub fn start_with(options: &SambaOptions) -> Result<Self, SambaError> {
        let template = template::ensure(&options.template_cache)?;
        let address = Address::take(&std::env::temp_dir().join("proxeny-testad-addresses"))?;
        let folder = instance_folder(&options.instances, &address)?;
        copy(&template, folder.path(), &address)?;
        let admin = account(folder.path(), "CN=Administrator,CN=Users", ADMIN_PASSWORD)?;
        let service = account(folder.path(), "CN=svc-proxeny,OU=Services", SERVICE_PASSWORD)?;
        let ca_pem = read(folder.path(), CA_FILE)?;
        let mut dc = Self { daemon: None, folder, address, ca_pem, admin, service };
        dc.resume()?;
        Ok(dc)
    }

    /// Stops serving LDAP and Kerberos; files and address are kept.
    pub fn stop(&mut self) {
        self.daemon = None;
    }

    /// Serves again after [`SambaDc::stop`].
    ///
    /// # Errors
    /// [`SambaError::NotReady`] when it does not come up.
    pub fn resume(&mut self) -> Result<(), SambaError> {
        self.stop();
        let mut daemon = Daemon::start(self.folder.path())?;
        let mut bind = self.bind_command();
        daemon.wait_ready(self.address.ip, || finish("ldapsearch", &mut bind, "").map(drop))?;
        self.daemon = Some(daemon);
        Ok(())
    }

    /// Where it listens, for example `ldaps://127.0.0.2`. Its certificate is valid for this
    /// address, `dc1.contoso.com` and `localhost`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("ldaps://{}", self.address.ip)
    }

    /// The loopback address it listens on.
    #[must_use]
    pub const fn address(&self) -> std::net::Ipv4Addr {
        self.address.ip
    }

    /// The name it has in its domain, which does not resolve.
    #[must_use]
    pub const fn host_name(&self) -> &'static str {
        HOST_NAME
    }

    /// The certificate authority to trust, in PEM.
    #[must_use]
    pub fn ca_pem(&self) -> &str {
        &self.ca_pem
    }

    /// The file that holds [`SambaDc::ca_pem`], for as long as the domain controller runs.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.folder.path().join(CA_FILE)
    }

    /// DN of the domain.
    #[must_use]
    pub const fn base_dn(&self) -> &'static str {
        BASE_DN
    }

    /// The administrator.
    #[must_use]
    pub const fn admin(&self) -> &Account {
        &self.admin
    }

    /// The service account `CN=svc-proxeny,OU=Services,DC=contoso,DC=com`, a domain administrator.
    #[must_use]
    pub const fn service(&self) -> &Account {
        &self.service
    }

    /// Creates an organizational unit; its parent must exist.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the directory refuses.
    pub fn create_ou(&self, dn: &str) -> Result<(), SambaError> {
        self.ldapmodify(&format!("dn: {dn}\nchangetype: add\nobjectClass: organizationalUnit\n"))
    }

    /// Sets the domain's rules for passwords.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the tool refuses.
    pub fn set_password_policy(&self, policy: PasswordPolicy) -> Result<(), SambaError> {
        let length = format!("--min-pwd-length={}", policy.min_length);
        let complexity = if policy.is_complex { "--complexity=on" } else { "--complexity=off" };
        self.samba_tool(&["domain", "passwordsettings", "set", &length, complexity]).map(drop)
    }

    /// Searches below `base` as the administrator with `ldapsearch` and returns LDIF without
    /// comments and without line wrapping.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the directory refuses.
    pub fn ldapsearch(
        &self,
        base: &str,
        filter: &str,
        attributes: &[&str],
    ) -> Result<String, SambaError> {
        let mut command = self.ldap_command("ldapsearch");
        command.args(["-LLL", "-o", "ldif-wrap=no", "-E", "!domainScope", "-b", base, filter]);
        finish("ldapsearch", command.args(attributes), "")
    }

    /// Carries out change records (LDIF with `changetype`) as the administrator with
    /// `ldapmodify`.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the directory refuses one; those before it are done.
    pub fn ldapmodify(&self, ldif: &str) -> Result<(), SambaError> {
        finish("ldapmodify", &mut self.ldap_command("ldapmodify"), ldif).map(drop)
    }

    /// Runs `samba-tool` on this domain and returns what it wrote.
    ///
    /// # Errors
    /// [`SambaError::Failed`] when the tool refuses.
    pub fn samba_tool(&self, arguments: &[&str]) -> Result<String, SambaError> {
        template::tool(self.folder.path(), arguments)
    }

    /// Its files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn bind_command(&self) -> Command {
        let dn = &self.service.dn;
        let mut bind = ldap_command("ldapsearch", self.folder.path(), &self.url(), dn);
        bind.args(["-b", "", "-s", "base", "1.1"]);
        bind
    }

    fn ldap_command(&self, program: &str) -> Command {
        ldap_command(program, self.folder.path(), &self.url(), &self.admin.dn)
    }
}

/// An LDAP tool that binds as `dn` to the domain controller with these files and address.
fn ldap_command(program: &str, folder: &Path, url: &str, dn: &str) -> Command {
    let is_admin = dn.starts_with("CN=Administrator,");
    let password = folder.join(if is_admin { ADMIN_PASSWORD } else { SERVICE_PASSWORD });
    let mut command = Command::new(program);
    command.args(["-x", "-H", url, "-D", dn, "-y"]).arg(password);
    command.env("LDAPTLS_CACERT", folder.join(CA_FILE)).env("LDAPTLS_REQCERT", "demand");
    // With it the tools would not look at the two above.
    command.env_remove("LDAPNOINIT");
    command
}

/// A new folder for a domain controller on `address`. Folders left there by a process that was
/// killed are removed: nobody else holds the address.
fn instance_folder(instances: &Path, address: &Address) -> Result<TempDir, SambaError> {
    let prefix = format!("proxeny-testad-{}-", address.ip);
    for entry in fs::read_dir(instances).map_err(SambaError::file(instances))?.flatten() {
        if entry.file_name().to_string_lossy().starts_with(&prefix) {
            fs::remove_dir_all(entry.path()).map_err(SambaError::file(entry.path()))?;
        }
    }
    let new = tempfile::Builder::new().prefix(&prefix).tempdir_in(instances);
    new.map_err(SambaError::file(instances))
}

fn read(folder: &Path, name: &str) -> Result<String, SambaError> {
    let path = folder.join(name);
    fs::read_to_string(&path).map_err(SambaError::file(path))
}

fn account(folder: &Path, dn: &str, password_file: &str) -> Result<Account, SambaError> {
    let password = Secret::new(read(folder, password_file)?);
    Ok(Account { dn: format!("{dn},{BASE_DN}"), password })
}

/// Copies the template and makes the copy's configuration name its own folder and address.
fn copy(template: &Path, folder: &Path, address: &Address) -> Result<(), SambaError> {
    run("cp", &[Path::new("-a"), &template.join("."), folder])?;
    let path = folder.join(CONFIGURATION);
    let text = fs::read_to_string(&path).map_err(SambaError::file(&path))?;
    let text = text
        .replace(&*template.to_string_lossy(), &folder.to_string_lossy())
        .replace(TEMPLATE_ADDRESS, &format!("{}/8", address.ip));
    fs::write(&path, text).map_err(SambaError::file(path))
}
