//! Descriptors, queues and ports.

use nix::sys::resource::{Resource, getrlimit};

use super::Finding;
use crate::machine::files::value;
use crate::machine::local_port_range;

/// Open files for the built-in scenario with the most connections, with a reserve.
const ENOUGH_OPEN_FILES: u64 = 4096;

pub(super) fn open_files() -> Option<Finding> {
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).ok()?;
    let found = match soft < hard {
        true => format!("open-file limit {soft}, which evenkeel raises to {hard}"),
        false => format!("open-file limit {hard}"),
    };
    if hard >= ENOUGH_OPEN_FILES {
        return Some(Finding::fine("open files", found));
    }
    Some(Finding::warn(
        "open files",
        found,
        format!(
            "too few for many connections; raise the hard limit to {ENOUGH_OPEN_FILES} or more (`ulimit -Hn` as root, LimitNOFILE of a service)"
        ),
    ))
}

/// Default of Linux since 5.4; it was 128 before.
const USUAL_SOMAXCONN: u32 = 4096;

pub(super) fn accept_queue() -> Option<Finding> {
    let somaxconn: u32 = value("/proc/sys/net/core/somaxconn")?;
    let found = format!("accept queues hold {somaxconn} connections (somaxconn)");
    if somaxconn >= USUAL_SOMAXCONN {
        return Some(Finding::fine("accept queue", found));
    }
    Some(Finding::warn(
        "accept queue",
        found,
        format!(
            "bursts overflow it, which costs a retransmission after a second; run `sysctl net.core.somaxconn={USUAL_SOMAXCONN}` as root"
        ),
    ))
}

/// The default range of Linux has 28,232.
const ENOUGH_PORTS: u32 = 20_000;

pub(super) fn ephemeral_ports() -> Option<Finding> {
    let (low, high) = local_port_range()?;
    let found = format!(
        "{} ephemeral ports ({low} to {high}) per client address",
        high - low + 1
    );
    if high - low + 1 >= ENOUGH_PORTS {
        return Some(Finding::fine("ephemeral ports", found));
    }
    Some(Finding::warn(
        "ephemeral ports",
        found,
        "one connection per request can use them up; run `sysctl net.ipv4.ip_local_port_range='32768 60999'` as root, or give more `client_addresses` in the scenario",
    ))
}

pub(super) fn time_wait_reuse() -> Option<Finding> {
    let reuse: u8 = value("/proc/sys/net/ipv4/tcp_tw_reuse")?;
    if reuse > 0 {
        return Some(Finding::fine(
            "TIME_WAIT",
            "ports in TIME_WAIT are reused (tcp_tw_reuse)",
        ));
    }
    Some(Finding::warn(
        "TIME_WAIT",
        "ports stay in TIME_WAIT for a minute (tcp_tw_reuse is 0)",
        "long studies with one connection per request can use up all ports; run `sysctl net.ipv4.tcp_tw_reuse=2` as root",
    ))
}

pub(super) fn syn_cookies() -> Option<Finding> {
    let cookies: u8 = value("/proc/sys/net/ipv4/tcp_syncookies")?;
    Some(match cookies {
        2 => Finding::warn(
            "SYN cookies",
            "SYN cookies are always sent (tcp_syncookies is 2)",
            "connections lose their options and need more CPU; run `sysctl net.ipv4.tcp_syncookies=1` as root",
        ),
        _ => Finding::fine(
            "SYN cookies",
            "SYN cookies are sent at most during overflow",
        ),
    })
}

/// Whether connections of a closed SO_REUSEPORT listener go to another one; `None` where the kernel cannot.
pub(super) fn migrates() -> Option<bool> {
    let value: u8 = value("/proc/sys/net/ipv4/tcp_migrate_req")?;
    Some(value != 0)
}

/// Never a warning: no worker ends within a trial. It matters for servers whose workers restart.
pub(super) fn migration() -> Option<Finding> {
    let found = match migrates()? {
        false => {
            "when a SO_REUSEPORT listener closes, its waiting connections are reset (tcp_migrate_req is 0)"
        }
        true => {
            "when a SO_REUSEPORT listener closes, its waiting connections go to another (tcp_migrate_req)"
        }
    };
    Some(Finding::fine("closed listeners", found))
}
