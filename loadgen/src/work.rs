//! What each request costs the server: a pure function of the seed.

use rand::Rng;
use rand_pcg::Pcg64;

use crate::random::{Purpose, exponential, stream, unit};
use crate::spec::SpecError;

/// What requests ask of the server. The generator writes it into the request
/// target, so that every strategy sees the same sequence of costs.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// The same target for all requests, as it stands: `/`, `/bytes/1024`.
    Target(String),
    /// Each request is drawn from these parts, in proportion to their weights.
    Mix(Vec<WorkPart>),
}

/// One part of a mix of work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkPart {
    /// Share of the requests, relative to the other parts.
    pub weight: f64,
    /// What the worker does in that time.
    pub kind: Kind,
    /// How long it does it.
    pub cost: Cost,
}

/// What a worker does with the time that a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Burns CPU: `/spin/US`.
    Spin,
    /// Blocks the worker's only thread without using a CPU: `/block/US`.
    Block,
    /// Waits while the worker serves others: `/sleep/US`.
    Sleep,
}

/// How long one request takes a worker, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cost {
    /// Always this long.
    Fixed(f64),
    /// Exponentially distributed about this mean.
    Exponential(f64),
}

impl Kind {
    /// All kinds, in the order in which requests are prepared for them.
    pub(crate) const ALL: [Self; 3] = [Self::Spin, Self::Block, Self::Sleep];

    /// The name of the kind in the request target: `/NAME/US`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Spin => "spin",
            Self::Block => "block",
            Self::Sleep => "sleep",
        }
    }
}

impl Cost {
    /// The mean, in microseconds.
    #[must_use]
    pub fn mean_us(self) -> f64 {
        match self {
            Self::Fixed(us) | Self::Exponential(us) => us,
        }
    }

    fn draw(self, random: &mut impl Rng) -> u64 {
        let us = match self {
            Self::Fixed(us) => us,
            Self::Exponential(mean) => exponential(random) * mean,
        };
        (us.round() as u64).min(MOST_US)
    }
}

/// The longest cost that the number field of a prepared request can hold:
/// ten digits, which is almost three hours.
pub(crate) const MOST_US: u64 = 9_999_999_999;

impl Work {
    /// One kind of work with a fixed cost of `us` microseconds.
    #[must_use]
    pub fn fixed(kind: Kind, us: f64) -> Self {
        Self::Mix(vec![WorkPart {
            weight: 1.0,
            kind,
            cost: Cost::Fixed(us),
        }])
    }

    /// The mean cost of a request in microseconds; `None` where the target is
    /// given as it stands and its cost is not known.
    #[must_use]
    pub fn mean_us(&self) -> Option<f64> {
        let Self::Mix(parts) = self else { return None };
        let weights: f64 = parts.iter().map(|part| part.weight).sum();
        let weighted = parts.iter().map(|part| part.weight * part.cost.mean_us());
        Some(weighted.sum::<f64>() / weights)
    }

    pub(crate) fn validate(&self) -> Result<(), SpecError> {
        let parts = match self {
            Self::Target(target) => return validate_target(target),
            Self::Mix(parts) => parts,
        };
        let usable = |value: f64| value.is_finite() && value >= 0.0;
        if !parts.iter().all(|part| usable(part.weight)) {
            return Err(SpecError::Work("a weight must be a number of at least 0"));
        }
        if !parts.iter().any(|part| part.weight > 0.0) {
            return Err(SpecError::Work("at least one part needs a weight above 0"));
        }
        let fits =
            |part: &WorkPart| usable(part.cost.mean_us()) && part.cost.mean_us() <= MOST_US as f64;
        if !parts.iter().all(fits) {
            return Err(SpecError::Work(
                "a cost must lie between 0 and 9,999,999,999 microseconds",
            ));
        }
        Ok(())
    }
}

fn validate_target(target: &str) -> Result<(), SpecError> {
    if target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(SpecError::Unsendable {
        part: "request target",
        text: target.to_owned(),
        remedy: "it must begin with / and hold neither spaces nor control or non-ASCII characters; percent-encode those",
    })
}

/// The costs of one thread's requests, in the order in which it issues them:
/// the i-th is the same in every run under the same seed.
#[derive(Debug)]
pub(crate) struct WorkSequence {
    random: Pcg64,
    parts: Vec<WorkPart>,
    weights: f64,
}

/// What one request asks for: the prepared head to use, and the number to
/// write into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Draw {
    /// Index into [`Kind::ALL`]; 0 where the target is given as it stands.
    pub(crate) kind: u8,
    pub(crate) us: u64,
}

impl WorkSequence {
    pub(crate) fn new(work: &Work, seed: u64, thread: usize) -> Self {
        let parts = match work {
            Work::Target(_) => Vec::new(),
            Work::Mix(parts) => parts.clone(),
        };
        Self {
            random: stream(seed, thread, Purpose::Work),
            weights: parts.iter().map(|part| part.weight).sum(),
            parts,
        }
    }

    pub(crate) fn next(&mut self) -> Draw {
        let part = match self.parts.as_slice() {
            [] => return Draw::default(),
            [only] => *only,
            _ => self.pick(),
        };
        Draw {
            kind: part.kind as u8,
            us: part.cost.draw(&mut self.random),
        }
    }

    fn pick(&mut self) -> WorkPart {
        let mut point = unit(&mut self.random) * self.weights;
        for part in &self.parts {
            if point < part.weight {
                return *part;
            }
            point -= part.weight;
        }
        // Rounding can leave a hair beyond the last weight.
        self.parts[self.parts.len() - 1]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skewed() -> Work {
        let part = |weight, us| WorkPart {
            weight,
            kind: Kind::Block,
            cost: Cost::Fixed(us),
        };
        Work::Mix(vec![part(95.0, 1_000.0), part(5.0, 20_000.0)])
    }

    fn first(work: &Work, seed: u64, thread: usize, count: usize) -> Vec<Draw> {
        let mut sequence = WorkSequence::new(work, seed, thread);
        std::iter::repeat_with(|| sequence.next())
            .take(count)
            .collect()
    }

    #[test]
    fn the_same_seed_gives_the_same_costs() {
        assert_eq!(first(&skewed(), 7, 1, 500), first(&skewed(), 7, 1, 500));
    }

    #[test]
    fn seeds_and_threads_differ_in_their_costs() {
        assert_ne!(first(&skewed(), 7, 0, 500), first(&skewed(), 8, 0, 500));
        assert_ne!(first(&skewed(), 7, 0, 500), first(&skewed(), 7, 1, 500));
    }

    #[test]
    fn parts_come_in_proportion_to_their_weights() {
        let draws = first(&skewed(), 1, 0, 20_000);
        let long = draws.iter().filter(|draw| draw.us == 20_000).count();
        // Binomial(20000, 0.05): mean 1000, standard deviation 31; five of them.
        assert!((845..=1155).contains(&long), "{long} long requests");
    }

    #[test]
    fn exponential_costs_have_the_mean_asked_for() {
        let work = Work::Mix(vec![WorkPart {
            weight: 1.0,
            kind: Kind::Spin,
            cost: Cost::Exponential(1_000.0),
        }]);
        let draws = first(&work, 1, 0, 20_000);
        let mean = draws.iter().map(|draw| draw.us as f64).sum::<f64>() / 20_000.0;
        // The standard error is 1000/sqrt(20000) = 7; five of them.
        assert!((965.0..=1035.0).contains(&mean), "mean {mean}");
    }

    #[test]
    fn the_mean_of_a_mix_is_weighted() {
        assert_eq!(skewed().mean_us(), Some(1_950.0));
        assert_eq!(Work::Target("/".into()).mean_us(), None);
    }

    #[test]
    fn a_mix_that_cannot_be_drawn_from_is_refused() {
        let part = |weight, us| WorkPart {
            weight,
            kind: Kind::Spin,
            cost: Cost::Fixed(us),
        };
        for parts in [
            vec![],
            vec![part(0.0, 1.0)],
            vec![part(-1.0, 1.0)],
            vec![part(f64::NAN, 1.0)],
            vec![part(1.0, -1.0)],
            vec![part(1.0, f64::INFINITY)],
            vec![part(1.0, 1e10)],
        ] {
            assert!(Work::Mix(parts.clone()).validate().is_err(), "{parts:?}");
        }
        assert!(skewed().validate().is_ok());
    }
}
