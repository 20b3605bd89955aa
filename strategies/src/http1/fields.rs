//! Lists in field values, and kinds of fields.

use http::header::{
    AGE, AUTHORIZATION, CACHE_CONTROL, CONNECTION, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_TYPE, COOKIE, DATE, EXPECT, EXPIRES, FORWARDED, HOST, IF_MATCH, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LOCATION, MAX_FORWARDS, PRAGMA,
    PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, RANGE, RETRY_AFTER, SET_COOKIE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE, VARY, VIA, WARNING, WWW_AUTHENTICATE,
};
use http::{HeaderMap, HeaderName};

pub(crate) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(crate) const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
pub(crate) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
pub(crate) const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Fields about one connection, in addition to those that `Connection` names (RFC 9110 §7.6.1),
/// and the fields for authentication to a proxy (§11.7), which do not concern a reverse proxy.
pub(crate) const HOP_BY_HOP: [HeaderName; 9] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
    PROXY_AUTHENTICATE,
    PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-authentication-info"),
];

/// Fields about the client, which the proxy replaces or removes.
pub(crate) const ABOUT_CLIENT: [HeaderName; 5] = [
    FORWARDED,
    X_FORWARDED_FOR,
    X_FORWARDED_PROTO,
    X_FORWARDED_HOST,
    X_REAL_IP,
];

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

/// Removes the trailers that a proxy must not forward: those that belong before the body, and those that
/// name the client or the connection. `named` are the fields that `Connection` names.
pub(crate) fn retain_trailers(trailers: &mut HeaderMap, named: &[HeaderName]) {
    let groups = [&HOP_BY_HOP[..], &ABOUT_CLIENT, &BEFORE_THE_BODY, named];
    let is_forbidden = |name: &&HeaderName| {
        name.as_str().starts_with(FORWARDED_PREFIX) || groups.iter().any(|it| it.contains(name))
    };
    let forbidden: Vec<HeaderName> = trailers.keys().filter(is_forbidden).cloned().collect();
    for name in forbidden {
        trailers.remove(name);
    }
}

/// Returns the members of a list field, over all its lines. Empty ones do not count (RFC 9110 §5.6.1).
pub(crate) fn members<'a>(
    fields: &'a HeaderMap,
    name: &HeaderName,
) -> impl DoubleEndedIterator<Item = &'a [u8]> + use<'a> {
    let lines = fields.get_all(name).into_iter();
    lines
        .flat_map(|line| line.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|member| !member.is_empty())
}

/// Whether a member is this word, in any case.
pub(crate) fn is(member: &[u8], word: &str) -> bool {
    member.eq_ignore_ascii_case(word.as_bytes())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    const VALUE: HeaderValue = HeaderValue::from_static("1");

    #[test]
    fn the_members_of_a_list_are_those_of_all_its_lines() {
        let mut fields = HeaderMap::new();
        for line in [" a ,, b", "", ",", "\tC"] {
            fields.append(CONNECTION, HeaderValue::from_static(line));
        }
        let found: Vec<_> = members(&fields, &CONNECTION).collect();
        assert_eq!(found, [b"a", b"b", b"C"]);
    }

    proptest! {
        #[test]
        fn of_trailers_exactly_the_harmless_ones_are_left(
            harmless in prop::collection::vec("x-[a-e]{1,3}|etag|content-digest|server-timing", 0..4),
            named in prop::collection::vec("y-[a-c]", 0..3),
            client in "x-forwarded-[a-z]{1,5}",
            others in prop::collection::vec(0_usize..42, 0..6),
        ) {
            let name = |text: &String| HeaderName::try_from(text).expect("a token");
            let listed = [&HOP_BY_HOP[..], &ABOUT_CLIENT, &BEFORE_THE_BODY].concat();
            prop_assert_eq!(listed.len(), 42);
            let named: Vec<_> = named.iter().map(name).collect();
            let mut expected = HeaderMap::new();
            for harmless in &harmless {
                expected.append(name(harmless), VALUE);
            }
            let mut trailers = expected.clone();
            let others = others.into_iter().map(|index| listed[index].clone());
            for forbidden in named.iter().cloned().chain(others).chain([name(&client)]) {
                trailers.append(forbidden, VALUE);
            }
            retain_trailers(&mut trailers, &named);
            prop_assert_eq!(trailers, expected);
        }
    }
}
