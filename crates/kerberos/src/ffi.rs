//! The C interface of MIT's GSS-API library (RFC 2744 and MIT's `gssapi_ext.h`): layouts,
//! constants, signatures, and the table of functions looked up at run time.
//!
//! Invariant: a [`Functions`] lives in a static and its library is never unloaded, so the
//! addresses stay valid for the life of the process.

#![expect(unsafe_code, reason = "looking functions up in a C library")]

use std::ffi::{c_char, c_int, c_void};
use std::sync::{Mutex, OnceLock, PoisonError};

use crate::{KerberosError, Kind, Stage};

/// What the dynamic linker looks for: the version of the interface is part of the name.
const LIBRARY: &str = "libgssapi_krb5.so.2";

/// `gss_buffer_desc`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct BufferDesc {
    pub(crate) length: usize,
    pub(crate) value: *mut c_void,
}

impl BufferDesc {
    /// `GSS_C_EMPTY_BUFFER`.
    pub(crate) const EMPTY: Self = Self { length: 0, value: std::ptr::null_mut() };

    /// A buffer for input; the library only reads it, and only during the call.
    pub(crate) const fn of(bytes: &[u8]) -> Self {
        Self { length: bytes.len(), value: bytes.as_ptr().cast_mut().cast() }
    }
}

/// `gss_OID_desc`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Oid {
    length: u32,
    elements: *const c_void,
}

// SAFETY: every value is made by `Oid::of` and points to constant octets.
unsafe impl Sync for Oid {}

impl Oid {
    const fn of(der: &'static [u8]) -> Self {
        // Object identifiers are a dozen octets.
        #[expect(clippy::cast_possible_truncation, reason = "`const fn` has no `try_from`")]
        let length = der.len() as u32;
        Self { length, elements: der.as_ptr().cast() }
    }
}

/// `gss_OID_set_desc`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct OidSet {
    count: usize,
    elements: *const Oid,
}

// SAFETY: the only value points to a static array.
unsafe impl Sync for OidSet {}

/// Kerberos 5, 1.2.840.113554.1.2.2 (RFC 4121 section 1).
pub(crate) static KRB5: Oid = Oid::of(b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02");
/// SPNEGO, 1.3.6.1.5.5.2 (RFC 4178 section 3).
pub(crate) static SPNEGO: Oid = Oid::of(b"\x2b\x06\x01\x05\x05\x02");
/// `GSS_KRB5_NT_PRINCIPAL_NAME`, 1.2.840.113554.1.2.2.1 (RFC 1964 section 2.1.1).
pub(crate) static PRINCIPAL_NAME: Oid = Oid::of(b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x01");
/// `GSS_KRB5_NT_ENTERPRISE_NAME`, 1.2.840.113554.1.2.2.6 (MIT; the name type of RFC 6806
/// section 5).
pub(crate) static ENTERPRISE_NAME: Oid = Oid::of(b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02\x06");

static MECHANISM_LIST: [Oid; 2] =
    [Oid::of(b"\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"), Oid::of(b"\x2b\x06\x01\x05\x05\x02")];
/// Both mechanisms.
pub(crate) static MECHANISMS: OidSet = OidSet { count: 2, elements: &raw const MECHANISM_LIST[0] };

/// `gss_channel_bindings_struct`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct ChannelBindings {
    pub(crate) initiator_address_type: u32,
    pub(crate) initiator_address: BufferDesc,
    pub(crate) acceptor_address_type: u32,
    pub(crate) acceptor_address: BufferDesc,
    pub(crate) application_data: BufferDesc,
}

/// `gss_key_value_element_desc`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct KeyValue {
    pub(crate) key: *const c_char,
    pub(crate) value: *const c_char,
}

/// `gss_key_value_set_desc`.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct KeyValueSet {
    pub(crate) count: u32,
    pub(crate) elements: *const KeyValue,
}

/// What `gss_name_t` points to.
pub(crate) enum RawName {}
/// What `gss_cred_id_t` points to.
pub(crate) enum RawCredential {}
/// What `gss_ctx_id_t` points to.
pub(crate) enum RawContext {}

/// What `krb5_context` points to.
pub(crate) enum RawKrb5 {}
/// What `krb5_ccache` points to.
pub(crate) enum RawCache {}

/// `GSS_C_INITIATE`.
pub(crate) const INITIATE: c_int = 1;
/// `GSS_C_ACCEPT`.
pub(crate) const ACCEPT: c_int = 2;
/// `GSS_C_GSS_CODE`.
pub(crate) const GSS_CODE: c_int = 1;
/// `GSS_C_MECH_CODE`.
pub(crate) const MECHANISM_CODE: c_int = 2;
/// `GSS_S_CONTINUE_NEEDED`.
pub(crate) const CONTINUE_NEEDED: u32 = 1;
/// `GSS_C_CHANNEL_BOUND_FLAG` (MIT 1.19).
pub(crate) const CHANNEL_BOUND: u32 = 2048;

type ImportName =
    unsafe extern "C" fn(*mut u32, *const BufferDesc, *const Oid, *mut *mut RawName) -> u32;
type ReleaseName = unsafe extern "C" fn(*mut u32, *mut *mut RawName) -> u32;
type DisplayName =
    unsafe extern "C" fn(*mut u32, *mut RawName, *mut BufferDesc, *mut *const Oid) -> u32;
type GetNameAttribute = unsafe extern "C" fn(
    *mut u32,
    *mut RawName,
    *const BufferDesc,
    *mut c_int,
    *mut c_int,
    *mut BufferDesc,
    *mut BufferDesc,
    *mut c_int,
) -> u32;
type AcquireFrom = unsafe extern "C" fn(
    *mut u32,
    *mut RawName,
    u32,
    *const OidSet,
    c_int,
    *const KeyValueSet,
    *mut *mut RawCredential,
    *mut *mut OidSet,
    *mut u32,
) -> u32;
type Impersonate = unsafe extern "C" fn(
    *mut u32,
    *mut RawCredential,
    *mut RawName,
    u32,
    *const OidSet,
    c_int,
    *mut *mut RawCredential,
    *mut *mut OidSet,
    *mut u32,
) -> u32;
type InquireCredential = unsafe extern "C" fn(
    *mut u32,
    *mut RawCredential,
    *mut *mut RawName,
    *mut u32,
    *mut c_int,
    *mut *mut OidSet,
) -> u32;
type ReleaseCredential = unsafe extern "C" fn(*mut u32, *mut *mut RawCredential) -> u32;
type Initiate = unsafe extern "C" fn(
    *mut u32,
    *mut RawCredential,
    *mut *mut RawContext,
    *mut RawName,
    *const Oid,
    u32,
    u32,
    *const ChannelBindings,
    *const BufferDesc,
    *mut *const Oid,
    *mut BufferDesc,
    *mut u32,
    *mut u32,
) -> u32;
type Accept = unsafe extern "C" fn(
    *mut u32,
    *mut *mut RawContext,
    *mut RawCredential,
    *const BufferDesc,
    *const ChannelBindings,
    *mut *mut RawName,
    *mut *const Oid,
    *mut BufferDesc,
    *mut u32,
    *mut u32,
    *mut *mut RawCredential,
) -> u32;
type DeleteContext = unsafe extern "C" fn(*mut u32, *mut *mut RawContext, *mut BufferDesc) -> u32;
type ReleaseBuffer = unsafe extern "C" fn(*mut u32, *mut BufferDesc) -> u32;
type DisplayStatus =
    unsafe extern "C" fn(*mut u32, u32, c_int, *const Oid, *mut u32, *mut BufferDesc) -> u32;
type InitContext = unsafe extern "C" fn(*mut *mut RawKrb5) -> i32;
type FreeContext = unsafe extern "C" fn(*mut RawKrb5);
type ResolveCache = unsafe extern "C" fn(*mut RawKrb5, *const c_char, *mut *mut RawCache) -> i32;
type DestroyCache = unsafe extern "C" fn(*mut RawKrb5, *mut RawCache) -> i32;

/// The functions of the library, and those of libkrb5, on which it is built.
#[derive(Debug)]
pub(crate) struct Functions {
    pub(crate) import_name: ImportName,
    pub(crate) release_name: ReleaseName,
    pub(crate) display_name: DisplayName,
    pub(crate) get_name_attribute: GetNameAttribute,
    pub(crate) acquire_from: AcquireFrom,
    pub(crate) impersonate: Impersonate,
    pub(crate) inquire_credential: InquireCredential,
    pub(crate) release_credential: ReleaseCredential,
    pub(crate) initiate: Initiate,
    pub(crate) accept: Accept,
    pub(crate) delete_context: DeleteContext,
    pub(crate) release_buffer: ReleaseBuffer,
    pub(crate) display_status: DisplayStatus,
    pub(crate) init_context: InitContext,
    pub(crate) free_context: FreeContext,
    pub(crate) resolve_cache: ResolveCache,
    pub(crate) destroy_cache: DestroyCache,
    _library: libloading::Library,
}

static LOADED: OnceLock<Functions> = OnceLock::new();
static LOADING: Mutex<()> = Mutex::new(());

/// The process's table, looked up at the first call that finds the library.
pub(crate) fn functions() -> Result<&'static Functions, KerberosError> {
    if let Some(functions) = LOADED.get() {
        return Ok(functions);
    }
    let _one_at_a_time = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    if LOADED.get().is_none() {
        let _first = LOADED.set(load(LIBRARY)?);
    }
    let missing = || KerberosError::new(Kind::LibraryMissing, Stage::Load, LIBRARY);
    LOADED.get().ok_or_else(missing)
}

fn load(name: &str) -> Result<Functions, KerberosError> {
    // SAFETY: loading runs the library's initializers. MIT's set up tables of their own and need
    // nothing from the program.
    let library = unsafe { libloading::Library::new(name) }.map_err(|error| {
        KerberosError::new(Kind::LibraryMissing, Stage::Load, name).because(error.to_string())
    })?;
    look_up(library).map_err(|error| {
        KerberosError::new(Kind::LibraryUnusable, Stage::Load, name).because(error.to_string())
    })
}

fn look_up(library: libloading::Library) -> Result<Functions, libloading::Error> {
    // SAFETY: each field's type is the function's signature in gssapi.h, gssapi_ext.h and krb5.h
    // of the interface whose version is part of the library's name. libkrb5 is a dependency of
    // the library, so its functions are found through it.
    unsafe {
        Ok(Functions {
            import_name: function(&library, "gss_import_name")?,
            release_name: function(&library, "gss_release_name")?,
            display_name: function(&library, "gss_display_name")?,
            get_name_attribute: function(&library, "gss_get_name_attribute")?,
            acquire_from: function(&library, "gss_acquire_cred_from")?,
            impersonate: function(&library, "gss_acquire_cred_impersonate_name")?,
            inquire_credential: function(&library, "gss_inquire_cred")?,
            release_credential: function(&library, "gss_release_cred")?,
            initiate: function(&library, "gss_init_sec_context")?,
            accept: function(&library, "gss_accept_sec_context")?,
            delete_context: function(&library, "gss_delete_sec_context")?,
            release_buffer: function(&library, "gss_release_buffer")?,
            display_status: function(&library, "gss_display_status")?,
            init_context: function(&library, "krb5_init_context")?,
            free_context: function(&library, "krb5_free_context")?,
            resolve_cache: function(&library, "krb5_cc_resolve")?,
            destroy_cache: function(&library, "krb5_cc_destroy")?,
            _library: library,
        })
    }
}

/// The address of a function.
///
/// # Safety
/// `F` is a function pointer with the C signature of `name`, and the library outlives the result.
unsafe fn function<F: Copy>(
    library: &libloading::Library,
    name: &str,
) -> Result<F, libloading::Error> {
    // SAFETY: as the caller promises.
    let symbol = unsafe { library.get::<F>(name) }?;
    Ok(*symbol)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_is_not_there_is_an_error_that_names_the_package() {
        let error = load("libproxeny-no-such-library.so.2").unwrap_err();
        assert_eq!(error.kind(), Kind::LibraryMissing);
        assert_eq!(error.code(), "KRB-0101");
        assert!(error.help().contains("libgssapi-krb5-2"), "{}", error.help());
    }

    #[test]
    fn a_library_without_the_functions_is_an_error() {
        let error = load("libc.so.6").unwrap_err();
        assert_eq!(error.kind(), Kind::LibraryUnusable);
    }
}
