//! Description of the host for the record.

use evenkeel_reports::HostRecord;
use evenkeel_strategies::system_call_tracepoint;
use procfs::{CpuInfo, Current, Meminfo};

use super::{Finding, network};
use crate::machine::CpuSet;

/// Returns the description of this host, with the warnings among these findings.
pub(crate) fn record(findings: &[Finding]) -> HostRecord {
    let kernel = nix::sys::utsname::uname()
        .map(|names| names.release().to_string_lossy().into_owned())
        .unwrap_or_else(|_| "unknown".to_owned());
    let cpus = CpuInfo::current().ok();
    HostRecord {
        kernel,
        cpu_model: cpus.and_then(|cpus| Some(cpus.model_name(0)?.to_owned())),
        cpus: CpuSet::allowed().len(),
        memory_bytes: Meminfo::current().ok().map(|memory| memory.mem_total),
        migrates: network::migrates(),
        system_calls_uncounted: system_call_tracepoint()
            .err()
            .map(|error| error.to_string()),
        warnings: findings.iter().filter_map(Finding::warning).collect(),
    }
}

/// Returns what has changed on a host since a study began, one phrase each. Figures from before and
/// after a change are not comparable.
pub(crate) fn changes(then: &HostRecord, now: &HostRecord) -> Vec<String> {
    let model = |host: &HostRecord| host.cpu_model.clone().unwrap_or_default();
    // Older records do not have it.
    let known = then.migrates.or(now.migrates);
    let migrates =
        |host: &HostRecord| format!("{}", u8::from(host.migrates.or(known) == Some(true)));
    let facts = [
        ("the kernel", then.kernel.clone(), now.kernel.clone()),
        ("the processor", model(then), model(now)),
        (
            "the number of CPUs",
            then.cpus.to_string(),
            now.cpus.to_string(),
        ),
        ("tcp_migrate_req", migrates(then), migrates(now)),
    ];
    facts
        .into_iter()
        .filter(|(_, then, now)| then != now)
        .map(|(what, then, now)| format!("{what} was {then} and is {now}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_of_a_host_is_named() {
        let then = record(&[]);
        assert_eq!(changes(&then, &record(&[])), [""; 0]);
        let mut now = then.clone();
        now.kernel = "99.1".to_owned();
        now.cpus += 1;
        let changes = changes(&then, &now);
        assert_eq!(changes.len(), 2);
        assert!(changes[0].ends_with("and is 99.1"), "{changes:?}");
    }
}
