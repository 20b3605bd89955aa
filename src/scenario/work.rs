//! What the requests of a scenario ask for: one target, or a distribution of them.

use std::fmt;
use std::time::Duration;

use evenkeel_loadgen::{self as loadgen, Cost, WorkKind, WorkPart};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::{Distribution, Target};
use evenkeel_common::duration::show;

/// What requests ask for. In TOML one of
///
/// ```toml
/// work = "/spin/50"
/// work = { exponential = "/block/1000" }
/// work = "block:lognormal:1ms:0.8"
/// work = [{ share = 0.95, target = "/block/1000" }, { share = 0.05, target = "/block/20000" }]
/// ```
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    /// Every request asks for the same.
    Fixed(Target),
    /// The time is exponentially distributed; the target holds its mean.
    Exponential(Target),
    /// The time is drawn from a distribution.
    Drawn(Distribution),
    /// Each request is of one of several kinds, at random.
    Mix(Vec<Share>),
}

/// One kind of request in a mix.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Share {
    /// Share of all requests, 0 to 1.
    pub(crate) share: f64,
    /// What they ask for.
    pub(crate) target: Target,
}

/// Shares are written with few digits; this much they may miss 1 by.
const SHARE_SLACK: f64 = 1e-6;

/// Fewer than one draw in a hundred of an exponential distribution is so many times as long as
/// the mean (e⁻⁵ is 0.7%), and one failure in a hundred is what a valid trial bears.
const LONG_DRAW: u64 = 5;

impl Work {
    /// The work as the load generator takes it.
    ///
    /// # Errors
    /// What is wrong with it, for [`InvalidScenario`](super::InvalidScenario).
    pub(crate) fn to_load(&self) -> Result<loadgen::Work, String> {
        match self {
            Self::Fixed(target) => Ok(loadgen::Work::Target(target.to_string())),
            Self::Exponential(mean) => {
                let part = part(1.0, *mean, Cost::Exponential)?;
                Ok(loadgen::Work::Mix(vec![part]))
            }
            Self::Drawn(distribution) => Ok(loadgen::Work::Mix(vec![distribution.to_part()])),
            Self::Mix(kinds) => {
                check_shares(kinds)?;
                let parts = kinds
                    .iter()
                    .map(|kind| part(kind.share, kind.target, Cost::Fixed));
                Ok(loadgen::Work::Mix(parts.collect::<Result<_, _>>()?))
            }
        }
    }

    /// A target for each kind of request; where times are drawn, with their mean.
    pub(crate) fn targets(&self) -> Vec<Target> {
        match self {
            Self::Fixed(target) | Self::Exponential(target) => vec![*target],
            Self::Drawn(drawn) => {
                vec![Target::Timed(drawn.kind, drawn.cost.mean_us() as u64)]
            }
            Self::Mix(kinds) => kinds.iter().map(|kind| kind.target).collect(),
        }
    }

    /// What stands against it if a request is given up after so long.
    pub(crate) fn problem_of_length(&self, timeout: Duration) -> Option<String> {
        let times = match self {
            Self::Exponential(_) => LONG_DRAW,
            _ => 1,
        };
        let takes_too_long = |target: &Target| match target {
            Target::Timed(_, us) => u128::from(us.saturating_mul(times)) >= timeout.as_micros(),
            Target::Nothing | Target::Bytes(_) => false,
        };
        let target = self.targets().into_iter().find(takes_too_long)?;
        let of_mean = if times > 1 { " in the mean" } else { "" };
        Some(format!(
            "`work`: `{target}`{of_mean} takes too long, since a request is given up after {}; \
             ask for less than {} microseconds",
            show(timeout),
            timeout.as_micros() / u128::from(times)
        ))
    }

    /// How long a request occupies a worker in the mean, seconds; `None` if that is not known
    /// of every kind of request, or is nothing.
    pub(crate) fn mean_busy_s(&self) -> Option<f64> {
        let mean_us = match self {
            Self::Fixed(target) | Self::Exponential(target) => busy_us_of(*target)?,
            Self::Drawn(drawn) => busy_us(drawn.kind, drawn.cost.mean_us())?,
            Self::Mix(kinds) => kinds
                .iter()
                .map(|kind| Some(kind.share * busy_us_of(kind.target)?))
                .sum::<Option<f64>>()?,
        };
        (mean_us > 0.0).then_some(mean_us / 1e6)
    }

    /// Whether it only takes time, so that more workers than CPUs do not get in each other's way.
    pub(crate) fn leaves_cpu_idle(&self) -> bool {
        let idle =
            |target: &Target| matches!(target, Target::Timed(WorkKind::Block | WorkKind::Sleep, _));
        self.targets().iter().all(idle)
    }
}

fn busy_us_of(target: Target) -> Option<f64> {
    match target {
        Target::Timed(kind, us) => busy_us(kind, us as f64),
        Target::Nothing | Target::Bytes(_) => None,
    }
}

/// How much of the time of such work a worker is busy.
fn busy_us(kind: WorkKind, us: f64) -> Option<f64> {
    match kind {
        WorkKind::Spin | WorkKind::Block => Some(us),
        WorkKind::Sleep => None,
    }
}

fn part(weight: f64, target: Target, cost: fn(f64) -> Cost) -> Result<WorkPart, String> {
    match target {
        Target::Timed(kind, us) => Ok(WorkPart {
            weight,
            kind,
            cost: cost(us as f64),
        }),
        Target::Nothing | Target::Bytes(_) => Err(format!(
            "`work`: a distribution is one of times, and `{target}` takes none that is known; \
             write /spin/US, /block/US or /sleep/US"
        )),
    }
}

fn check_shares(kinds: &[Share]) -> Result<(), String> {
    if kinds.is_empty() {
        return Err(
            "`work` is an empty list; give a target such as \"/spin/50\", or a list of \
                    { share, target }"
                .to_owned(),
        );
    }
    if let Some(wrong) = kinds.iter().find(|kind| !(0.0..=1.0).contains(&kind.share)) {
        return Err(format!(
            "`work`: a share is {}; shares are 0 to 1",
            wrong.share
        ));
    }
    let sum: f64 = kinds.iter().map(|kind| kind.share).sum();
    if (sum - 1.0).abs() > SHARE_SLACK {
        return Err(format!(
            "`work`: the shares add up to {sum}; they must add up to 1"
        ));
    }
    Ok(())
}

/// The table form of [`Work`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExponentialTable {
    exponential: Target,
}

impl Serialize for Work {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(target) => target.serialize(serializer),
            Self::Exponential(target) => {
                let exponential = *target;
                ExponentialTable { exponential }.serialize(serializer)
            }
            Self::Drawn(distribution) => serializer.collect_str(distribution),
            Self::Mix(kinds) => kinds.serialize(serializer),
        }
    }
}

/// By hand, because the errors of an untagged enum do not say which key is wrong.
impl<'de> Deserialize<'de> for Work {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(WorkVisitor)
    }
}

struct WorkVisitor;

impl<'de> Visitor<'de> for WorkVisitor {
    type Value = Work;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a target such as \"/spin/50\", a distribution such as \"block:exp:1ms\", a table { exponential = TARGET }, or a list of \
             { share, target }",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Work, E> {
        if text.contains(':') {
            return text.parse().map(Work::Drawn).map_err(E::custom);
        }
        text.parse().map(Work::Fixed).map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Work, A::Error> {
        let table = ExponentialTable::deserialize(MapAccessDeserializer::new(map))?;
        Ok(Work::Exponential(table.exponential))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Work, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Work::Mix)
    }
}
