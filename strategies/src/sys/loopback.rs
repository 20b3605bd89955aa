//! Activating the loopback interface of a new network namespace, which starts inactive.
#![allow(unsafe_code, reason = "an ioctl on a network interface")]

use std::io;
use std::os::fd::AsRawFd;

use nix::libc;
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socket};

nix::ioctl_write_ptr_bad!(
    /// Sets the flags of an interface (netdevice(7)).
    set_interface_flags,
    libc::SIOCSIFFLAGS,
    libc::ifreq
);

/// Activates `lo` in the network namespace of the calling thread.
pub(crate) fn set_up() -> io::Result<()> {
    let any = socket(
        AddressFamily::Inet,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC,
        None,
    )?;
    let mut name = [0; libc::IFNAMSIZ];
    name[..2].copy_from_slice(&[b'l' as libc::c_char, b'o' as libc::c_char]);
    let request = libc::ifreq {
        ifr_name: name,
        ifr_ifru: libc::__c_anonymous_ifr_ifru {
            ifru_flags: libc::IFF_UP as libc::c_short,
        },
    };
    // SAFETY: the call reads an `ifreq` with a null-terminated name and flags.
    unsafe { set_interface_flags(any.as_raw_fd(), &raw const request) }?;
    Ok(())
}
