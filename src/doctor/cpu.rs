//! CPUs: number, speed and steadiness.

use std::collections::BTreeSet;
use std::path::Path;

use procfs::process::Process;

use super::Finding;
use crate::machine::files::{text, value};
use crate::machine::{CpuSet, core_of};

/// Fewer CPUs cannot give two to servers and two to load.
const ENOUGH_CPUS: usize = 4;

pub(super) fn count() -> Option<Finding> {
    let allowed = CpuSet::allowed();
    let (servers, load) = allowed.halves(core_of);
    let named = |cpus: &CpuSet| match cpus.len() {
        1 => format!("CPU {cpus}"),
        _ => format!("CPUs {cpus}"),
    };
    let found = format!(
        "servers run on {}, load on {}",
        named(&servers),
        named(&load)
    );
    Some(match allowed.len() {
        1 => Finding::warn(
            "cpus",
            found,
            "servers and load share the only CPU, so throughput says little; use `block` work, \
             or a machine with more CPUs",
        ),
        few if few < ENOUGH_CPUS => Finding::warn(
            "cpus",
            found,
            "the processes of a fleet share CPUs, so CPU-bound work measures sharing; `block` \
             work (as in `skewed`) studies many workers on few CPUs",
        ),
        _ => Finding::fine("cpus", found),
    })
}

/// Checks the CPU quota of the control group, as containers have it: a used-up quota stops every
/// process until the next period.
pub(super) fn quota() -> Option<Finding> {
    let limit = cgroup_limit();
    let Some(cpus) = limit else {
        return Some(Finding::fine("cpu quota", "no CPU quota"));
    };
    let found = format!("a container quota of {cpus:.2} CPUs");
    if cpus >= CpuSet::allowed().len() as f64 {
        return Some(Finding::fine("cpu quota", found));
    }
    Some(Finding::warn(
        "cpu quota",
        found,
        "a used-up quota stops all processes, which adds latency; give the container whole CPUs \
         (`--cpuset-cpus`) instead of a share",
    ))
}

/// Smallest quota between the control group of this process and the root, in CPUs.
fn cgroup_limit() -> Option<f64> {
    let groups = Process::myself().ok()?.cgroups().ok()?;
    let own = groups.into_iter().find(|group| group.hierarchy == 0)?;
    Path::new(&own.pathname)
        .ancestors()
        .filter_map(|group| text(&format!("/sys/fs/cgroup{}/cpu.max", group.display())))
        .filter_map(|limit| parse_cpu_max(&limit))
        .min_by(f64::total_cmp)
}

/// Parses `cpu.max`: a quota, or `max`, and a period in microseconds.
fn parse_cpu_max(text: &str) -> Option<f64> {
    let (quota, period) = text.split_once(' ')?;
    let (quota, period): (f64, f64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0.0).then(|| quota / period)
}

pub(super) fn governor() -> Option<Finding> {
    let governors: BTreeSet<String> = CpuSet::allowed()
        .to_vec()
        .into_iter()
        .filter_map(|cpu| {
            text(&format!(
                "/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor"
            ))
        })
        .collect();
    if governors.is_empty() {
        return Some(Finding::fine(
            "frequency governor",
            "not visible here (as in most virtual machines)",
        ));
    }
    let names = governors.into_iter().collect::<Vec<_>>().join(", ");
    if names == "performance" {
        return Some(Finding::fine("frequency governor", "performance"));
    }
    Some(Finding::warn(
        "frequency governor",
        format!("the frequency governor is {names}"),
        "idle CPUs slow down, and speed up with a delay; run `cpupower frequency-set -g \
         performance` as root while you measure",
    ))
}

pub(super) fn turbo() -> Option<Finding> {
    let off: Option<u8> = value("/sys/devices/system/cpu/intel_pstate/no_turbo");
    let boost: Option<u8> = value("/sys/devices/system/cpu/cpufreq/boost");
    let (on, remedy) = match (off, boost) {
        (Some(off), _) => (
            off == 0,
            "echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo",
        ),
        (None, Some(boost)) => (boost == 1, "echo 0 > /sys/devices/system/cpu/cpufreq/boost"),
        (None, None) => return None,
    };
    Some(if on {
        Finding::warn(
            "turbo",
            "turbo frequencies are on",
            format!(
                "the frequency depends on heat and on the number of busy cores; run `{remedy}` as root for steadier figures"
            ),
        )
    } else {
        Finding::fine("turbo", "turbo frequencies are off")
    })
}

/// Clock sources that are readable without a system call or a device.
const FAST_CLOCKS: [&str; 5] = [
    "tsc",
    "kvm-clock",
    "arch_sys_counter",
    "hyperv_clocksource_tsc_page",
    "riscv_clocksource",
];

pub(super) fn clock_source() -> Option<Finding> {
    let source = text("/sys/devices/system/clocksource/clocksource0/current_clocksource")?;
    if FAST_CLOCKS.contains(&source.as_str()) {
        return Some(Finding::fine("clock source", source));
    }
    Some(Finding::warn(
        "clock source",
        format!("the clock source is {source}"),
        "reading the time is slow, which limits the load generator; check whether \
         available_clocksource in sysfs contains `tsc`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_is_read_in_cpus_and_max_is_none() {
        assert_eq!(parse_cpu_max("150000 100000"), Some(1.5));
        assert_eq!(parse_cpu_max("max 100000"), None);
        assert_eq!(parse_cpu_max("nonsense"), None);
    }
}
