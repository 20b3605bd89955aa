//! Access to memory that is shared with the kernel.

mod ring;

pub use ring::io_uring;
pub(crate) use ring::{MAX_TRANSFERS, Ring};
