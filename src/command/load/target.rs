//! The server under load, and TLS.

use std::net::{SocketAddr, TcpStream};
use std::thread::sleep;
use std::time::{Duration, Instant};

use evenkeel_common::file;
use evenkeel_loadgen::{self as loadgen, Address, Target, Tls, Trust};

use crate::cli::{LoadArgs, TlsOptions};
use crate::failure::Failure;
use crate::values::Url;

/// Pause before addresses that refused are tried again: as long as a load thread makes.
const RETRY_AFTER: Duration = Duration::from_millis(10);

/// Returns the server under load.
///
/// # Errors
/// [`Failure::Usage`] for a host that is not on this machine, and for options that do not fit the
/// scheme.
pub(super) fn of(args: &LoadArgs, url: &Url) -> Result<Target, Failure> {
    let address = match &args.connection.unix_socket {
        Some(path) => Address::Unix(path.clone()),
        None => Address::Tcp(address(url, args.connection.timeout)?),
    };
    let tls = match url.scheme.is_secure() {
        false => {
            refuse_tls_options(&args.tls)?;
            None
        }
        true => Some(Tls {
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

/// The server, as errors name it.
pub(super) fn name(args: &LoadArgs) -> String {
    match &args.connection.unix_socket {
        Some(path) => format!("the socket {}", path.display()),
        None => args.url.clone(),
    }
}

/// Returns the first address of the host on which a server listens. A name may have several, such as
/// `localhost` with ::1 and 127.0.0.1, and a server often has only one of them. Which one is decided here,
/// before the load, so that no measured connection pays for a refused one. A server that is started
/// together with the load has as long to listen as [`loadgen::PATIENCE`]. A single address is not tried.
fn address(url: &Url, within: Duration) -> Result<SocketAddr, Failure> {
    let addresses = url.resolve().map_err(Failure::usage)?;
    if let [only] = addresses[..] {
        return Ok(only);
    }
    let begun = Instant::now();
    loop {
        let mut refusals = Vec::new();
        for address in &addresses {
            match TcpStream::connect_timeout(address, within) {
                Ok(_) => return Ok(*address),
                Err(error) => refusals.push(format!("{address}: {error}")),
            }
        }
        if begun.elapsed() >= loadgen::PATIENCE {
            return Err(Failure::Failed(format!(
                "nobody could be reached at any address of `{}` ({}); is the server running?",
                url.authority,
                refusals.join(", ")
            )));
        }
        sleep(RETRY_AFTER);
    }
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
        Some(path) => {
            let pem = file::read(path, file::CERTIFICATES).map_err(|error| {
                Failure::Usage(format!(
                    "{} cannot be read ({error}); give `--cacert` a PEM file with authorities",
                    path.display()
                ))
            })?;
            Ok(Trust::Only(pem))
        }
    }
}
