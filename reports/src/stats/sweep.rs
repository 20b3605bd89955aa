//! Scenarios that differ only in the offered load.

use super::summary::{ScenarioSummary, StrategySummary};
use super::{Scale, mean};
use crate::record::LoopKind;

/// Fewest loads of a curve.
const FEWEST: usize = 3;

/// Scenarios with the same name and a load at its end: `sweep-10`, `sweep-30` …
pub struct Sweep<'s, 'a> {
    /// Common part of their names.
    pub name: &'s str,
    /// Load in percent of the capacity of the workers, and scenario, by load.
    pub points: Vec<(u32, &'s ScenarioSummary<'a>)>,
}

/// Returns the sweeps among the scenarios of a study.
pub fn sweeps<'s, 'a>(summaries: &'s [ScenarioSummary<'a>]) -> Vec<Sweep<'s, 'a>> {
    let mut sweeps: Vec<Sweep> = Vec::new();
    for summary in summaries {
        let Some((name, percent)) = load_of(summary) else {
            continue;
        };
        match sweeps.iter_mut().find(|sweep| sweep.name == name) {
            Some(sweep) => sweep.points.push((percent, summary)),
            None => sweeps.push(Sweep {
                name,
                points: vec![(percent, summary)],
            }),
        }
    }
    sweeps.retain(|sweep| sweep.points.len() >= FEWEST);
    for sweep in &mut sweeps {
        sweep.points.sort_by_key(|(percent, _)| *percent);
    }
    sweeps
}

impl Sweep<'_, '_> {
    /// Whether the scenario with this name is one of its loads.
    pub fn has(&self, scenario: &str) -> bool {
        let mut points = self.points.iter();
        points.any(|(_, summary)| summary.scenario.name == scenario)
    }
}

fn load_of<'s>(summary: &'s ScenarioSummary) -> Option<(&'s str, u32)> {
    let (name, percent) = summary.scenario.name.rsplit_once('-')?;
    let is_open = summary.scenario.loop_kind == LoopKind::Open;
    Some((name, percent.parse().ok()?)).filter(|_| is_open)
}

/// The load at which a strategy has the most power: the rate divided by the response time, by
/// which what is gained by more load is just lost by longer waits (L. Kleinrock, "Power and
/// deterministic rules of thumb for probabilistic problems in computer communications", ICC
/// 1979). `points` are (load, mean response time).
pub fn knee(points: &[(u32, f64)]) -> Option<u32> {
    let power = |(load, us): &(u32, f64)| f64::from(*load) / us;
    let best = points.iter().max_by(|a, b| power(a).total_cmp(&power(b)))?;
    Some(best.0)
}

impl StrategySummary<'_> {
    /// Mean response time, microseconds, over the blocks.
    pub fn mean_latency_us(&self) -> Option<f64> {
        let means = self.used.iter().filter_map(|m| Some(m.latency_us?.mean));
        mean(means, Scale::Ratio)
    }

    /// Mean response times, microseconds, that a common queue and a random split would have given
    /// the same requests: their waits and the work. Means over the blocks.
    pub fn mean_bounds_us(&self) -> Option<[f64; 2]> {
        let of = |pick: fn(&crate::record::Waiting) -> f64| {
            let bounds = self.used.iter().filter_map(|measured| {
                let waiting = measured.waiting_us.as_ref()?;
                let work = measured.latency_us?.mean - waiting.measured.mean;
                Some(pick(waiting) + work)
            });
            mean(bounds, Scale::Ratio)
        };
        Some([of(|w| w.common_queue.mean)?, of(|w| w.random_split.mean)?])
    }
}

#[cfg(test)]
mod tests {
    use super::knee;

    #[test]
    fn the_knee_of_an_mm1_queue_is_at_half_the_capacity() {
        let response = |load: u32| 1.0 / (1.0 - f64::from(load) / 100.0);
        let points = [10, 30, 50, 70, 90].map(|load| (load, response(load)));
        assert_eq!(knee(&points), Some(50));
        assert_eq!(knee(&[]), None);
    }
}
