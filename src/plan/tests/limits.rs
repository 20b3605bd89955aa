//! CPUs, open files and ports of the machine.

use evenkeel_loadgen::LoadSpec;

use super::{machine, plan, refusal, settings};
use crate::machine::Machine;
use crate::plan::resolve;

#[test]
fn every_kind_of_process_has_its_limit_of_files() {
    let with = |open_files, toml| {
        let machine = Machine {
            open_files,
            ..machine()
        };
        resolve(settings(toml), false, &machine).map_err(|error| error.to_string())
    };
    // A dispatcher holds a channel to every worker; while they start, so does the study.
    let many = "[fleet]\nworkers = 900\ndispatchers = 2";
    assert!(with(1000, many).is_err_and(|error| error.contains("about 2766 open files")));
    assert!(with(4000, many).is_ok());
    // Without a dispatcher there are no such channels, and no proxied connections.
    let direct = format!("strategies = ['reuseport']\n{many}");
    assert!(with(2000, &direct).is_ok());
    let connections = "strategies = ['reuseport']\n[load]\nconnections = 1800";
    assert!(with(2000, connections).is_ok());
}

#[test]
fn load_without_a_study_needs_files_and_ports_of_its_own() {
    let mut load = LoadSpec::new(std::net::SocketAddr::from(([127, 0, 0, 1], 80)));
    load.connections = 19_000;
    assert!(machine().check_load_alone(&load).is_ok());
    load.connections = 19_999;
    let error = machine().check_load_alone(&load).expect_err("too many");
    assert!(
        error
            .to_string()
            .contains("this load needs a process with about 20064 open files")
    );
    let roomy = Machine {
        open_files: 1 << 20,
        ..machine()
    };
    load.connections = 28_233;
    let error = roomy.check_load_alone(&load).expect_err("too many");
    assert!(
        error
            .to_string()
            .contains("from 1 client address with 28232 ephemeral ports")
    );
}

#[test]
fn more_connections_than_ports_are_refused() {
    let few_ports = Machine {
        local_ports: 10,
        ..machine()
    };
    let scenario = "[[scenario]]\nname = 'mine'\nloop = 'closed'\nconnections = 30\nclient_addresses = 2\nwork = '/'";
    let error = refusal(scenario, &few_ports);
    assert!(
        error.contains("needs 30 connections from 2 client addresses with 10 ephemeral ports"),
        "{error}"
    );
}

#[test]
fn with_one_side_named_the_other_gets_the_rest() {
    let plan = plan("[load]\nload_cpus = '1'");
    assert_eq!(plan.config.fleet.server_cpus.to_string(), "0,2-3");
}

#[test]
fn a_single_cpu_is_shared() {
    let small = Machine {
        cpus: (0..1).collect(),
        ..machine()
    };
    let plan = resolve(settings(""), false, &small).expect("a plan");
    assert_eq!(plan.config.fleet.server_cpus, plan.config.load.load_cpus);
}
