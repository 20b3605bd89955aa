//! Migration of connections from a listener that is closed to another one of its group.

use std::fs;
use std::io;

use crate::launch::{Namespace, UnmetRequirement};

/// The setting of a network namespace (ip-sysctl, Linux 5.14). Without it the kernel resets what waits in a
/// listener that is closed.
const SETTING: &str = "/proc/sys/net/ipv4/tcp_migrate_req";

/// Creates a network namespace in which connections migrate. The setting of the host stays as it is.
pub(super) fn namespace() -> io::Result<Namespace> {
    let namespace = Namespace::create()?;
    namespace.call(|| fs::write(SETTING, "1"))??;
    Ok(namespace)
}

/// Whether this user may do that.
pub(super) fn check() -> Result<(), UnmetRequirement> {
    let namespace = Namespace::required()?;
    let set = namespace
        .call(|| fs::write(SETTING, "1"))
        .and_then(|set| set);
    set.map_err(|error| UnmetRequirement(format!("{SETTING} cannot be set to 1 ({error})")))
}
