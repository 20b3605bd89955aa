//! What requests say of the worker that they belong to, and what answers say of it.

use std::net::IpAddr;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use super::fields::X_FORWARDED_FOR;
use crate::policy::AffinitySource;
use crate::view::affinity;

/// The name of the cookie that names a worker by its number.
const COOKIE_NAME: &[u8] = b"evenkeel-worker";

impl AffinitySource {
    /// What the request says, if it says it in a way that can be believed to be meant.
    pub(super) fn key(self, fields: &HeaderMap) -> Option<u64> {
        match self {
            Self::None => None,
            Self::ForwardedFor => forwarded_for(fields).map(affinity::key),
            Self::Cookie => worker_named(fields),
        }
    }

    /// Has the answer name the worker that gave it, unless the request has named it.
    pub(super) fn tell(self, affinity_key: Option<u64>, worker: usize, fields: &mut HeaderMap) {
        if self != Self::Cookie || affinity_key == Some(worker as u64) {
            return;
        }
        let cookie = format!("evenkeel-worker={worker}; Path=/; HttpOnly; SameSite=Lax");
        if let Ok(cookie) = HeaderValue::try_from(cookie) {
            fields.append(SET_COOKIE, cookie);
        }
    }
}

/// The last address, which the neighbour has appended; those before it anyone may have written.
fn forwarded_for(fields: &HeaderMap) -> Option<IpAddr> {
    let line = fields.get_all(X_FORWARDED_FOR).iter().next_back()?;
    let last = line.as_bytes().rsplit(|byte| *byte == b',').next()?;
    std::str::from_utf8(last.trim_ascii()).ok()?.parse().ok()
}

fn worker_named(fields: &HeaderMap) -> Option<u64> {
    let lines = fields.get_all(COOKIE).iter();
    let mut pairs = lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';'));
    pairs.find_map(|pair| {
        let pair = pair.trim_ascii();
        let value = pair.strip_prefix(COOKIE_NAME)?.strip_prefix(b"=")?;
        std::str::from_utf8(value).ok()?.parse().ok()
    })
}
