//! The affinity key of a request, and the cookie that carries one.

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use crate::http1::forwarded;
use crate::policy::AffinitySource;
use crate::view::affinity;

/// Name of the cookie whose value is the number of a worker.
const COOKIE_NAME: &[u8] = b"evenkeel-worker";

impl AffinitySource {
    /// Returns the affinity key in the fields of a request, if there is a valid one.
    pub(super) fn key(self, fields: &HeaderMap) -> Option<u64> {
        match self {
            Self::None => None,
            Self::ForwardedFor => forwarded::last_address(fields).map(affinity::key),
            Self::Cookie => worker_in_cookie(fields),
        }
    }

    /// Adds the cookie to an answer of this worker, unless the request had it already.
    pub(super) fn set_cookie(self, key: Option<u64>, worker: usize, fields: &mut HeaderMap) {
        if self != Self::Cookie || key == Some(worker as u64) {
            return;
        }
        let cookie = format!("evenkeel-worker={worker}; Path=/; HttpOnly; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            fields.append(SET_COOKIE, cookie);
        }
    }
}

fn worker_in_cookie(fields: &HeaderMap) -> Option<u64> {
    let lines = fields.get_all(COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.find_map(|pair| {
        let pair = pair.trim_ascii();
        let value = pair.strip_prefix(COOKIE_NAME)?.strip_prefix(b"=")?;
        std::str::from_utf8(value).ok()?.parse().ok()
    })
}
