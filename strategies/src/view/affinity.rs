//! Affinity: hashes, and an order of the workers for each client.

use std::net::IpAddr;

use super::workers::Workers;

/// Returns the affinity key of an address. An IPv4-mapped address has the key of the IPv4 address.
pub fn key(address: IpAddr) -> u64 {
    match address.to_canonical() {
        IpAddr::V4(address) => mix(u64::from(address.to_bits())),
        IpAddr::V6(address) => {
            let bits = address.to_bits();
            mix(mix((bits >> 64) as u64) ^ bits as u64)
        }
    }
}

/// Number of draws before scores decide. If half of the workers are accepted, all draws miss with a
/// probability of 1 in 65,536.
const DRAWS: u64 = 16;

/// Returns the first accepted worker in the order of this key.
///
/// Rendezvous hashing (Thaler and Ravishankar, "Using name-based mappings to increase hit rates", 1998)
/// gives each pair of client and worker a score, and picks the accepted worker with the highest score.
/// So each client has its own random order of all workers. Drawing workers from a sequence that depends
/// on the client has the same effect without computing all scores. In both cases, a worker that is no
/// longer accepted moves only its own clients, and gets the same clients back later. O(1) on average
/// while most workers are accepted. After some draws without success scores decide, O(n).
pub fn first(key: u64, workers: &Workers, accepts: impl Fn(usize) -> bool) -> Option<usize> {
    let count = workers.count() as u64;
    for draw in 0..DRAWS {
        let drawn = mix(key.wrapping_add(draw.wrapping_mul(INCREMENT))) >> 32;
        let worker = ((drawn * count) >> 32) as usize;
        if accepts(worker) {
            return Some(worker);
        }
    }
    let others = (0..workers.count()).filter(|worker| accepts(*worker));
    others.max_by_key(|worker| mix(key ^ mix(*worker as u64)))
}

/// The increment of SplitMix64's state.
const INCREMENT: u64 = 0x9e37_79b9_7f4a_7c15;

/// The output function of SplitMix64 (Steele, Lea and Flood, 2014), with its increment. Every bit of the
/// input changes each bit of the output with a probability of about one half.
pub const fn mix(input: u64) -> u64 {
    let mut z = input.wrapping_add(INCREMENT);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
