//! The target of a request and its `Host`.

use http::header::HOST;
use http::uri::PathAndQuery;
use http::{HeaderValue, Method, Request, Uri};

use super::error::ProxyError;
use crate::http1::request::{RequestError, has_empty_path};

/// Brings the target of a [checked](crate::http1::request::check) request into origin form, or into an
/// asterisk, and makes sure that there is a `Host`.
///
/// An absolute target overrides `Host` (RFC 9112 §3.2.2). `default_host` is used if there is neither, which
/// HTTP/1.0 allows.
pub(super) fn normalize<B>(
    request: &mut Request<B>,
    default_host: &HeaderValue,
) -> Result<(), ProxyError> {
    if let Some(authority) = request.uri().authority() {
        let host = HeaderValue::from_str(authority.as_str());
        let host = host.map_err(|_invalid| RequestError::Target)?;
        let path = path_of(request);
        request.headers_mut().insert(HOST, host);
        *request.uri_mut() = Uri::from(path);
    } else if !request.headers().contains_key(HOST) {
        request.headers_mut().insert(HOST, default_host.clone());
    }
    Ok(())
}

/// Returns the path and query of an absolute target.
fn path_of<B>(request: &Request<B>) -> PathAndQuery {
    if request.method() == Method::OPTIONS && has_empty_path(request.uri()) {
        return PathAndQuery::from_static("*");
    }
    let path = request.uri().path_and_query().cloned();
    path.unwrap_or_else(|| PathAndQuery::from_static("/"))
}
