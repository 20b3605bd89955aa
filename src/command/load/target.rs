//! The server under load, and TLS.

use std::fs;

use evenkeel_loadgen::{Address, Target, Tls, Trust};

use crate::cli::{LoadArgs, TlsOptions};
use crate::failure::Failure;
use crate::values::{Scheme, Url};

/// Returns the server under load.
///
/// # Errors
/// [`Failure::Usage`] for a host that is not on this machine, and for options that do not fit the
/// scheme.
pub(super) fn of(args: &LoadArgs, url: &Url) -> Result<Target, Failure> {
    let address = match &args.connection.unix_socket {
        Some(path) => Address::Unix(path.clone()),
        None => Address::Tcp(url.resolve().map_err(Failure::usage)?),
    };
    let tls = match url.scheme {
        Scheme::Http => {
            refuse_tls_options(&args.tls)?;
            None
        }
        Scheme::Https => Some(Tls {
            server_name: url.host.clone(),
            trust: trust(&args.tls)?,
            resumption: args.tls.tls_resumption,
        }),
    };
    Ok(Target {
        address,
        authority: url.authority.clone(),
        tls,
    })
}

fn refuse_tls_options(options: &TlsOptions) -> Result<(), Failure> {
    let given = [
        ("--insecure", options.insecure),
        ("--cacert", options.cacert.is_some()),
        ("--tls-resumption", options.tls_resumption),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(Failure::Usage(format!(
            "`{option}` is for TLS, and the URL is plain http://; leave it out, or write https://"
        ))),
    }
}

fn trust(options: &TlsOptions) -> Result<Trust, Failure> {
    match &options.cacert {
        _ if options.insecure => Ok(Trust::AnyCertificate),
        None => Ok(Trust::Host),
        Some(file) => fs::read(file).map(Trust::Only).map_err(|error| {
            Failure::Usage(format!(
                "{} cannot be read ({error}); give `--cacert` a PEM file with authorities",
                file.display()
            ))
        }),
    }
}
