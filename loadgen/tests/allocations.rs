//! No allocation per request: the heap is counted while load is offered.

#![allow(
    unsafe_code,
    reason = "counting allocations takes an allocator, whose trait is unsafe"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use evenkeel_loadgen::{Arrivals, Kind, LoadSpec, Observer, Offer, RequestSpec, Work, run};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Set on the threads of the server, whose allocations are its own affair.
    static UNCOUNTED: Cell<bool> = const { Cell::new(false) };
}

struct Counting;

fn count() {
    if !UNCOUNTED.get() {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
    }
}

// SAFETY: every call is passed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract, which is the same.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// Answers each read with the same bytes: requests are small and one at a time.
fn serve(mut stream: TcpStream) {
    let mut buffer = [0; 4096];
    while stream.read(&mut buffer).is_ok_and(|bytes| bytes > 0) {
        let answer = b"HTTP/1.1 200 OK\r\nx-evenkeel-worker: 3\r\ncontent-length: 2\r\n\r\nok";
        if stream.write_all(answer).is_err() {
            return;
        }
    }
}

/// Enough threads for all connections of a run, and all of them started before
/// the load: a thread allocates before it can say that it is not to be counted.
fn start_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = listener.local_addr().expect("a bound address");
    for _ in 0..2 * CONNECTIONS {
        let listener = listener.try_clone().expect("a descriptor");
        thread::spawn(move || {
            UNCOUNTED.set(true);
            listener.incoming().map_while(Result::ok).for_each(serve);
        });
    }
    address
}

const CONNECTIONS: usize = 8;

#[derive(Default)]
struct Window {
    opened: u64,
    closed: u64,
}

impl Observer for Window {
    fn window_opened(&mut self) {
        self.opened = ALLOCATIONS.load(Ordering::Relaxed);
    }

    fn window_closed(&mut self) {
        self.closed = ALLOCATIONS.load(Ordering::Relaxed);
    }
}

#[test]
fn steady_load_allocates_nothing_per_request() {
    let open = Offer::Open {
        rate_rps: 1_000.0,
        arrivals: Arrivals::Poisson,
    };
    for (offer, per_connection) in [
        (Offer::Closed, None),
        (Offer::Closed, NonZeroU64::new(2)),
        (open.clone(), None),
        (open, NonZeroU64::new(2)),
    ] {
        let spec = LoadSpec {
            request: RequestSpec {
                work: Work::fixed(Kind::Spin, 50.0),
                ..RequestSpec::default()
            },
            offer: offer.clone(),
            connections: CONNECTIONS,
            requests_per_connection: per_connection,
            warmup: Duration::from_millis(200),
            duration: Duration::from_millis(500),
            ..LoadSpec::new(start_server())
        };
        let mut window = Window::default();
        let outcome = run(&spec, &AtomicBool::new(false), &mut window).expect("offered");
        let allocations = window.closed - window.opened;
        assert!(outcome.requests >= 100, "{} requests", outcome.requests);
        // The table of workers grows once, with the first answer of the window.
        assert!(
            allocations <= 2,
            "{allocations} allocations, {offer:?}, {per_connection:?}"
        );
    }
}
