//! Address translation in the kernel, like kube-proxy.

mod endpoints;
mod rules;
mod tool;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use crate::defence::DefenceKind;
use crate::launch::{Deployment, Fleet, FleetSpec, Host, LaunchError, Namespace, UnmetRequirement};
use crate::policy::Basis;
use crate::profile::{CommandContract, Privileges, Profile, Retirement};
use crate::strategy::Strategy;
use endpoints::Endpoints;
use rules::{Rule, Service};

/// The kernel rewrites the destination of each new connection to a worker, which has its own listener.
/// kube-proxy works like this, and LVS is similar.
///
/// The rules are in a network namespace of the fleet. So the rules of the host never change, and nothing
/// is left behind. Clients must [enter](Deployment::enter) the namespace.
#[derive(Debug)]
pub struct Nat {
    key: &'static str,
    rule: Rule,
    profile: Profile<'static>,
}

const PROFILE: Profile<'static> = Profile {
    mechanism: "nat",
    retirement: Some(Retirement::IsNotInRules),
    chooser: "the kernel, by a netfilter rule",
    needs: Some("nft; root, or a user namespace"),
    privileges: Privileges::NetworkNamespace,
    notices_deaths_late: true,
    command: CommandContract::ListensOnPort,
    defences: &[DefenceKind::Stall],
    ..Profile::OURS
};

impl Nat {
    /// In turn, with nftables' `numgen inc`.
    pub const ROUND_ROBIN: Self = Self {
        key: "nat:round-robin",
        rule: Rule::InTurn,
        profile: Profile {
            summary: "an nftables rule rewrites each connection's destination, in turn, in \
                      the fleet's own network namespace",
            basis: Basis::Turns,
            known_from: "LVS (rr)",
            ..PROFILE
        },
    };
    /// At random, with nftables' `numgen random`, like kube-proxy in nftables mode.
    pub const RANDOM: Self = Self {
        key: "nat:random",
        rule: Rule::Random,
        profile: Profile {
            summary: "an nftables rule rewrites each connection's destination at random, in \
                      the fleet's own network namespace",
            basis: Basis::Chance,
            known_from: "kube-proxy in nftables mode",
            ..PROFILE
        },
    };
    /// By a hash of the client's address, with nftables' `jhash`.
    pub const SOURCE_HASH: Self = Self {
        key: "nat:source-hash",
        rule: Rule::SourceHash,
        profile: Profile {
            summary: "an nftables rule rewrites each connection's destination by a hash of the \
                      client's address, in the fleet's own network namespace",
            basis: Basis::Client,
            sticky: Some("the client's address"),
            known_from: "LVS (sh)",
            ..PROFILE
        },
    };
    /// At random, with a chain of iptables' `statistic` matches, like kube-proxy in iptables mode.
    pub const IPTABLES: Self = Self {
        key: "nat:iptables",
        rule: Rule::StatisticRandom,
        profile: Profile {
            summary: "a chain of iptables rules rewrites each connection's destination at random, \
                      in the fleet's own network namespace",
            basis: Basis::Chance,
            needs: Some("iptables-restore; root, or a user namespace"),
            known_from: "kube-proxy in iptables mode",
            ..PROFILE
        },
    };
    /// In turn, with a chain of iptables' `statistic` matches that count connections (`--mode nth`).
    pub const IPTABLES_NTH: Self = Self {
        key: "nat:iptables-nth",
        rule: Rule::StatisticNth,
        profile: Profile {
            summary: "a chain of iptables rules rewrites each connection's destination, in turn, \
                      in the fleet's own network namespace",
            basis: Basis::Turns,
            known_from: "iptables (statistic --mode nth)",
            ..Self::IPTABLES.profile
        },
    };
}

impl Strategy for Nat {
    fn key(&self) -> &str {
        self.key
    }

    fn profile(&self) -> Profile<'_> {
        self.profile
    }

    fn check(&self, _host: &Host) -> Result<(), UnmetRequirement> {
        let namespace = Namespace::required()?;
        // The addresses do not matter. This checks whether the kernel accepts the rules.
        let anybody = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let service = Service {
            address: anybody(1),
            workers: vec![anybody(2), anybody(3)],
        };
        tool::apply(&namespace, self.rule, &service)
            .map_err(|error| UnmetRequirement(error.to_string()))
    }

    fn launch(&self, spec: &FleetSpec) -> Result<Deployment, LaunchError> {
        let namespace = Namespace::create()?;
        let mut endpoints = Endpoints::open(&namespace, self.rule, spec)?;
        let mut fleet = Fleet::new(spec, spec.size())?.within(namespace);
        fleet.start_workers(&mut endpoints)?;
        endpoints.admit_all()?;
        fleet.release(endpoints.address, Box::new(endpoints))
    }
}

impl From<tool::ToolError> for LaunchError {
    fn from(error: tool::ToolError) -> Self {
        Self::Setup {
            source: io::Error::other(error),
        }
    }
}
