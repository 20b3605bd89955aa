//! What the numbers mean, and how they are shown.
//!
//! A study is written down as it goes by a [`Recorder`] and read back as a [`Study`]; everything
//! else is made from that alone, at any later time and on any machine: the figures of
//! [`stats`], the verdicts of [`compare`], two sides in [`contrast`], the charts of [`chart`], and the text, CSV, JSON,
//! Markdown and HTML of [`render()`]. What queueing theory allows is in [`bound`].

pub mod bound;
pub mod chart;
pub mod compare;
pub mod contrast;
pub mod histogram;
pub mod load;
pub mod stats;

mod error;
mod escape;
mod palette;
mod record;
mod recorder;
mod render;
mod study;

use evenkeel_common::units;

pub use error::RenderError;
pub use record::*;
pub use recorder::{RecordError, Recorder};
pub use render::{Format, Style, UnknownFormat, github_action_benchmark, render};
pub use study::{LineError, RESULTS_FILE, ReadError, Study};
