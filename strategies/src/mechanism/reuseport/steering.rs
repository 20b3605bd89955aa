//! Classic BPF programs that choose a socket of an SO_REUSEPORT group (socket(7),
//! SO_ATTACH_REUSEPORT_CBPF): they return its place in the group, and where there is no such
//! place, since a worker has died, the kernel falls back to its hash.

use std::io;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;

use nix::libc::{
    self, BPF_ABS, BPF_ALU, BPF_K, BPF_LD, BPF_MOD, BPF_RET, BPF_W, SKF_AD_CPU, SKF_AD_OFF,
    SKF_AD_RANDOM, sock_filter, sock_fprog,
};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::AttachReusePortCbpf;

/// What a connection's place in the group is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steering {
    /// The number of the CPU that takes in the connection. On loopback it is the client's.
    Cpu,
    /// A random number of the kernel's.
    Random,
}

/// Accumulator := return value (`BPF_A` of linux/filter.h, which libc does not have).
const BPF_A: u32 = 0x10;

impl Steering {
    /// Has the kernel choose so for the group of this socket.
    pub(super) fn attach(&self, listener: &OwnedFd, sockets: NonZeroUsize) -> io::Result<()> {
        let mut program = self.program(sockets);
        let program = sock_fprog {
            len: program.len() as libc::c_ushort,
            filter: program.as_mut_ptr(),
        };
        Ok(setsockopt(listener, AttachReusePortCbpf, &program)?)
    }

    /// `return source % sockets`
    fn program(&self, sockets: NonZeroUsize) -> [sock_filter; 3] {
        let source = match self {
            Self::Cpu => SKF_AD_CPU,
            Self::Random => SKF_AD_RANDOM,
        };
        // A group has no more than 65,535 sockets.
        let sockets = u32::try_from(sockets.get()).unwrap_or(u32::MAX);
        [
            instruction(
                BPF_LD | BPF_W | BPF_ABS,
                (SKF_AD_OFF + source).cast_unsigned(),
            ),
            instruction(BPF_ALU | BPF_MOD | BPF_K, sockets),
            instruction(BPF_RET | BPF_A, 0),
        ]
    }
}

fn instruction(code: u32, k: u32) -> sock_filter {
    sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    }
}
