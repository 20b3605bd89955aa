use std::fs;
use std::net::SocketAddrV6;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

use super::super::property;
use super::*;
use crate::dispatch::proxy_protocol::EncodedHeader;
use evenkeel_common::ProxyVersion::{self, V1, V2};

const CLIENT: &str = "192.0.2.7:40000";
const SERVER: &str = "192.0.2.1:443";

fn example() -> Route {
    Route {
        client: CLIENT.parse().unwrap(),
        server: SERVER.parse().unwrap(),
    }
}

/// Creates a header of version 2 from command, family and the rest.
fn block(command: u8, family: u8, follows: &[u8]) -> Vec<u8> {
    let length = u16::try_from(follows.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, follows].concat()
}

fn routes() -> impl Strategy<Value = Route> {
    let v4 = |address: u32| IpAddr::from(address.to_be_bytes());
    let v6 = |address: u128| {
        // An IPv4-mapped address would be written as IPv4.
        IpAddr::from(Ipv6Addr::from_bits(address | 1 << 127))
    };
    let of = |client, server, (clients, servers): (u16, u16)| Route {
        client: SocketAddr::new(client, clients),
        server: SocketAddr::new(server, servers),
    };
    let ports = any::<(u16, u16)>();
    prop_oneof![
        (any::<(u32, u32)>(), ports).prop_map(move |((a, b), ports)| of(v4(a), v4(b), ports)),
        (any::<(u128, u128)>(), ports).prop_map(move |((a, b), ports)| of(v6(a), v6(b), ports)),
    ]
}

fn versions() -> impl Strategy<Value = ProxyVersion> {
    prop_oneof![Just(V1), Just(V2)]
}

proptest! {
    #[test]
    fn every_written_header_can_be_read(
        route in routes(),
        version in versions(),
        request in vec(any::<u8>(), 0..64),
    ) {
        let written = EncodedHeader::new(version, &route).unwrap();
        let length = written.as_ref().len();
        let connection = [written.as_ref(), &request].concat();
        let header = Header { length, route: Some(route) };
        prop_assert_eq!(parse(&connection), Ok(Some(header)));
    }

    #[test]
    fn every_beginning_of_a_header_is_incomplete(route in routes(), version in versions()) {
        let written = EncodedHeader::new(version, &route).unwrap();
        for length in 0..written.as_ref().len() {
            prop_assert_eq!(parse(&written.as_ref()[..length]), Ok(None), "{} bytes", length);
        }
    }

    #[test]
    fn a_header_is_read_to_its_end_and_no_further(
        piece: u8,
        bytes in vec(any::<u8>(), 0..300),
        kind in 0_usize..5,
    ) {
        let block = |family| block(0x21, family, &bytes);
        let start = [vec![], TEXT.to_vec(), SIGNATURE.to_vec(), block(0x11), block(0x21)];
        property::check(&[&[piece], &start[kind][..], &bytes].concat());
    }

    #[test]
    fn a_written_header_is_read_to_its_end_and_no_further(
        piece: u8,
        route in routes(),
        version in versions(),
        request in vec(any::<u8>(), 0..64),
    ) {
        let written = EncodedHeader::new(version, &route).unwrap();
        property::check(&[&[piece], written.as_ref(), &request].concat());
    }
}

#[test]
fn seeds_match_their_names() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds/proxy-header");
    for seed in fs::read_dir(folder).unwrap() {
        let seed = seed.unwrap();
        let input = fs::read(seed.path()).unwrap();
        property::check(&input);
        let name = seed.file_name().into_string().unwrap();
        let parsed = parse(&input[1..]).map(|header| header.is_some());
        match name.split('-').next() {
            Some("bad") => assert!(parsed.is_err(), "{name}"),
            Some("cut") => assert_eq!(parsed, Ok(false), "{name}"),
            _ => assert_eq!(parsed, Ok(true), "{name}"),
        }
    }
}

#[test]
fn headers_of_balancers_are_read() {
    let v4 = [192, 0, 2, 7, 192, 0, 2, 1, 0x9c, 0x40, 0x01, 0xbb];
    let extension = [0x04, 0, 3, 1, 2, 3];
    for bytes in [
        b"PROXY TCP4 192.0.2.7 192.0.2.1 40000 443\r\nGET /".to_vec(),
        block(0x21, 0x11, &v4),
        block(0x21, 0x11, &[&v4[..], &extension].concat()),
    ] {
        let header = parse(&bytes).unwrap().unwrap();
        assert_eq!(header.route, Some(example()), "{bytes:?}");
    }
}

#[test]
fn some_headers_contain_no_addresses() {
    for bytes in [
        b"PROXY UNKNOWN\r\n".to_vec(),
        b"PROXY UNKNOWN whatever it be\r\n".to_vec(),
        block(0x20, 0x00, &[]),
        block(0x20, 0x11, &[0; 12]),
        block(0x21, 0x00, &[1, 2, 3]),
        block(0x21, 0x31, &[0; 216]),
    ] {
        let (length, route) = (bytes.len(), None);
        assert_eq!(parse(&bytes), Ok(Some(Header { length, route })));
    }
}

#[test]
fn the_first_bytes_show_that_there_is_no_header() {
    for bytes in [
        b"G".as_slice(),
        b"GET / HTTP/1.1\r\n\r\n",
        b"proxy TCP4 ",
        b"PROXY\tTCP4 ",
        b"\r\n\r\nGET",
        b"\x16\x03\x01",
    ] {
        assert_eq!(parse(bytes), Err(HeaderError::Absent), "{bytes:?}");
    }
}

#[test]
fn an_invalid_line_is_malformed() {
    for line in [
        "PROXY \r\n",
        "PROXY TCP4\r\n",
        "PROXY TCP5 192.0.2.7 192.0.2.1 1 2\r\n",
        "PROXY TCP4 2001:db8::1 2001:db8::2 1 2\r\n",
        "PROXY TCP6 192.0.2.7 192.0.2.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 2 3\r\n",
        "PROXY TCP4 192.0.2.7  192.0.2.1 1 2\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 65536\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 +80\r\n",
        "PROXY TCP4 192.0.2.7 192.0.2.1 1 080\r\n",
        "PROXY TCP4 192.0.2.700 192.0.2.1 1 2\r\n",
        "PROXY UNKNOWNS\r\n",
    ] {
        assert_eq!(
            parse(line.as_bytes()),
            Err(HeaderError::Malformed),
            "{line:?}"
        );
    }
}

#[test]
fn an_invalid_block_is_malformed() {
    for block in [
        block(0x11, 0x11, &[0; 12]),
        block(0x22, 0x11, &[0; 12]),
        block(0x21, 0x11, &[0; 11]),
        block(0x21, 0x21, &[0; 12]),
        block(0x21, 0x31, &[0; 36]),
        block(0x21, 0x12, &[0; 12]),
        block(0x21, 0x41, &[0; 36]),
    ] {
        assert_eq!(parse(&block), Err(HeaderError::Malformed), "{block:?}");
    }
}

#[test]
fn a_header_without_an_end_is_too_long() {
    let line = [TEXT, &[b'1'; MAX_LINE]].concat();
    assert_eq!(parse(&line[..MAX_LINE - 1]), Ok(None));
    assert_eq!(parse(&line), Err(HeaderError::Oversized));
    let block = block(0x21, 0x11, &[0; MAX_HEADER]);
    assert_eq!(parse(&block[..FIXED]), Err(HeaderError::Oversized));
}

#[test]
fn an_ipv4_client_of_a_dual_stack_listener_is_written_as_such() {
    let mapped = |address: SocketAddr| match address {
        SocketAddr::V4(v4) => SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0).into(),
        v6 => v6,
    };
    let Route { client, server } = example();
    let route = Route {
        client: mapped(client),
        server: mapped(server),
    };
    for version in [V1, V2] {
        let written = EncodedHeader::new(version, &route).unwrap();
        let header = parse(written.as_ref()).unwrap().unwrap();
        assert_eq!(header.route, Some(example()));
    }
}
