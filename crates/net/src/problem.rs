//! Recognises, in any library's error, that the other side's certificate was the reason.

use std::error::Error;
use std::io;

use rustls::CertificateError;

/// Says in words what was wrong with the server's certificate, if that is why `error` came about.
///
/// Looks through the whole chain of causes, also inside [`io::Error`], which hides what it wraps.
#[must_use]
pub fn certificate_problem(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(current) = next {
        if let Some(tls) = current.downcast_ref::<rustls::Error>() {
            return describe(tls);
        }
        if let Some(inner) = current.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
            return certificate_problem(inner);
        }
        next = current.source();
    }
    None
}

fn describe(error: &rustls::Error) -> Option<String> {
    match error {
        rustls::Error::InvalidCertificate(reason) => Some(reason_in_words(reason)),
        rustls::Error::NoCertificatesPresented => {
            Some("the server presented no certificate".to_owned())
        }
        _ => None,
    }
}

fn reason_in_words(reason: &CertificateError) -> String {
    match reason {
        CertificateError::UnknownIssuer => {
            "the server's certificate was issued by an authority that is not trusted".to_owned()
        }
        // An authority that was set up anew under its old name: the names match, the keys do not.
        CertificateError::BadSignature => {
            "the server's certificate was not signed by the trusted authority it names; the \
             authority may have been set up anew"
                .to_owned()
        }
        CertificateError::NotValidForName => {
            "the server's certificate is not valid for the name it was reached by".to_owned()
        }
        CertificateError::NotValidForNameContext { expected, presented } => format!(
            "the server's certificate is not valid for {}; it names {}",
            expected.to_str(),
            if presented.is_empty() { "nothing".to_owned() } else { presented.join(", ") },
        ),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "the server's certificate has expired".to_owned()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "the server's certificate is not valid yet; compare the clocks".to_owned()
        }
        CertificateError::Revoked => "the server's certificate has been revoked".to_owned(),
        other => format!("the server's certificate is not accepted: {other}"),
    }
}
