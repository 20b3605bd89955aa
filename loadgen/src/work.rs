//! What each request costs the server: a pure function of the seed.

use rand_pcg::Pcg64;

use crate::cost::Cost;
use crate::random::{Purpose, stream, unit};
use crate::spec::SpecError;

/// What requests ask of the server. The generator writes it into the request
/// target, so that every strategy sees the same sequence of costs.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// The same target for all requests, as it stands: `/`, `/bytes/1024`.
    Target(String),
    /// Each request is drawn from these parts, in proportion to their weights.
    Mix(Vec<WorkPart>),
    /// The same with requests as they stand.
    Targets(Vec<TargetPart>),
}

/// One of several targets.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetPart {
    /// Share of the requests, relative to the other targets.
    pub weight: f64,
    /// Its own method, where it is not that of the other requests.
    pub method: Option<String>,
    /// The target as it stands.
    pub target: String,
    /// Its own body, where it is not that of the other requests.
    pub body: Option<Vec<u8>>,
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
        match self {
            Self::Target(target) => validate_target(target),
            Self::Mix(parts) => {
                validate_weights(parts.iter().map(|part| part.weight))?;
                parts.iter().try_for_each(|part| part.cost.validate())
            }
            Self::Targets(parts) => {
                validate_weights(parts.iter().map(|part| part.weight))?;
                parts
                    .iter()
                    .try_for_each(|part| validate_target(&part.target))
            }
        }
    }
}

fn validate_weights(weights: impl ExactSizeIterator<Item = f64> + Clone) -> Result<(), SpecError> {
    if weights.len() > usize::from(u16::MAX) {
        return Err(SpecError::Work("it has more than 65,535 parts"));
    }
    if !weights
        .clone()
        .all(|weight| weight.is_finite() && weight >= 0.0)
    {
        return Err(SpecError::Work("a weight must be a number of at least 0"));
    }
    if !weights.into_iter().any(|weight| weight > 0.0) {
        return Err(SpecError::Work("at least one part needs a weight above 0"));
    }
    Ok(())
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

/// One thread's requests, in the order in which it issues them: the i-th is
/// the same in every run under the same seed.
#[derive(Debug)]
pub(crate) struct WorkSequence {
    random: Pcg64,
    parts: Vec<Part>,
    weights: f64,
}

/// What is drawn from, whatever the work is made of.
#[derive(Debug, Clone, Copy)]
struct Part {
    weight: f64,
    /// The prepared request: see [`Draw::request`].
    request: u16,
    /// `None` where the target stands as it is.
    cost: Option<Cost>,
}

/// What one request is: which of the prepared ones, and the number to write
/// into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Draw {
    /// Index into [`Kind::ALL`], or into the targets; 0 where there is one.
    pub(crate) request: u16,
    pub(crate) us: u64,
}

impl WorkSequence {
    pub(crate) fn new(work: &Work, seed: u64, thread: usize) -> Self {
        let parts: Vec<Part> = match work {
            Work::Target(_) => Vec::new(),
            Work::Mix(parts) => parts.iter().map(Part::of_time).collect(),
            Work::Targets(parts) => (0..).zip(parts).map(Part::of_target).collect(),
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
            request: part.request,
            us: part.cost.map_or(0, |cost| cost.draw(&mut self.random)),
        }
    }

    fn pick(&mut self) -> Part {
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

impl Part {
    fn of_time(part: &WorkPart) -> Self {
        Self {
            weight: part.weight,
            request: part.kind as u16,
            cost: Some(part.cost),
        }
    }

    fn of_target((request, part): (u16, &TargetPart)) -> Self {
        Self {
            weight: part.weight,
            request,
            cost: None,
        }
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
    fn targets_come_in_proportion_to_their_weights_too() {
        let part = |weight, target: &str| TargetPart {
            weight,
            method: None,
            target: target.to_owned(),
            body: None,
        };
        let work = Work::Targets(vec![part(1.0, "/a"), part(0.0, "/b"), part(3.0, "/c")]);
        let draws = first(&work, 1, 0, 20_000);
        assert_eq!(draws, first(&work, 1, 0, 20_000));
        let count = |request| draws.iter().filter(|draw| draw.request == request).count();
        // Binomial(20000, 0.25): mean 5000, standard deviation 61; five of them.
        assert!((4_695..=5_305).contains(&count(0)), "{} of /a", count(0));
        assert_eq!((count(1), count(0) + count(2)), (0, 20_000));
        assert!(Work::Targets(vec![part(1.0, "a")]).validate().is_err());
        assert!(Work::Targets(vec![part(0.0, "/a")]).validate().is_err());
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
