//! The record: a study as one JSON object per line.
//!
//! The first line is a [`Header`], every further line a [`Trial`] or an [`Extension`]. Field names carry their
//! units. A figure that was not measured is absent, never zero.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod account;
mod costs;
mod count;
mod cpu;
mod defended;
mod expectation;
mod extension;
mod fault;
mod header;
mod interval;
mod measured;
mod plan;
mod scenario;
mod timeline;
mod trial;
mod waiting;

pub use account::{ANSWERED, Account, Loss, UNFINISHED};
pub use costs::{Costs, ProcessCosts};
pub use cpu::CpuTime;
pub use defended::Defended;
pub use expectation::Expectation;
pub use extension::Extension;
pub use fault::{FaultPhase, FaultRecord, FaultRequests};
pub use header::{Header, HostRecord};
pub use interval::{HostShares, IntervalRecord};
pub use measured::{Latency, Measured, Unfinished, WorkerFigures};
pub use plan::{ExecutableRecord, PlanRecord, StrategyRecord, VariantRecord};
pub use scenario::{LoopKind, Override, ScenarioRecord};
pub(crate) use timeline::chosen_from;
pub use timeline::{ChangeRecord, TimelineEvent};
pub use trial::{Again, PeerRecord, Trial, TrialResult};
pub use waiting::{Expected, Formula, Scatter, Stationary, Theory, Waiting};

/// Version of the record's format. A reader refuses a version that it does not know.
pub const SCHEMA_VERSION: u32 = 1;

/// One line of `results.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[expect(
    clippy::large_enum_variant,
    reason = "a file has one header; every other line is a trial"
)]
pub enum Line {
    /// The first line: the plan, the host and the versions.
    Study(Header),
    /// The study was extended when it was resumed.
    Extension(Extension),
    /// One strategy under one scenario, once.
    Trial(Trial),
}
