//! The heartbeat of a worker: a store whenever its event loop begins or ends to wait.

use std::sync::Arc;

use tokio::runtime::Builder;

use super::{counters::Counters, identity};

/// Makes the threads of a runtime, which are workers, call a function when they wake. If the fleet looks for
/// stalls, they also show their turns in the scoreboard.
pub(super) fn show(
    runtime: &mut Builder,
    counters: &Arc<Counters>,
    on_wake: impl Fn() + Send + Sync + 'static,
) {
    if !counters.heartbeat {
        runtime.on_thread_unpark(on_wake);
        return;
    }
    let (before, after) = (Arc::clone(counters), Arc::clone(counters));
    runtime
        .on_thread_park(move || identity::turn(&before.scoreboard, true))
        .on_thread_unpark(move || {
            identity::turn(&after.scoreboard, false);
            on_wake();
        });
}
