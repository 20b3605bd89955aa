//! The addresses of clients that proxies have written.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::FORWARDED;

use super::fields::{X_FORWARDED_FOR, is, members};
use super::node;

/// Returns the last address in `X-Forwarded-For`, or in `Forwarded` (RFC 7239) if that field is missing. The
/// neighbour has appended it. Anyone may have written the others.
pub(crate) fn last_address(fields: &HeaderMap) -> Option<IpAddr> {
    if fields.contains_key(X_FORWARDED_FOR) {
        let last = members(fields, &X_FORWARDED_FOR).next_back();
        return last.and_then(node::address);
    }
    let line = fields.get_all(FORWARDED).iter().next_back()?;
    let last = split(line.as_bytes(), b',').last()?;
    split(last, b';').find_map(|pair| {
        let (name, value) = pair.split_at_checked("for=".len())?;
        is(name, "for=").then(|| node::address(value))?
    })
}

/// Splits a text at a character, unless that is in quotes. Leaves out empty parts.
fn split(text: &[u8], delimiter: u8) -> impl Iterator<Item = &[u8]> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    let is_delimiter = move |byte: &u8| {
        match *byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_quoted => is_escaped = true,
            b'"' => is_quoted = !is_quoted,
            other => return other == delimiter && !is_quoted,
        }
        false
    };
    let parts = text.split(is_delimiter).map(<[u8]>::trim_ascii);
    parts.filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use proptest::prelude::*;

    use super::*;

    fn last(lines: &[(&HeaderName, &str)]) -> Option<String> {
        let mut fields = HeaderMap::new();
        for (name, value) in lines {
            fields.append(*name, HeaderValue::try_from(*value).expect("visible"));
        }
        last_address(&fields).map(|address| address.to_string())
    }

    #[test]
    fn the_last_address_counts() {
        let (list, pairs) = (&X_FORWARDED_FOR, &FORWARDED);
        for (lines, expected) in [
            (vec![], None),
            (vec![(list, "6.6.6.6, 10.0.0.1:80 ,")], Some("10.0.0.1")),
            (vec![(list, "6.6.6.6"), (list, "[::1]:80")], Some("::1")),
            (vec![(list, "6.6.6.6, unknown")], None),
            (vec![(list, ""), (pairs, "for=10.0.0.1")], None),
            (
                vec![(pairs, "for=6.6.6.6"), (list, "10.0.0.1")],
                Some("10.0.0.1"),
            ),
            (vec![(pairs, "for=10.0.0.1")], Some("10.0.0.1")),
            (
                vec![(pairs, "for=6.6.6.6, For=\"[::1]:80\";by=7.7.7.7")],
                Some("::1"),
            ),
            (
                vec![(pairs, "by=7.7.7.7; for=\"10.0.0.1:80\" ;,")],
                Some("10.0.0.1"),
            ),
            (
                vec![(pairs, "for=10.0.0.1;host=\"a,for=6.6.6.6\"")],
                Some("10.0.0.1"),
            ),
            (
                vec![(pairs, "for=10.0.0.1;host=\"a\\\",for=6.6.6.6\"")],
                Some("10.0.0.1"),
            ),
            (
                vec![(pairs, "for=6.6.6.6"), (pairs, "for=10.0.0.1")],
                Some("10.0.0.1"),
            ),
            (vec![(pairs, "for=6.6.6.6, for=_hidden")], None),
            (vec![(pairs, "for=6.6.6.6, by=7.7.7.7")], None),
            (vec![(pairs, "f\u{f6}=, for")], None),
        ] {
            assert_eq!(last(&lines).as_deref(), expected, "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn no_value_causes_a_panic(value in prop::collection::vec(0x20_u8.., 0..40)) {
            if let Ok(value) = HeaderValue::from_bytes(&value) {
                for name in [X_FORWARDED_FOR, FORWARDED] {
                    last_address(&HeaderMap::from_iter([(name, value.clone())]));
                }
            }
        }
    }
}
