//! The target of a request and its `Host`.

use http::header::HOST;
use http::uri::{Authority, PathAndQuery};
use http::{HeaderValue, Request, Uri, Version};

use super::error::ProxyError;

/// Brings the target into origin form, and makes sure that there is exactly one `Host`.
///
/// An absolute target overrides `Host` (RFC 9112 §3.2.2). `default_host` is used for HTTP/1.0,
/// which allows requests without `Host`. In HTTP/1.1 a missing or second `Host` is an error (§3.2).
pub(super) fn normalize<B>(
    request: &mut Request<B>,
    default_host: &HeaderValue,
) -> Result<(), ProxyError> {
    if request.uri().scheme().is_some() {
        let host = request.uri().authority().ok_or(ProxyError::InvalidHost)?;
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
        _ => Err(ProxyError::InvalidHost),
    }
}

/// Returns the authority without user name and password, as the value of `Host`.
fn host_of(authority: &Authority) -> Result<HeaderValue, ProxyError> {
    let host = authority
        .as_str()
        .rsplit_once('@')
        .map_or(authority.as_str(), |(_, host)| host);
    HeaderValue::from_str(host).map_err(|_| ProxyError::InvalidHost)
}
