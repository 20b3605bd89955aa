//! Every peer with a recipe, and its counterparts. All figures are made up.

use std::collections::BTreeMap;

use evenkeel_reports::{LoopKind, PeerRecord, Study, Trial};

use super::{figures, header, measured, skipped};

const BALANCERS: [&str; 4] = ["nginx-proxy", "haproxy", "envoy", "nginx-stream"];

/// Variants of a balancer, and our policies of the same design.
const VARIANTS: [(&str, &str); 4] = [
    ("", "round-robin"),
    (":least-connections", "least-connections"),
    (":two-choices", "two-choices"),
    (":sticky", "sticky"),
];

/// Systems, and who stands for them.
const SERVERS: [(&str, &[&str]); 14] = [
    ("haproxy-tcp", &["splice:round-robin"]),
    ("nginx-reuseport", &["reuseport"]),
    ("nginx-shared", &["shared-listener"]),
    ("nginx-mutex", &["shared-listener"]),
    ("node-cluster-rr", &["handoff:idle"]),
    ("node-cluster-none", &["shared-listener"]),
    ("node-cluster-reuseport", &["reuseport"]),
    ("node-fd-random", &["handoff:random"]),
    ("node-fd-sticky", &["handoff:sticky"]),
    ("node-http-proxy", &["proxy:round-robin"]),
    ("pm2-cluster", &["handoff:idle"]),
    ("pm2-nginx", &["proxy:round-robin"]),
    ("gunicorn", &["shared-listener"]),
    ("granian", &[]),
];

const SCENARIOS: [(&str, LoopKind); 2] = [
    ("bare-keep-alive", LoopKind::Closed),
    ("steady", LoopKind::Open),
];

/// What one of them is said to differ in.
pub(crate) const DIFFERENCE: &str = "made up: headers of 411 bytes, 130 at evenkeel's worker";

/// What another lacks.
pub(crate) const LACK: &str = "made up: node 25 has no reusePort; use `scripts/install-peers node`";

/// The line that all made-up configurations have, wider than a narrow screen.
pub(crate) const CONFIGURED: &str =
    "worker_connections 4096; # <made up>, and as long as lines of configurations are now and then";

/// Keys of peers with those of their counterparts.
fn systems() -> Vec<(String, Vec<String>)> {
    let balancers = BALANCERS.iter().flat_map(|name| {
        let ours = if *name == "nginx-stream" {
            "splice"
        } else {
            "proxy"
        };
        VARIANTS.map(|(variant, policy)| {
            (
                format!("peer:{name}{variant}"),
                vec![format!("{ours}:{policy}")],
            )
        })
    });
    let servers = SERVERS.iter().map(|(name, ours)| {
        let ours = ours.iter().map(|key| (*key).to_owned());
        (format!("peer:{name}"), ours.collect())
    });
    balancers.chain(servers).collect()
}

/// Ours and theirs under a closed and an open loop in so many blocks.
pub(crate) fn study(blocks: u32) -> Study {
    let systems = systems();
    let mut ours: Vec<&String> = systems.iter().flat_map(|(_, ours)| ours).collect();
    ours.sort();
    ours.dedup();
    let theirs = systems.iter().map(|(key, _)| key);
    let keys: Vec<&str> = ours.into_iter().chain(theirs).map(String::as_str).collect();
    let mut header = header(&keys, &SCENARIOS);
    header.plan.blocks = blocks;
    for strategy in &mut header.plan.strategies {
        let known = systems.iter().find(|(key, _)| *key == strategy.key);
        if let Some((key, ours)) = known {
            strategy.counterparts.clone_from(ours);
            strategy.family = Some(format!("peer:{}", software(key)));
        }
    }
    let mut trials = Vec::new();
    for block in 0..blocks {
        for (scenario, kind) in SCENARIOS {
            let all = keys.iter().enumerate();
            trials.extend(all.map(|(index, key)| one((index, key), (scenario, kind), block)));
        }
    }
    Study {
        header,
        trials,
        warnings: Vec::new(),
    }
}

fn one((index, key): (usize, &str), (scenario, kind): (&str, LoopKind), block: u32) -> Trial {
    if key == "peer:node-cluster-reuseport" {
        return skipped(key, scenario, block, LACK);
    }
    let chance_factor = [0.0, 0.012, -0.008, 0.005][(block as usize + index) % 4];
    let is_peer = key.starts_with("peer:");
    let speed = if is_peer {
        1.0 + 0.5 * (index as f64 * 1.7).sin()
    } else {
        1.4
    };
    let requests = (4_000.0 * speed * (1.0 + chance_factor)) as u64;
    let requests = if kind == LoopKind::Open {
        2_000
    } else {
        requests
    };
    let dispatcher_us = key
        .contains(':')
        .then_some(20.0 / speed * (1.0 + chance_factor));
    let p50_us = 900.0 / speed * (1.0 - chance_factor);
    let mut figures = figures(&[requests, requests], p50_us, 1.6, dispatcher_us);
    figures.offered_rps = (kind == LoopKind::Open).then_some(2_000.0);
    let trial = measured(key, scenario, block, figures);
    Trial {
        peer: is_peer.then(|| peer(key)),
        ..trial
    }
}

fn software(key: &str) -> &str {
    let name = key.trim_start_matches("peer:");
    name.split(['-', ':']).next().unwrap_or(name)
}

fn peer(key: &str) -> PeerRecord {
    let name = key.trim_start_matches("peer:");
    let software = software(key);
    let text = |text: &str| text.to_owned();
    PeerRecord {
        versions: BTreeMap::from([(text(software), text("1.2.3"))]),
        configuration: BTreeMap::from([(format!("{software}.conf"), text(CONFIGURED))]),
        differs: match name {
            "pm2-cluster" => vec![text(DIFFERENCE)],
            _ => Vec::new(),
        },
    }
}
