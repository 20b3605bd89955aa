//! Answers of the proxy itself: why a request could not be forwarded.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use super::response_body::ResponseBody;

/// Why a request did not get a worker's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ProxyError {
    /// The request has no `Host`, or more than one (RFC 9112 §3.2).
    InvalidHost,
    /// The body did not arrive completely, or not in the announced form.
    BrokenUpload,
    /// The method is `CONNECT`, which is for forward proxies.
    Connect,
    /// The request has a transfer coding other than `chunked` (RFC 9112 §6.1).
    UnsupportedCoding,
    /// No worker can be connected to.
    NoWorker,
    /// The worker closed the connection instead of answering.
    WorkerClosed,
    /// What the worker sent is not a valid answer to this request.
    InvalidAnswer,
    /// The host has no port or descriptor left for a connection to a worker.
    NoPortOrDescriptor,
    /// No answer arrived in time.
    Timeout,
}

impl ProxyError {
    pub(super) fn into_response(self) -> Response<ResponseBody> {
        let (status, text) = self.status_and_text();
        let body = ResponseBody::Own(Some(Bytes::from_static(text.as_bytes())));
        let mut response = Response::new(body);
        *response.status_mut() = status;
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        response
    }

    const fn status_and_text(self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidHost => (
                StatusCode::BAD_REQUEST,
                "the request must have exactly one Host field\n",
            ),
            Self::BrokenUpload => (
                StatusCode::BAD_REQUEST,
                "the body of the request is broken or incomplete\n",
            ),
            Self::Connect => (
                StatusCode::NOT_IMPLEMENTED,
                "CONNECT is not supported: this is a reverse proxy\n",
            ),
            Self::UnsupportedCoding => (
                StatusCode::NOT_IMPLEMENTED,
                "the only transfer coding supported is chunked\n",
            ),
            Self::NoWorker => (
                StatusCode::BAD_GATEWAY,
                "no worker accepts connections at the moment\n",
            ),
            Self::WorkerClosed => (
                StatusCode::BAD_GATEWAY,
                "the worker closed the connection without an answer\n",
            ),
            Self::InvalidAnswer => (
                StatusCode::BAD_GATEWAY,
                "the worker's answer is not valid HTTP\n",
            ),
            Self::NoPortOrDescriptor => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the proxy has no free port or descriptor for a connection to a worker\n",
            ),
            Self::Timeout => (
                StatusCode::GATEWAY_TIMEOUT,
                "no worker answered within the time allowed\n",
            ),
        }
    }
}
