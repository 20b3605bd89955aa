//! The terminal: results on stdout, messages and progress on stderr, and signals from the keyboard.

mod interrupt;
mod live;
mod output;
mod progress;
mod wrap;

pub(crate) use interrupt::Interrupt;
pub(crate) use output::{check_place, columns, message, print, print_fitting, write_whole};
pub(crate) use progress::Progress;
pub(crate) use wrap::{fit, wrap};
