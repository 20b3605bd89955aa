//! How to use TLS, by rustls.

mod any_certificate;

use std::fmt::Display;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};

use self::any_certificate::AnyCertificate;
use super::error::SpecError;

/// How to use TLS with a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Host name or address that its certificate must be issued for.
    pub server_name: String,
    /// Which certificates are accepted.
    pub trust: Trust,
    /// Whether a connection may resume the session of an earlier one, which avoids most of the
    /// handshake. If not, every connection makes a full handshake.
    pub resumption: bool,
}

/// Which certificates are accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// Those of the authorities that this host trusts.
    Host,
    /// Those of the authorities in this PEM text, and no others.
    Only(Vec<u8>),
    /// Any: neither the authority nor the name is checked.
    AnyCertificate,
}

impl Tls {
    pub(super) fn validate(&self) -> Result<(), SpecError> {
        TlsClient::new(self).map(drop)
    }
}

/// What all TLS connections of one thread share. Each thread has its own session cache, so that
/// threads do not wait for each other.
#[derive(Debug, Clone)]
pub(crate) struct TlsClient {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) server_name: ServerName<'static>,
}

impl TlsClient {
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
}

fn config(trust: &Trust) -> Result<ClientConfig, SpecError> {
    let provider = ring::default_provider();
    let algorithms = provider.signature_verification_algorithms;
    let builder = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| SpecError::Tls(error.to_string()))?;
    let roots = match trust {
        Trust::Host => host_roots()?,
        Trust::Only(pem) => pem_roots(pem)?,
        Trust::AnyCertificate => {
            let verifier = Arc::new(AnyCertificate { algorithms });
            let builder = builder.dangerous();
            let builder = builder.with_custom_certificate_verifier(verifier);
            return Ok(builder.with_no_client_auth());
        }
    };
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// Authorities that the host trusts: an authority of the user is usually installed there.
fn host_roots() -> Result<RootCertStore, SpecError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    let problem = "this host trusts no certificate authority: give one, or accept any certificate";
    SpecError::Tls(problem.to_owned()).unless(!roots.is_empty())?;
    Ok(roots)
}

fn pem_roots(pem: &[u8]) -> Result<RootCertStore, SpecError> {
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        roots
            .add(certificate.map_err(unusable)?)
            .map_err(unusable)?;
    }
    unusable("they contain no PEM certificate").unless(!roots.is_empty())?;
    Ok(roots)
}

fn unusable(why: impl Display) -> SpecError {
    SpecError::Tls(format!("the certificate authorities cannot be used: {why}"))
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
    fn settings_that_cannot_verify_a_certificate_are_refused() {
        assert!(tls("localhost", Trust::AnyCertificate).validate().is_ok());
        assert!(tls("::1", Trust::AnyCertificate).validate().is_ok());
        for wrong in [
            tls("", Trust::AnyCertificate),
            tls("a b", Trust::AnyCertificate),
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
