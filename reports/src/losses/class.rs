//! What the classes of an account mean.

/// What the client saw of a request of each class. The last two are those of older records, which did
/// not tell four of the others apart.
const MEANINGS: [(&str, &str); 16] = [
    ("refused", "nobody listened"),
    ("connect-timed-out", "the connection did not open in time"),
    ("ports-exhausted", "the client had no free port"),
    (
        "descriptors-exhausted",
        "the client had no free file descriptor",
    ),
    ("connect-failed", "the connection could not be opened"),
    ("tls-failed", "TLS failed"),
    ("not-upgraded", "the server did not switch to WebSocket"),
    (
        "reset-before-sending",
        "the connection ended before a byte of the request was sent",
    ),
    (
        "closed-as-it-was-sent",
        "the kept connection ended with the request unread",
    ),
    (
        "unanswered",
        "it was sent, and the connection ended without a byte of an answer",
    ),
    ("cut", "the connection ended within the answer"),
    ("timed-out", "the answer was not complete in time"),
    ("unsent", "no connection was free in time"),
    ("malformed", "the answer was not HTTP/1.1"),
    ("reset", "the connection was reset"),
    (
        "closed-early",
        "the connection was closed before the end of the answer",
    ),
];

/// Returns what the client saw of a request of this class; `None` for a status, which says so itself.
pub fn meaning(class: &str) -> Option<&'static str> {
    let mut meanings = MEANINGS.iter();
    meanings
        .find(|(name, _)| *name == class)
        .map(|(_, meaning)| *meaning)
}
