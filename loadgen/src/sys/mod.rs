//! Kernel facilities without a safe wrapper.

mod outgoing;
mod ring;

pub(crate) use outgoing::is_acknowledged;
pub use ring::io_uring;
pub(crate) use ring::{MAX_TRANSFERS, Ring};
