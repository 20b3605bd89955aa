//! A request in flight.

use crate::arrival::Draw;
use crate::outcome::ErrorClass;

/// The request that a connection carries.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Request {
    /// Its intended time, in nanoseconds since the load began.
    pub(crate) intended: u64,
    pub(crate) draw: Draw,
    /// Number of the request within its thread, from 0; only with a request log.
    pub(crate) number: usize,
    /// When its last byte was written, in nanoseconds since the load began; only with a request log.
    pub(crate) sent: u64,
    /// It asks the server to close.
    pub(crate) is_last: bool,
    /// Its connection was open before, idle or with other requests: the server may have closed it
    /// before the request arrived.
    pub(crate) is_on_kept: bool,
    /// It is sent again; otherwise it would have failed in this class.
    pub(crate) repeated: Option<ErrorClass>,
    /// Bytes of the pipeline before it on its connection; 0 without a pipeline.
    pub(crate) starts_at: u64,
    /// Bytes written so far; without a pipeline.
    pub(crate) written: usize,
    /// All bytes are written.
    pub(crate) is_written: bool,
}
