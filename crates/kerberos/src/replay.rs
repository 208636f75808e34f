//! Where MIT remembers which authenticators it has seen: a file that has no name and lies in
//! memory.
//!
//! MIT's own file in `/var/tmp` is shared by all processes of a user, outlives them and is
//! written to disk. A replay cache of type `file2` takes any path, and this one's leads to an
//! open file of the process.

#![cfg_attr(target_os = "linux", expect(unsafe_code, reason = "std makes no file in memory"))]

use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd as _, OwnedFd};

/// The file. Its contents grow with the tokens of the last five minutes, twenty octets each.
#[derive(Debug)]
pub(crate) struct ReplayMemory {
    #[cfg(target_os = "linux")]
    file: OwnedFd,
}

#[cfg(target_os = "linux")]
impl ReplayMemory {
    /// A new, empty one.
    pub(crate) fn new() -> io::Result<Self> {
        use std::ffi::{c_char, c_int, c_uint};
        use std::os::fd::FromRawFd as _;

        /// `MFD_CLOEXEC`: programs that this one starts have no business with it.
        const CLOSE_ON_EXEC: c_uint = 1;
        unsafe extern "C" {
            /// memfd_create(2), in glibc since 2.27 and in musl.
            fn memfd_create(name: *const c_char, flags: c_uint) -> c_int;
        }
        // SAFETY: the name is a constant C string, which the kernel copies.
        let descriptor = unsafe { memfd_create(c"replays".as_ptr(), CLOSE_ON_EXEC) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so the descriptor is open and nobody else's.
        let file = unsafe { OwnedFd::from_raw_fd(descriptor) };
        Ok(Self { file })
    }

    /// How the credential store names it.
    pub(crate) fn store_value(&self) -> String {
        format!("file2:/proc/self/fd/{}", self.file.as_raw_fd())
    }
}

#[cfg(not(target_os = "linux"))]
impl ReplayMemory {
    /// MIT's own file.
    #[expect(clippy::unnecessary_wraps, reason = "as where a file is made")]
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    /// How the credential store names it.
    #[expect(clippy::unused_self, reason = "as where a file is made")]
    pub(crate) fn store_value(&self) -> String {
        "dfl:".to_owned()
    }
}
