//! Kernel facilities without a safe wrapper. This is the only folder with `unsafe` code.

pub(crate) mod assembly;
pub(crate) mod bpf;
pub(crate) mod defer_accept;
pub(crate) mod epoll;
pub(crate) mod inherited;
pub(crate) mod interrupt;
pub(crate) mod loopback;
pub(crate) mod parent_death;
pub(crate) mod perf;
pub(crate) mod readiness;
pub(crate) mod shared_memory;
pub(crate) mod signal_mask;
pub(crate) mod tcp;
