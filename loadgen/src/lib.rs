//! A load generator for HTTP/1.1 and WebSocket.
//!
//! [`run`] takes a [`LoadSpec`], which says what is requested, and returns an [`Outcome`], which
//! says what came back. Each load thread has its own connections, schedule and histograms; threads
//! share only counters. They wait on epoll; in a closed loop they exchange requests and answers
//! with the kernel in batches, by io_uring.
//!
//! Modules in order of their layers; each imports only from those before it:
//!
//! - `clock`, `random`, `sys`: time, seeded randomness, the kernel
//! - `websocket`, [`http1`]: frames of messages, parsing of answers
//! - `spec`: what is requested
//! - `arrival`: when requests are due and what each of them costs
//! - `outcome`: what is counted, and how it is judged
//! - `connection`: one connection, its requests, and what can go wrong with it
//! - `engine`: one load thread
//! - `run`: all load threads, and the thread that watches them

mod arrival;
mod clock;
mod connection;
mod engine;
pub mod http1;
mod outcome;
mod random;
mod run;
mod spec;
mod sys;
mod websocket;

pub use arrival::{Deviation, PredictedRequest, ScheduleCheck, predict};
pub use engine::PATIENCE;
pub use hdrhistogram::Histogram;
pub use outcome::{
    Account, ErrorClass, FirstAnswer, Interval, LATE_AFTER, LaterWorker, LoggedRequest, Loss,
    Losses, MAX_LATER_WORKERS, MAX_LOSSES, Observer, Offered, Outcome, Percentiles, Phase,
    Progress, Recorder, Repeated, Served, Unfinished,
};
pub use run::{LoadError, run};
pub use spec::{
    Address, Arrivals, Cost, LoadSpec, MAX_ARRIVALS, MAX_BYTES_IN_FLIGHT, MAX_CLIENT_ADDRESSES,
    MAX_CONNECTIONS, MAX_PIPELINE, MAX_RATE_RPS, MAX_THREADS, MIN_INTERVAL, Offer, RequestSpec,
    SpecError, StatusSet, Target, TargetPart, Tls, Trace, TraceError, Trust, WhenBusy, Work,
    WorkKind, WorkPart,
};
pub use sys::io_uring;
