//! The part of io_uring that shares memory with the kernel.

#![allow(
    unsafe_code,
    reason = "the kernel reads and writes memory at addresses that it is given"
)]

mod buffers;
mod ring;

pub(crate) use buffers::Buffers;
pub(crate) use ring::{Completion, Ring};
