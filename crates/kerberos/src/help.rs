//! Errors in words: what happened, and what to do about it.

use crate::{KerberosError, Kind, Stage};

/// The account of a principal, as directory tools name it: without realm and host.
fn account(principal: &str) -> &str {
    let name = principal.split(['@', '/']).next().unwrap_or_default();
    if name.is_empty() { "ACCOUNT" } else { name }
}

pub(crate) fn message(error: &KerberosError) -> String {
    let (subject, principal) = (error.subject(), error.principal());
    match error.kind() {
        Kind::LibraryMissing => format!("the Kerberos library {subject} is not installed"),
        Kind::LibraryUnusable => {
            format!("the Kerberos library {subject} lacks a function this program needs")
        }
        Kind::KeytabMissing => format!("the keytab {subject} cannot be read"),
        Kind::KeytabDamaged => format!("{subject} is not a keytab"),
        Kind::KeytabLacksPrincipal => format!("the keytab {subject} has no key of {principal}"),
        Kind::KeytabStale => {
            format!("the keys of {principal} in the keytab are not those the KDC has")
        }
        Kind::NameInvalid => "a name cannot be that of a Kerberos principal".to_owned(),
        Kind::KdcUnreachable => "no KDC answers".to_owned(),
        Kind::NoRealm => "the Kerberos configuration names no KDC for the realm".to_owned(),
        Kind::ClockSkew => "the clocks of client, server and KDC differ too much".to_owned(),
        Kind::GatewayUnknown => format!("the KDC knows no account {principal}"),
        Kind::GatewayLacksServiceName => {
            format!("the account {principal} has no service principal name")
        }
        Kind::GatewayRefused => format!("the KDC refuses the account {principal}"),
        Kind::UnknownUser => "the KDC does not know the user".to_owned(),
        Kind::AccountDisabled => "the KDC refuses the user's account as disabled".to_owned(),
        Kind::AccountExpired => "the user's account has expired".to_owned(),
        Kind::PasswordExpired => "the user must change the password first".to_owned(),
        Kind::NotDelegated => format!("the KDC does not delegate the user to {subject}"),
        Kind::ServiceUnknown => format!("the KDC knows no service {subject}"),
        Kind::TicketStale => "the user's ticket is under keys that were changed since".to_owned(),
        Kind::NotKerberos => "the client's token is not one of Kerberos".to_owned(),
        Kind::Ntlm => "the client offers NTLM instead of Kerberos".to_owned(),
        Kind::Replay => "the token was used before".to_owned(),
        Kind::TicketNotYetValid => "the ticket is not valid yet".to_owned(),
        Kind::TicketExpired => "the ticket has expired".to_owned(),
        Kind::WrongKey => format!("no key of the keytab {subject} opens the ticket"),
        Kind::WrongChannel => "the token is bound to another TLS connection".to_owned(),
        Kind::MoreLegs => "the client wants more than one exchange".to_owned(),
        Kind::Other => match error.stage() {
            Stage::Load => "the Kerberos library cannot be used".to_owned(),
            Stage::Acquire => format!("no credential for {principal}"),
            Stage::Impersonate => "no ticket in the user's name".to_owned(),
            Stage::Delegate => format!("no ticket of the user to {subject}"),
            Stage::Accept => "the token is refused".to_owned(),
        },
    }
}

pub(crate) fn help(error: &KerberosError) -> String {
    match error.kind() {
        Kind::LibraryMissing | Kind::LibraryUnusable => {
            "install MIT Kerberos; on Debian: apt-get install libgssapi-krb5-2".to_owned()
        }
        Kind::KeytabMissing
        | Kind::KeytabDamaged
        | Kind::KeytabLacksPrincipal
        | Kind::KeytabStale
        | Kind::NameInvalid
        | Kind::WrongKey => keytab(error),
        Kind::KdcUnreachable | Kind::NoRealm | Kind::ClockSkew => environment(error),
        Kind::GatewayUnknown | Kind::GatewayLacksServiceName | Kind::GatewayRefused => {
            gateway(error)
        }
        Kind::UnknownUser
        | Kind::AccountDisabled
        | Kind::AccountExpired
        | Kind::PasswordExpired => user(error.kind()).to_owned(),
        Kind::NotDelegated | Kind::ServiceUnknown => delegation(error),
        Kind::TicketStale
        | Kind::NotKerberos
        | Kind::Ntlm
        | Kind::Replay
        | Kind::TicketNotYetValid
        | Kind::TicketExpired
        | Kind::WrongChannel
        | Kind::MoreLegs => token(error.kind()).to_owned(),
        Kind::Other => "the cause has the library's words; KRB5_TRACE=/dev/stderr shows the \
                        exchange with the KDC"
            .to_owned(),
    }
}

fn keytab(error: &KerberosError) -> String {
    let (subject, principal) = (error.subject(), error.principal());
    let account = account(principal);
    let export = format!(
        "samba-tool domain exportkeytab FILE --principal={account}, or on Windows ktpass /out \
         FILE /princ {principal} /mapuser {account} /crypto AES256-SHA1 /ptype KRB5_NT_PRINCIPAL \
         /pass *"
    );
    match error.kind() {
        Kind::KeytabMissing => format!(
            "put the keytab there and let the program's user read it (mode 0600); to make one: \
             {export}"
        ),
        Kind::KeytabDamaged => format!("write the keytab anew, in binary: {export}"),
        Kind::KeytabLacksPrincipal => format!(
            "klist -k {subject} shows whose keys it has; correct the principal's name, upper case \
             included, or add its keys: {export}"
        ),
        Kind::KeytabStale => format!(
            "the account's password was changed after the keytab was written, or the name's case \
             differs; write it anew, it is picked up without a restart: {export}"
        ),
        Kind::WrongKey => format!(
            "the ticket is for another account or an older password: setspn -Q SERVICE shows the \
             account that owns the service's name, klist -ke {subject} the keys; write the \
             keytab anew"
        ),
        _ => "a name may have no NUL, must not be empty and has at most 1024 octets".to_owned(),
    }
}

fn environment(error: &KerberosError) -> String {
    match error.kind() {
        Kind::ClockSkew => "set the clocks by NTP: Kerberos allows five minutes; timedatectl \
                            status, on Windows w32tm /query /status"
            .to_owned(),
        Kind::NoRealm => "name the realm and its KDCs in the configuration; realms are in upper \
                          case, like CONTOSO.COM"
            .to_owned(),
        _ => "check name and port 88 (TCP) of the domain controllers: nc -vz DC 88".to_owned(),
    }
}

fn gateway(error: &KerberosError) -> String {
    let account = account(error.principal());
    match error.kind() {
        Kind::GatewayUnknown => format!(
            "create the account, or correct the principal's name: samba-tool user show {account}, \
             on Windows Get-ADUser {account}"
        ),
        Kind::GatewayLacksServiceName => format!(
            "an account without a service principal name cannot receive tickets in users' names: \
             samba-tool spn add HTTP/GATEWAY-HOST {account}, on Windows setspn -S \
             HTTP/GATEWAY-HOST {account}"
        ),
        _ => format!(
            "enable the account and let its password not expire: samba-tool user enable \
             {account}; samba-tool user setexpiry {account} --noexpiry; on Windows \
             Enable-ADAccount {account}; Set-ADUser {account} -PasswordNeverExpires $true"
        ),
    }
}

fn user(kind: Kind) -> &'static str {
    match kind {
        Kind::UnknownUser => {
            "no account has this user principal name or account name: see what the \
             synchronization wrote, and which name the application is configured to use"
        }
        Kind::AccountDisabled => {
            "the account is disabled or locked, which may be meant: samba-tool user enable NAME, \
             on Windows Enable-ADAccount NAME; Unlock-ADAccount NAME"
        }
        Kind::AccountExpired => {
            "the account's end has passed, which may be meant: samba-tool user setexpiry NAME \
             --days=30, on Windows Set-ADAccountExpiration NAME -TimeSpan 30"
        }
        _ => {
            "the account must change its password at the next logon, which a guest never does: \
             require a smart card instead (userAccountControl 262656), on Windows Set-ADUser NAME \
             -SmartcardLogonRequired $true"
        }
    }
}

fn delegation(error: &KerberosError) -> String {
    let (service, account) = (error.subject(), account(error.principal()));
    if error.kind() == Kind::ServiceUnknown {
        return format!(
            "register {service} for exactly one account: samba-tool spn add {service} ACCOUNT, \
             on Windows setspn -S {service} ACCOUNT; setspn -X shows those registered twice"
        );
    }
    format!(
        "the KDC does not say which of these it is. 1: {service} is not in the account's list: \
         samba-tool delegation add-service {account} {service}, on Windows Set-ADUser {account} \
         -Add @{{'msDS-AllowedToDelegateTo'='{service}'}}. 2: no protocol transition: samba-tool \
         delegation for-any-protocol {account} on, on Windows Set-ADAccountControl {account} \
         -TrustedToAuthForDelegation $true. 3: the user is marked as sensitive, or in Protected \
         Users, which may be meant. 4: forwardable is false in the Kerberos configuration"
    )
}

fn token(kind: Kind) -> &'static str {
    match kind {
        Kind::Ntlm => {
            "the client found no Kerberos ticket for this host: address it by the name that its \
             service principal name has (not by IP address), register that (setspn -Q), and put \
             the address into the browser's intranet zone"
        }
        Kind::TicketStale => {
            "a new ticket is asked for at the next request; if this stays, the keytab is stale"
        }
        Kind::NotKerberos => "the client must send a Kerberos token within Negotiate (RFC 4559)",
        Kind::Replay => {
            "a client that sends each token once sees this never: somebody repeats requests"
        }
        Kind::TicketNotYetValid | Kind::TicketExpired => {
            "set the clocks by NTP; the client asks for a new ticket by itself"
        }
        Kind::WrongChannel => {
            "something between client and server ends TLS; publish the application without it or \
             turn channel binding off"
        }
        _ => "let the client use Kerberos alone",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn help_names_the_command_with_the_account_and_the_service() {
        let error = KerberosError::new(Kind::NotDelegated, Stage::Delegate, "HTTP/app.contoso.com")
            .of("gatewaysvc@CONTOSO.COM");
        let help = error.help();
        assert!(
            help.contains("samba-tool delegation add-service gatewaysvc HTTP/app.contoso.com"),
            "{help}"
        );
        assert!(help.contains("@{'msDS-AllowedToDelegateTo'='HTTP/app.contoso.com'}"), "{help}");
        assert_eq!(error.to_string(), "the KDC does not delegate the user to HTTP/app.contoso.com");
    }

    #[test]
    fn every_kind_has_a_message_a_help_and_a_code_of_its_own() {
        let kinds = [
            Kind::LibraryMissing,
            Kind::LibraryUnusable,
            Kind::KeytabMissing,
            Kind::KeytabDamaged,
            Kind::KeytabLacksPrincipal,
            Kind::KeytabStale,
            Kind::NameInvalid,
            Kind::KdcUnreachable,
            Kind::NoRealm,
            Kind::ClockSkew,
            Kind::GatewayUnknown,
            Kind::GatewayLacksServiceName,
            Kind::GatewayRefused,
            Kind::UnknownUser,
            Kind::AccountDisabled,
            Kind::AccountExpired,
            Kind::PasswordExpired,
            Kind::NotDelegated,
            Kind::ServiceUnknown,
            Kind::TicketStale,
            Kind::NotKerberos,
            Kind::Ntlm,
            Kind::Replay,
            Kind::TicketNotYetValid,
            Kind::TicketExpired,
            Kind::WrongKey,
            Kind::WrongChannel,
            Kind::MoreLegs,
            Kind::Other,
        ];
        let mut seen = std::collections::BTreeSet::new();
        for kind in kinds {
            let error = KerberosError::new(kind, Stage::Acquire, "x").of("gatewaysvc@CONTOSO.COM");
            assert!(!error.help().is_empty(), "{kind:?}");
            assert!(seen.insert(error.to_string()), "{kind:?} says what another says");
            assert!(seen.insert(error.code().to_owned()), "{kind:?} has the code of another");
        }
    }
}
