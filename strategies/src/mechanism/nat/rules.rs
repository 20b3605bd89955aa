//! The text of the rules, for `nft -f -` and `iptables-restore --noflush`.

use std::fmt::Write;
use std::net::SocketAddr;

/// How the kernel chooses a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// nftables, in turn.
    InTurn,
    /// nftables, at random.
    Random,
    /// nftables, by the client's address.
    SourceHash,
    /// iptables, at random.
    StatisticRandom,
    /// iptables, in turn.
    StatisticNth,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) address: SocketAddr,
    pub(super) workers: Vec<SocketAddr>,
}

/// The name of the table, and of the chain in iptables' table `nat`.
const NAME: &str = "evenkeel";

impl Rule {
    /// Returns the complete rules for a service. They replace earlier ones atomically.
    pub(super) fn text(self, service: &Service) -> String {
        let family = match service.address {
            SocketAddr::V4(_) => "ip",
            SocketAddr::V6(_) => "ip6",
        };
        let workers = service.workers.len();
        match self {
            Self::InTurn => nftables(family, service, &format!("numgen inc mod {workers}")),
            Self::Random => nftables(family, service, &format!("numgen random mod {workers}")),
            Self::SourceHash => {
                let hash = format!("jhash {family} saddr mod {workers}");
                nftables(family, service, &hash)
            }
            Self::StatisticRandom => iptables(service, |left| {
                let probability = 1.0 / left as f64;
                format!("random --probability {probability:.10}")
            }),
            Self::StatisticNth => {
                iptables(service, |left| format!("nth --every {left} --packet 0"))
            }
        }
    }
}

/// The rules apply where connections are made (hook `output`), since clients are in the same namespace.
/// Only the first packet of a connection passes the rules. conntrack handles the others.
fn nftables(family: &str, service: &Service, choice: &str) -> String {
    let (host, port) = (service.address.ip(), service.address.port());
    let targets: Vec<String> = (0..)
        .zip(&service.workers)
        .map(|(number, worker): (usize, _)| {
            format!("{number} : {} . {}", worker.ip(), worker.port())
        })
        .collect();
    // Declared before it is deleted, so that it exists the first time too.
    let mut text = format!("table {family} {NAME}\ndelete table {family} {NAME}\n");
    if !targets.is_empty() {
        let targets = targets.join(", ");
        let _infallible = write!(
            text,
            "table {family} {NAME} {{\n chain output {{\n  \
             type nat hook output priority -100; policy accept;\n  \
             {family} daddr {host} tcp dport {port} dnat to {choice} map {{ {targets} }}\n }}\n}}\n"
        );
    }
    text
}

/// The first of n rules matches one connection in n, the next one in n − 1 of the others, and the last
/// rule all that are left. `one_in` is the mode of the `statistic` match that chooses one in so many.
fn iptables(service: &Service, one_in: impl Fn(usize) -> String) -> String {
    let workers = service.workers.len();
    let (host, port) = (service.address.ip(), service.address.port());
    // Declaring a chain empties it. OUTPUT belongs to our namespace.
    let mut text = format!("*nat\n:OUTPUT ACCEPT [0:0]\n:{NAME} - [0:0]\n");
    for (number, worker) in service.workers.iter().enumerate() {
        let left = workers - number;
        let share = match left {
            1 => String::new(),
            _ => format!("-m statistic --mode {} ", one_in(left)),
        };
        let _infallible = writeln!(
            text,
            "-A {NAME} -p tcp {share}-j DNAT --to-destination {worker}"
        );
    }
    let _infallible = writeln!(
        text,
        "-F OUTPUT\n-A OUTPUT -d {host} -p tcp --dport {port} -j {NAME}\nCOMMIT"
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(address: &str, workers: &[&str]) -> Service {
        Service {
            address: address.parse().unwrap(),
            workers: workers
                .iter()
                .map(|worker| worker.parse().unwrap())
                .collect(),
        }
    }

    #[test]
    fn nftables_maps_each_number_to_a_worker() {
        let service = service("127.0.0.1:80", &["127.0.0.1:9001", "127.0.0.1:9002"]);
        let rules = Rule::InTurn.text(&service);
        assert!(
            rules.contains(
                "ip daddr 127.0.0.1 tcp dport 80 dnat to numgen inc mod 2 map \
                 { 0 : 127.0.0.1 . 9001, 1 : 127.0.0.1 . 9002 }"
            ),
            "{rules}"
        );
    }

    #[test]
    fn ipv6_has_its_own_table() {
        let rules = Rule::SourceHash.text(&service("[::1]:80", &["[::1]:9001"]));
        assert!(
            rules.contains(
                "ip6 daddr ::1 tcp dport 80 dnat to jhash ip6 saddr mod 1 map { 0 : ::1 . 9001 }"
            ),
            "{rules}"
        );
    }

    fn three() -> Service {
        service(
            "127.0.0.1:80",
            &["127.0.0.1:1", "127.0.0.1:2", "127.0.0.1:3"],
        )
    }

    #[test]
    fn iptables_gives_each_worker_the_same_share() {
        let rules = Rule::StatisticRandom.text(&three());
        let probabilities: Vec<f64> = rules
            .split("--probability ")
            .skip(1)
            .map(|rest| rest.split(' ').next().unwrap().parse().unwrap())
            .chain([1.0])
            .collect();
        let mut left = 1.0;
        for probability in probabilities {
            assert!((left * probability - 1.0 / 3.0).abs() < 1e-6, "{rules}");
            left *= 1.0 - probability;
        }
    }

    #[test]
    fn iptables_gives_every_third_connection_to_the_first_of_three() {
        let rules = Rule::StatisticNth.text(&three());
        let matches: Vec<&str> = rules.lines().filter(|line| line.contains("DNAT")).collect();
        let chain = "-A evenkeel -p tcp";
        assert_eq!(
            matches,
            [
                format!(
                    "{chain} -m statistic --mode nth --every 3 --packet 0 -j DNAT --to-destination 127.0.0.1:1"
                ),
                format!(
                    "{chain} -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 127.0.0.1:2"
                ),
                format!("{chain} -j DNAT --to-destination 127.0.0.1:3"),
            ]
        );
    }

    #[test]
    fn without_workers_nothing_is_translated() {
        for rule in [
            Rule::InTurn,
            Rule::Random,
            Rule::SourceHash,
            Rule::StatisticRandom,
            Rule::StatisticNth,
        ] {
            let rules = rule.text(&service("127.0.0.1:80", &[]));
            assert!(!rules.to_lowercase().contains("dnat"), "{rules}");
        }
    }
}
