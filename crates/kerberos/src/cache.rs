//! Ticket caches in memory.
//!
//! MIT keeps a memory cache under its name until it is destroyed, which only libkrb5 can do.

#![expect(unsafe_code, reason = "calling a C library")]

use std::ffi::{CStr, CString};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::ffi::Functions;

/// Numbers the caches of the process, which share one space of names.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// An empty cache at first, destroyed on drop. Credentials that use it must not outlive it.
#[derive(Debug)]
pub(crate) struct Cache {
    functions: &'static Functions,
    name: CString,
}

impl Cache {
    pub(crate) fn new(functions: &'static Functions) -> Self {
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = CString::new(format!("MEMORY:proxeny-{number}")).unwrap_or_default();
        Self { functions, name }
    }

    /// Its name for the credential store.
    pub(crate) fn name(&self) -> &CString {
        &self.name
    }
}

impl Drop for Cache {
    fn drop(&mut self) {
        destroy(self.functions, &self.name);
    }
}

/// Destroys the cache of this name. What fails here has nothing to destroy.
fn destroy(functions: &Functions, name: &CStr) {
    let mut context = null_mut();
    // SAFETY: the place is a live local; the library sets it when it returns 0.
    if unsafe { (functions.init_context)(&mut context) } != 0 {
        return;
    }
    let mut cache = null_mut();
    // SAFETY: the context is live, the name a C string, the place a live local.
    if unsafe { (functions.resolve_cache)(context, name.as_ptr(), &mut cache) } == 0 {
        // SAFETY: context and cache are live; the cache's handle is gone afterwards.
        unsafe { (functions.destroy_cache)(context, cache) };
    }
    // SAFETY: the context is live and not used afterwards.
    unsafe { (functions.free_context)(context) };
}
