//! What each request costs, in order: a pure function of the seed.

use rand_pcg::Pcg64;

use crate::random::{Purpose, stream, unit};
use crate::spec::{Cost, TargetPart, Work, WorkPart};

/// The work of one thread's requests, in the order in which it sends them: the same in every run with
/// the same seed.
pub(crate) struct WorkSequence {
    random: Pcg64,
    parts: Vec<Part>,
    weights: f64,
}

/// One part of the work to draw from.
#[derive(Debug, Clone, Copy)]
struct Part {
    weight: f64,
    /// Index of the prepared request: see [`Draw::request`].
    request: u16,
    /// `None` for fixed targets.
    cost: Option<Cost>,
}

/// The work of one request: which of the prepared requests it is, and the number in its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Draw {
    /// Index into [`WorkKind::ALL`](crate::spec::WorkKind), or into the targets; 0 if there is one.
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
        // Rounding can leave a little beyond the last weight.
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
    use crate::spec::WorkKind;

    fn skewed() -> Work {
        let part = |weight, us| WorkPart {
            weight,
            kind: WorkKind::Block,
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
    }
}
