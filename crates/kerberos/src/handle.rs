//! Safe owners of what the GSS-API library hands out: names, credentials, contexts, buffers.
//!
//! Every call of the library is in this file. What comes back is released on drop; what a failed
//! call says is read at once, because the library keeps it per thread.

#![expect(unsafe_code, reason = "calling a C library")]

use std::ffi::{CStr, CString, c_int};
use std::ptr::{null, null_mut};

use crate::ffi::{
    ACCEPT, BufferDesc, CHANNEL_BOUND, CONTINUE_NEEDED, ChannelBindings, ENTERPRISE_NAME,
    Functions, GSS_CODE, INITIATE, KRB5, KeyValue, KeyValueSet, MECHANISM_CODE, MECHANISMS, Oid,
    PRINCIPAL_NAME, RawContext, RawCredential, RawName, SPNEGO,
};

/// Messages the library may chain for one status; more are not read.
const MESSAGES_MAX: usize = 8;
/// Values read of one name attribute; those used here have one.
const VALUES_MAX: usize = 4;

/// A call failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// RFC 2744 section 3.9.1.
    pub(crate) major: u32,
    /// The mechanism's words, the GSS-API's where it has none.
    pub(crate) text: String,
}

impl Refusal {
    /// The routine error, e.g. 9 for a defective token (RFC 2744 section 3.9.1).
    pub(crate) const fn routine(&self) -> u32 {
        self.major >> 16 & 0xff
    }
}

/// How a name is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NameForm {
    /// `name@REALM`.
    Principal,
    /// A user principal name that the KDC resolves.
    Enterprise,
}

/// What surrounds a Kerberos token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// SPNEGO (RFC 4178), as `Negotiate` on HTTP wants it (RFC 4559).
    Spnego,
    /// Bare Kerberos (RFC 4121).
    Kerberos,
}

impl Mechanism {
    fn oid(self) -> &'static Oid {
        match self {
            Self::Spnego => &SPNEGO,
            Self::Kerberos => &KRB5,
        }
    }
}

/// Whether a call with this major status failed (calling or routine error).
const fn has_failed(major: u32) -> bool {
    major & 0xffff_0000 != 0
}

fn outcome(functions: &Functions, major: u32, minor: u32) -> Result<(), Refusal> {
    if !has_failed(major) {
        return Ok(());
    }
    let text = match minor {
        0 => messages(functions, major, GSS_CODE),
        minor => messages(functions, minor, MECHANISM_CODE),
    };
    Err(Refusal { major, text })
}

fn messages(functions: &Functions, status: u32, code: c_int) -> String {
    let mut texts = Vec::new();
    let mut more = 0;
    for _ in 0..MESSAGES_MAX {
        let (mut minor, mut text) = (0, Buffer::new(functions));
        // SAFETY: all pointers are to live locals; the buffer is empty and is released on drop.
        let major = unsafe {
            (functions.display_status)(&mut minor, status, code, &KRB5, &mut more, &mut text.raw)
        };
        if has_failed(major) {
            break;
        }
        texts.push(String::from_utf8_lossy(text.bytes()).into_owned());
        if more == 0 {
            break;
        }
    }
    texts.join("; ")
}

/// Octets that the library allocated.
struct Buffer<'a> {
    functions: &'a Functions,
    raw: BufferDesc,
}

impl<'a> Buffer<'a> {
    const fn new(functions: &'a Functions) -> Self {
        Self { functions, raw: BufferDesc::EMPTY }
    }

    fn bytes(&self) -> &[u8] {
        if self.raw.value.is_null() || self.raw.length == 0 {
            return &[];
        }
        // SAFETY: a buffer that is not empty holds `length` octets until it is released, which
        // takes `&mut self`.
        unsafe { std::slice::from_raw_parts(self.raw.value.cast(), self.raw.length) }
    }
}

impl Drop for Buffer<'_> {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: the buffer is empty or was filled by the library; either may be released once.
        unsafe { (self.functions.release_buffer)(&mut minor, &mut self.raw) };
    }
}

/// A name. Neither `Send` nor `Sync`: each call makes its own.
pub(crate) struct Name {
    functions: &'static Functions,
    raw: *mut RawName,
}

impl Name {
    /// Reads `text`.
    pub(crate) fn import(
        functions: &'static Functions,
        text: &str,
        form: NameForm,
    ) -> Result<Self, Refusal> {
        let oid = match form {
            NameForm::Principal => &PRINCIPAL_NAME,
            NameForm::Enterprise => &ENTERPRISE_NAME,
        };
        let (mut minor, mut raw) = (0, null_mut());
        let buffer = BufferDesc::of(text.as_bytes());
        // SAFETY: all pointers are to live locals and statics; the library copies the text.
        let major = unsafe { (functions.import_name)(&mut minor, &buffer, oid, &mut raw) };
        let name = Self { functions, raw };
        outcome(functions, major, minor)?;
        Ok(name)
    }

    /// Its text.
    pub(crate) fn display(&self) -> Result<String, Refusal> {
        let (mut minor, mut text) = (0, Buffer::new(self.functions));
        // SAFETY: the name is live; the type's place may be null; the buffer is empty.
        let major = unsafe {
            (self.functions.display_name)(&mut minor, self.raw, &mut text.raw, null_mut())
        };
        outcome(self.functions, major, minor)?;
        Ok(String::from_utf8_lossy(text.bytes()).into_owned())
    }

    /// The value of a name attribute (RFC 6680 section 7.5) that the ticket's issuer vouches for;
    /// `None` when there is none.
    pub(crate) fn attribute(&self, attribute: &str) -> Option<Vec<u8>> {
        let attribute = BufferDesc::of(attribute.as_bytes());
        let mut more = -1;
        for _ in 0..VALUES_MAX {
            let (mut minor, mut authenticated, mut complete) = (0, 0, 0);
            let mut value = Buffer::new(self.functions);
            let mut shown = Buffer::new(self.functions);
            // SAFETY: the name is live, all other pointers are to live locals, and the buffers
            // are empty.
            let major = unsafe {
                (self.functions.get_name_attribute)(
                    &mut minor,
                    self.raw,
                    &attribute,
                    &mut authenticated,
                    &mut complete,
                    &mut value.raw,
                    &mut shown.raw,
                    &mut more,
                )
            };
            if has_failed(major) {
                return None;
            }
            if authenticated != 0 && complete != 0 && !value.bytes().is_empty() {
                return Some(value.bytes().to_vec());
            }
            if more == 0 {
                return None;
            }
        }
        None
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: the name is null or ours, and is released once.
        unsafe { (self.functions.release_name)(&mut minor, &mut self.raw) };
    }
}

/// What a credential is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Usage {
    Initiate,
    Accept,
}

/// A credential: keys, tickets, or both.
#[derive(Debug)]
pub(crate) struct Credential {
    functions: &'static Functions,
    raw: *mut RawCredential,
}

// SAFETY: the handle is not bound to a thread; MIT keeps nothing of it in thread-local storage.
unsafe impl Send for Credential {}
// SAFETY: MIT's Kerberos credential carries a mutex that every call using it takes, its tickets
// lie in a memory cache with a mutex of its own, and the union around it does not change after it
// was made. No call here modifies a credential that another thread could release: release takes
// `&mut self`.
unsafe impl Sync for Credential {}

/// What an acceptor learnt from a token.
pub(crate) struct AcceptedToken {
    pub(crate) client: Name,
    pub(crate) reply: Vec<u8>,
    pub(crate) lifetime_seconds: u32,
    pub(crate) is_complete: bool,
    pub(crate) is_channel_bound: bool,
}

impl Credential {
    /// Makes a credential from a store of `key` and `value` (MIT's credential store extension).
    pub(crate) fn acquire(
        functions: &'static Functions,
        name: Option<&Name>,
        usage: Usage,
        store: &[(&CStr, &CString)],
    ) -> Result<Self, Refusal> {
        let pair = |(key, value): &(&CStr, &CString)| KeyValue {
            key: key.as_ptr(),
            value: value.as_ptr(),
        };
        let elements: Vec<KeyValue> = store.iter().map(pair).collect();
        let count = u32::try_from(elements.len()).unwrap_or(0);
        let set = KeyValueSet { count, elements: elements.as_ptr() };
        let usage = match usage {
            Usage::Initiate => INITIATE,
            Usage::Accept => ACCEPT,
        };
        let name = name.map_or(null_mut(), |name| name.raw);
        let (mut minor, mut raw) = (0, null_mut());
        // SAFETY: the name is null (any) or live; the store, its elements and their texts outlive
        // the call, which copies them; the places not asked for may be null.
        let major = unsafe {
            (functions.acquire_from)(
                &mut minor,
                name,
                0,
                &MECHANISMS,
                usage,
                &set,
                &mut raw,
                null_mut(),
                null_mut(),
            )
        };
        let credential = Self { functions, raw };
        outcome(functions, major, minor)?;
        Ok(credential)
    }

    /// A ticket to this credential's owner in the name of `user` (S4U2Self).
    pub(crate) fn impersonate(&self, user: &Name) -> Result<Self, Refusal> {
        let (mut minor, mut raw) = (0, null_mut());
        // SAFETY: credential and name are live; the places not asked for may be null.
        let major = unsafe {
            (self.functions.impersonate)(
                &mut minor,
                self.raw,
                user.raw,
                0,
                &MECHANISMS,
                INITIATE,
                &mut raw,
                null_mut(),
                null_mut(),
            )
        };
        let credential = Self { functions: self.functions, raw };
        outcome(self.functions, major, minor)?;
        Ok(credential)
    }

    /// Seconds until it ends; `u32::MAX` when it does not.
    pub(crate) fn lifetime_seconds(&self) -> Result<u32, Refusal> {
        let (mut minor, mut lifetime) = (0, 0);
        // SAFETY: the credential is live; the places not asked for may be null.
        let major = unsafe {
            (self.functions.inquire_credential)(
                &mut minor,
                self.raw,
                null_mut(),
                &mut lifetime,
                null_mut(),
                null_mut(),
            )
        };
        outcome(self.functions, major, minor)?;
        Ok(lifetime)
    }

    /// The first token of a context with `service`; the context is not continued.
    pub(crate) fn initiate(
        &self,
        service: &Name,
        mechanism: Mechanism,
        channel_binding: Option<&[u8]>,
    ) -> Result<Vec<u8>, Refusal> {
        let bindings = channel_binding.map(bindings);
        let flags = if bindings.is_some() { CHANNEL_BOUND } else { 0 };
        let mut context = Context { functions: self.functions, raw: null_mut() };
        let (mut minor, mut token) = (0, Buffer::new(self.functions));
        // SAFETY: credential and name are live; a null context begins one, which `context` owns
        // from then on; bindings are null or outlive the call; the output buffer is empty.
        let major = unsafe {
            (self.functions.initiate)(
                &mut minor,
                self.raw,
                &mut context.raw,
                service.raw,
                mechanism.oid(),
                flags,
                0,
                bindings.as_ref().map_or(null(), |b| b),
                null(),
                null_mut(),
                &mut token.raw,
                null_mut(),
                null_mut(),
            )
        };
        outcome(self.functions, major, minor)?;
        Ok(token.bytes().to_vec())
    }

    /// Checks the first token of a context.
    pub(crate) fn accept(
        &self,
        token: &[u8],
        channel_binding: Option<&[u8]>,
    ) -> Result<AcceptedToken, Refusal> {
        let functions = self.functions;
        let bindings = channel_binding.map(bindings);
        let input = BufferDesc::of(token);
        let mut context = Context { functions, raw: null_mut() };
        let mut client = Name { functions, raw: null_mut() };
        let (mut minor, mut reply) = (0, Buffer::new(functions));
        let (mut flags, mut lifetime_seconds) = (0, 0);
        // SAFETY: the credential is live; a null context begins one, which `context` owns from
        // then on, as `client` owns the name; token and bindings outlive the call; the output
        // buffer is empty; null asks for no delegated credential.
        let major = unsafe {
            (functions.accept)(
                &mut minor,
                &mut context.raw,
                self.raw,
                &input,
                bindings.as_ref().map_or(null(), |b| b),
                &mut client.raw,
                null_mut(),
                &mut reply.raw,
                &mut flags,
                &mut lifetime_seconds,
                null_mut(),
            )
        };
        outcome(functions, major, minor)?;
        Ok(AcceptedToken {
            client,
            reply: reply.bytes().to_vec(),
            lifetime_seconds,
            is_complete: major & CONTINUE_NEEDED == 0,
            is_channel_bound: flags & CHANNEL_BOUND != 0,
        })
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        let mut minor = 0;
        // SAFETY: the credential is null or ours, and is released once.
        unsafe { (self.functions.release_credential)(&mut minor, &mut self.raw) };
    }
}

/// Channel bindings as application data (RFC 5929 section 4); valid while `data` is.
const fn bindings(data: &[u8]) -> ChannelBindings {
    ChannelBindings {
        initiator_address_type: 0,
        initiator_address: BufferDesc::EMPTY,
        acceptor_address_type: 0,
        acceptor_address: BufferDesc::EMPTY,
        application_data: BufferDesc::of(data),
    }
}

/// A security context, begun and thrown away within one call.
struct Context {
    functions: &'static Functions,
    raw: *mut RawContext,
}

impl Drop for Context {
    fn drop(&mut self) {
        if self.raw.is_null() {
            return;
        }
        let mut minor = 0;
        // SAFETY: the context is ours and is deleted once; null asks for no token to the peer.
        unsafe { (self.functions.delete_context)(&mut minor, &mut self.raw, null_mut()) };
    }
}
