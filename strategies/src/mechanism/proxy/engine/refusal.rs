//! Answers that are the proxy's own.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};

use super::body::Answer;

/// Why a request did not get a worker's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No `Host`, or more than one (RFC 9112 §3.2).
    Host,
    /// The body did not arrive whole, or not in the form that was announced.
    Upload,
    /// `CONNECT`: this is no forward proxy.
    Connect,
    /// A transfer coding other than `chunked` (RFC 9112 §6.1).
    Coding,
    /// No worker can be connected to.
    NoWorker,
    /// The worker closed the connection instead of answering.
    Closed,
    /// What came was not a valid answer to this request.
    Answer,
    /// The proxy's host has no port or descriptor left for a connection to a worker.
    Exhausted,
    /// No answer within the time.
    Silent,
}

impl Refusal {
    pub(super) fn into_response(self) -> Response<Answer> {
        let (status, text) = self.status_and_text();
        let body = Answer::Own(Some(Bytes::from_static(text.as_bytes())));
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
            Self::Host => (
                StatusCode::BAD_REQUEST,
                "the request must have exactly one Host field\n",
            ),
            Self::Upload => (
                StatusCode::BAD_REQUEST,
                "the body of the request is broken or incomplete\n",
            ),
            Self::Connect => (
                StatusCode::NOT_IMPLEMENTED,
                "CONNECT is not supported: this is a reverse proxy\n",
            ),
            Self::Coding => (
                StatusCode::NOT_IMPLEMENTED,
                "the only transfer coding supported is chunked\n",
            ),
            Self::NoWorker => (
                StatusCode::BAD_GATEWAY,
                "no worker accepts connections at the moment\n",
            ),
            Self::Closed => (
                StatusCode::BAD_GATEWAY,
                "the worker closed the connection without an answer\n",
            ),
            Self::Answer => (
                StatusCode::BAD_GATEWAY,
                "the worker's answer is not valid HTTP\n",
            ),
            Self::Exhausted => (
                StatusCode::SERVICE_UNAVAILABLE,
                "the proxy has no free port or descriptor for a connection to a worker\n",
            ),
            Self::Silent => (
                StatusCode::GATEWAY_TIMEOUT,
                "no worker answered within the time allowed\n",
            ),
        }
    }
}
