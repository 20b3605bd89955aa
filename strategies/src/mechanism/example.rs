//! The mechanism that CONTRIBUTING.md shows: it is compiled here, and passes bytes on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::num::NonZeroUsize;
use std::thread;

use super::{dispatched::Dispatched, shown::COPY};
use crate::dispatch::{DispatcherConfig, Start};
use crate::launch::{ChildControl, FleetSpec, Inherited};
use crate::policy::round_robin::ROUND_ROBIN;
use crate::strategy::Strategy;

#[test]
fn the_example_is_shown_as_it_is_compiled_here() {
    let shown = include_str!("../../../CONTRIBUTING.md");
    assert!(shown.contains(include_str!("../../tests/mechanism/copy.rs")));
}

#[test]
fn the_example_takes_part_under_every_policy_for_connections() {
    let keys: Vec<String> = COPY
        .policies()
        .map(|policy| Dispatched::new(&COPY, policy).key().to_owned())
        .collect();
    assert!(keys.contains(&"copy:round-robin".to_owned()));
    assert!(!keys.contains(&"copy:sticky-cookie".to_owned()));
}

#[test]
fn the_example_passes_bytes_on_and_back() {
    let any = "127.0.0.1:0";
    let (worker, listener) = (
        TcpListener::bind(any).unwrap(),
        TcpListener::bind(any).unwrap(),
    );
    let (address, upstream) = (listener.local_addr().unwrap(), worker.local_addr().unwrap());
    listener.set_nonblocking(true).unwrap();
    let spec = FleetSpec::new("evenkeel", NonZeroUsize::MIN);
    let config = DispatcherConfig::new(&spec, &COPY.profile, &ROUND_ROBIN, 0, vec![upstream]);
    // It runs until the process ends.
    thread::spawn(move || {
        let dispatcher = (COPY.prepare)(Start {
            listener: listener.into(),
            policy: (ROUND_ROBIN.make)(&config.setup()),
            feedback: ROUND_ROBIN.feedback,
            config: &config,
            membership: None,
            predecessor: None,
            journal: None,
            inherited: &mut Inherited::default(),
        });
        let (control, _parents_end) = std::os::unix::net::UnixStream::pair().unwrap();
        let control = ChildControl::new(control.into());
        dispatcher.unwrap().run(spec.drain_within, control)
    });
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(b"there").unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    let (mut served, _) = worker.accept().unwrap();
    let mut heard = String::new();
    served.read_to_string(&mut heard).unwrap();
    served.write_all(b"and back").unwrap();
    drop(served);
    let mut answer = String::new();
    client.read_to_string(&mut answer).unwrap();
    assert_eq!((heard.as_str(), answer.as_str()), ("there", "and back"));
}
