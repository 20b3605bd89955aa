//! Lists in field values, and kinds of fields.

use http::header::{
    CONNECTION, FORWARDED, PROXY_AUTHENTICATE, PROXY_AUTHORIZATION, TE, TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName};

pub(crate) const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
pub(crate) const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
pub(crate) const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");
pub(crate) const X_REAL_IP: HeaderName = HeaderName::from_static("x-real-ip");

/// Fields about one connection, in addition to those that `Connection` names (RFC 9110 §7.6.1),
/// and the fields for authentication to a proxy (§11.7), which do not concern a reverse proxy.
pub(crate) const HOP_BY_HOP: [HeaderName; 10] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    HeaderName::from_static("proxy-connection"),
    TE,
    TRANSFER_ENCODING,
    UPGRADE,
    HeaderName::from_static("http2-settings"),
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

    use super::*;

    #[test]
    fn the_members_of_a_list_are_those_of_all_its_lines() {
        let mut fields = HeaderMap::new();
        for line in [" a ,, b", "", ",", "\tC"] {
            fields.append(CONNECTION, HeaderValue::from_static(line));
        }
        let found: Vec<_> = members(&fields, &CONNECTION).collect();
        assert_eq!(found, [b"a", b"b", b"C"]);
    }
}
