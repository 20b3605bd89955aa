//! How a peer is changed while it runs: the tables `reload`, `scale` and `restart` of a recipe.

use std::time::Duration;

use nix::sys::signal::Signal;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{optional_signal, time_limit};

/// How a change of a peer is requested, and how long it may take. It is complete when the processes that
/// it replaces have ended, and as many as requested are ready.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ChangeTable")]
pub struct ChangeRule {
    /// What requests it.
    pub act: Act,
    /// Time limit until it is complete.
    pub within: Duration,
}

/// What requests a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// This signal: for a restart to the worker, otherwise to the processes that the commands started.
    Signal(Signal),
    /// A signal to these processes for each worker more, and one for each fewer.
    Signals {
        /// Adds a worker.
        more: Signal,
        /// Removes a worker.
        fewer: Signal,
    },
    /// Program and arguments, which are templates. It ends.
    Command(Vec<String>),
    /// The templates are rendered for the new number of workers, and the peer is reloaded.
    Reload,
    /// It cannot be done, for this reason.
    Cannot(String),
}

/// A change as a recipe contains it: exactly one of `signal`, `more` with `fewer`, `command`, `reload` and
/// `cannot`.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeTable {
    /// The signal that requests it: for `restart` to the worker, for `reload` to the processes that the
    /// commands started.
    #[serde(default, deserialize_with = "optional_signal")]
    #[schemars(with = "Option<String>")]
    signal: Option<Signal>,
    /// For `scale`: the signal that adds a worker.
    #[serde(default, deserialize_with = "optional_signal")]
    #[schemars(with = "Option<String>")]
    more: Option<Signal>,
    /// For `scale`: the signal that removes a worker.
    #[serde(default, deserialize_with = "optional_signal")]
    #[schemars(with = "Option<String>")]
    fewer: Option<Signal>,
    /// Program and arguments that request it. Templates; for `scale`, `worker_count` is the new number.
    command: Option<Vec<String>>,
    /// For `scale`: whether the templates are rendered for the new number of workers, and the peer is
    /// reloaded.
    #[serde(default)]
    reload: bool,
    /// Why it cannot be done: one sentence, without a full stop.
    cannot: Option<String>,
    /// Time limit in seconds until it is complete [default: 60].
    #[serde(default, deserialize_with = "time_limit")]
    within_s: Option<f64>,
}

/// Systems that replace one worker after the other take some seconds for each.
const WITHIN: Duration = Duration::from_secs(60);

impl TryFrom<ChangeTable> for ChangeRule {
    type Error = &'static str;

    fn try_from(table: ChangeTable) -> Result<Self, Self::Error> {
        let signals = match (table.more, table.fewer) {
            (Some(more), Some(fewer)) => Some(Act::Signals { more, fewer }),
            (None, None) => None,
            _ => return Err("`more` and `fewer` belong together; give both signals"),
        };
        let acts = [
            table.signal.map(Act::Signal),
            signals,
            table.command.map(Act::Command),
            table.reload.then_some(Act::Reload),
            table.cannot.map(Act::Cannot),
        ];
        let mut acts = acts.into_iter().flatten();
        let (Some(act), None) = (acts.next(), acts.next()) else {
            return Err(
                "give exactly one of `signal`, `command` and `cannot`; for `scale` also `more` with \
                 `fewer`, or `reload`",
            );
        };
        Ok(Self {
            act,
            within: table.within_s.map_or(WITHIN, Duration::from_secs_f64),
        })
    }
}
