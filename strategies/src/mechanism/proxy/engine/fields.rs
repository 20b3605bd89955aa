//! Which fields go on, and which are added.
//!
//! The workers see an edge proxy: what a client says of its own address or scheme counts for
//! nothing. `X-Real-IP`, `X-Forwarded-Proto` and `X-Forwarded-Host` are written anew, and
//! `Forwarded`, which this proxy does not write, is taken away. `X-Forwarded-For` is kept and
//! appended to, so only its last address is vouched for.

use http::header::{CONNECTION, EXPECT, FORWARDED, HOST, TE, TRANSFER_ENCODING, UPGRADE, VIA};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode, Version};
use hyper::body::Body;

use super::hop_by_hop::{is, options, remove_hop_by_hop};
use super::refusal::Refusal;
use super::target;

pub(super) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Makes of a client's request one to a worker. `client` is the client's address.
///
/// # Errors
/// No clear host (see [`target`]), or a transfer coding that this proxy could not pass on.
pub(super) fn prepare_request<B: Body>(
    request: &mut Request<B>,
    default_host: &HeaderValue,
    client: &HeaderValue,
) -> Result<(), Refusal> {
    let received = received_by(request.version());
    if !is_plainly_chunked(request.headers()) {
        return Err(Refusal::Coding);
    }
    prepare_connection(request);
    target::normalize(request, default_host)?;
    let fields = request.headers_mut();
    if fields
        .get(EXPECT)
        .is_some_and(|it| is(it.as_bytes(), "100-continue"))
    {
        // The client is told to go on as soon as a worker is there to take the body.
        fields.remove(EXPECT);
    }
    add_origin(fields, client);
    fields.append(VIA, received);
    *request.version_mut() = Version::HTTP_11;
    Ok(())
}

/// Replaces the fields about the client's connection by those about the worker's.
fn prepare_connection<B: Body>(request: &mut Request<B>) {
    let upgrade = requested_upgrade(request);
    let is_chunked = request.body().size_hint().exact().is_none();
    let fields = request.headers_mut();
    let wants_trailers = options(fields, &TE).any(|coding| is(coding, "trailers"));
    remove_hop_by_hop(fields);
    if is_chunked {
        // hyper would take a GET of unknown length for one without a body.
        fields.insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    if wants_trailers {
        fields.insert(TE, HeaderValue::from_static("trailers"));
        fields.insert(CONNECTION, HeaderValue::from_static("te"));
    }
    if let Some(protocol) = upgrade {
        keep_upgrade(fields, protocol);
    }
}

/// Makes of a worker's fields those for the client.
///
/// # Errors
/// A transfer coding that nobody asked for.
pub(super) fn prepare_response<B>(response: &mut Response<B>) -> Result<(), Refusal> {
    let received = received_by(response.version());
    let upgrades = matches!(
        response.status(),
        StatusCode::SWITCHING_PROTOCOLS | StatusCode::UPGRADE_REQUIRED
    );
    let fields = response.headers_mut();
    if !is_plainly_chunked(fields) {
        return Err(Refusal::Answer);
    }
    let protocol = fields.get(UPGRADE).filter(|_| upgrades).cloned();
    remove_hop_by_hop(fields);
    if let Some(protocol) = protocol {
        keep_upgrade(fields, protocol);
    }
    fields.append(VIA, received);
    *response.version_mut() = Version::HTTP_11;
    Ok(())
}

/// The protocol that the client would change to, if it may.
///
/// Not to HTTP/2 in clear: requests inside the tunnel would pass by the policy and these rules.
fn requested_upgrade<B>(request: &Request<B>) -> Option<HeaderValue> {
    let fields = request.headers();
    let protocol = fields.get(UPGRADE)?;
    let asked = request.version() == Version::HTTP_11
        && options(fields, &CONNECTION).any(|option| is(option, "upgrade"))
        && !options(fields, &UPGRADE).any(|protocol| is(protocol, "h2c"));
    asked.then(|| protocol.clone())
}

fn keep_upgrade(fields: &mut HeaderMap, protocol: HeaderValue) {
    fields.insert(UPGRADE, protocol);
    fields.append(CONNECTION, HeaderValue::from_static("upgrade"));
}

/// Says who asks, and by which name and scheme.
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

/// The addresses that were there already, and the client's behind them.
fn forwarded_for(fields: &HeaderMap, client: &HeaderValue) -> HeaderValue {
    let mut earlier = fields.get_all(X_FORWARDED_FOR).iter().peekable();
    if earlier.peek().is_none() {
        return client.clone();
    }
    let chain: Vec<&[u8]> = earlier.chain([client]).map(HeaderValue::as_bytes).collect();
    HeaderValue::from_bytes(&chain.join(&b", "[..]))
        .expect("field values joined by a comma are a field value")
}

/// This proxy's entry in `Via`, with the version in which the message was received.
fn received_by(version: Version) -> HeaderValue {
    HeaderValue::from_static(if version == Version::HTTP_10 {
        "1.0 evenkeel"
    } else {
        "1.1 evenkeel"
    })
}

/// Whether no transfer coding is applied but `chunked`, which hyper takes off and puts on.
fn is_plainly_chunked(fields: &HeaderMap) -> bool {
    options(fields, &TRANSFER_ENCODING).all(|coding| is(coding, "chunked"))
}
