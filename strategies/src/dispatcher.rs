//! The `dispatcher` subcommand.

use std::io;

use crate::defence::{JOURNAL, Journal};
use crate::dispatch::{
    Dispatcher, DispatcherConfig, Start, client_watch::limit_clients_of, succession::Predecessor,
};
use crate::launch::{ChildError, Inherited, LISTENER, child_setup, membership::Inbox};
use crate::mechanism::DISPATCHED;
use crate::policy;

/// Dispatches until SIGTERM or a successor takes over, then finishes what it has.
///
/// # Errors
/// [`ChildError`] if the argument or the inherited descriptors are invalid, or the operating system
/// reports an error.
pub fn run(config: &str) -> Result<(), ChildError> {
    let config: DispatcherConfig = serde_json::from_str(config)?;
    child_setup::run(
        &config.child_setup,
        |inherited| prepare(&config, inherited),
        |dispatcher, control| dispatcher.run(config.drain_within, control),
    )
}

fn prepare(
    config: &DispatcherConfig,
    inherited: &mut Inherited,
) -> io::Result<Box<dyn Dispatcher>> {
    let mut mechanisms = DISPATCHED.iter();
    let mechanism = mechanisms.find(|mechanism| mechanism.name() == config.mechanism);
    let mechanism = mechanism.ok_or_else(|| unknown("mechanism", &config.mechanism))?;
    let policy = policy::all().find(|policy| policy.name == config.policy);
    let policy = policy.ok_or_else(|| unknown("policy", &config.policy))?;
    let listener = inherited.one(LISTENER)?;
    limit_clients_of(&listener, &config.client_limits)?;
    let journal = inherited.one(JOURNAL).ok();
    (mechanism.prepare)(Start {
        listener,
        policy: (policy.make)(&config.setup()),
        feedback: policy.feedback,
        config,
        membership: Inbox::inherit(inherited),
        predecessor: Predecessor::inherit(inherited),
        journal: journal.map(|file| Journal::join(&file)).transpose()?,
        inherited,
    })
}

fn unknown(what: &str, name: &str) -> io::Error {
    io::Error::other(format!("the {what} `{name}` is unknown to this executable"))
}
