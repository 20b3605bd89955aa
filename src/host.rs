//! The machine as the record describes it.

use std::fs;

use evenkeel_reports::HostRecord;

use crate::cpus::CpuSet;
use crate::doctor::Finding;

/// What the record says of this machine, with what the doctor found to warn of.
pub(crate) fn record(findings: &[Finding]) -> HostRecord {
    let kernel = nix::sys::utsname::uname()
        .map(|names| names.release().to_string_lossy().into_owned())
        .unwrap_or_else(|_| "unknown".to_owned());
    HostRecord {
        kernel,
        cpu_model: field("/proc/cpuinfo", "model name"),
        cpus: CpuSet::allowed().len(),
        memory_bytes: memory_bytes(),
        warnings: findings.iter().filter_map(Finding::warning).collect(),
    }
}

fn memory_bytes() -> Option<u64> {
    let kibibytes: u64 = field("/proc/meminfo", "MemTotal")?
        .strip_suffix(" kB")?
        .parse()
        .ok()?;
    Some(kibibytes * 1024)
}

/// The value of the first line `name : value` of a file.
fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let (_, value) = text
        .lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}
