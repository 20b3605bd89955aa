//! Figures over the blocks of a study.
//!
//! The trial is the unit of sampling: every figure is taken per trial first, and its median
//! and range over the blocks are what is shown. Only the percentile curve pools answers.

mod completeness;
mod curve;
mod fairness;
mod figures;
mod remark;
mod spread;
mod summary;

pub use completeness::{Completeness, Incomplete, completeness};
pub(crate) use curve::nines;
pub use curve::{MIN_SAMPLES_BEYOND, PercentileCurve, merged_histogram};
pub use fairness::{jain, max_over_mean};
pub use figures::Figures;
pub use remark::{Remark, RemarkKind};
pub use spread::Spread;
pub use summary::{ScenarioSummary, StrategySummary, summarize};
