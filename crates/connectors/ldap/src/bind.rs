//! Signing in, and why it was refused.

use connector::{ConnectorError, ErrorKind};

use crate::failure::Refusal;

/// Result codes (RFC 4511 section 4.1.9).
const STRONGER_AUTH_REQUIRED: u32 = 8;
const BUSY: u32 = 51;
const UNAVAILABLE: u32 = 52;

/// What the sub-code after `data` in a refused bind says ([MS-ERREF] 2.2, in hexadecimal).
const SUB_CODES: &[(&str, &str)] = &[
    ("525", "there is no such account"),
    ("52e", "the name or the password is wrong"),
    ("530", "the account may not sign in at this time of day"),
    ("531", "the account may not sign in from this computer"),
    ("532", "the password has expired"),
    ("533", "the account is disabled"),
    ("569", "the account may not sign in this way"),
    ("701", "the account has expired"),
    ("773", "the password must be changed before the first sign-in"),
    ("775", "the account is locked out"),
];

/// The error for a refused bind of `user`.
pub(crate) fn refused(server: &str, user: &str, refusal: &Refusal) -> ConnectorError {
    let codes = refusal.codes();
    match refusal.code {
        BUSY | UNAVAILABLE => {
            let message = format!("{server} takes no sign-in at present: {codes}");
            return ConnectorError::new(ErrorKind::Connection, message);
        }
        STRONGER_AUTH_REQUIRED => {
            let message = format!("{server} does not accept a password sign-in: {codes}");
            return ConnectorError::new(ErrorKind::Credentials, message);
        }
        _ => {}
    }
    let sub_code = sub_code(&refusal.text);
    let why = sub_code
        .and_then(|code| SUB_CODES.iter().find(|(known, _)| known.eq_ignore_ascii_case(code)))
        .map_or("no reason given", |(_, words)| words);
    let code = sub_code.map_or_else(|| codes.clone(), |code| format!("{codes}, data {code}"));
    let message = format!("{server} refuses the sign-in of {user}: {why} ({code})");
    ConnectorError::new(ErrorKind::Credentials, message)
        .with_help("check connectivity.bind and the account in the directory")
}

/// The word after `data`.
fn sub_code(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("data ")?;
    let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
    rest.get(..end).filter(|code| !code.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sub_code_has_words_of_its_own() {
        let said = |data: &str| {
            let text = format!(
                "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, \
                 data {data}, v1db1"
            );
            let error = refused("dc1", "CN=svc", &Refusal { code: 49, text });
            assert_eq!(error.kind, ErrorKind::Credentials);
            error.message
        };
        let mut all: Vec<String> = SUB_CODES.iter().map(|(code, _)| said(code)).collect();
        assert_eq!(
            said("533"),
            "dc1 refuses the sign-in of CN=svc: the account is disabled (49 (80090308), data 533)"
        );
        assert!(said("7ff").contains("no reason given"));
        all.sort();
        all.dedup();
        assert_eq!(all.len(), SUB_CODES.len());
        assert_eq!(sub_code("no such token"), None);
        assert_eq!(sub_code("data é"), None);
    }
}
