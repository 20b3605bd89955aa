//! What shares memory with the kernel.

mod ring;

pub use ring::io_uring;
pub(crate) use ring::{MOST, Ring};
