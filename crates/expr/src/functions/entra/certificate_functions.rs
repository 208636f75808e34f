//! The functions of certificates. All but `IsCert` refuse octets that are no certificate.

use model::Timestamp;
use x509_parser::prelude::X509Certificate;

use super::certificate_name::display;
use super::{
    BOOLEAN, ENTRA, Function, MOMENT, OnNull, Parameter, Returns, Run, certificate_read as read,
    parameter, text,
};
use crate::ErrorKind;
use crate::environment::Context;
use crate::functions::{Arguments, Kind};
use crate::operand::{Failure, Operand, ticks_of};

const CERTIFICATE: Parameter = parameter("cert", Kind::Binary, OnNull::Propagate);

/// A text about one certificate.
const OF_ONE: Function = Function { parameters: &[CERTIFICATE], ..ENTRA };

/// The entries.
pub(super) static FUNCTIONS: &[Function] = &[
    Function {
        name: "CertExtensionOids",
        docs: "the identifiers of a certificate's critical extensions",
        run: Run::Eager(extension_oids),
        ..OF_ONE
    },
    Function {
        name: "CertFormat",
        docs: "the format of a certificate: X509",
        run: Run::Eager(format),
        ..OF_ONE
    },
    Function {
        name: "CertFriendlyName",
        docs: "always empty: the name a certificate store gives is not part of the certificate",
        run: Run::Eager(friendly_name),
        ..OF_ONE
    },
    Function {
        name: "CertHashString",
        docs: "the SHA-1 hash of a certificate in hexadecimal digits",
        run: Run::Eager(thumbprint),
        ..OF_ONE
    },
    Function {
        name: "CertIssuer",
        docs: "the issuer's name of a certificate",
        run: Run::Eager(issuer),
        ..OF_ONE
    },
    Function {
        name: "CertIssuerDN",
        docs: "the issuer's name of a certificate",
        run: Run::Eager(issuer),
        ..OF_ONE
    },
    Function {
        name: "CertIssuerOid",
        returns: Returns::Nothing,
        docs: "nothing: names in certificates have no identifier of their own",
        run: Run::Eager(name_oid),
        ..OF_ONE
    },
    Function {
        name: "CertKeyAlgorithm",
        docs: "the identifier of the public key's algorithm",
        run: Run::Eager(key_algorithm),
        ..OF_ONE
    },
    Function {
        name: "CertKeyAlgorithmParams",
        docs: "the parameters of the public key's algorithm in hexadecimal digits",
        run: Run::Eager(key_parameters),
        ..OF_ONE
    },
    Function {
        name: "CertNotAfter",
        returns: MOMENT,
        docs: "the end of a certificate's validity",
        run: Run::Eager(not_after),
        ..OF_ONE
    },
    Function {
        name: "CertNotBefore",
        returns: MOMENT,
        docs: "the start of a certificate's validity",
        run: Run::Eager(not_before),
        ..OF_ONE
    },
    Function {
        name: "CertPublicKeyOid",
        docs: "the identifier of the public key's algorithm",
        run: Run::Eager(key_algorithm),
        ..OF_ONE
    },
    Function {
        name: "CertPublicKeyParametersOid",
        docs: "the identifier of the public key's algorithm",
        run: Run::Eager(key_algorithm),
        ..OF_ONE
    },
    Function {
        name: "CertSerialNumber",
        docs: "the serial number of a certificate in hexadecimal digits",
        run: Run::Eager(serial),
        ..OF_ONE
    },
    Function {
        name: "CertSignatureAlgorithmOid",
        docs: "the identifier of a certificate's signature algorithm",
        run: Run::Eager(signature_algorithm),
        ..OF_ONE
    },
    Function {
        name: "CertSubject",
        docs: "the subject's name of a certificate",
        run: Run::Eager(subject),
        ..OF_ONE
    },
    Function {
        name: "CertSubjectNameDN",
        docs: "the subject's name of a certificate",
        run: Run::Eager(subject),
        ..OF_ONE
    },
    Function {
        name: "CertSubjectNameOid",
        returns: Returns::Nothing,
        docs: "nothing: names in certificates have no identifier of their own",
        run: Run::Eager(name_oid),
        ..OF_ONE
    },
    Function {
        name: "CertThumbprint",
        docs: "the SHA-1 hash of a certificate in hexadecimal digits",
        run: Run::Eager(thumbprint),
        ..OF_ONE
    },
    Function {
        name: "CertVersion",
        docs: "the version of a certificate's format",
        run: Run::Eager(version),
        ..OF_ONE
    },
    Function {
        name: "CertNameInfo",
        parameters: &[
            CERTIFICATE,
            text("x509NameType", OnNull::Refuse(ErrorKind::Type)),
            parameter("includesIssuerName", Kind::Boolean, OnNull::Refuse(ErrorKind::Type)),
        ],
        docs: "a name of a certificate's subject or issuer by its kind, such as SimpleName",
        run: Run::Eager(name_info),
        ..ENTRA
    },
    Function {
        name: "IsCert",
        parameters: &[parameter("cert", Kind::Binary, OnNull::False)],
        returns: BOOLEAN,
        docs: "true if octets are a certificate",
        run: Run::Eager(is_certificate),
        ..ENTRA
    },
];

/// What `of` makes of the certificate in the first argument.
fn answer(
    arguments: &Arguments,
    of: impl FnOnce(&X509Certificate<'_>) -> Operand,
) -> Result<Operand, Failure> {
    let octets = arguments.octets(0).unwrap_or_default();
    read::with(octets, of).ok_or_else(|| {
        Failure::of_argument(0, ErrorKind::Value, "the octets are not an X.509 certificate")
    })
}

fn extension_oids(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| {
        let oids = read::critical_extensions(certificate);
        Operand::list(oids.into_iter().map(Operand::text).collect())
    })
}

fn format(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |_| Operand::text("X509"))
}

fn friendly_name(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |_| Operand::text(""))
}

fn thumbprint(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| Operand::text(read::thumbprint(certificate)))
}

fn issuer(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| Operand::text(display(certificate.issuer())))
}

fn subject(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| Operand::text(display(certificate.subject())))
}

fn name_oid(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |_| Operand::Null)
}

fn key_algorithm(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| Operand::text(read::key_algorithm(certificate)))
}

fn key_parameters(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| Operand::text(read::key_parameters(certificate)))
}

fn not_after(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| moment(certificate.validity().not_after.timestamp()))
}

fn not_before(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| moment(certificate.validity().not_before.timestamp()))
}

fn moment(seconds: i64) -> Operand {
    Operand::Moment(ticks_of(Timestamp::from_seconds(seconds)))
}

fn serial(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| Operand::text(read::serial(certificate)))
}

fn signature_algorithm(
    arguments: &Arguments,
    _context: &mut Context<'_>,
) -> Result<Operand, Failure> {
    answer(arguments, |certificate| {
        Operand::text(certificate.signature_algorithm.algorithm.to_id_string())
    })
}

fn version(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    answer(arguments, |certificate| {
        Operand::text(certificate.version().0.saturating_add(1).to_string())
    })
}

fn name_info(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let found = answer(arguments, |certificate| {
        let info = read::name_info(certificate, arguments.text(1), arguments.boolean(2));
        info.map_or(Operand::Null, Operand::text)
    })?;
    if found == Operand::Null {
        return Err(Failure::of_argument(1, ErrorKind::Value, "there is no such kind of name"));
    }
    Ok(found)
}

fn is_certificate(arguments: &Arguments, _context: &mut Context<'_>) -> Result<Operand, Failure> {
    let octets = arguments.octets(0).unwrap_or_default();
    Ok(Operand::truth(read::with(octets, |_| ()).is_some()))
}
