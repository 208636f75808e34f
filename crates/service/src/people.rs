//! The two people every service has from the start, with the identities MIM gives them, so that
//! configuration exported from there resolves.

use model::{Attributes, Guid};

/// The installer's account.
pub const ADMINISTRATOR: Guid = Guid::from_bytes([
    0x7f, 0xb2, 0xb8, 0x53, 0x24, 0xf0, 0x44, 0x98, 0x95, 0x34, 0x4e, 0x10, 0x58, 0x97, 0x23, 0xc4,
]);

/// The account in whose name the engine writes.
pub const SYNCHRONIZATION_ACCOUNT: Guid = Guid::from_bytes([
    0xfb, 0x89, 0xae, 0xfa, 0x5e, 0xa1, 0x47, 0xf1, 0x88, 0x90, 0xab, 0xe7, 0x79, 0x7d, 0x64, 0x97,
]);

/// The two, with their attributes.
pub(crate) fn system_people() -> [(Guid, Attributes); 2] {
    let named = |name: &str, account: Option<&str>| {
        let mut attributes = Attributes::new();
        attributes.set_one("DisplayName", name);
        if let Some(account) = account {
            attributes.set_one("AccountName", account);
        }
        attributes
    };
    [
        (ADMINISTRATOR, named("Administrator", Some("administrator"))),
        (SYNCHRONIZATION_ACCOUNT, named("Built-in Synchronization Account", None)),
    ]
}
