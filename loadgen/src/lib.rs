//! How load is offered, and what came back.
//!
//! An HTTP/1.1 load generator on epoll, and on io_uring where answers come in
//! batches: one thread per load CPU, each with its
//! own connections, arrival schedule and histograms, handing over what it
//! recorded once per interval. [`run`] takes a [`LoadSpec`] and gives an
//! [`Outcome`].

mod arrival;
mod budget;
mod clients;
mod clock;
mod connection;
mod coordinator;
mod cost;
mod engine;
mod failure;
mod foretold;
pub mod http1;
mod interval;
mod introduction;
mod ledger;
mod names;
mod offer;
mod offered;
mod outcome;
mod pipeline;
mod random;
mod recorder;
mod request;
mod run;
mod shared;
mod socket;
mod spec;
mod sys;
mod target;
mod tls;
mod trace;
mod verdict;
mod work;

pub use arrival::{Finding, ScheduleCheck};
pub use clients::MOST_CLIENTS;
pub use cost::Cost;
pub use failure::ErrorClass;
pub use foretold::{Foretold, foretell};
pub use hdrhistogram::Histogram;
pub use interval::{Interval, Percentiles};
pub use introduction::HeaderVersion;
pub use ledger::{Entry, Served};
pub use offer::{Arrivals, MOST_ARRIVALS, MOST_RATE_RPS, Offer, WhenBusy};
pub use offered::{LATE, Offered};
pub use outcome::{Observer, Outcome, Phase, Progress};
pub use recorder::Recorder;
pub use request::RequestSpec;
pub use run::{LoadError, run};
pub use spec::{LoadSpec, SHORTEST_INTERVAL, SpecError};
pub use sys::io_uring;
pub use target::{Address, Target};
pub use tls::{Tls, Trust};
pub use trace::{Trace, TraceError};
pub use work::{Kind, TargetPart, Work, WorkPart};
