//! Nothing is left on disk.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use kerberos::Mechanism;

use crate::Contoso;
use crate::realm::{PORTAL, account, upn};

/// Files that belong to Kerberos, where MIT puts them.
fn kerberos_files() -> BTreeSet<String> {
    let names = ["/tmp", "/var/tmp", "/run/user/0", "/dev/shm"].iter().flat_map(|folder| {
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
    });
    let names = names.map(|path| path.display().to_string());
    names.filter(|path| path.contains("krb5") || path.contains("rcache")).collect()
}

#[test]
fn g5_073_no_ticket_and_no_replay_file_is_written() {
    Contoso::run("traces::g5_073_no_ticket_and_no_replay_file_is_written", |contoso| {
        let before = kerberos_files();
        let acceptor = contoso.acceptor();
        let delegated = [contoso.impersonate(&account()), contoso.impersonate(&upn())];
        for user in &delegated {
            let token = user.token(PORTAL, Mechanism::Spnego, None).unwrap();
            acceptor.accept(&token).unwrap();
        }
        let new: Vec<String> = kerberos_files().difference(&before).cloned().collect();
        // Tests of other processes keep their tickets elsewhere, so none may appear.
        assert_eq!(new, Vec::<String>::new());
        // The one open file that is not the process's own is the one in memory.
        let open: Vec<String> = fs::read_dir("/proc/self/fd")
            .unwrap()
            .flatten()
            .filter_map(|entry| fs::read_link(entry.path()).ok())
            .map(|target| target.display().to_string())
            .filter(|target| Path::new(target).is_absolute() && target.contains("memfd"))
            .collect();
        assert_eq!(open, ["/memfd:replays (deleted)"]);
    });
}
