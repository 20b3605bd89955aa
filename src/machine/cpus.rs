//! Sets of CPUs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display};
use std::str::FromStr;

use nix::sched::{CpuSet as Affinity, sched_getaffinity};
use nix::unistd::Pid;
use thiserror::Error;

use super::files;

/// A set of CPUs, written in the format of the kernel: `0-3,6`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct CpuSet(BTreeSet<usize>);

/// A text that is not a set of CPUs.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("`{0}` is not a set of CPUs; write numbers and ranges, such as 0-3,6")]
pub(crate) struct InvalidCpuSet(String);

impl CpuSet {
    /// Returns the CPUs that this process may run on; CPU 0, which every machine has, if the kernel
    /// does not report them.
    pub(crate) fn allowed() -> Self {
        let affinity = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
        let set: BTreeSet<usize> = (0..Affinity::count())
            .filter(|cpu| affinity.is_set(*cpu).unwrap_or(false))
            .collect();
        if set.is_empty() {
            return Self([0].into());
        }
        Self(set)
    }

    /// Number of CPUs.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// CPUs in ascending order.
    pub(crate) fn to_vec(&self) -> Vec<usize> {
        self.0.iter().copied().collect()
    }

    /// CPUs in at least one of the sets.
    pub(crate) fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).copied().collect())
    }

    /// CPUs in both sets.
    pub(crate) fn intersection(&self, other: &Self) -> Self {
        Self(self.0.intersection(&other.0).copied().collect())
    }

    /// CPUs that are not in the other set.
    pub(crate) fn difference(&self, other: &Self) -> Self {
        Self(self.0.difference(&other.0).copied().collect())
    }

    /// Whether the set is empty.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns two halves that share no core: the first for servers, the second for load.
    ///
    /// `core_of` gives the core of a CPU. Hyperthreads of one core stay together, since they slow
    /// each other down. With an odd number of cores servers get one more. The CPUs of a single core
    /// are divided; a single CPU is in both halves.
    pub(crate) fn halves(&self, core_of: impl Fn(usize) -> usize) -> (Self, Self) {
        let mut cores: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for cpu in &self.0 {
            cores.entry(core_of(*cpu)).or_default().insert(*cpu);
        }
        let groups: Vec<BTreeSet<usize>> = if cores.len() > 1 {
            cores.into_values().collect()
        } else {
            self.0.iter().map(|cpu| [*cpu].into()).collect()
        };
        if groups.len() < 2 {
            return (self.clone(), self.clone());
        }
        let (servers, load) = groups.split_at(groups.len().div_ceil(2));
        let join = |part: &[BTreeSet<usize>]| Self(part.iter().flatten().copied().collect());
        (join(servers), join(load))
    }
}

/// Returns the core of a CPU, named by the lowest CPU of that core; the CPU itself if the kernel
/// does not report it (`thread_siblings_list` of the CPU's topology in sysfs).
pub(crate) fn core_of(cpu: usize) -> usize {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list");
    files::value::<CpuSet>(&path)
        .and_then(|siblings| siblings.0.first().copied())
        .unwrap_or(cpu)
}

impl FromStr for CpuSet {
    type Err = InvalidCpuSet;

    fn from_str(text: &str) -> Result<Self, InvalidCpuSet> {
        let wrong = || InvalidCpuSet(text.to_owned());
        let mut set = BTreeSet::new();
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let first: usize = first.trim().parse().map_err(|_| wrong())?;
            let last: usize = last.trim().parse().map_err(|_| wrong())?;
            if first > last || last >= Affinity::count() {
                return Err(wrong());
            }
            set.extend(first..=last);
        }
        Ok(Self(set))
    }
}

deserialize_from_text!(CpuSet, "0-3,6");

impl FromIterator<usize> for CpuSet {
    fn from_iter<I: IntoIterator<Item = usize>>(cpus: I) -> Self {
        Self(cpus.into_iter().collect())
    }
}

impl Display for CpuSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ranges: Vec<(usize, usize)> = Vec::new();
        for cpu in &self.0 {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == *cpu => *last = *cpu,
                _ => ranges.push((*cpu, *cpu)),
            }
        }
        let parts: Vec<String> = ranges
            .into_iter()
            .map(|(first, last)| match last - first {
                0 => first.to_string(),
                _ => format!("{first}-{last}"),
            })
            .collect();
        f.write_str(&parts.join(","))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn set(text: &str) -> CpuSet {
        text.parse().expect("a set")
    }

    #[test]
    fn a_set_is_written_in_the_format_of_the_kernel() {
        assert_eq!(set("0-3,6").to_vec(), [0, 1, 2, 3, 6]);
        assert_eq!(set("6,0,1,2,3").to_string(), "0-3,6");
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "a", "1-", "3-1", "-1", "0,,1", "0-99999999"] {
            assert!(text.parse::<CpuSet>().is_err(), "{text}");
        }
    }

    #[test]
    fn this_process_may_run_somewhere() {
        assert!(!CpuSet::allowed().is_empty());
    }

    #[test]
    fn hyperthreads_of_a_core_stay_in_one_half() {
        let (servers, load) = set("0-7").halves(|cpu| cpu % 4);
        assert_eq!((servers, load), (set("0-1,4-5"), set("2-3,6-7")));
    }

    #[test]
    fn a_single_core_is_divided_and_a_single_cpu_is_shared() {
        assert_eq!(set("0-1").halves(|_| 0), (set("0"), set("1")));
        assert_eq!(set("5").halves(|cpu| cpu), (set("5"), set("5")));
    }

    proptest! {
        #[test]
        fn halves_are_disjoint_and_leave_no_cpu_out(
            cpus in prop::collection::btree_set(0usize..256, 2..64),
            threads in 1usize..3,
        ) {
            let all = CpuSet(cpus);
            let (servers, load) = all.halves(|cpu| cpu / threads);
            prop_assert!(servers.intersection(&load).is_empty());
            prop_assert_eq!(servers.len() + load.len(), all.len());
            prop_assert!(!servers.is_empty() && !load.is_empty());
        }

        #[test]
        fn a_written_set_parses_to_the_same_set(
            cpus in prop::collection::btree_set(0usize..1024, 1..40),
        ) {
            let all = CpuSet(cpus);
            prop_assert_eq!(all.to_string().parse(), Ok(all));
        }
    }
}
