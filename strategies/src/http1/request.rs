//! Whether a request may be served: its framing, `Host` and target.

use http::header::{CONNECTION, HOST, HeaderMap};
use http::uri::Authority;
use http::{Method, Request, StatusCode, Uri, Version};
use thiserror::Error;

use super::fields::{is, members};
use super::{framing, host};

/// Why a request is refused, whatever it asks for. Its connection ends with the answer, since what
/// follows may not be what it seems to be.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(crate) enum RequestError {
    #[error("the request must have exactly one Host field")]
    HostCount,
    #[error("the Host field must be a host, and optionally a port")]
    Host,
    #[error("Connection must not name the Host field, which is for every recipient")]
    HostInConnection,
    #[error(
        "the target must be a path or a URI with http; only CONNECT has a host and a port instead, \
         and only OPTIONS an asterisk"
    )]
    Target,
    #[error("the target must not contain user information")]
    UserInformation,
    #[error("the only transfer coding supported is a single chunked")]
    TransferCoding,
    #[error("CONNECT is not supported: there are no tunnels here")]
    Connect,
}

impl RequestError {
    pub(crate) const fn status(self) -> StatusCode {
        match self {
            Self::TransferCoding | Self::Connect => StatusCode::NOT_IMPLEMENTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}

/// Checks a request.
///
/// # Errors
/// The first reason to refuse it.
pub(crate) fn check<B>(request: &Request<B>) -> Result<(), RequestError> {
    let fields = request.headers();
    framing::is_chunked(fields).map_err(|_unclear| RequestError::TransferCoding)?;
    check_host(request.version(), fields)?;
    check_target(request.method(), request.uri())
}

/// One valid `Host` is required, whatever the target is (RFC 9112 §3.2). HTTP/1.0 may do without. It must
/// reach the last recipient (RFC 9110 §7.6.1).
fn check_host(version: Version, fields: &HeaderMap) -> Result<(), RequestError> {
    if members(fields, &CONNECTION).any(|option| is(option, "host")) {
        return Err(RequestError::HostInConnection);
    }
    let mut hosts = fields.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) if host::is_valid(host.as_bytes()) => Ok(()),
        (Some(_), None) => Err(RequestError::Host),
        (None, _) if version == Version::HTTP_10 => Ok(()),
        _ => Err(RequestError::HostCount),
    }
}

/// Checks the form of the target (RFC 9112 §3.2.1 to §3.2.4).
fn check_target(method: &Method, target: &Uri) -> Result<(), RequestError> {
    match (target.scheme_str(), target.authority(), target.path()) {
        (None, Some(authority), _) if method == Method::CONNECT => {
            check_authority(authority)?;
            let port = authority.port_u16().filter(|port| *port != 0);
            Err(port.map_or(RequestError::Target, |_| RequestError::Connect))
        }
        _ if method == Method::CONNECT => Err(RequestError::Target),
        (Some("http" | "https"), Some(authority), _) => check_authority(authority),
        (None, None, "*") if method == Method::OPTIONS => Ok(()),
        (None, None, path) if path.starts_with('/') => Ok(()),
        _ => Err(RequestError::Target),
    }
}

/// A URI without a host is invalid, and user information in one is an error (RFC 9110 §4.2).
fn check_authority(authority: &Authority) -> Result<(), RequestError> {
    if authority.as_str().contains('@') {
        return Err(RequestError::UserInformation);
    }
    let valid = host::is_valid(authority.as_str().as_bytes()) && !authority.host().is_empty();
    valid.then_some(()).ok_or(RequestError::Target)
}

/// Whether an absolute target has no path, not even a slash. The asterisk of OPTIONS replaces it
/// (RFC 9112 §3.2.4).
pub(crate) fn has_empty_path(target: &Uri) -> bool {
    // `Uri` puts a slash into the place of an empty path. A path of the target itself follows the
    // authority in memory.
    let end = target
        .authority()
        .map(|it| it.as_str().as_bytes().as_ptr_range().end);
    target.query().is_none()
        && target.path() == "/"
        && end.is_some_and(|end| end != target.path().as_ptr())
}

#[cfg(test)]
mod tests;
