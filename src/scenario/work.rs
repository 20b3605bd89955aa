//! Work of a scenario: one target, or a distribution of targets.

use std::borrow::Cow;
use std::fmt::{self, Display};
use std::str::FromStr;
use std::time::Duration;

use evenkeel_loadgen::{self as loadgen, Cost, WorkKind, WorkPart};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};

use super::distribution::InvalidDistribution;
use super::target::InvalidTarget;
use super::{Distribution, RequestTarget, Target, parts};
use evenkeel_common::duration::show;
use evenkeel_common::number::Numbers;
use evenkeel_common::units::plural;

/// Work of the requests of a scenario. In TOML one of
///
/// ```toml
/// work = "/spin/50"
/// work = { exponential = "/block/1000" }
/// work = "block:lognormal:1ms:0.8"
/// work = "30ms"
/// work = [{ share = 0.95, target = "/block/1000" }, { share = 0.05, target = "/block/20000" }]
/// work = { targets = ["9 /", "1 POST /orders {}"] }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Work {
    /// Every request has the same target.
    Fixed(Target),
    /// The time is exponentially distributed; the target contains the mean.
    Exponential(Target),
    /// The time is drawn from a distribution.
    Drawn(Distribution),
    /// Each request has one of several targets, at random.
    Mix(Vec<WorkShare>),
    /// Each request has one of these targets of a program of the user.
    Targets(Vec<RequestTarget>),
}

/// One target in a mix.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct WorkShare {
    /// Share of all requests, 0 to 1.
    #[serde(deserialize_with = "share")]
    pub(crate) share: f64,
    pub(crate) target: Target,
}

const SHARES: Numbers = Numbers::between(0.0, 1.0, "a share is a number");

fn share<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
    SHARES.deserialize(from)
}

/// Largest difference of the sum of shares from 1: shares are written with few digits.
const SHARE_SLACK: f64 = 1e-6;

/// Longest expected draw of an exponential distribution, in means. Fewer than one draw in a hundred
/// is longer (e⁻⁵ is 0.7%), and a valid trial may have one failure in a hundred.
const LONG_DRAW: u64 = 5;

impl Work {
    /// Returns the work for the load generator.
    ///
    /// # Errors
    /// The problem, for [`InvalidScenario`](super::InvalidScenario).
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
            Self::Targets(targets) if targets.is_empty() => {
                Err("`work`: the list of targets is empty; give one such as \"/\"".to_owned())
            }
            Self::Targets(targets) => Ok(loadgen::Work::Targets(parts(targets))),
        }
    }

    /// Returns the target of each kind of request; drawn times are represented by their mean.
    pub(crate) fn target_texts(&self) -> Vec<String> {
        match self {
            Self::Targets(targets) => targets.iter().map(|it| it.part.target.clone()).collect(),
            _ => self.targets().iter().map(Target::to_string).collect(),
        }
    }

    /// Returns the target of each kind of request to a worker of evenkeel, as above.
    fn targets(&self) -> Vec<Target> {
        match self {
            Self::Fixed(target) | Self::Exponential(target) => vec![*target],
            Self::Drawn(drawn) => {
                vec![Target::Timed(drawn.kind, drawn.cost.mean_us() as u64)]
            }
            Self::Mix(kinds) => kinds.iter().map(|kind| kind.target).collect(),
            Self::Targets(_) => Vec::new(),
        }
    }

    /// Returns the problem if requests take longer than this timeout.
    pub(crate) fn problem_of_length(&self, timeout: Duration) -> Option<String> {
        let times = match self {
            Self::Exponential(_) => LONG_DRAW,
            _ => 1,
        };
        let takes_too_long = |target: &Target| match target {
            Target::Timed(_, us) => u128::from(us.saturating_mul(times)) >= timeout.as_micros(),
            Target::Stream(us, pieces) => {
                u128::from(us.saturating_mul(*pieces)) >= timeout.as_micros()
            }
            Target::Nothing | Target::Bytes(_) => false,
        };
        let target = self.targets().into_iter().find(takes_too_long)?;
        let of_mean = if times > 1 { " on average" } else { "" };
        Some(format!(
            "`work`: `{target}`{of_mean} takes too long, since requests time out after {}; give less \
             than {} microseconds",
            show(timeout),
            timeout.as_micros() / u128::from(times)
        ))
    }

    /// Mean time for which a request occupies a worker, seconds; `None` if it is zero or unknown for
    /// some kind of request.
    pub(crate) fn mean_busy_s(&self) -> Option<f64> {
        let mean_us = match self {
            Self::Fixed(target) | Self::Exponential(target) => busy_us_of(*target)?,
            Self::Drawn(drawn) => busy_us(drawn.kind, drawn.cost.mean_us())?,
            Self::Mix(kinds) => kinds
                .iter()
                .map(|kind| Some(kind.share * busy_us_of(kind.target)?))
                .sum::<Option<f64>>()?,
            Self::Targets(_) => return None,
        };
        (mean_us > 0.0).then_some(mean_us / 1e6)
    }

    /// Whether the work takes time but no CPU, so more workers than CPUs do not disturb each other.
    pub(crate) fn leaves_cpu_idle(&self) -> bool {
        let idle = |target: &Target| {
            matches!(
                target,
                Target::Timed(WorkKind::Block | WorkKind::Sleep, _) | Target::Stream(..)
            )
        };
        let targets = self.targets();
        !targets.is_empty() && targets.iter().all(idle)
    }
}

fn busy_us_of(target: Target) -> Option<f64> {
    match target {
        Target::Timed(kind, us) => busy_us(kind, us as f64),
        Target::Nothing | Target::Bytes(_) | Target::Stream(..) => None,
    }
}

/// Time for which such work keeps a worker busy, microseconds.
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
        Target::Nothing | Target::Bytes(_) | Target::Stream(..) => Err(format!(
            "`work`: a distribution needs a target with a time, and `{target}` has none; write \
             /spin/US, /block/US or /sleep/US"
        )),
    }
}

fn check_shares(kinds: &[WorkShare]) -> Result<(), String> {
    if kinds.is_empty() {
        return Err(
            "`work` is an empty list; give a target such as \"/spin/50\", or a list of \
                    { share, target }"
                .to_owned(),
        );
    }
    let sum: f64 = kinds.iter().map(|kind| kind.share).sum();
    if (sum - 1.0).abs() > SHARE_SLACK {
        return Err(format!(
            "`work`: the shares add up to {sum}; they must add up to 1"
        ));
    }
    Ok(())
}

/// Work with an exponentially distributed time.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ExponentialTable {
    exponential: Target,
}

/// Targets of a program of the user, each `[WEIGHT] [METHOD] /PATH [BODY]`.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct TargetsTable<'a> {
    targets: &'a [RequestTarget],
}

/// Either table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WorkTable {
    exponential: Option<Target>,
    targets: Option<Vec<RequestTarget>>,
}

/// Work of the requests.
#[derive(JsonSchema)]
#[schemars(untagged, inline)]
#[expect(dead_code, reason = "only described")]
enum WorkForms {
    /// A target such as `/spin/50`, or a distribution such as `block:exp:1ms`.
    Text(String),
    /// A target with the mean of an exponential distribution.
    Exponential(ExponentialTable),
    /// Targets of a program of the user, each `[WEIGHT] [METHOD] /PATH [BODY]`.
    Targets(TargetsTable<'static>),
    /// Targets with their shares of all requests.
    Mix(Vec<WorkShare>),
}

impl JsonSchema for Work {
    fn schema_name() -> Cow<'static, str> {
        "Work".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        WorkForms::json_schema(generator)
    }
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
            Self::Targets(targets) => TargetsTable { targets }.serialize(serializer),
        }
    }
}

/// In a few words.
impl Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(target) => write!(f, "`{target}` per request"),
            Self::Exponential(target) => write!(f, "an exponential `{target}` per request"),
            Self::Drawn(drawn) => write!(f, "`{drawn}` per request"),
            Self::Mix(kinds) => write!(f, "{} of requests", plural(kinds.len(), "kind")),
            Self::Targets(targets) => {
                let quoted = targets.iter().map(|target| format!("`{target}`"));
                write!(f, "{} per request", quoted.collect::<Vec<_>>().join(" or "))
            }
        }
    }
}

/// A target, or a distribution.
impl FromStr for Work {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.starts_with('/') {
            true => text
                .parse()
                .map(Self::Fixed)
                .map_err(|it| InvalidTarget::to_string(&it)),
            false => text
                .parse()
                .map(Self::Drawn)
                .map_err(|it| InvalidDistribution::to_string(&it)),
        }
    }
}

/// Written by hand, because errors of an untagged enum do not name the wrong key.
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
            "a target such as \"/spin/50\", a distribution such as \"block:exp:1ms\", a table { exponential = TARGET } or { targets = [TARGET, ..] }, or a \
             list of { share, target }",
        )
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Work, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Work, A::Error> {
        let table = WorkTable::deserialize(MapAccessDeserializer::new(map))?;
        match (table.exponential, table.targets) {
            (Some(target), None) => Ok(Work::Exponential(target)),
            (None, Some(targets)) => Ok(Work::Targets(targets)),
            _ => Err(de::Error::custom(
                "a table of work has either `exponential` or `targets`",
            )),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Work, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(list)).map(Work::Mix)
    }
}
