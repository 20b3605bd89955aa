//! The same client to the same worker.

use std::net::IpAddr;

use super::{Arrival, Kind, Pick, Policy, Tells};
use crate::workers::Workers;

/// The worker that scores highest for the client's address, by rendezvous hashing
/// (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998).
///
/// Each pair of client and worker has a score of its own, so the loss of a worker moves only
/// its own clients, and its return brings back only those.
pub static STICKY: Kind = Kind {
    name: "sticky",
    summary: "the same worker for the same client address, by rendezvous hashing",
    tells: Tells::Nothing,
    make: |_setup| Box::new(Sticky),
};

struct Sticky;

impl Policy for Sticky {
    fn pick(&mut self, arrival: &Arrival, workers: &mut Workers) -> Pick {
        let client = key(arrival.client);
        (0..workers.count())
            .filter(|worker| workers.is_available(*worker))
            .max_by_key(|worker| score(client, *worker as u64))
            .into()
    }
}

/// The address as a number. An IPv4 client of a dual-stack listener is the same client.
fn key(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()),
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            mix((bits >> 64) as u64) ^ bits as u64
        }
    }
}

fn score(client: u64, worker: u64) -> u64 {
    mix(client ^ mix(worker))
}

/// The output function of SplitMix64 (Steele, Lea and Flood, 2014), with its increment: every
/// bit of the input changes each bit of the output with a chance of about one half.
const fn mix(input: u64) -> u64 {
    let mut z = input.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
