//! Which trailers a proxy forwards.

use http::header::{
    AGE, AUTHORIZATION, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, COOKIE, DATE, EXPECT, EXPIRES, HOST, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH,
    IF_RANGE, IF_UNMODIFIED_SINCE, LOCATION, MAX_FORWARDS, PRAGMA, RANGE, RETRY_AFTER, SET_COOKIE,
    TRAILER, VARY, VIA, WARNING, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::fields::{ABOUT_CLIENT, HOP_BY_HOP, members};

/// Fields that must be known before the body: for framing, routing, authentication, request modifiers,
/// control of the answer, and the format of the content (RFC 9110 §6.5.1, RFC 7230 §4.1.2).
const BEFORE_THE_BODY: [HeaderName; 28] = [
    CONTENT_LENGTH,
    TRAILER,
    HOST,
    VIA,
    AUTHORIZATION,
    WWW_AUTHENTICATE,
    COOKIE,
    SET_COOKIE,
    CACHE_CONTROL,
    EXPECT,
    MAX_FORWARDS,
    PRAGMA,
    RANGE,
    IF_MATCH,
    IF_NONE_MATCH,
    IF_MODIFIED_SINCE,
    IF_UNMODIFIED_SINCE,
    IF_RANGE,
    AGE,
    DATE,
    EXPIRES,
    LOCATION,
    RETRY_AFTER,
    VARY,
    WARNING,
    CONTENT_ENCODING,
    CONTENT_RANGE,
    CONTENT_TYPE,
];

/// Names of fields about the client begin so: there is no list of all of them.
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Whether a trailer of this name is forwarded: it need not be known before the body, and does not name
/// the client or the connection. `named` are the fields that `Connection` names.
fn is_forwarded(name: &HeaderName, named: &[HeaderName]) -> bool {
    let groups = [&HOP_BY_HOP[..], &ABOUT_CLIENT, &BEFORE_THE_BODY, named];
    let is_listed = groups.iter().any(|group| group.contains(name));
    !is_listed && !name.as_str().starts_with(FORWARDED_PREFIX)
}

/// Removes the trailers that are not forwarded.
pub(crate) fn retain(trailers: &mut HeaderMap, named: &[HeaderName]) {
    let is_removed = |name: &&HeaderName| !is_forwarded(name, named);
    let removed: Vec<HeaderName> = trailers.keys().filter(is_removed).cloned().collect();
    for name in removed {
        trailers.remove(name);
    }
}

/// Removes from the field `Trailer` the names of trailers that are not forwarded.
pub(crate) fn retain_announced(fields: &mut HeaderMap, named: &[HeaderName]) {
    if !fields.contains_key(TRAILER) {
        return;
    }
    let is_kept = |member: &&[u8]| {
        HeaderName::from_bytes(member).is_ok_and(|name| is_forwarded(&name, named))
    };
    let kept: Vec<&[u8]> = members(fields, &TRAILER).filter(is_kept).collect();
    let kept = HeaderValue::from_bytes(&kept.join(&b", "[..]));
    match kept.ok().filter(|kept| !kept.is_empty()) {
        Some(kept) => fields.insert(TRAILER, kept),
        None => fields.remove(TRAILER),
    };
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const VALUE: HeaderValue = HeaderValue::from_static("1");

    fn names(texts: &[String]) -> Vec<HeaderName> {
        let name = |text| HeaderName::try_from(text).expect("a token");
        texts.iter().map(name).collect()
    }

    proptest! {
        #[test]
        fn exactly_the_harmless_trailers_are_left_and_announced(
            harmless in prop::collection::vec("x-[a-e]{1,3}|etag|content-digest|server-timing", 0..4),
            named in prop::collection::vec("y-[a-c]", 0..3),
            client in prop::collection::vec("x-forwarded-[a-z]{1,5}", 0..2),
            others in prop::collection::vec(0_usize..43, 0..6),
        ) {
            let listed = [&HOP_BY_HOP[..], &ABOUT_CLIENT, &BEFORE_THE_BODY].concat();
            prop_assert_eq!(listed.len(), 43);
            let (harmless, named) = (names(&harmless), names(&named));
            let others = others.into_iter().map(|index| listed[index].clone());
            let forbidden = named.iter().cloned().chain(names(&client)).chain(others);
            let all: Vec<_> = harmless.iter().cloned().chain(forbidden).collect();
            let map = |names: &[HeaderName]| names.iter().map(|it| (it.clone(), VALUE)).collect();

            let (mut trailers, expected): (HeaderMap, HeaderMap) = (map(&all), map(&harmless));
            retain(&mut trailers, &named);
            prop_assert_eq!(&trailers, &expected);

            let mut head = HeaderMap::new();
            for name in &all {
                head.append(TRAILER, HeaderValue::from_str(name.as_str()).expect("a token"));
            }
            retain_announced(&mut head, &named);
            let announced: Vec<_> = members(&head, &TRAILER).collect();
            prop_assert_eq!(announced, harmless.iter().map(|it| it.as_ref()).collect::<Vec<&[u8]>>());
            prop_assert_eq!(head.is_empty(), harmless.is_empty());
        }
    }
}
