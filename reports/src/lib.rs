//! What the numbers mean, and how they are shown.
//!
//! A [`Recorder`] writes a study while it runs, and it is read back as a [`Study`]. Everything else is
//! made from that alone, at any later time and on any machine: the figures of [`stats`], the verdicts
//! of [`compare`], two sides in [`side_by_side`] and the charts of [`chart`]. A [`Report`]
//! is built once as tables and sentences ([`table`], [`document`]), and every [`format`](mod@format)
//! writes it. What queueing theory allows is in [`bound`], and which process had a request that was lost
//! in [`losses`].

pub mod answer;
pub mod bound;
pub mod chart;
pub mod compare;
pub mod document;
pub mod expect;
pub mod format;
pub mod histogram;
pub mod load;
pub mod losses;
pub mod side_by_side;
pub mod stats;
pub mod table;

mod error;
mod escape;
mod page;
mod palette;
mod record;
mod recorder;
mod study;
mod topic;

use evenkeel_common::units;

pub use error::RenderError;
pub use format::{FORMATS, Format, FormatInfo, Report, Style};
pub use record::*;
pub use recorder::{RecordError, Recorder};
pub use study::{LineError, RESULTS_FILE, ReadError, Study};
