//! Kernel facilities without a safe wrapper. This is the only folder with `unsafe` code.

pub(crate) mod assembly;
pub(crate) mod bpf;
pub(crate) mod epoll;
pub(crate) mod fork;
pub(crate) mod inherited;
pub(crate) mod interrupt;
pub(crate) mod loopback;
pub(crate) mod perf;
pub(crate) mod pidfd;
pub(crate) mod pre_exec;
pub(crate) mod readiness;
pub(crate) mod shared_memory;
pub(crate) mod tcp;
