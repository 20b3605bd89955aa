//! TLS on top of the engine's own sockets, by rustls.
//!
//! Plain connections have no part in it: a connection without a [`Session`]
//! takes the same road as if there were no TLS.

mod anyone;
mod session;

use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use crate::spec::SpecError;
pub(crate) use session::Session;

/// How to speak TLS with a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// The host name, or address, that its certificate must be for.
    pub server_name: String,
    /// Whose certificates are believed.
    pub trust: Trust,
    /// Whether a later connection may resume the session of an earlier one,
    /// which spares both sides most of a handshake. Off, every connection pays
    /// for a full one.
    pub resumption: bool,
}

/// Whose certificates are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// The authorities that this host trusts.
    Host,
    /// The authorities in this PEM text, and no others.
    Only(Vec<u8>),
    /// Anyone: neither the authority nor the name is checked.
    Anyone,
}

impl Tls {
    pub(crate) fn validate(&self) -> Result<(), SpecError> {
        Client::new(self).map(drop)
    }
}

/// What all TLS connections of one thread have in common; the cache of
/// sessions is its own, so that threads do not wait for each other.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    config: Arc<ClientConfig>,
    server_name: ServerName<'static>,
}

impl Client {
    pub(crate) fn new(tls: &Tls) -> Result<Self, SpecError> {
        let server_name = ServerName::try_from(tls.server_name.clone())
            .map_err(|_| SpecError::ServerName(tls.server_name.clone()))?;
        let mut config = config(&tls.trust)?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        if !tls.resumption {
            config.resumption = Resumption::disabled();
        }
        Ok(Self {
            config: Arc::new(config),
            server_name,
        })
    }

    /// Begins a session, at this time in nanoseconds since the load began.
    pub(crate) fn begin(&self, now: u64) -> Result<Session, rustls::Error> {
        Session::new(self.config.clone(), self.server_name.clone(), now)
    }
}

fn config(trust: &Trust) -> Result<ClientConfig, SpecError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(|error| SpecError::Tls(error.to_string()))?;
    let roots = match trust {
        Trust::Host => host_roots()?,
        Trust::Only(pem) => pem_roots(pem)?,
        Trust::Anyone => {
            let anyone = Arc::new(anyone::Anyone::new(provider));
            let builder = builder.dangerous().with_custom_certificate_verifier(anyone);
            return Ok(builder.with_no_client_auth());
        }
    };
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// What the host trusts: for a server on this machine, that is where its
/// owner's own authority would have been installed.
fn host_roots() -> Result<RootCertStore, SpecError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(SpecError::Tls(
            "this host trusts no certificate authority; name one, or trust anyone".to_owned(),
        ));
    }
    Ok(roots)
}

fn pem_roots(pem: &[u8]) -> Result<RootCertStore, SpecError> {
    let unusable = |why: String| SpecError::Tls(format!("the authorities cannot be used: {why}"));
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots
            .add(certificate)
            .map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() {
        return Err(unusable("there is no PEM certificate in them".to_owned()));
    }
    Ok(roots)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tls(server_name: &str, trust: Trust) -> Tls {
        Tls {
            server_name: server_name.to_owned(),
            trust,
            resumption: false,
        }
    }

    #[test]
    fn what_cannot_be_verified_against_is_refused() {
        assert!(tls("localhost", Trust::Anyone).validate().is_ok());
        assert!(tls("::1", Trust::Anyone).validate().is_ok());
        for wrong in [
            tls("", Trust::Anyone),
            tls("a b", Trust::Anyone),
            tls("localhost", Trust::Only(Vec::new())),
            tls("localhost", Trust::Only(b"no PEM".to_vec())),
            tls(
                "localhost",
                Trust::Only(
                    b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".to_vec(),
                ),
            ),
        ] {
            assert!(wrong.validate().is_err(), "{wrong:?}");
        }
    }
}
