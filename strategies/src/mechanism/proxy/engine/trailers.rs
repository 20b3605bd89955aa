//! Trailers on their way through the proxy.

use bytes::Bytes;
use http::HeaderName;
use hyper::body::Frame;

use crate::http1::fields::retain_trailers;

/// Returns a piece of a body without the trailers that are not forwarded. `named` are the fields that
/// `Connection` names.
pub(super) fn harmless(frame: Frame<Bytes>, named: &[HeaderName]) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut trailers) => {
            retain_trailers(&mut trailers, named);
            Frame::trailers(trailers)
        }
        Err(data) => data,
    }
}
