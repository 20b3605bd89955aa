//! The value of `Host`, and the authority of a target.

use std::net::Ipv6Addr;

/// Whether these bytes are a host and optionally a port: `uri-host [ ":" port ]` (RFC 9110 §7.2, RFC 3986
/// §3.2.2). Both may be empty. User information is none of both.
pub(crate) fn is_valid(value: &[u8]) -> bool {
    let after_host = match value {
        [b'[', literal @ ..] => after_address(literal),
        name => Some(after_name(name)),
    };
    match after_host {
        Some([b':', port @ ..]) => port.iter().all(u8::is_ascii_digit),
        Some(rest) => rest.is_empty(),
        None => false,
    }
}

/// Returns what follows a name (`reg-name`).
fn after_name(value: &[u8]) -> &[u8] {
    let mut rest = value;
    loop {
        rest = match rest {
            [byte, tail @ ..] if IN_NAME[usize::from(*byte)] => tail,
            [b'%', high, low, tail @ ..] if [high, low].iter().all(|it| it.is_ascii_hexdigit()) => {
                tail
            }
            end => return end,
        }
    }
}

/// Returns what follows the bracket after an IPv6 address. Other kinds of addresses in brackets were
/// never defined.
fn after_address(literal: &[u8]) -> Option<&[u8]> {
    let end = literal.iter().position(|byte| *byte == b']')?;
    let address = std::str::from_utf8(&literal[..end]).ok()?;
    address.parse::<Ipv6Addr>().ok()?;
    Some(&literal[end + 1..])
}

/// The characters of a name that stand for themselves: `unreserved` and `sub-delims` (RFC 3986 §2). The
/// comma is left out, since it may have joined two fields (RFC 9110 §5.3), and no name has one.
static IN_NAME: [bool; 256] = set_of(b"-._~!$&'()*+;=");

/// Returns the set of letters, digits and some other characters, by their codes.
pub(crate) const fn set_of(others: &[u8]) -> [bool; 256] {
    let mut set = [false; 256];
    let mut code = 0;
    while code < 256 {
        set[code] = (code as u8).is_ascii_alphanumeric();
        code += 1;
    }
    let mut index = 0;
    while index < others.len() {
        set[others[index] as usize] = true;
        index += 1;
    }
    set
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn hosts_with_and_without_a_port_are_valid() {
        for value in [
            "",
            "h",
            "example.org:81",
            "h:",
            ":80",
            "192.0.2.7:80",
            "a_b.c~d",
            "a%20b",
            "[::1]",
            "[::1]:80",
            "[::ffff:192.0.2.7]:",
        ] {
            assert!(is_valid(value.as_bytes()), "{value}");
        }
    }

    #[test]
    fn everything_else_is_invalid() {
        for value in [
            "a b",
            "a, b",
            "a,b",
            "me@h",
            "me:pw@h",
            "h/",
            "h?",
            "h#",
            "http://h",
            "h:8o",
            "h:80:80",
            "::1",
            "[::1",
            "[::1]x",
            "[::1%25lo]",
            "[v1.a]",
            "[h]",
            "[]",
            "h%2",
            "h%zz",
            "\"h\"",
            "h\\",
            "h\u{e9}",
            "<h>",
        ] {
            assert!(!is_valid(value.as_bytes()), "{value}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(value in prop::collection::vec(any::<u8>(), 0..40)) {
            is_valid(&value);
        }

        /// The parser of the http crate is another reading of RFC 3986, and a laxer one.
        #[test]
        fn a_valid_host_is_an_authority_without_user_information(value in "[-a-z0-9.:@\\[\\]/,]{1,12}") {
            if is_valid(value.as_bytes()) && !value.starts_with(':') {
                let authority = value.parse::<http::uri::Authority>();
                prop_assert!(authority.is_ok_and(|it| !it.as_str().contains('@')), "{}", value);
            }
        }
    }
}
