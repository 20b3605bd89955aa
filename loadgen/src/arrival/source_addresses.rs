//! Source addresses in 127.0.0.0/8.

use std::net::Ipv4Addr;

/// The source addresses of one thread's connections, in rotation. All threads together use all
/// addresses evenly.
pub(crate) struct SourceAddresses {
    addresses: u32,
    next: u64,
    step: u64,
}

impl SourceAddresses {
    pub(crate) fn new(addresses: u32, thread: usize, threads: usize) -> Self {
        Self {
            addresses,
            next: thread as u64,
            step: threads as u64,
        }
    }

    /// Returns the address of the next connection; `None` leaves the choice to the kernel.
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
    use crate::spec::MAX_CLIENT_ADDRESSES;

    #[test]
    fn one_client_address_is_left_to_the_kernel() {
        assert_eq!(SourceAddresses::new(1, 0, 1).next(), None);
    }

    #[test]
    fn threads_together_use_all_addresses() {
        let mut threads: Vec<_> = (0..2)
            .map(|thread| SourceAddresses::new(4, thread, 2))
            .collect();
        let mut seen: Vec<_> = (0..4).filter_map(|turn| threads[turn % 2].next()).collect();
        seen.sort_unstable();
        let expected: Vec<_> = (1..=4).map(|last| Ipv4Addr::new(127, 0, 0, last)).collect();
        assert_eq!(seen, expected);
    }

    #[test]
    fn addresses_carry_into_the_third_byte_and_never_leave_loopback() {
        let mut clients = SourceAddresses::new(MAX_CLIENT_ADDRESSES, 299, 1);
        assert_eq!(clients.next(), Some(Ipv4Addr::new(127, 0, 1, 44)));
        let mut last =
            SourceAddresses::new(MAX_CLIENT_ADDRESSES, MAX_CLIENT_ADDRESSES as usize - 1, 1);
        assert_eq!(last.next(), Some(Ipv4Addr::new(127, 255, 255, 254)));
    }
}
