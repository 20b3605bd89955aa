//! What makes the load generator cheap.

use evenkeel_loadgen as loadgen;

use super::Finding;

pub(super) fn io_uring() -> Option<Finding> {
    Some(match loadgen::io_uring() {
        Ok(()) => Finding::fine("io_uring", "io_uring serves the closed loop"),
        Err(error) => Finding::warn(
            "io_uring",
            format!("io_uring is not to be had ({error})"),
            "the closed loop does without and costs more CPU; `sysctl kernel.io_uring_disabled=0` \
             as root, the seccomp profile of a container that lets it through, or Linux 6.1",
        ),
    })
}
