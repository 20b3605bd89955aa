//! Cost of handing over descriptors, one per message and as many as fit into a message, compared with
//! a message without descriptors: the ratio is the price of SCM_RIGHTS. Times are per message. Channels use rustix, so the comparison does, too.

use std::net::{TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use evenkeel_strategies::dispatch::channel::{self, HandOff, MAX_PER_MESSAGE, Receiver, Sender};
use rustix::net::{RecvFlags, SendFlags};

fn hand_off(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hand-off");
    for (name, count) in [("descriptor", 1), ("descriptors", MAX_PER_MESSAGE)] {
        group.bench_function(name, |bencher| {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_io()
                .build()
                .expect("a runtime");
            let _within = runtime.enter();
            let (dispatchers_end, workers_end) = channel::pair().expect("a socket pair");
            let sender = Sender::new(dispatchers_end);
            let mut receiver = Receiver::new(workers_end, false).expect("a receiver");
            let connection = connection();
            let connections = vec![connection.as_fd(); count];
            bencher.iter(|| {
                assert_eq!(sender.send(&connections), HandOff::Sent);
                for _ in 0..count {
                    let taken = receiver.take_queued().expect("a connection was sent");
                    taken.expect("it has arrived");
                }
            });
        });
    }
    group.bench_function("message-alone", |bencher| {
        let (ours, theirs) = channel::pair().expect("a socket pair");
        let mut byte = [0_u8];
        bencher.iter(|| {
            rustix::net::send(&ours, &[0], SendFlags::NOSIGNAL).expect("it is sent");
            rustix::net::recv(&theirs, &mut byte, RecvFlags::DONTWAIT).expect("it has arrived")
        });
    });
}

fn connection() -> TcpStream {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let client =
        TcpStream::connect(listener.local_addr().expect("an address")).expect("it listens");
    client.set_nonblocking(true).expect("a socket");
    client
}

criterion_group! {
    name = benches;
    config = Criterion::default().warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    targets = hand_off
}
criterion_main!(benches);
