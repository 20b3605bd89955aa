//! What the method makes of the noise of a recorded study.

use rand::{Rng, RngExt};

use super::comparison::{Open, Verdict};
use super::criteria::Criteria;
use super::evidence::Evidence;
use super::logs::{by_block, paired};
use super::metric::Metric;
use super::twins::{stem, twins};
use crate::stats::Sample;
use crate::study::Study;

/// Studies that are made up to find a share of them: its standard error is at most 2.3%.
const STUDIES: usize = 500;

/// Where it takes more blocks than this, nobody waits for them.
const MOST_TRIED: usize = 1_000;

/// Log ratios, block by block, of a strategy and itself: all that they hold is noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Noise {
    metric: Metric,
    ratios: Sample,
}

/// How many studies of a made-up number ended in which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Studies in all.
    pub studies: usize,
    /// That ended in *better*.
    pub better: usize,
    /// That ended in *worse*.
    pub worse: usize,
}

impl Noise {
    /// From log ratios, in the order of their blocks.
    pub fn new(metric: Metric, log_ratios: Vec<f64>) -> Option<Noise> {
        let ratios = Sample::new(log_ratios)?;
        Some(Noise { metric, ratios })
    }

    /// Of a strategy in a study: of its twins where it has two (see
    /// [`TWIN_MARK`](super::TWIN_MARK)), else of each block and the next, taken in pairs. `None`
    /// if there are fewer than two pairs.
    pub fn of(study: &Study, scenario: &str, strategy: &str, metric: Metric) -> Option<Noise> {
        let logs = |key| by_block(study, scenario, key, metric);
        let twins = twins(study).into_iter().find(|(a, _)| stem(a) == strategy);
        let ratios = match twins {
            Some((a, b)) => paired(&logs(a), &logs(b)),
            None => {
                let logs: Vec<f64> = logs(strategy).into_values().collect();
                logs.chunks_exact(2).map(|pair| pair[1] - pair[0]).collect()
            }
        };
        Noise::new(metric, ratios)
    }

    /// Verdicts of made-up studies of so many blocks under this noise, where the candidate's
    /// figure is truly `change` times that of the baseline: 1 for A/A.
    ///
    /// Each study takes a run of neighbouring blocks from anywhere, so that noise which lasts
    /// stays together (H. R. Künsch, "The jackknife and the bootstrap for general stationary
    /// observations", Annals of Statistics 17, 1989), and tosses a coin in each for which of the
    /// two was baseline, as the random order of trials does.
    pub fn verdicts(
        &self,
        change: f64,
        blocks: usize,
        studies: usize,
        criteria: &Criteria,
        random: &mut impl Rng,
    ) -> Tally {
        let mut tally = Tally::default();
        for _ in 0..studies {
            tally.count(self.one_study(change, blocks, criteria, random));
        }
        tally
    }

    /// The number of blocks, found by trying, with which the share of studies that the criteria
    /// ask for finds this true `change` of the figure; `None` if it takes more than a thousand.
    pub fn blocks_needed(
        &self,
        change: f64,
        criteria: &Criteria,
        random: &mut impl Rng,
    ) -> Option<usize> {
        // Two standard errors more than asked, as the share is itself found by chance.
        let error = (criteria.power * (1.0 - criteria.power) / STUDIES as f64).sqrt();
        let enough = (criteria.power + 2.0 * error) * STUDIES as f64;
        let first = criteria.blocks_needed(self.spread(), 1);
        std::iter::successors(Some(first), |blocks| Some(blocks + blocks / 8 + 1))
            .take_while(|blocks| *blocks <= MOST_TRIED)
            .find(|blocks| {
                let tally = self.verdicts(change, *blocks, STUDIES, criteria, random);
                tally.better.max(tally.worse) as f64 >= enough
            })
    }

    /// Standard deviation about zero, where noise has its mean once a coin decides which twin is
    /// the baseline.
    pub fn spread(&self) -> f64 {
        let noise = self.ratios.values();
        let squares: f64 = noise.iter().map(|ratio| ratio * ratio).sum();
        (squares / noise.len() as f64).sqrt()
    }

    fn one_study(
        &self,
        change: f64,
        blocks: usize,
        criteria: &Criteria,
        random: &mut impl Rng,
    ) -> Verdict {
        let noise = self.ratios.values();
        let first = random.random_range(0..noise.len());
        let run = noise.iter().cycle().skip(first).take(blocks);
        let ratios = run.map(|ratio| {
            let swapped = random.random::<bool>();
            change.ln() + if swapped { -ratio } else { *ratio }
        });
        let open = Open {
            scenario: "",
            metric: self.metric,
            baseline: "",
            candidate: "",
            blocks,
            log_margin: criteria.margin.ln_1p(),
            evidence: Sample::new(ratios.collect()).map(Evidence::paired),
        };
        let p = open.evidence.as_ref().map(|e| e.p_by_size(open.log_margin));
        open.verdict(p, criteria)
    }
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        self.studies += 1;
        self.better += usize::from(verdict == Verdict::Better);
        self.worse += usize::from(verdict == Verdict::Worse);
    }
}
