//! From what the library says to a cause.
//!
//! GSS-API's minor codes are renumbered on their way through the library, so the words are what
//! is left. They are MIT's in the C locale, which a Rust program is in unless it says otherwise.

use crate::handle::Refusal;
use crate::{Kind, Stage};

/// Routine errors (RFC 2744 section 3.9.1).
const BAD_MECHANISM: u32 = 1;
const BAD_BINDINGS: u32 = 4;
const DEFECTIVE_TOKEN: u32 = 9;
const DUPLICATE_TOKEN: u32 = 1 << 1;

/// Words that mean the same at every stage. The first that occurs counts.
const ANYWHERE: [(&str, Kind); 9] = [
    ("cannot contact any kdc", Kind::KdcUnreachable),
    ("cannot find kdc", Kind::NoRealm),
    ("cannot determine realm", Kind::NoRealm),
    ("does not specify default realm", Kind::NoRealm),
    ("clock skew too great", Kind::ClockSkew),
    ("request is a replay", Kind::Replay),
    ("ticket not yet valid", Kind::TicketNotYetValid),
    ("ticket expired", Kind::TicketExpired),
    ("channel binding", Kind::WrongChannel),
];

const ACQUIRE: [(&str, Kind); 10] = [
    ("preauthentication failed", Kind::KeytabStale),
    ("decrypt integrity check failed", Kind::KeytabStale),
    ("bad encryption type", Kind::KeytabStale),
    ("no suitable keys", Kind::KeytabLacksPrincipal),
    ("no key table entry", Kind::KeytabLacksPrincipal),
    ("no principal in keytab", Kind::KeytabLacksPrincipal),
    ("is nonexistent or empty", Kind::KeytabLacksPrincipal),
    ("not found in kerberos database", Kind::GatewayUnknown),
    ("no such file", Kind::KeytabMissing),
    ("permission denied", Kind::KeytabMissing),
];

/// Words about the account that asks, or that is asked for.
const ACCOUNT: [(&str, Kind); 4] = [
    ("policy rejects request", Kind::AccountDisabled),
    ("have been revoked", Kind::AccountDisabled),
    ("entry in database has expired", Kind::AccountExpired),
    ("password has expired", Kind::PasswordExpired),
];

const NAMES: [(&str, Kind); 4] = [
    ("client not found in kerberos database", Kind::UnknownUser),
    ("can't fulfill requested option", Kind::NotDelegated),
    ("not forwardable", Kind::NotDelegated),
    ("decrypt integrity check failed", Kind::TicketStale),
];

const ACCEPT: [(&str, Kind); 7] = [
    ("no key table entry", Kind::WrongKey),
    ("cannot decrypt ticket", Kind::WrongKey),
    ("not found in keytab", Kind::WrongKey),
    ("no key in keytab", Kind::WrongKey),
    ("wrong principal in request", Kind::WrongKey),
    ("decrypt integrity check failed", Kind::WrongKey),
    ("key version", Kind::WrongKey),
];

/// The cause of a refusal at a stage.
pub(crate) fn classify(refusal: &Refusal, stage: Stage) -> Kind {
    let text = refusal.text.to_ascii_lowercase();
    let find = |list: &[(&str, Kind)]| {
        list.iter().find(|(words, _)| text.contains(words)).map(|(_, kind)| *kind)
    };
    let by_words = find(&ANYWHERE).or_else(|| match stage {
        Stage::Load => None,
        Stage::Acquire => {
            let own = find(&ACCOUNT).map(|_state| Kind::GatewayRefused);
            own.or_else(|| find(&ACQUIRE))
        }
        Stage::Impersonate | Stage::Delegate => {
            let unknown = || find(&[("server not found", unknown_server(stage))]);
            find(&ACCOUNT).or_else(|| find(&NAMES)).or_else(unknown)
        }
        Stage::Accept => find(&ACCEPT),
    });
    by_words.unwrap_or_else(|| by_number(refusal, stage))
}

/// S4U2Self asks for a ticket to the gateway itself, S4U2Proxy for one to the service.
const fn unknown_server(stage: Stage) -> Kind {
    match stage {
        Stage::Impersonate => Kind::GatewayLacksServiceName,
        _ => Kind::ServiceUnknown,
    }
}

fn by_number(refusal: &Refusal, stage: Stage) -> Kind {
    match (stage, refusal.routine()) {
        (Stage::Accept, BAD_MECHANISM | DEFECTIVE_TOKEN) => Kind::NotKerberos,
        (Stage::Accept, BAD_BINDINGS) => Kind::WrongChannel,
        (Stage::Accept, _) if refusal.major & DUPLICATE_TOKEN != 0 => Kind::Replay,
        _ => Kind::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(stage: Stage, text: &str, kind: Kind) {
        let refusal = Refusal { major: 13 << 16, text: text.to_owned() };
        assert_eq!(classify(&refusal, stage), kind, "{text}");
    }

    #[test]
    fn the_librarys_words_have_a_cause_at_each_stage() {
        use Stage::{Accept, Acquire, Delegate, Impersonate};
        check(Impersonate, "Client not found in Kerberos database", Kind::UnknownUser);
        check(Impersonate, "KDC policy rejects request", Kind::AccountDisabled);
        check(Impersonate, "Client's credentials have been revoked", Kind::AccountDisabled);
        check(Impersonate, "Client's entry in database has expired", Kind::AccountExpired);
        check(Delegate, "Password has expired", Kind::PasswordExpired);
        check(Delegate, "KDC can't fulfill requested option", Kind::NotDelegated);
        check(Delegate, "Decrypt integrity check failed", Kind::TicketStale);
        check(Delegate, "Server not found in Kerberos database", Kind::ServiceUnknown);
        check(Impersonate, "Server not found in Kerberos database", Kind::GatewayLacksServiceName);
        check(Acquire, "Preauthentication failed", Kind::KeytabStale);
        check(Acquire, "Client 'x@Y' not found in Kerberos database", Kind::GatewayUnknown);
        check(Acquire, "Client's credentials have been revoked", Kind::GatewayRefused);
        check(Acquire, "Cannot contact any KDC for realm 'CONTOSO.COM'", Kind::KdcUnreachable);
        check(Acquire, "Cannot find KDC for realm \"CONTOSO.COM\"", Kind::NoRealm);
        check(Accept, "Clock skew too great", Kind::ClockSkew);
        check(Accept, "Ticket not yet valid", Kind::TicketNotYetValid);
        check(Accept, "Request is a replay", Kind::Replay);
        check(Accept, "Ticket expired", Kind::TicketExpired);
        check(Accept, "No key table entry found for HTTP/a@B", Kind::WrongKey);
        check(Accept, "something new", Kind::Other);
    }

    #[test]
    fn octets_that_are_no_token_are_told_by_number() {
        let refusal = Refusal { major: 9 << 16, text: "Invalid token was supplied".to_owned() };
        assert_eq!(classify(&refusal, Stage::Accept), Kind::NotKerberos);
        let refusal = Refusal { major: 4 << 16, text: String::new() };
        assert_eq!(classify(&refusal, Stage::Accept), Kind::WrongChannel);
    }
}
