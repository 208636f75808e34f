//! Reading whose keys a keytab has (MIT's file format, version 5.2), never the keys.
//!
//! Octets in, entries out; bounded by the file's size, which is limited.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use model::Timestamp;

use crate::{KerberosError, Kind, Stage};

/// Larger files are no keytabs: an entry has about a hundred octets.
const FILE_SIZE_MAX: u64 = 4 << 20;
const VERSION: [u8; 2] = [5, 2];

/// A kind of key (RFC 3961 section 8).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Encryption(pub u16);

impl fmt::Display for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            17 => f.write_str("aes128-cts-hmac-sha1-96"),
            18 => f.write_str("aes256-cts-hmac-sha1-96"),
            19 => f.write_str("aes128-cts-hmac-sha256-128"),
            20 => f.write_str("aes256-cts-hmac-sha384-192"),
            23 => f.write_str("arcfour-hmac"),
            other => write!(f, "encryption type {other}"),
        }
    }
}

/// An entry of a keytab, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeytabEntry {
    /// The principal without its realm, e.g. `HTTP/portal.contoso.com`.
    pub principal: String,
    /// The realm.
    pub realm: String,
    /// The key's version number.
    pub kvno: u32,
    /// The kind of key.
    pub encryption: Encryption,
    /// When it was written.
    pub time: Timestamp,
}

/// Reads the entries of a keytab.
///
/// # Errors
/// [`Kind::KeytabMissing`] when the file cannot be read, [`Kind::KeytabDamaged`] when it is no
/// keytab of version 5.2.
pub fn read(path: &Path) -> Result<Vec<KeytabEntry>, KerberosError> {
    let subject = path.display().to_string();
    let error = |kind| KerberosError::new(kind, Stage::Acquire, subject.as_str());
    let octets =
        octets(path).map_err(|reason| error(Kind::KeytabMissing).because(reason.to_string()))?;
    decode(&octets).ok_or_else(|| error(Kind::KeytabDamaged))
}

fn octets(path: &Path) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait for its other end.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    let mut octets = Vec::new();
    File::open(path)?.take(FILE_SIZE_MAX).read_to_end(&mut octets)?;
    Ok(octets)
}

/// The entries of a keytab's octets; `None` when they are not one.
#[must_use]
pub fn decode(octets: &[u8]) -> Option<Vec<KeytabEntry>> {
    let mut rest = octets.strip_prefix(&VERSION)?;
    let mut entries = Vec::new();
    while !rest.is_empty() {
        let size = i32::from_be_bytes(*take(&mut rest)?);
        let length = usize::try_from(size.unsigned_abs()).ok()?;
        // A size of zero ends the list; a negative one is the place of a removed entry.
        if size == 0 {
            break;
        }
        let (record, after) = rest.split_at_checked(length)?;
        rest = after;
        if size > 0 {
            entries.push(entry(record)?);
        }
    }
    Some(entries)
}

fn entry(mut rest: &[u8]) -> Option<KeytabEntry> {
    let rest = &mut rest;
    let components = u16::from_be_bytes(*take(rest)?);
    let realm = text(rest)?;
    let mut principal = String::new();
    for index in 0..components {
        if index > 0 {
            principal.push('/');
        }
        principal.push_str(&text(rest)?);
    }
    let _name_type: &[u8; 4] = take(rest)?;
    let seconds = u32::from_be_bytes(*take(rest)?);
    let [short_kvno] = *take(rest)?;
    let encryption = Encryption(u16::from_be_bytes(*take(rest)?));
    let _key = counted(rest)?;
    // Versions above 255 have a field of their own, which older writers leave out.
    let long_kvno = take(rest).map_or(0, |octets| u32::from_be_bytes(*octets));
    let kvno = if long_kvno == 0 { u32::from(short_kvno) } else { long_kvno };
    let time = Timestamp::from_seconds(i64::from(seconds));
    Some(KeytabEntry { principal, realm, kvno, encryption, time })
}

fn take<'a, const N: usize>(rest: &mut &'a [u8]) -> Option<&'a [u8; N]> {
    let (first, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(first)
}

fn counted<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = u16::from_be_bytes(*take(rest)?);
    let (octets, after) = rest.split_at_checked(usize::from(length))?;
    *rest = after;
    Some(octets)
}

fn text(rest: &mut &[u8]) -> Option<String> {
    Some(String::from_utf8_lossy(counted(rest)?).into_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// An entry as MIT's ktutil would write it, with an invented key.
    fn record(kvno: u8, long: Option<u32>) -> Vec<u8> {
        let mut record = vec![0, 2];
        for text in ["CONTOSO.COM", "HTTP", "portal.contoso.com"] {
            record.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
            record.extend(text.bytes());
        }
        record.extend([0, 0, 0, 1, 0x60, 0, 0, 0, kvno, 0, 18, 0, 4, 1, 2, 3, 4]);
        record.extend(long.into_iter().flat_map(u32::to_be_bytes));
        record
    }

    fn file(records: &[Vec<u8>]) -> Vec<u8> {
        let mut file = VERSION.to_vec();
        for record in records {
            file.extend(i32::try_from(record.len()).unwrap().to_be_bytes());
            file.extend(record);
        }
        file
    }

    #[test]
    fn entries_have_principal_version_and_kind_of_key() {
        let entries = decode(&file(&[record(7, None), record(0, Some(300))])).unwrap();
        assert_eq!(entries.len(), 2);
        let first = &entries[0];
        assert_eq!((first.principal.as_str(), first.kvno), ("HTTP/portal.contoso.com", 7));
        assert_eq!((first.realm.as_str(), first.time.seconds()), ("CONTOSO.COM", 0x6000_0000));
        assert_eq!(first.encryption.to_string(), "aes256-cts-hmac-sha1-96");
        assert_eq!(entries[1].kvno, 300);
    }

    #[test]
    fn removed_entries_are_skipped() {
        let mut octets = file(&[record(1, None)]);
        octets.extend((-6_i32).to_be_bytes());
        octets.extend([9; 6]);
        octets.extend(&file(&[record(2, None)])[2..]);
        octets.extend([0; 8]);
        let kvnos: Vec<u32> = decode(&octets).unwrap().iter().map(|entry| entry.kvno).collect();
        assert_eq!(kvnos, [1, 2]);
    }

    #[test]
    fn what_is_no_keytab_is_refused() {
        assert_eq!(decode(b""), None);
        assert_eq!(decode(b"\x05\x01"), None);
        assert_eq!(decode(b"-----BEGIN"), None);
        let whole = file(&[record(1, None)]);
        assert_eq!(decode(&whole[..whole.len() - 1]), None);
        assert_eq!(decode(&VERSION), Some(Vec::new()));
        let folder = read(Path::new("/")).unwrap_err();
        assert_eq!(folder.kind(), Kind::KeytabMissing);
    }

    proptest! {
        #[test]
        fn octets_of_any_kind_end_in_an_answer(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut file = VERSION.to_vec();
            file.extend(&octets);
            let answer = decode(&file);
            prop_assert!(answer.is_none_or(|entries| entries.len() <= octets.len()));
        }

        #[test]
        fn a_cut_or_changed_keytab_ends_in_an_answer(cut in 0_usize..80, place in 0_usize..80, octet: u8) {
            let mut octets = file(&[record(1, Some(3))]);
            let last = octets.len() - 1;
            octets[place.min(last)] = octet;
            octets.truncate(octets.len().saturating_sub(cut));
            let answer = decode(&octets);
            prop_assert!(answer.is_none_or(|entries| entries.len() <= 2));
        }
    }
}
