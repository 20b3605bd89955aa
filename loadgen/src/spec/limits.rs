//! Bounds of what can be requested.

use std::time::Duration;

/// Highest rate, in requests per second. One request every ten nanoseconds is more than any loopback
/// carries, so a higher rate is a typing error.
pub const MAX_RATE_RPS: f64 = 1e8;

/// Most arrivals of one run. At a million per second they last for more than an hour, and counting
/// those that a server has left unanswered still takes less than a minute.
pub const MAX_ARRIVALS: f64 = 4e9;

/// Most connections. Each costs the kernel some 10 KiB on loopback, so these take 10 GiB.
pub const MAX_CONNECTIONS: usize = 1_000_000;

/// Most load threads. No machine has this number of CPUs for them.
pub const MAX_THREADS: usize = 1_024;

/// Most requests in flight on a connection. Servers stop to read long before.
pub const MAX_PIPELINE: u32 = 10_000;

/// Most bytes of bodies in flight, since a pipeline holds a copy of what it sends.
pub const MAX_BYTES_IN_FLIGHT: u64 = 1 << 30;

/// Most client addresses: all of 127.0.0.0/8 except the network and the broadcast address.
pub const MAX_CLIENT_ADDRESSES: u32 = (1 << 24) - 2;

/// Shortest interval. Shorter ones hold too few answers for percentiles, and reporting them would
/// cost more than the load.
pub const MIN_INTERVAL: Duration = Duration::from_millis(10);

/// Highest cost of a request, in microseconds: ten digits, which is almost three hours. The number
/// field of a prepared request has that width.
pub(super) const MAX_US: u64 = 9_999_999_999;
