//! Trailers on their way through the proxy.

use bytes::Bytes;
use http::HeaderName;
use hyper::body::Frame;

use crate::http1::trailers;

/// Returns a piece of a body without the trailers that are not forwarded. `named` are the fields that
/// `Connection` names.
pub(super) fn harmless(frame: Frame<Bytes>, named: &[HeaderName]) -> Frame<Bytes> {
    match frame.into_trailers() {
        Ok(mut fields) => {
            trailers::retain(&mut fields, named);
            Frame::trailers(fields)
        }
        Err(data) => data,
    }
}
