//! The least loaded of three random workers.

use super::two_choices::Choices;
use super::{Basis, FeedbackMode, PolicyInfo};

/// Picks of three random workers the one with the fewest connections.
///
/// A third choice adds far less than the second one (Mitzenmacher, "The power of two choices in randomized
/// load balancing", IEEE TPDS 12, 2001). O(1) while most workers are available.
pub static THREE_CHOICES: PolicyInfo = PolicyInfo {
    name: "three-choices",
    summary: "of three workers drawn at random the one with the fewest connections",
    basis: Basis::Load,
    sticky: None,
    known_from: "HAProxy (random(3)), Envoy (choice_count)",
    feedback: FeedbackMode::None,
    make: |setup| Box::new(Choices::<3>(setup.rng())),
};
