//! URLs of servers on this machine, the targets of load.

use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;

use thiserror::Error;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) scheme: Scheme,
    /// The host; an IPv6 address without its brackets.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Host and port as written, for the `host` field.
    pub(crate) authority: String,
    /// Path and query.
    pub(crate) path: String,
}

/// What is spoken with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scheme {
    Http,
    Https,
    /// WebSocket (RFC 6455, section 3).
    Ws,
    /// WebSocket over TLS.
    Wss,
}

/// Why a URL cannot be loaded.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum UrlError {
    #[error("`{0}` is not an http://, https://, ws:// or wss:// URL; write http://HOST:PORT/PATH")]
    Scheme(String),
    #[error("`{0}` names no host; write it between // and the path, as in http://127.0.0.1:8080/")]
    NoHost(String),
    #[error(
        "`{0}` holds a user name or a password, which load would not send; leave it out, and give \
         -H 'authorization: ...' if the server wants one"
    )]
    UserInfo(String),
    #[error(
        "`{0}` has a fragment, which never reaches a server; leave out the # and what follows it"
    )]
    Fragment(String),
    #[error(
        "`{0}` holds a character that a URL cannot have: spaces, control and non-ASCII characters \
         are percent-encoded, a space as %20"
    )]
    Character(String),
    #[error("the port of `{0}` is not a number from 1 to 65535; correct it, or leave it out")]
    Port(String),
    #[error(
        "`{host}` does not resolve ({reason}); write an address of this machine, as in http://127.0.0.1:8080/"
    )]
    Unresolved { host: String, reason: String },
    #[error(
        "`{0}` is not on this machine; load goes to loopback addresses only, such as 127.0.0.1, \
         so run evenkeel where the server runs"
    )]
    Elsewhere(String),
}

impl Scheme {
    /// All schemes, as URLs name them.
    const NAMES: [(&str, Self); 4] = [
        ("http", Self::Http),
        ("https", Self::Https),
        ("ws", Self::Ws),
        ("wss", Self::Wss),
    ];

    /// Whether connections use TLS.
    pub(crate) fn is_secure(self) -> bool {
        matches!(self, Self::Https | Self::Wss)
    }

    /// Whether connections become WebSockets.
    pub(crate) fn is_websocket(self) -> bool {
        matches!(self, Self::Ws | Self::Wss)
    }

    /// Default port (RFC 9110, sections 4.2.1 and 4.2.2, and RFC 6455, section 3).
    fn default_port(self) -> u16 {
        match self.is_secure() {
            false => 80,
            true => 443,
        }
    }
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = split_scheme(text)?;
        if !rest.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UrlError::Character(text.to_owned()));
        }
        if rest.contains('#') {
            return Err(UrlError::Fragment(text.to_owned()));
        }
        let path_at = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(path_at);
        if authority.contains('@') {
            return Err(UrlError::UserInfo(text.to_owned()));
        }
        let (host, port) = split_port(authority);
        if host.is_empty() {
            return Err(UrlError::NoHost(text.to_owned()));
        }
        let port = match port {
            None => scheme.default_port(),
            Some(port) => read_port(port).ok_or_else(|| UrlError::Port(text.to_owned()))?,
        };
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            scheme,
            host: host.to_owned(),
            port,
            authority: authority.to_owned(),
            path: format!("{slash}{path}"),
        })
    }
}

fn split_scheme(text: &str) -> Result<(Scheme, &str), UrlError> {
    let scheme = text.split_once("://").and_then(|(name, rest)| {
        let mut known = Scheme::NAMES.iter();
        let (_, scheme) = known.find(|(known, _)| name.eq_ignore_ascii_case(known))?;
        Some((*scheme, rest))
    });
    scheme.ok_or_else(|| UrlError::Scheme(text.to_owned()))
}

/// Splits off the port. Removes the brackets of an IPv6 address.
fn split_port(authority: &str) -> (&str, Option<&str>) {
    if let Some((host, rest)) = authority
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        let port = (!rest.is_empty()).then(|| rest.strip_prefix(':').unwrap_or_default());
        return (host, port);
    }
    match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    }
}

/// Parses a port of digits only: `parse` would accept a `+`, too.
fn read_port(text: &str) -> Option<u16> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0)
}

impl Url {
    /// Returns the loopback addresses of the host, at least one, in the order in which to try them.
    pub(crate) fn resolve(&self) -> Result<Vec<SocketAddr>, UrlError> {
        let addresses = (self.host.as_str(), self.port).to_socket_addrs();
        let addresses = addresses.map_err(|error| UrlError::Unresolved {
            host: self.host.clone(),
            reason: error.to_string(),
        })?;
        let mut on_loopback: Vec<SocketAddr> = Vec::new();
        for address in addresses.filter(|address| address.ip().is_loopback()) {
            if !on_loopback.contains(&address) {
                on_loopback.push(address);
            }
        }
        match on_loopback.is_empty() {
            true => Err(UrlError::Elsewhere(self.host.clone())),
            false => Ok(on_loopback),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect(text)
    }

    #[test]
    fn a_url_is_a_scheme_an_address_and_a_path() {
        use Scheme::{Http, Https, Ws, Wss};
        for (text, scheme, address, path) in [
            (
                "http://127.0.0.1:8080/spin/50?x=1",
                Http,
                "127.0.0.1:8080",
                "/spin/50?x=1",
            ),
            ("http://127.0.0.1", Http, "127.0.0.1:80", "/"),
            ("HTTPS://127.0.0.1", Https, "127.0.0.1:443", "/"),
            ("http://127.1.2.3:1?q", Http, "127.1.2.3:1", "/?q"),
            ("http://[::1]:8080/", Http, "[::1]:8080", "/"),
            ("https://[::1]", Https, "[::1]:443", "/"),
            ("ws://127.0.0.1/chat", Ws, "127.0.0.1:80", "/chat"),
            ("wss://127.0.0.1/chat", Wss, "127.0.0.1:443", "/chat"),
        ] {
            let url = url(text);
            let addresses = url.resolve().expect(text);
            assert_eq!(addresses, [address.parse().expect("an address")], "{text}");
            assert_eq!((url.scheme, url.path.as_str()), (scheme, path));
        }
    }

    #[test]
    fn localhost_is_a_host_with_a_loopback_address() {
        let url = url("http://localhost:8080/");
        assert_eq!(
            (url.host.as_str(), url.authority.as_str()),
            ("localhost", "localhost:8080")
        );
        let addresses = url.resolve().expect("localhost");
        assert!(addresses.iter().all(|address| address.ip().is_loopback()));
    }

    #[test]
    fn each_problem_of_a_url_has_its_own_error() {
        let error = |text: &str| text.parse::<Url>().expect_err(text);
        let of = |text: &str| text.to_owned();
        for (text, expected) in [
            ("127.0.0.1:80/", UrlError::Scheme as fn(String) -> UrlError),
            ("ftp://127.0.0.1/", UrlError::Scheme),
            ("", UrlError::Scheme),
            ("http:///path", UrlError::NoHost),
            ("http://", UrlError::NoHost),
            ("http://:8080/", UrlError::NoHost),
            ("http://[]:8080/", UrlError::NoHost),
            ("http://user@127.0.0.1/", UrlError::UserInfo),
            ("http://user:word@127.0.0.1/", UrlError::UserInfo),
            ("http://127.0.0.1/#top", UrlError::Fragment),
            ("http://127.0.0.1/a b", UrlError::Character),
            ("http://127.0.0.1/\u{e9}", UrlError::Character),
            ("http://127.0.0.1:0/", UrlError::Port),
            ("http://127.0.0.1:99999/", UrlError::Port),
            ("http://127.0.0.1:+80/", UrlError::Port),
            ("http://127.0.0.1:/", UrlError::Port),
            ("http://[::1]8080/", UrlError::Port),
            ("http://::1/", UrlError::NoHost),
        ] {
            let wanted = expected(of(text));
            let got = error(text);
            assert_eq!(got, wanted, "{text}");
        }
    }

    #[test]
    fn other_machines_and_unknown_hosts_have_different_errors() {
        let error = |text: &str| url(text).resolve().expect_err(text);
        assert!(matches!(error("http://192.0.2.1/"), UrlError::Elsewhere(_)));
        assert!(matches!(
            error("http://0.0.0.0:80/"),
            UrlError::Elsewhere(_)
        ));
        assert!(matches!(
            error("http://[2001:db8::1]/"),
            UrlError::Elsewhere(_)
        ));
        // Names under .invalid never resolve (RFC 6761, section 6.4).
        assert!(matches!(
            error("http://no.invalid/"),
            UrlError::Unresolved { .. }
        ));
    }
}
