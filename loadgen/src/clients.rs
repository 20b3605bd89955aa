//! Source addresses out of 127.0.0.0/8.

use std::net::Ipv4Addr;

/// How many client addresses there can be: all of 127.0.0.0/8 but the network
/// and the broadcast address.
pub const MOST_CLIENTS: u32 = (1 << 24) - 2;

/// Hands out the source addresses of one thread's connections, in rotation:
/// all threads together go round all addresses evenly.
#[derive(Debug)]
pub(crate) struct Clients {
    addresses: u32,
    next: u64,
    step: u64,
}

impl Clients {
    pub(crate) fn new(addresses: u32, thread: usize, threads: usize) -> Self {
        Self {
            addresses,
            next: thread as u64,
            step: threads as u64,
        }
    }

    /// The address of the next connection; `None` leaves it to the kernel.
    pub(crate) fn next(&mut self) -> Option<Ipv4Addr> {
        if self.addresses == 1 {
            return None;
        }
        let client = (self.next % u64::from(self.addresses)) as u32;
        self.next += self.step;
        Some(Ipv4Addr::from_bits(Ipv4Addr::LOCALHOST.to_bits() + client))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_address_is_left_to_the_kernel() {
        assert_eq!(Clients::new(1, 0, 1).next(), None);
    }

    #[test]
    fn threads_together_go_round_all_addresses() {
        let mut threads: Vec<_> = (0..2).map(|thread| Clients::new(4, thread, 2)).collect();
        let mut seen: Vec<_> = (0..4).filter_map(|turn| threads[turn % 2].next()).collect();
        seen.sort_unstable();
        let expected: Vec<_> = (1..=4).map(|last| Ipv4Addr::new(127, 0, 0, last)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn addresses_carry_into_the_third_byte_and_never_leave_loopback() {
        let mut clients = Clients::new(MOST_CLIENTS, 299, 1);
        assert_eq!(clients.next(), Some(Ipv4Addr::new(127, 0, 1, 44)));
        let mut last = Clients::new(MOST_CLIENTS, MOST_CLIENTS as usize - 1, 1);
        assert_eq!(last.next(), Some(Ipv4Addr::new(127, 255, 255, 254)));
    }
}
