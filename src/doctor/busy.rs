//! Other load on the machine.

use std::collections::HashMap;
use std::thread;
use std::time::Duration;

use procfs::process::all_processes;
use procfs::ticks_per_second;

use super::Finding;
use crate::machine::CpuSet;

/// How long other processes are watched: a few ticks of the accounting clock (10 ms).
const WATCHED: Duration = Duration::from_millis(200);

/// Share of one CPU that counts as the usual background of a machine.
const BACKGROUND: f64 = 0.2;

/// Measures what other processes use while this one waits.
pub(super) fn other_load() -> Option<Finding> {
    let before = ticks_of_processes();
    thread::sleep(WATCHED);
    let mut used: Vec<(u64, String)> = ticks_of_processes()
        .into_iter()
        .map(|(pid, (ticks, name))| {
            let earlier = before.get(&pid).map_or(ticks, |(earlier, _)| *earlier);
            (
                ticks.saturating_sub(earlier),
                format!("{name} (process {pid})"),
            )
        })
        .filter(|(ticks, _)| *ticks > 0)
        .collect();
    used.sort_unstable_by(|a, b| b.cmp(a));
    let total: u64 = used.iter().map(|(ticks, _)| ticks).sum();
    let busy = total as f64 / ticks_per_second() as f64 / WATCHED.as_secs_f64();
    let cpus = CpuSet::allowed().len();
    let found = format!("other processes use {busy:.1} of {cpus} CPUs");
    let (Some((_, busiest)), true) = (used.first(), busy > BACKGROUND) else {
        return Some(Finding::fine("other load", found));
    };
    Some(Finding::warn(
        "other load",
        format!("{found}, most of it {busiest}"),
        "wait until it ends, or end it; strategies are compared within blocks, but noise hides \
         differences",
    ))
}

/// CPU ticks and name of every visible process except this one.
fn ticks_of_processes() -> HashMap<i32, (u64, String)> {
    let Ok(processes) = all_processes() else {
        return HashMap::new();
    };
    processes
        .filter_map(|process| process.ok()?.stat().ok())
        .filter(|stat| stat.pid != std::process::id() as i32)
        .map(|stat| (stat.pid, (stat.utime + stat.stime, stat.comm)))
        .collect()
}
