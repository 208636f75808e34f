//! Names of Kerberos: service names as Active Directory writes them (`CLASS/host`, [MS-ADTS]
//! 5.1.1.4), principals (RFC 4120 section 6.2) and hosts. Pure, and strict: these texts go into the
//! configuration of the Kerberos library.

use std::net::Ipv6Addr;

/// True for `CLASS/host` or `CLASS/host:port`.
pub(super) fn is_service(text: &str) -> bool {
    let Some((class, host)) = text.split_once('/') else { return false };
    let is_class = |c: char| c.is_ascii_alphanumeric() || c == '-';
    !class.is_empty() && class.chars().all(is_class) && is_host_with_port(host)
}

/// True for a host's name or address, with or without a port.
pub(super) fn is_host_with_port(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix('[') {
        let Some((ip, port)) = rest.split_once(']') else { return false };
        let is_end = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return ip.parse::<Ipv6Addr>().is_ok() && is_end;
    }
    match text.split_once(':') {
        Some((host, port)) => is_host(host) && is_port(port),
        None => is_host(text),
    }
}

fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0 && !text.starts_with('+'))
}

/// True for a host's name: labels of letters, digits, hyphens and underscores.
pub(super) fn is_host(text: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let is_label =
        |label: &str| !label.is_empty() && !label.starts_with('-') && label.chars().all(is_inner);
    text.len() <= 253 && text.split('.').all(is_label)
}

/// Name and realm of a principal; `None` if it has not both.
pub(super) fn principal(text: &str) -> Option<(&str, &str)> {
    let (name, realm) = text.split_once('@')?;
    // An escaped name would be read differently by different libraries.
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\\' | '"');
    (!name.is_empty() && !name.contains(is_odd) && is_host(realm)).then_some((name, realm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_a_class_and_a_host() {
        for good in ["HTTP/portal.contoso.com", "http/portal", "MSSQLSvc/db.contoso.com:1433"] {
            assert!(is_service(good), "{good}");
        }
        for bad in [
            "portal.contoso.com",
            "HTTP/",
            "/portal",
            "HTTP/portal.contoso.com@CONTOSO.COM",
            "HTTP/*.contoso.com",
            "HTTP/{host}",
            "HTTP/a/b",
            "HTTP/portal contoso",
            "HTTP/portal:0",
            "HTTP/portal:+80",
            "HTTP/-portal",
        ] {
            assert!(!is_service(bad), "{bad}");
        }
    }

    #[test]
    fn a_host_may_have_a_port() {
        for good in ["dc1.contoso.com", "dc1:88", "10.0.0.1:88", "[fd00::1]", "[::1]:88"] {
            assert!(is_host_with_port(good), "{good}");
        }
        for bad in
            ["", "dc1:", "dc1:99999", "fd00::1", "[::1", "[::1]88", "dc1\n}", "a..b", "tcp/a"]
        {
            assert!(!is_host_with_port(bad), "{bad}");
        }
    }

    #[test]
    fn a_principal_has_a_name_and_a_realm() {
        assert_eq!(principal("gatewaysvc@CONTOSO.COM"), Some(("gatewaysvc", "CONTOSO.COM")));
        assert_eq!(principal("HTTP/gw@CONTOSO.COM"), Some(("HTTP/gw", "CONTOSO.COM")));
        for bad in ["gatewaysvc", "@CONTOSO.COM", "a@b@C", "a@", "CONTOSO\\a@C", "a b@C"] {
            assert_eq!(principal(bad), None, "{bad}");
        }
    }
}
