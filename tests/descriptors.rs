//! With more clients than a fleet has descriptors, clients wait and none is lost.

mod support;

use std::fs::{self, Permissions};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use evenkeel_strategies::{FleetSpec, Strategy};
use support::client::get;
use support::{EVENKEEL, fleet_spec, for_each_at_once, launch_as, supported_strategies};

/// Descriptors of each process of the fleet: enough to start and for about twenty connections.
const LIMIT: u64 = 64;

/// More clients at a time than two workers have descriptors for.
const CLIENTS: usize = 150;

/// Silent clients: more than a process has descriptors for. Under policies with a limit per worker they take
/// turns, two at a time.
const SILENT: usize = 70;

/// One test, since a program that is written while another test starts a process may be too busy to run.
#[test]
fn clients_wait_while_no_descriptor_is_free() {
    let folder = tempfile::tempdir().expect("a folder");
    let executable = with_few_descriptors(folder.path());
    for_each_at_once(&supported_strategies(), |strategy| {
        let mut spec = fleet_spec(2);
        spec.executable.clone_from(&executable);
        clients_are_served_one_after_the_other(*strategy, &spec);
        silent_clients_shut_nobody_out(*strategy, spec);
    });
}

/// Writes a program that is evenkeel with a low limit of open files.
fn with_few_descriptors(folder: &Path) -> PathBuf {
    let script = format!("#!/bin/sh\nulimit -S -n {LIMIT}\nexec {EVENKEEL} \"$@\"\n");
    let path = folder.join("evenkeel");
    fs::write(&path, script).expect("room");
    fs::set_permissions(&path, Permissions::from_mode(0o755)).expect("our file");
    path
}

fn clients_are_served_one_after_the_other(strategy: &dyn Strategy, spec: &FleetSpec) {
    let fleet = launch_as(strategy, spec);
    let address = fleet.address();
    let clients: Vec<_> = (0..CLIENTS).map(|_| start_client(address)).collect();
    let mut failed = Vec::new();
    for client in clients {
        failed.extend(client.join().expect("the client ran").err());
    }
    assert!(failed.is_empty(), "{}: {failed:?}", strategy.key());
    fleet.stop();
}

/// Silent clients lose their connections, so a later client is served.
fn silent_clients_shut_nobody_out(strategy: &dyn Strategy, mut spec: FleetSpec) {
    let key = strategy.key();
    let limit = Duration::from_millis(50);
    (spec.client_limits.head, spec.client_limits.stall) = (limit, limit);
    let fleet = launch_as(strategy, &spec);
    let address = fleet.address();
    let silent: Vec<_> = (0..SILENT).map(|_| TcpStream::connect(address)).collect();
    assert!(silent.iter().all(Result::is_ok), "{key}");
    let answer = get(address, "/").expect(key);
    assert_eq!(answer.status, 200, "{key}");
}

/// Starts a client that keeps its connection until all others have connected.
fn start_client(address: SocketAddr) -> JoinHandle<io::Result<()>> {
    std::thread::spawn(move || {
        let answer = get(address, "/sleep/20000")?;
        match answer.status {
            200 => Ok(()),
            status => Err(io::Error::other(format!("status {status}"))),
        }
    })
}
