//! Addresses of clients as proxies write them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Returns the address of a node: an element of `X-Forwarded-For`, or the value of `for` in `Forwarded`
/// (RFC 7239 §6). It may have a port, an IPv6 address may be in brackets, and all of it in quotes.
pub(crate) fn address(node: &[u8]) -> Option<IpAddr> {
    let node = std::str::from_utf8(node).ok()?.trim();
    let node = node
        .strip_prefix('"')
        .map_or(Some(node), |quoted| quoted.strip_suffix('"'))?;
    if let Some(bracketed) = node.strip_prefix('[') {
        let (address, port) = bracketed.split_once(']')?;
        let is_port = port.is_empty() || port.strip_prefix(':').is_some_and(is_port);
        return address
            .parse::<Ipv6Addr>()
            .ok()
            .filter(|_| is_port)
            .map(canonical);
    }
    if let Some((address, port)) = node.split_once(':')
        && let Ok(address) = address.parse::<Ipv4Addr>()
    {
        return is_port(port).then_some(address.into());
    }
    node.parse().ok().map(canonical::<IpAddr>)
}

fn canonical<A: Into<IpAddr>>(address: A) -> IpAddr {
    address.into().to_canonical()
}

/// Whether this is a port, or a name that hides one (`_` and a few characters).
fn is_port(text: &str) -> bool {
    let hidden = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        !name.is_empty() && name.bytes().all(allowed)
    };
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && text.parse::<u16>().is_ok()) || text.strip_prefix('_').is_some_and(hidden)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_may_have_a_port_brackets_and_quotes() {
        for (node, expected) in [
            ("192.0.2.7", "192.0.2.7"),
            (" 192.0.2.7:80\t", "192.0.2.7"),
            ("\"192.0.2.7:80\"", "192.0.2.7"),
            ("192.0.2.7:_hidden", "192.0.2.7"),
            ("2001:db8::7", "2001:db8::7"),
            ("[2001:db8::7]", "2001:db8::7"),
            ("[2001:db8::7]:80", "2001:db8::7"),
            ("\"[2001:DB8::7]:_a.b\"", "2001:db8::7"),
            ("::ffff:192.0.2.7", "192.0.2.7"),
            ("[::ffff:192.0.2.7]:80", "192.0.2.7"),
        ] {
            let expected = expected.parse().ok();
            assert_eq!(address(node.as_bytes()), expected, "{node}");
        }
    }

    #[test]
    fn everything_else_is_no_address() {
        for node in [
            "",
            "unknown",
            "_hidden",
            "1.2.3",
            "1.2.3.4:",
            "1.2.3.4:x",
            "1.2.3.4:80:80",
            "1.2.3.4:65536",
            "1.2.3.4:+80",
            "[1.2.3.4]",
            "[::1",
            "::1]",
            "[::1]80",
            "[::1]:",
            "[::1%lo]",
            "\"1.2.3.4",
            "1.2.3.4\"",
            "h:80",
        ] {
            assert_eq!(address(node.as_bytes()), None, "{node}");
        }
    }

    proptest! {
        #[test]
        fn every_way_to_write_an_address_is_read_as_that_address(ip: IpAddr, port: u16) {
            let bare = match ip {
                IpAddr::V4(ip) => ip.to_string(),
                IpAddr::V6(ip) => format!("[{ip}]"),
            };
            for node in [ip.to_string(), bare.clone(), format!("{bare}:{port}"), format!("\"{bare}:{port}\"")] {
                prop_assert_eq!(address(node.as_bytes()), Some(ip.to_canonical()), "{}", node);
            }
        }

        #[test]
        fn no_bytes_cause_a_panic(node in prop::collection::vec(any::<u8>(), 0..30)) {
            address(&node);
        }
    }
}
