use super::*;

fn keys(names: &[&str]) -> Vec<&'static str> {
    select(names)
        .unwrap()
        .iter()
        .map(|strategy| strategy.key())
        .collect()
}

#[test]
fn every_key_is_unique_and_names_its_policy() {
    for (index, strategy) in ALL.iter().enumerate() {
        assert!(
            ALL[..index]
                .iter()
                .all(|other| other.key() != strategy.key())
        );
        let profile = strategy.profile();
        if let Some(policy) = profile.policy {
            let expected = format!("{}:{}", profile.mechanism, policy.name);
            assert_eq!(strategy.key(), expected);
        }
    }
}

#[test]
fn a_mechanism_stands_for_all_its_policies() {
    let handoffs: Vec<_> = ALL
        .iter()
        .map(|strategy| strategy.key())
        .filter(|key| key.starts_with("handoff:"))
        .collect();
    assert_eq!(keys(&["handoff"]), handoffs);
    assert_eq!(keys(&["all"]).len(), ALL.len());
}

#[test]
fn a_key_that_is_also_a_mechanism_stands_for_itself_alone() {
    assert_eq!(keys(&["reuseport"]), ["reuseport"]);
    let all = keys(&["reuseport:*"]);
    assert!(all.len() > 1 && all.iter().all(|key| key.starts_with("reuseport")));
}

#[test]
fn the_core_is_a_part_of_the_catalogue() {
    assert_eq!(keys(&["core"]), CORE);
}

#[test]
fn names_are_taken_once_and_in_the_order_of_the_catalogue() {
    assert_eq!(
        keys(&["proxy:round-robin", "single", "reverse-proxy"]),
        ["single", "proxy:round-robin"]
    );
}

#[test]
fn every_alias_stands_for_one_strategy() {
    for (alias, key) in ALIASES {
        assert_eq!(keys(&[alias]), [*key]);
    }
}

#[test]
fn a_name_like_no_other_is_answered_without_a_guess() {
    let unknown = select(&["qqqq"]).unwrap_err();
    assert_eq!(unknown.nearest, None);
    assert!(!unknown.to_string().contains("did you mean"), "{unknown}");
}

#[test]
fn an_unknown_name_is_answered_with_the_nearest_known_one() {
    for (typo, nearest) in [
        ("reusport", "reuseport"),
        ("handof:stiky", "handoff:sticky"),
        ("singel", "single"),
        ("al", "all"),
        ("peer:ngnix-proxy", "peer:nginx-proxy"),
    ] {
        assert_eq!(select(&[typo]).unwrap_err().nearest, Some(nearest));
    }
}

#[test]
fn peers_are_named_alone_with_their_variants_or_all_together() {
    let peers = keys(&["peer"]);
    assert!(peers.iter().all(|key| key.starts_with("peer:")));
    assert_eq!(peers, keys(&["peer:*"]));
    assert_eq!(keys(&["peer:haproxy"]), ["peer:haproxy"]);
    let sticky = "peer:haproxy:sticky";
    assert_eq!(keys(&[sticky]), [sticky]);
    let haproxies = keys(&["peer:haproxy:*"]);
    assert!(haproxies.contains(&"peer:haproxy") && haproxies.contains(&sticky));
    assert!(!haproxies.contains(&"peer:haproxy-tcp"));
}

#[test]
fn the_catalogue_is_ours_and_the_peers() {
    let (ours, peers) = (keys(&["ours"]), keys(&["peer"]));
    assert_eq!([ours, peers].concat(), keys(&["all"]));
    assert!(OURS.iter().all(|strategy| !strategy.profile().is_peer));
}
