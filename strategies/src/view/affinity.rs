//! Which worker belongs to whom: hashes, and an order of the workers for each client.

use std::net::IpAddr;

use super::workers::Workers;

/// The address as a number. An IPv4 client of a dual-stack listener is the same client.
pub fn key(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => mix(u64::from(address.to_bits())),
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            mix(mix((bits >> 64) as u64) ^ bits as u64)
        }
    }
}

/// Draws after which the rest of an order is sorted out. All of them miss with a chance of
/// 1 in 65,536 where half of the workers will do.
const DRAWS: u64 = 16;

/// The first worker that will do, in the order that belongs to this key alone.
///
/// Rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to increase hit
/// rates", 1998) gives each pair of client and worker a score and takes the highest that will
/// do: to each client its own random order of all workers. The same can be had without scoring
/// all of them, by drawing workers from a sequence that belongs to the client until one will
/// do. In both, a worker that will no longer do moves only the clients that it had, and once it
/// will do again it has the same ones back. O(1) on average while most workers will do; after
/// so many vain draws scores decide, O(n).
pub fn first(key: u64, workers: &Workers, will_do: impl Fn(usize) -> bool) -> Option<usize> {
    let count = workers.count() as u64;
    for draw in 0..DRAWS {
        let drawn = mix(key.wrapping_add(draw.wrapping_mul(INCREMENT))) >> 32;
        let worker = ((drawn * count) >> 32) as usize;
        if will_do(worker) {
            return Some(worker);
        }
    }
    let others = (0..workers.count()).filter(|worker| will_do(*worker));
    others.max_by_key(|worker| mix(key ^ mix(*worker as u64)))
}

/// By how much the state of SplitMix64 moves with each number.
const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of SplitMix64 (Steele, Lea and Flood, 2014), with its increment: every
/// bit of the input changes each bit of the output with a chance of about one half.
pub const fn mix(input: u64) -> u64 {
    let mut z = input.wrapping_add(INCREMENT);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
