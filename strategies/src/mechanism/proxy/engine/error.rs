//! Answers of the proxy itself: why a request could not be forwarded.

use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use thiserror::Error;

use super::response_body::ResponseBody;
use crate::http1::request::RequestError;

/// Why a request did not get a worker's answer.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub(super) enum ProxyError {
    #[error(transparent)]
    Refused(#[from] RequestError),
    #[error("the body of the request is broken or incomplete")]
    BrokenUpload,
    #[error("no worker accepts connections at the moment")]
    NoWorker,
    #[error("the worker closed the connection without an answer")]
    WorkerClosed,
    #[error("the worker's answer is not valid HTTP")]
    InvalidAnswer,
    #[error("the proxy has no free port or descriptor for a connection to a worker")]
    NoPortOrDescriptor,
    #[error("no worker answered within the time allowed")]
    Timeout,
}

impl ProxyError {
    pub(super) fn into_response(self) -> Response<ResponseBody> {
        let body = ResponseBody::Own(Some(format!("{self}\n").into()));
        let mut response = Response::new(body);
        *response.status_mut() = self.status();
        let text = HeaderValue::from_static("text/plain; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        if let Self::Refused(_) = self {
            let last = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, last);
        }
        response
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::Refused(error) => error.status(),
            Self::BrokenUpload => StatusCode::BAD_REQUEST,
            Self::NoWorker | Self::WorkerClosed | Self::InvalidAnswer => StatusCode::BAD_GATEWAY,
            Self::NoPortOrDescriptor => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
        }
    }
}
