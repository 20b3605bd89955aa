//! Classic BPF programs that choose a socket of a SO_REUSEPORT group (socket(7),
//! SO_ATTACH_REUSEPORT_CBPF). A program returns the index of the socket. If there is no socket with this
//! index, because a worker has died, the kernel uses its hash.

use std::io;
use std::os::fd::OwnedFd;

use nix::libc::{
    self, BPF_ABS, BPF_ALU, BPF_K, BPF_LD, BPF_MOD, BPF_RET, BPF_W, SKF_AD_CPU, SKF_AD_OFF,
    SKF_AD_RANDOM, sock_filter, sock_fprog,
};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::AttachReusePortCbpf;

/// The value from which the index of the socket is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Steering {
    /// Number of the CPU that receives the connection. On loopback it is the client's CPU.
    Cpu,
    Random,
}

/// `BPF_A` of linux/filter.h, which libc lacks: return the accumulator.
const BPF_A: u32 = 0x10;

impl Steering {
    /// Attaches the program to the group of this socket.
    pub(super) fn attach(self, listener: &OwnedFd, sockets: usize) -> io::Result<()> {
        let mut program = self.program(sockets);
        let program = sock_fprog {
            len: program.len() as libc::c_ushort,
            filter: program.as_mut_ptr(),
        };
        Ok(setsockopt(listener, AttachReusePortCbpf, &program)?)
    }

    /// Creates the program `return source % sockets`.
    fn program(self, sockets: usize) -> [sock_filter; 3] {
        let source = match self {
            Self::Cpu => SKF_AD_CPU,
            Self::Random => SKF_AD_RANDOM,
        };
        // A group has at most 65,535 sockets.
        let sockets = u32::try_from(sockets).unwrap_or(u32::MAX);
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
