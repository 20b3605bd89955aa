//! Which fields of requests and answers are forwarded, removed and added.
//!
//! The proxy behaves as an edge proxy: it does not trust what a client says about its own address
//! or scheme. `X-Real-IP`, `X-Forwarded-Proto` and `X-Forwarded-Host` are replaced, and
//! `Forwarded`, which this proxy does not write, is removed. The client's address is appended to
//! `X-Forwarded-For`, so only the last address there can be trusted.

use http::header::{CONNECTION, EXPECT, FORWARDED, HOST, TE, TRANSFER_ENCODING, UPGRADE, VIA};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Body;

use super::error::ProxyError;
use super::{hop_by_hop::remove_hop_by_hop, target};
use crate::http1::fields::{
    X_FORWARDED_FOR, X_FORWARDED_HOST, X_FORWARDED_PROTO, X_REAL_IP, is, members,
};
use crate::http1::{framing, request, trailers};

/// Turns a client's request into a request to a worker. `client` is the client's address. Returns the
/// names in `Connection`.
///
/// # Errors
/// If the request must be [refused](request::check).
pub(super) fn prepare_request<B: Body>(
    request: &mut Request<B>,
    default_host: &HeaderValue,
    client: &HeaderValue,
) -> Result<Vec<HeaderName>, ProxyError> {
    request::check(request)?;
    let received = received_by(request.version());
    let named = prepare_connection(request);
    target::normalize(request, default_host)?;
    let fields = request.headers_mut();
    if fields
        .get(EXPECT)
        .is_some_and(|it| is(it.as_bytes(), "100-continue"))
    {
        // hyper sends the interim answer once a worker takes the body.
        fields.remove(EXPECT);
    }
    add_origin(fields, client);
    fields.append(VIA, received);
    *request.version_mut() = Version::HTTP_11;
    Ok(named)
}

/// Replaces the fields about the client's connection by fields about the worker's. Returns the names in
/// `Connection`.
fn prepare_connection<B: Body>(request: &mut Request<B>) -> Vec<HeaderName> {
    let upgrade = requested_upgrade(request);
    let is_chunked = request.body().size_hint().exact().is_none();
    let fields = request.headers_mut();
    let wants_trailers = members(fields, &TE).any(|coding| is(coding, "trailers"));
    let named = remove_hop_by_hop(fields);
    trailers::retain_announced(fields, &named);
    if is_chunked {
        // Without it hyper treats a GET of unknown length as one without a body.
        fields.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    if wants_trailers {
        fields.insert(TE, HeaderValue::from_static("trailers"));
        fields.insert(CONNECTION, HeaderValue::from_static("te"));
    }
    if let Some(protocol) = upgrade {
        keep_upgrade(fields, protocol);
    }
    named
}

/// Turns a worker's answer into an answer to the client. Returns the names in `Connection`.
///
/// # Errors
/// If the end of its body is not [clear](framing::simplify).
pub(super) fn prepare_response<B>(
    response: &mut Response<B>,
) -> Result<Vec<HeaderName>, ProxyError> {
    let received = received_by(response.version());
    let upgrades = matches!(
        response.status(),
        StatusCode::SWITCHING_PROTOCOLS | StatusCode::UPGRADE_REQUIRED
    );
    let fields = response.headers_mut();
    framing::simplify(fields).map_err(|_unclear| ProxyError::InvalidAnswer)?;
    let protocol = fields.get(UPGRADE).filter(|_| upgrades).cloned();
    let named = remove_hop_by_hop(fields);
    trailers::retain_announced(fields, &named);
    if let Some(protocol) = protocol {
        keep_upgrade(fields, protocol);
    }
    fields.append(VIA, received);
    *response.version_mut() = Version::HTTP_11;
    Ok(named)
}

/// Returns the protocol that the client wants to switch to, if that is allowed.
///
/// HTTP/2 without TLS is not: requests inside the tunnel would bypass the policy and these rules.
fn requested_upgrade<B>(request: &Request<B>) -> Option<HeaderValue> {
    let fields = request.headers();
    let protocol = fields.get(UPGRADE)?;
    let asked = request.version() == Version::HTTP_11
        && members(fields, &CONNECTION).any(|option| is(option, "upgrade"))
        && !members(fields, &UPGRADE).any(|protocol| is(protocol, "h2c"));
    asked.then(|| protocol.clone())
}

fn keep_upgrade(fields: &mut HeaderMap, protocol: HeaderValue) {
    fields.insert(UPGRADE, protocol);
    fields.append(CONNECTION, HeaderValue::from_static("upgrade"));
}

/// Adds the client's address, and the scheme and host that it used.
fn add_origin(fields: &mut HeaderMap, client: &HeaderValue) {
    let chain = forwarded_for(fields, client);
    fields.insert(X_FORWARDED_FOR, chain);
    fields.insert(X_REAL_IP, client.clone());
    fields.insert(X_FORWARDED_PROTO, HeaderValue::from_static("http"));
    if let Some(host) = fields.get(HOST).cloned() {
        fields.insert(X_FORWARDED_HOST, host);
    }
    fields.remove(FORWARDED);
}

/// Returns the addresses that the request has already, followed by the client's.
fn forwarded_for(fields: &HeaderMap, client: &HeaderValue) -> HeaderValue {
    let mut earlier = members(fields, &X_FORWARDED_FOR).peekable();
    if earlier.peek().is_none() {
        return client.clone();
    }
    let chain: Vec<&[u8]> = earlier.chain([client.as_bytes()]).collect();
    HeaderValue::from_bytes(&chain.join(&b", "[..]))
        .expect("field values joined by a comma are a field value")
}

/// Returns this proxy's entry in `Via`, with the HTTP version of the received message.
pub(super) fn received_by(version: Version) -> HeaderValue {
    HeaderValue::from_static(if version == Version::HTTP_10 {
        "1.0 evenkeel"
    } else {
        "1.1 evenkeel"
    })
}
