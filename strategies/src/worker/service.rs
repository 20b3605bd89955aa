//! The HTTP service of a worker.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONNECTION, CONTENT_TYPE, HeaderName};
use http::{HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::introduction::Introduction;
use super::stream::Stream;
use super::websocket::{WEBSOCKET_TARGET, shake_hands};
use super::work::{Work, WorkError};
use super::{GENERATION_FIELD, WORK_FIELD, WORKER_FIELD, service_time};
use super::{counters::InFlight, response_body::ResponseBody};
use crate::dispatch::drain::Draining;
use crate::http1::request;
use crate::launch::Misbehaviour;

const NO_COUNTER: &str =
    "this fleet does not count its requests; start it with --counter shared-memory or messages\n";

pub(super) struct Service {
    /// The numbers of all workers of the fleet, as field values.
    names: Box<[HeaderValue]>,
    introduction: Introduction,
    draining: Draining,
}

impl Service {
    pub(super) fn new(workers: usize, generation: u32, draining: Draining) -> Self {
        Self {
            names: (0..workers).map(HeaderValue::from).collect(),
            introduction: Introduction::of_generation(generation),
            draining,
        }
    }

    /// Does the work of a request. The answer names the worker. A request that must be
    /// [refused](request::check) is refused as by a proxy.
    pub(super) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        in_flight: InFlight,
    ) -> Result<Response<ResponseBody>, Infallible> {
        if let Err(refused) = request::check(&request) {
            let body = ResponseBody::text(format!("{refused}\n"), in_flight);
            let mut response = self.respond(refused.status(), body);
            let last = HeaderValue::from_static("close");
            response.headers_mut().insert(CONNECTION, last);
            return Ok(response);
        }
        if in_flight.fault == Some(Misbehaviour::FailFast) {
            let body = ResponseBody::text("this worker fails at once, as it was told\n", in_flight);
            return Ok(self.respond(StatusCode::INTERNAL_SERVER_ERROR, body));
        }
        if request.uri().path() == WEBSOCKET_TARGET {
            return Ok(self.upgrade(&request, in_flight));
        }
        let work = Work::parse(request.uri().path());
        // The body of the request is read, as a real service does, and ignored.
        if discard(request.into_body()).await.is_err() {
            let body = ResponseBody::text("the body of the request is broken\n", in_flight);
            return Ok(self.respond(StatusCode::BAD_REQUEST, body));
        }
        in_flight.complete();
        Ok(match work {
            Ok(Work::Total) => self.total(in_flight),
            Ok(work) => {
                work.perform_despite(in_flight.fault).await;
                in_flight.count();
                self.done(work, in_flight)
            }
            Err(error) => {
                in_flight.count();
                let body = ResponseBody::text(format!("{error}\n"), in_flight);
                self.respond(status_of(error), body)
            }
        })
    }

    /// Answers a request for a WebSocket.
    fn upgrade(&self, request: &Request<Incoming>, in_flight: InFlight) -> Response<ResponseBody> {
        let body = ResponseBody::text(Bytes::new(), in_flight);
        let mut response = self.respond(StatusCode::default(), body);
        if shake_hands(request, &mut response) {
            response.body().request.begin_websocket();
        }
        response
    }

    /// Creates the answer for work that has just been done.
    fn done(&self, work: Work, request: InFlight) -> Response<ResponseBody> {
        let time = work.occupies_the_worker().then(service_time::lap);
        let mut response = self.respond(StatusCode::OK, self.body_of(work, request));
        if let Some(time) = time {
            let nanoseconds = HeaderValue::from(time.as_nanos() as u64);
            let fields = response.headers_mut();
            fields.insert(HeaderName::from_static(WORK_FIELD), nanoseconds);
        }
        response
    }

    /// Answers how many requests the fleet has answered. This one is not among them.
    fn total(&self, request: InFlight) -> Response<ResponseBody> {
        let (status, text) = match request.total() {
            Some(total) => (StatusCode::OK, format!("{total}\n")),
            None => (StatusCode::NOT_FOUND, NO_COUNTER.to_owned()),
        };
        self.respond(status, ResponseBody::text(text, request))
    }

    fn body_of(&self, work: Work, request: InFlight) -> ResponseBody {
        let fault = request.fault;
        let body = match work {
            Work::Bytes(length) => ResponseBody::pattern(length, request),
            Work::Stream { every, pieces } => {
                let stream = Stream::new(every, pieces, self.draining.clone());
                ResponseBody::stream(stream, request)
            }
            _ => ResponseBody::text("ok\n", request),
        };
        match fault {
            Some(Misbehaviour::Drip { every }) => body.dripping(every),
            _ => body,
        }
    }

    fn respond(&self, status: StatusCode, body: ResponseBody) -> Response<ResponseBody> {
        let worker = self.names[body.request.worker].clone();
        let is_last = self.draining.has_begun() || body.request.is_last();
        let mut response = Response::new(body);
        *response.status_mut() = status;
        let fields = response.headers_mut();
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        fields.insert(HeaderName::from_static(WORKER_FIELD), worker);
        if let Some(generation) = self.introduction.take() {
            fields.insert(HeaderName::from_static(GENERATION_FIELD), generation);
        }
        if is_last {
            fields.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

fn status_of(error: WorkError) -> StatusCode {
    match error {
        WorkError::Unknown => StatusCode::NOT_FOUND,
        WorkError::Amount => StatusCode::BAD_REQUEST,
    }
}

async fn discard(mut body: Incoming) -> Result<(), hyper::Error> {
    while let Some(frame) = body.frame().await {
        frame?;
    }
    Ok(())
}
