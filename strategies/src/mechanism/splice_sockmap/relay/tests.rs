use std::time::Duration;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream as Stream};
use std::rc::Rc;
use std::thread;

use tokio::runtime::{Builder, Runtime};
use tokio::task::LocalSet;

use super::*;

/// A client and the server that it reaches through a relay.
type Ends = (Stream, Stream);

/// Opens `count` connections through a relay with room for `room`. Each client first runs `early`. Returns
/// `None` if the kernel does not allow socket maps.
fn relayed(room: usize, count: usize, early: fn(&Stream)) -> Option<Vec<Ends>> {
    let (outer, inner): (Vec<_>, Vec<_>) = (0..count)
        .map(|_| {
            let (client, accepted) = connection();
            let (upstream, server) = connection();
            early(&client);
            ((client, server), (accepted, upstream))
        })
        .unzip();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let opened = {
        let _within = runtime.enter();
        Sockmap::open(room)
    };
    match opened {
        Ok(sockmap) => {
            thread::spawn(move || relay_all(&runtime, sockmap, inner));
            Some(outer)
        }
        Err(error) => {
            eprintln!("skipped: {error}");
            None
        }
    }
}

/// Relays until all have ended.
fn relay_all(runtime: &Runtime, sockmap: Sockmap, connections: Vec<Ends>) {
    let (sockmap, tasks) = (Rc::new(sockmap), LocalSet::new());
    for (client, upstream) in connections {
        let sockmap = Rc::clone(&sockmap);
        tasks.spawn_local(async move {
            let (client, upstream) = (in_runtime(client), in_runtime(upstream));
            let tunnel = sockmap.join(client, upstream, false).unwrap();
            let _ended = sockmap.relay(&tunnel, Duration::from_secs(60)).await;
        });
    }
    runtime.block_on(async {
        tokio::select! {
            () = tasks => {}
            failed = sockmap.run() => panic!("{failed:?}"),
        }
    });
}

fn in_runtime(stream: Stream) -> TcpStream {
    stream.set_nonblocking(true).unwrap();
    TcpStream::from_std(stream).unwrap()
}

fn connection() -> Ends {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let one = Stream::connect(listener.local_addr().unwrap()).unwrap();
    (one, listener.accept().unwrap().0)
}

/// Returns bytes in which neighbours differ, so that lost or swapped ones are detected.
fn body(length: usize) -> Vec<u8> {
    (0..length).map(|at| (at % 251) as u8).collect()
}

/// Sends a body and closes that direction. Returns what the other side receives.
fn send(length: usize, mut from: &Stream, mut to: &Stream) -> Vec<u8> {
    thread::scope(|scope| {
        scope.spawn(move || {
            from.write_all(&body(length)).unwrap();
            from.shutdown(Shutdown::Write).unwrap();
        });
        let mut received = Vec::new();
        to.read_to_end(&mut received).unwrap();
        received
    })
}

const NOTHING: fn(&Stream) = |_| {};

#[test]
fn bodies_of_all_sizes_arrive_complete_and_each_side_ends_separately() {
    for length in [0, 1, 1000, 65535, 65536, 1 << 20, 8_000_001] {
        let Some(mut ends) = relayed(1, 1, NOTHING) else {
            return;
        };
        let (client, server) = ends.pop().unwrap();
        assert!(send(length, &client, &server) == body(length), "{length}");
        assert!(send(length, &server, &client) == body(length), "{length}");
    }
}

#[test]
fn bytes_from_before_the_kernel_took_over_arrive_first() {
    let early = |mut client: &Stream| client.write_all(b"early ").unwrap();
    let Some(mut ends) = relayed(1, 1, early) else {
        return;
    };
    let (client, server) = ends.pop().unwrap();
    let received = send(100_000, &client, &server);
    assert!(received.starts_with(b"early ") && received[6..] == body(100_000));
}

#[test]
fn a_client_that_had_already_ended_is_answered() {
    let early = |mut client: &Stream| {
        client.write_all(b"last words").unwrap();
        client.shutdown(Shutdown::Write).unwrap();
    };
    let Some(mut ends) = relayed(1, 1, early) else {
        return;
    };
    let (client, mut server) = ends.pop().unwrap();
    let mut received = Vec::new();
    server.read_to_end(&mut received).unwrap();
    assert_eq!(received, b"last words");
    assert!(send(3_000_000, &server, &client) == body(3_000_000));
}

#[test]
fn messages_in_both_directions_stay_in_order() {
    let Some(mut ends) = relayed(1, 1, NOTHING) else {
        return;
    };
    let (mut client, mut server) = ends.pop().unwrap();
    for round in 0..300_usize {
        let sent = body(1 + round * 37 % 9000);
        let mut received = vec![0; sent.len()];
        server.write_all(&sent).unwrap();
        client.read_exact(&mut received).unwrap();
        assert!(received == sent, "to the client, {round}");
        client.write_all(&sent).unwrap();
        server.read_exact(&mut received).unwrap();
        assert!(received == sent, "to the server, {round}");
    }
}

#[test]
fn connections_without_room_in_the_maps_arrive_complete_too() {
    let Some(ends) = relayed(2, 6, NOTHING) else {
        return;
    };
    for (client, server) in &ends {
        assert!(send(200_000, client, server) == body(200_000));
    }
    for (client, server) in &ends {
        assert!(send(200_000, server, client) == body(200_000));
    }
}

#[test]
fn a_client_that_breaks_off_ends_the_connection_to_its_server() {
    let Some(mut ends) = relayed(1, 1, NOTHING) else {
        return;
    };
    let (mut client, mut server) = ends.pop().unwrap();
    client.write_all(b"x").unwrap();
    server.read_exact(&mut [0]).unwrap();
    // A socket that is closed with unread bytes is reset.
    server.write_all(b"unread").unwrap();
    client.peek(&mut [0]).unwrap();
    drop(client);
    let mut rest = Vec::new();
    let _reset = server.read_to_end(&mut rest);
    assert_eq!(rest, b"");
}
