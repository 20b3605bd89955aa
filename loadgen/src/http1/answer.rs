//! A whole response.

/// A whole response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// Its status code.
    pub status: u16,
    /// Whether another request may follow on the connection.
    pub keep_alive: bool,
    /// The worker that answered, from the `x-evenkeel-worker` field.
    pub worker: Option<u32>,
    /// How many workers had its number before, from the `x-evenkeel-generation` field, which only the first
    /// answer of a worker has that replaced another one.
    pub generation: Option<u32>,
    /// Work of the request in nanoseconds, from the `x-evenkeel-work` field, if that field is
    /// [read](super::Parser::read_work).
    pub work_ns: Option<u64>,
    /// Bytes of the response, including interim responses before it.
    pub bytes: u64,
}

/// How the bytes of a response are to be read, which does not follow from the bytes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Context {
    /// It answers a HEAD request, so it has no body, whatever its fields say.
    pub(super) answers_head: bool,
    /// Whether the `x-evenkeel-work` field is read.
    pub(super) reads_work: bool,
    /// Whether the server is asked to switch to WebSocket.
    pub(super) requests_websocket: bool,
}
