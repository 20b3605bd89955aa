//! Other load on the machine.

use std::collections::HashMap;
use std::fs;
use std::thread;
use std::time::Duration;

use nix::unistd::{SysconfVar, sysconf};

use super::Finding;
use crate::machine::CpuSet;

/// Long enough for a few ticks of the accounting clock (10 ms), short enough to wait for.
const WATCHED: Duration = Duration::from_millis(200);

/// Below this share of one CPU it is the usual background of a machine.
const BACKGROUND: f64 = 0.2;

/// What other processes use while this one waits.
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
    let ticks_per_s = sysconf(SysconfVar::CLK_TCK).ok().flatten()? as f64;
    let total: u64 = used.iter().map(|(ticks, _)| ticks).sum();
    let busy = total as f64 / ticks_per_s / WATCHED.as_secs_f64();
    let found = format!(
        "other processes use {busy:.1} of {} CPUs",
        CpuSet::allowed().len()
    );
    let (Some((_, busiest)), true) = (used.first(), busy > BACKGROUND) else {
        return Some(Finding::fine("other load", found));
    };
    Some(Finding::warn(
        "other load",
        format!("{found}, most of it {busiest}"),
        "wait for it or end it; strategies are compared within blocks, but noise hides differences",
    ))
}

/// CPU ticks and name of every process that can be seen, without this one.
fn ticks_of_processes() -> HashMap<u32, (u64, String)> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return HashMap::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .filter(|pid| *pid != std::process::id())
        .filter_map(|pid| {
            Some((
                pid,
                parse_stat(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)?,
            ))
        })
        .collect()
}

/// User and system ticks, and the name, of a line as proc_pid_stat(5) describes it. The name
/// stands in parentheses and may hold anything, also a parenthesis.
fn parse_stat(line: &str) -> Option<(u64, String)> {
    let (head, fields) = line.rsplit_once(')')?;
    let (_, name) = head.split_once('(')?;
    // utime and stime are fields 14 and 15; the state behind the name is field 3.
    let mut ticks = fields.split_whitespace().skip(11).map(str::parse::<u64>);
    Some((ticks.next()?.ok()? + ticks.next()?.ok()?, name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_found_behind_any_name() {
        let line = "7 (a) b) S 1 7 7 0 -1 4194304 100 0 0 0 12 30 0 0 20 0 1 0 5 1 1 1";
        assert_eq!(parse_stat(line), Some((42, "a) b".to_owned())));
        assert_eq!(parse_stat("nonsense"), None);
    }
}
