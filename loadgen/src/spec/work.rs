//! What requests cost the server.

use super::{Cost, SpecError};

/// What requests cost the server. The generator writes the cost into the request target, so every
/// strategy sees the same sequence of costs.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// The same target for all requests, such as `/` or `/bytes/1024`.
    Target(String),
    /// Each request is drawn from these kinds of work, in proportion to their weights.
    Mix(Vec<WorkPart>),
    /// Each request is drawn from these targets, in proportion to their weights.
    Targets(Vec<TargetPart>),
}

/// One of several targets.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetPart {
    /// Share of the requests, relative to the other targets.
    pub weight: f64,
    /// Its method, if it differs from that of the other requests.
    pub method: Option<String>,
    /// The target.
    pub target: String,
    /// Its body, if it differs from that of the other requests.
    pub body: Option<Vec<u8>>,
}

/// One part of a mix of work.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WorkPart {
    /// Share of the requests, relative to the other parts.
    pub weight: f64,
    /// What the worker does.
    pub kind: WorkKind,
    /// For how long.
    pub cost: Cost,
}

/// What a worker does with the time that a request costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WorkKind {
    /// Burns CPU: `/spin/US`.
    Spin,
    /// Blocks the worker's only thread without using a CPU: `/block/US`.
    Block,
    /// Waits while the worker serves other requests: `/sleep/US`.
    Sleep,
}

impl WorkKind {
    /// All kinds, in the order in which requests are prepared for them.
    pub(crate) const ALL: [Self; 3] = [Self::Spin, Self::Block, Self::Sleep];

    /// Name of the kind in the request target: `/NAME/US`.
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
    pub fn fixed(kind: WorkKind, us: f64) -> Self {
        Self::Mix(vec![WorkPart {
            weight: 1.0,
            kind,
            cost: Cost::Fixed(us),
        }])
    }

    /// Mean cost of a request in microseconds; `None` for targets, whose cost is not known.
    #[must_use]
    pub fn mean_us(&self) -> Option<f64> {
        let Self::Mix(parts) = self else { return None };
        let weights: f64 = parts.iter().map(|part| part.weight).sum();
        let weighted = parts.iter().map(|part| part.weight * part.cost.mean_us());
        Some(weighted.sum::<f64>() / weights)
    }

    pub(super) fn validate(&self) -> Result<(), SpecError> {
        match self {
            Self::Target(target) => validate_target(target),
            Self::Mix(parts) => {
                validate_weights(parts.iter().map(|part| part.weight))?;
                parts.iter().try_for_each(|part| part.cost.validate())
            }
            Self::Targets(parts) => {
                validate_weights(parts.iter().map(|part| part.weight))?;
                let mut targets = parts.iter().map(|part| &part.target);
                targets.try_for_each(|target| validate_target(target))
            }
        }
    }
}

fn validate_weights(weights: impl ExactSizeIterator<Item = f64> + Clone) -> Result<(), SpecError> {
    let is_usable = |weight: f64| weight.is_finite() && weight >= 0.0;
    SpecError::Work("it has more than 65,535 parts")
        .unless(weights.len() <= usize::from(u16::MAX))?;
    SpecError::Work("a weight must be a number of at least 0")
        .unless(weights.clone().all(is_usable))?;
    SpecError::Work("at least one part needs a weight above 0")
        .unless(weights.into_iter().any(|weight| weight > 0.0))
}

pub(super) fn validate_target(target: &str) -> Result<(), SpecError> {
    SpecError::Unsendable {
        part: "request target",
        text: target.to_owned(),
        remedy: "it must begin with / and must not contain spaces, control characters or non-ASCII characters; percent-encode them",
    }
    .unless(target.starts_with('/') && target.bytes().all(|byte| byte.is_ascii_graphic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn skewed() -> Work {
        let part = |weight, us| WorkPart {
            weight,
            kind: WorkKind::Block,
            cost: Cost::Fixed(us),
        };
        Work::Mix(vec![part(95.0, 1_000.0), part(5.0, 20_000.0)])
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
            kind: WorkKind::Spin,
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

    #[test]
    fn targets_that_cannot_be_sent_or_drawn_are_refused() {
        for (weight, target, valid) in [(1.0, "/a", true), (1.0, "a", false), (0.0, "/a", false)] {
            let part = TargetPart {
                weight,
                method: None,
                target: target.to_owned(),
                body: None,
            };
            let work = Work::Targets(vec![part]);
            assert_eq!(work.validate().is_ok(), valid, "{weight} {target}");
        }
    }
}
