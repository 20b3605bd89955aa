//! How the workers of a fleet count their requests together.

use serde::{Deserialize, Serialize};

/// How the workers of a fleet count their requests together. A request for `/total` is answered with the sum,
/// and is not counted itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Counter {
    /// They do not.
    #[default]
    None,
    /// Each worker adds each request to one counter in shared memory.
    SharedMemory,
    /// Each worker sends the master a message for each request, and the master informs all workers.
    Messages,
}

impl Counter {
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None
    }
}
