//! The affinity key of a request, and the cookie that carries one.

use std::fmt::{self, Display, Formatter};

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
            Self::Cookie => {
                let lines = fields.get_all(COOKIE).iter();
                worker_in_cookies(lines.map(HeaderValue::as_bytes))
            }
        }
    }

    /// Returns the affinity key in the head of a plain request, if there is a valid one. No plain request names
    /// an address.
    pub(super) fn key_of_plain(self, head: &[u8]) -> Option<u64> {
        match self {
            Self::None | Self::ForwardedFor => None,
            Self::Cookie => worker_in_cookies(cookie_lines(head)),
        }
    }

    /// Returns the cookie for an answer of this worker, unless the request had it already.
    pub(super) fn cookie(self, key: Option<u64>, worker: usize) -> Option<WorkerCookie> {
        let is_new = self == Self::Cookie && key != Some(worker as u64);
        is_new.then_some(WorkerCookie(worker))
    }

    /// Adds the cookie to an answer of this worker, unless the request had it already.
    pub(super) fn set_cookie(self, key: Option<u64>, worker: usize, fields: &mut HeaderMap) {
        let cookie = self.cookie(key, worker).map(|cookie| cookie.to_string());
        if let Some(Ok(cookie)) = cookie.map(HeaderValue::try_from) {
            fields.append(SET_COOKIE, cookie);
        }
    }
}

/// The cookie that leads to a worker, as the value of `Set-Cookie`.
#[derive(Clone, Copy)]
pub(super) struct WorkerCookie(usize);

impl Display for WorkerCookie {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let worker = self.0;
        write!(
            f,
            "evenkeel-worker={worker}; Path=/; HttpOnly; SameSite=Lax"
        )
    }
}

/// The values of the fields `Cookie` in a head with one line for each field.
fn cookie_lines(head: &[u8]) -> impl Iterator<Item = &[u8]> {
    let lines = head.split(|byte| *byte == b'\n');
    lines.filter_map(|line| {
        let (name, value) = line.split_at_checked(b"cookie:".len())?;
        name.eq_ignore_ascii_case(b"cookie:").then_some(value)
    })
}

fn worker_in_cookies<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<u64> {
    let mut pairs = lines.flat_map(|line| line.split(|byte| *byte == b';'));
    pairs.find_map(|pair| {
        let pair = pair.trim_ascii();
        let value = pair.strip_prefix(COOKIE_NAME)?.strip_prefix(b"=")?;
        std::str::from_utf8(value).ok()?.parse().ok()
    })
}
