//! One loopback address per domain controller.
//!
//! LDAP's ports are fixed in Samba, so two domain controllers need two addresses. A lock file per
//! address keeps processes apart; the lock ends with the process that holds it.

use std::fs::{self, File, TryLockError};
use std::io::ErrorKind;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;

use crate::SambaError;

/// The last octets of the pool.
pub(crate) const POOL: std::ops::RangeInclusive<u8> = 2..=40;

/// Ports a domain controller listens on.
const PORTS: [u16; 6] = [636, 389, 88, 464, 3268, 3269];

/// An address reserved until this is dropped.
#[derive(Debug)]
pub(crate) struct Address {
    pub(crate) ip: Ipv4Addr,
    _lock: File,
}

impl Address {
    /// Reserves a free address; `folder` holds the lock files.
    pub(crate) fn take(folder: &Path) -> Result<Self, SambaError> {
        fs::create_dir_all(folder).map_err(SambaError::file(folder))?;
        for octet in POOL {
            let ip = Ipv4Addr::new(127, 0, 0, octet);
            let path = folder.join(format!("{ip}.lock"));
            let lock = File::create(&path).map_err(SambaError::file(&path))?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(source)) => return Err(SambaError::file(path)(source)),
            }
            if ports_are_free(ip)? {
                return Ok(Self { ip, _lock: lock });
            }
        }
        Err(SambaError::NoAddress)
    }
}

fn ports_are_free(ip: Ipv4Addr) -> Result<bool, SambaError> {
    for port in PORTS {
        match TcpListener::bind((ip, port)) {
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(SambaError::Ports(error));
            }
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}
