//! Where a request is addressed to: its target and its `Host`.

use http::header::HOST;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Request, Uri, Version};

use super::refusal::Refusal;

/// Leaves the origin form of the target, and exactly one `Host`.
///
/// An absolute target overrides `Host` (RFC 9112 §3.2.2). `default_host` is for HTTP/1.0, which
/// knows requests without one; in HTTP/1.1 its lack is an error (§3.2), as is a second one.
pub(super) fn normalize<B>(
    request: &mut Request<B>,
    default_host: &HeaderValue,
) -> Result<(), Refusal> {
    if request.uri().scheme().is_some() {
        let host = request.uri().authority().ok_or(Refusal::Host)?;
        let host = host_of(host)?;
        request.headers_mut().insert(HOST, host);
        let path = request.uri().path_and_query().cloned();
        let path = path.unwrap_or_else(|| PathAndQuery::from_static("/"));
        *request.uri_mut() = Uri::from(path);
        return Ok(());
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(_), None) => Ok(()),
        (None, _) if request.version() == Version::HTTP_10 => {
            request.headers_mut().insert(HOST, default_host.clone());
            Ok(())
        }
        _ => Err(Refusal::Host),
    }
}

/// The authority as `Host` has it: without the user's name and password.
fn host_of(authority: &Authority) -> Result<HeaderValue, Refusal> {
    let host = authority
        .as_str()
        .rsplit_once('@')
        .map_or(authority.as_str(), |(_, host)| host);
    HeaderValue::from_str(host).map_err(|_| Refusal::Host)
}
