//! Where load goes: a URL of this machine.

use std::net::{SocketAddr, ToSocketAddrs};

use thiserror::Error;

/// A URL, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    /// Where to connect to.
    pub(crate) address: SocketAddr,
    /// Host and port as they were written, for the `host` field.
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) path: String,
}

/// Why a URL cannot be loaded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum UrlError {
    /// Something other than plain HTTP.
    #[error(
        "`{0}` is not an http:// URL; the load generator speaks plain HTTP/1.1, so write http://ADDRESS:PORT/PATH"
    )]
    Scheme(String),
    /// A host that does not resolve, or a port that is none.
    #[error(
        "`{0}` is not an address that can be connected to; write http://ADDRESS:PORT/PATH, such as http://127.0.0.1:8080/"
    )]
    Address(String),
    /// A server elsewhere.
    #[error(
        "`{0}` is not on this machine; load goes to loopback addresses only, such as 127.0.0.1, so run evenkeel where the server runs"
    )]
    Elsewhere(String),
}

impl std::str::FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let rest = text
            .strip_prefix("http://")
            .ok_or_else(|| UrlError::Scheme(text.to_owned()))?;
        let rest = rest.split('#').next().unwrap_or(rest);
        let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_at);
        let path = if path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        Ok(Self {
            address: resolve(authority)?,
            authority: authority.to_owned(),
            path,
        })
    }
}

/// The port of http:// where none is written (RFC 9110, section 4.2.1).
const HTTP_PORT: u16 = 80;

fn resolve(authority: &str) -> Result<SocketAddr, UrlError> {
    let has_port = authority
        .rsplit_once(':')
        .is_some_and(|(_, port)| !port.ends_with(']'));
    let with_port = if has_port {
        authority.to_owned()
    } else {
        format!("{authority}:{HTTP_PORT}")
    };
    let unknown = || UrlError::Address(authority.to_owned());
    let mut addresses = with_port
        .to_socket_addrs()
        .map_err(|_| unknown())?
        .peekable();
    addresses.peek().ok_or_else(unknown)?;
    addresses
        .find(|address| address.ip().is_loopback())
        .ok_or_else(|| UrlError::Elsewhere(authority.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_an_address_and_a_path() {
        for (text, address, path) in [
            (
                "http://127.0.0.1:8080/spin/50?x=1#top",
                "127.0.0.1:8080",
                "/spin/50?x=1",
            ),
            ("http://127.0.0.1", "127.0.0.1:80", "/"),
            ("http://127.1.2.3:1?q", "127.1.2.3:1", "/?q"),
            ("http://[::1]:8080/", "[::1]:8080", "/"),
            ("http://[::1]", "[::1]:80", "/"),
        ] {
            let url: Url = text.parse().expect(text);
            assert_eq!(
                (url.address.to_string().as_str(), url.path.as_str()),
                (address, path)
            );
        }
    }

    #[test]
    fn other_schemes_other_machines_and_nonsense_are_told_apart() {
        let error = |text: &str| text.parse::<Url>().expect_err(text);
        assert!(matches!(error("https://127.0.0.1/"), UrlError::Scheme(_)));
        assert!(matches!(error("127.0.0.1:80/"), UrlError::Scheme(_)));
        assert!(matches!(error("http://192.0.2.1/"), UrlError::Elsewhere(_)));
        assert!(matches!(
            error("http://0.0.0.0:80/"),
            UrlError::Elsewhere(_)
        ));
        assert!(matches!(
            error("http://127.0.0.1:99999/"),
            UrlError::Address(_)
        ));
        assert!(matches!(error("http://"), UrlError::Address(_)));
    }
}
