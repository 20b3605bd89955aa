use proptest::prelude::*;

use super::*;

fn checked(
    method: &str,
    target: &str,
    version: Version,
    hosts: &[&str],
) -> Result<(), RequestError> {
    let mut request = Request::builder()
        .method(method)
        .uri(
            Uri::from_maybe_shared(bytes::Bytes::copy_from_slice(target.as_bytes())).expect(target),
        )
        .version(version);
    for host in hosts {
        request = request.header(HOST, *host);
    }
    check(&request.body(()).expect("a request"))
}

#[test]
fn each_form_of_a_target_has_its_methods() {
    for (method, target, expected) in [
        ("GET", "/", Ok(())),
        ("OPTIONS", "/a?b", Ok(())),
        ("GET", "http://h", Ok(())),
        ("GET", "HTTP://h:81/a?b", Ok(())),
        ("POST", "https://[::1]:81/", Ok(())),
        ("OPTIONS", "*", Ok(())),
        ("OPTIONS", "http://h", Ok(())),
        ("GET", "*", Err(RequestError::Target)),
        ("GET", "h:80", Err(RequestError::Target)),
        ("OPTIONS", "h", Err(RequestError::Target)),
        ("GET", "ftp://h/", Err(RequestError::Target)),
        ("GET", "http://:80/", Err(RequestError::Target)),
        ("GET", "http://[::g]/", Err(RequestError::Target)),
        ("GET", "http://me@h/", Err(RequestError::UserInformation)),
        (
            "GET",
            "http://me:pw@h:81/",
            Err(RequestError::UserInformation),
        ),
        ("GET", "http://@h/", Err(RequestError::UserInformation)),
        ("CONNECT", "h:80", Err(RequestError::Connect)),
        ("CONNECT", "[::1]:80", Err(RequestError::Connect)),
        ("CONNECT", "h", Err(RequestError::Target)),
        ("CONNECT", "h:0", Err(RequestError::Target)),
        ("CONNECT", "me@h:80", Err(RequestError::UserInformation)),
        ("CONNECT", "/", Err(RequestError::Target)),
        ("CONNECT", "http://h:80/", Err(RequestError::Target)),
        ("CONNECT", "*", Err(RequestError::Target)),
    ] {
        let found = checked(method, target, Version::HTTP_11, &["h"]);
        assert_eq!(found, expected, "{method} {target}");
    }
}

#[test]
fn every_form_needs_one_valid_host() {
    for (method, target) in [
        ("GET", "/"),
        ("GET", "http://h/"),
        ("OPTIONS", "*"),
        ("CONNECT", "h:80"),
    ] {
        for (hosts, in_1_1, in_1_0) in [
            (vec![], Err(RequestError::HostCount), Ok(())),
            (vec!["h:80"], Ok(()), Ok(())),
            (vec![""], Ok(()), Ok(())),
            (
                vec!["h", "h"],
                Err(RequestError::HostCount),
                Err(RequestError::HostCount),
            ),
            (
                vec!["a b"],
                Err(RequestError::Host),
                Err(RequestError::Host),
            ),
            (
                vec!["me@h"],
                Err(RequestError::Host),
                Err(RequestError::Host),
            ),
        ] {
            let is_connect = method == "CONNECT";
            for (version, expected) in [(Version::HTTP_11, in_1_1), (Version::HTTP_10, in_1_0)] {
                let expected = expected.and(if is_connect {
                    Err(RequestError::Connect)
                } else {
                    Ok(())
                });
                assert_eq!(
                    checked(method, target, version, &hosts),
                    expected,
                    "{method} {hosts:?}"
                );
            }
        }
    }
}

#[test]
fn an_empty_path_is_told_from_a_slash() {
    for (target, empty) in [
        ("http://h", true),
        ("http://h:80", true),
        ("http://h/", false),
        ("http://h?a", false),
        ("http://h/?a", false),
        ("/", false),
        ("*", false),
    ] {
        let bytes = bytes::Bytes::copy_from_slice(target.as_bytes());
        let uri = Uri::from_maybe_shared(bytes).expect(target);
        assert_eq!(has_empty_path(&uri), empty, "{target}");
    }
}

proptest! {
    /// Whatever is served has a path, and a host that no two readers understand differently.
    #[test]
    fn what_is_served_is_clear(
        method in prop::sample::select(vec!["GET", "OPTIONS", "CONNECT", "POST"]),
        target in "(http://|https://|x://)?[a-z@:*\\[\\].]{0,6}(/[a-z*?@:]{0,4})?",
        hosts in prop::collection::vec("[a-z@:, .\\[\\]/]{0,5}", 0..3),
        old: bool,
    ) {
        let Ok(uri) = target.parse::<Uri>() else { return Ok(()) };
        let version = if old { Version::HTTP_10 } else { Version::HTTP_11 };
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        if checked(method, &target, version, &hosts).is_ok() {
            prop_assert!(uri.path().starts_with('/') || (method == "OPTIONS" && target == "*"));
            prop_assert!(hosts.len() == 1 || (hosts.is_empty() && old));
            let authority = uri.authority().map(Authority::as_str);
            for host in hosts.into_iter().chain(authority) {
                prop_assert!(!host.contains(['@', '/', ' ', ',']), "{}", host);
            }
        }
    }
}
