//! The verdicts of the method under the noise of a recorded study.

use rand::{Rng, RngExt};

use super::by_block::{ByBlock, paired};
use super::comparison::Verdict;
use super::copies::{copies, stem};
use super::criteria::Criteria;
use super::evidence::Evidence;
use super::judge::Unjudged;
use super::metric::Metric;
use crate::stats::Sample;
use crate::study::Study;

/// Number of simulated studies from which a share is estimated: its standard error is at most 2.3%.
const STUDIES: usize = 500;

/// Most blocks that are tried; nobody waits for more.
const MOST_TRIED: usize = 1_000;

/// Log ratios, block by block, of a strategy and itself, which are nothing but noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Noise {
    metric: Metric,
    ratios: Sample,
}

/// Verdicts of simulated studies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Number of studies.
    pub studies: usize,
    /// Those that ended in *better*.
    pub better: usize,
    /// Those that ended in *worse*.
    pub worse: usize,
}

impl Noise {
    /// Takes log ratios, in the order of their blocks.
    pub fn new(metric: Metric, log_ratios: Vec<f64>) -> Option<Noise> {
        let ratios = Sample::new(log_ratios)?;
        Some(Noise { metric, ratios })
    }

    /// Of a strategy in a study: of its copies where it has two (see
    /// [`COPY_MARK`](super::COPY_MARK)), else of each block and the next, taken in pairs. `None`
    /// if there are fewer than two pairs.
    pub fn of(study: &Study, scenario: &str, strategy: &str, metric: Metric) -> Option<Noise> {
        let figures = |key| ByBlock::of(study, scenario, key, metric);
        let copies = copies(study).into_iter().find(|(a, _)| stem(a) == strategy);
        let ratios = match copies {
            Some((a, b)) => paired(&figures(a), &figures(b)),
            None => {
                let logs = figures(strategy).logs();
                logs.chunks_exact(2).map(|pair| pair[1] - pair[0]).collect()
            }
        };
        Noise::new(metric, ratios)
    }

    /// Simulates studies of a number of blocks under this noise, where the candidate's figure is
    /// truly `change` times that of the baseline: 1 for A/A.
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

    /// Finds by simulation the number of blocks with which the share of studies in the criteria finds
    /// this true `change` of the figure; `None` if that is more than a thousand.
    pub fn blocks_needed(
        &self,
        change: f64,
        criteria: &Criteria,
        random: &mut impl Rng,
    ) -> Option<usize> {
        // Two standard errors more, since the share is itself an estimate.
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

    /// Returns the standard deviation about zero, which is the mean of noise if a coin decides which
    /// copy is the baseline.
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
        let unjudged = Unjudged {
            scenario: "",
            metric: self.metric,
            baseline: "",
            candidate: "",
            blocks,
            figures: [None; 2],
            ratio: None,
            log_margin: criteria.margin.ln_1p(),
            evidence: Sample::new(ratios.collect()).map(Evidence::paired),
        };
        let p = unjudged
            .evidence
            .as_ref()
            .map(|e| e.p_by_size(unjudged.log_margin));
        unjudged.verdict(p, criteria)
    }
}

impl Tally {
    fn count(&mut self, verdict: Verdict) {
        self.studies += 1;
        self.better += usize::from(verdict == Verdict::Better);
        self.worse += usize::from(verdict == Verdict::Worse);
    }
}
