//! Fields that are meant for the next hop only, and are not forwarded.

use http::header::CONNECTION;
use http::{HeaderMap, HeaderName};

use crate::http1::fields::{HOP_BY_HOP, is, members};

/// Removes these fields, and returns the names that were in `Connection`: trailers of these names are
/// not forwarded either (RFC 9110 §7.6.1).
pub(super) fn remove_hop_by_hop(fields: &mut HeaderMap) -> Vec<HeaderName> {
    // `Connection` rarely names a field. An empty `Vec` does not allocate.
    let named: Vec<HeaderName> = members(fields, &CONNECTION)
        .filter(|option| !is(option, "keep-alive") && !is(option, "close"))
        .filter_map(|option| HeaderName::from_bytes(option).ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        fields.remove(name);
    }
    named
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    /// Names in the list above, other known names, and unknown names, in any case.
    fn name() -> impl Strategy<Value = String> {
        prop_oneof![
            prop::sample::select(HOP_BY_HOP.map(|name| name.to_string()).to_vec()),
            prop::sample::select(vec![
                "Accept".into(),
                "Cache-Control".into(),
                "COOKIE".into()
            ]),
            "[a-dA-D]{1,2}",
        ]
    }

    /// Values of `Connection`, also sloppy ones.
    fn connection() -> impl Strategy<Value = String> {
        let option = prop_oneof![
            name(),
            prop::sample::select(vec![
                "close".into(),
                "Keep-Alive".into(),
                "".into(),
                "\"".into()
            ]),
        ];
        prop::collection::vec(option, 0..5).prop_map(|options| options.join(" ,\t"))
    }

    proptest! {
        #[test]
        fn only_listed_fields_and_those_that_connection_names_are_removed(
            fields in prop::collection::vec((name(), "[a-z]{0,3}"), 0..12),
            connections in prop::collection::vec(connection(), 0..3),
        ) {
            let mut map = HeaderMap::new();
            for (name, value) in &fields {
                let name = HeaderName::try_from(name).expect("a token");
                map.append(name, HeaderValue::try_from(value).expect("letters"));
            }
            for line in &connections {
                map.append(CONNECTION, HeaderValue::try_from(line).expect("visible"));
            }
            let lines: Vec<String> = map
                .get_all(CONNECTION)
                .iter()
                .map(|line| line.to_str().expect("ASCII").to_ascii_lowercase())
                .collect();
            let is_removed = |name: &HeaderName| {
                HOP_BY_HOP.contains(name)
                    || lines.iter().any(|line| line.split(',').any(|it| it.trim() == name.as_str()))
            };
            let mut expected = map.clone();
            for name in map.keys().filter(|name| is_removed(name)) {
                expected.remove(name);
            }
            let named = remove_hop_by_hop(&mut map);
            prop_assert_eq!(map, expected);
            prop_assert!(named.iter().all(is_removed), "{:?}", named);
        }
    }
}
