//! Kernel facilities of the load generator.

use evenkeel_loadgen as loadgen;

use super::Finding;

pub(super) fn io_uring() -> Option<Finding> {
    Some(match loadgen::io_uring() {
        Ok(()) => Finding::fine("io_uring", "the closed loop uses io_uring"),
        Err(error) => Finding::warn(
            "io_uring",
            format!("io_uring is not available ({error})"),
            "the closed loop works without it and needs more CPU; run `sysctl \
             kernel.io_uring_disabled=0` as root, allow it in the seccomp profile of the container, \
             or use Linux 6.1",
        ),
    })
}
