//! Figures over the blocks of a study.
//!
//! The trial is the unit of sampling: every figure is taken per trial first, and reports show its
//! mean and interval over the blocks. Only the percentile curve pools answers.
//! Whether strategies differ is decided in [`compare`](crate::compare), with the tests of this
//! module: [`rank`], [`holm`].

mod chance;
mod changes;
mod completeness;
mod cost;
mod cpu;
mod curve;
mod defended;
mod dip;
mod disturbance;
mod evenness;
mod fairness;
mod faults;
mod figures;
mod holm;
mod interval;
pub mod rank;
mod remark;
mod sample;
mod spread;
mod steadiness;
pub(crate) mod student;
pub(crate) mod studentized_range;
mod summary;
mod sweep;
mod system;
mod theory;
mod workers;

pub use chance::{Chance, ChanceRange, chance};
pub use changes::ChangeFigures;
pub use completeness::{Completeness, Incomplete, completeness};
pub use cost::{CostFigures, Side};
pub use cpu::CpuModes;
pub use curve::{MIN_BEYOND_IN_A_BLOCK, MIN_SAMPLES_BEYOND, PercentileCurve, merged_histogram};
pub(crate) use curve::{beyond, nines};
pub use defended::DefenceFigures;
pub use disturbance::disturbed;
pub use fairness::{jain, max_over_mean, min_over_mean};
pub use faults::FaultFigures;
pub(crate) use faults::lost_per_fault;
pub use figures::Figures;
pub use holm::holm;
pub use interval::{Interval, IntervalKind, MIN_BLOCKS};
pub use remark::{Remark, RemarkKind};
pub use sample::Sample;
pub(crate) use sample::median;
pub(crate) use spread::mean;
pub use spread::{Scale, Spread};
pub use steadiness::Steadiness;
pub use summary::{ScenarioSummary, StrategySummary, summarize};
pub use sweep::{Sweep, knee, sweeps};
pub(crate) use system::all_versions;
pub use system::{System, Versions, systems};
pub use theory::{FormulaValue, WaitComparison, WaitFigure, compare_waits};
pub(crate) use workers::{Workers, WorkersAt};
