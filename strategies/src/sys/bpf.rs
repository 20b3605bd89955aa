//! Maps and programs of extended BPF (bpf(2)).
#![allow(unsafe_code, reason = "system calls without a safe wrapper")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};

use nix::libc::{self, c_int, c_long};

use super::tcp::set_option;

/// `enum bpf_cmd` of linux/bpf.h.
const BPF_MAP_CREATE: c_int = 0;
const BPF_MAP_UPDATE_ELEM: c_int = 2;
const BPF_PROG_LOAD: c_int = 5;
const BPF_PROG_ATTACH: c_int = 8;

/// `enum bpf_map_type` of linux/bpf.h.
const BPF_MAP_TYPE_ARRAY: u32 = 2;
const BPF_MAP_TYPE_SOCKHASH: u32 = 18;
const BPF_MAP_TYPE_REUSEPORT_SOCKARRAY: u32 = 20;

/// The map can be mapped into memory (linux/bpf.h).
const BPF_F_MMAPABLE: u32 = 1 << 10;

/// `enum bpf_prog_type` of linux/bpf.h.
const BPF_PROG_TYPE_SK_SKB: u32 = 14;
const BPF_PROG_TYPE_SK_REUSEPORT: u32 = 21;

/// `enum bpf_attach_type` of linux/bpf.h.
const BPF_SK_SKB_VERDICT: u32 = 38;

/// The program also chooses who gets the connections of a listener that is closed or shut down (Linux 5.14).
const BPF_SK_REUSEPORT_SELECT_OR_MIGRATE: u32 = 40;

/// From asm-generic/socket.h, documented in socket(7).
const SO_ATTACH_REUSEPORT_EBPF: c_int = 52;

/// An instruction: `struct bpf_insn` of linux/bpf.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Instruction {
    pub(crate) code: u8,
    /// The destination register in the lower half, the source register in the upper half.
    pub(crate) registers: u8,
    pub(crate) offset: i16,
    pub(crate) immediate: i32,
}

/// Argument of `BPF_MAP_CREATE`: the beginning of `union bpf_attr`.
#[repr(C)]
struct MapCreate {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
}

/// Argument of `BPF_MAP_UPDATE_ELEM`.
#[repr(C)]
struct MapUpdate {
    map_fd: u32,
    padding: u32,
    key: u64,
    value: u64,
    flags: u64,
}

/// Argument of `BPF_PROG_LOAD`.
#[repr(C)]
struct ProgramLoad {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
    log_level: u32,
    log_size: u32,
    log_buf: u64,
    kern_version: u32,
    prog_flags: u32,
    prog_name: [u8; 16],
    prog_ifindex: u32,
    expected_attach_type: u32,
}

/// Argument of `BPF_PROG_ATTACH`.
#[repr(C)]
struct ProgramAttach {
    target_fd: u32,
    attach_bpf_fd: u32,
    attach_type: u32,
    attach_flags: u32,
}

/// Creates a block of zeros that programs can read and processes can map.
pub(crate) fn shared_block(bytes: u32) -> io::Result<OwnedFd> {
    create_map(&MapCreate {
        map_type: BPF_MAP_TYPE_ARRAY,
        key_size: size_of::<u32>() as u32,
        value_size: bytes,
        max_entries: 1,
        map_flags: BPF_F_MMAPABLE,
    })
}

/// Creates a map of at most `capacity` listening sockets of a SO_REUSEPORT group, with keys from 0. A socket is
/// removed when it is closed.
pub(crate) fn listener_map(capacity: u32) -> io::Result<OwnedFd> {
    create_map(&MapCreate {
        map_type: BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
        key_size: size_of::<u32>() as u32,
        value_size: size_of::<u64>() as u32,
        max_entries: capacity,
        map_flags: 0,
    })
}

/// Puts a socket into a [`listener_map`], in place of the one that has this key.
pub(crate) fn put_listener(map: &OwnedFd, key: u32, socket: impl AsFd) -> io::Result<()> {
    put(map, key, socket)
}

/// Creates a map of at most `capacity` connected sockets, with keys of 64 bits. A socket is removed when
/// it is closed.
pub(crate) fn socket_hash(capacity: u32) -> io::Result<OwnedFd> {
    create_map(&MapCreate {
        map_type: BPF_MAP_TYPE_SOCKHASH,
        key_size: size_of::<u64>() as u32,
        value_size: size_of::<u64>() as u32,
        max_entries: capacity,
        map_flags: 0,
    })
}

/// Adds a socket to a [`socket_hash`].
pub(crate) fn put_socket(map: &OwnedFd, key: u64, socket: impl AsFd) -> io::Result<()> {
    put(map, key, socket)
}

/// Adds a socket to a map with keys of type `K` and values of 64 bits.
fn put<K>(map: &OwnedFd, key: K, socket: impl AsFd) -> io::Result<()> {
    let number = socket.as_fd().as_raw_fd() as u64;
    let update = MapUpdate {
        map_fd: map.as_raw_fd() as u32,
        padding: 0,
        key: (&raw const key) as u64,
        value: (&raw const number) as u64,
        flags: 0,
    };
    // SAFETY: key and value have the sizes of the map, and live until the end of the call.
    unsafe { bpf(BPF_MAP_UPDATE_ELEM, &update) }.map(drop)
}

fn create_map(argument: &MapCreate) -> io::Result<OwnedFd> {
    // SAFETY: the command reads its argument only.
    let map = unsafe { bpf(BPF_MAP_CREATE, argument) }?;
    // SAFETY: the call has just returned this descriptor, so nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(map) })
}

/// Loads a program that chooses a socket of a SO_REUSEPORT group. If it `migrates`, it also chooses who gets the
/// connections of a listener that leaves the group, which are reset otherwise.
pub(crate) fn socket_chooser(program: &[Instruction], migrates: bool) -> io::Result<OwnedFd> {
    let attach_type = match migrates {
        true => BPF_SK_REUSEPORT_SELECT_OR_MIGRATE,
        false => UNSPECIFIED,
    };
    load(BPF_PROG_TYPE_SK_REUSEPORT, attach_type, program)
}

/// Attaches a program that decides about the data that sockets of a [`socket_hash`] receive. It applies
/// to sockets that are added later.
pub(crate) fn attach_verdict(map: &OwnedFd, program: &[Instruction]) -> io::Result<()> {
    let program = load(BPF_PROG_TYPE_SK_SKB, UNSPECIFIED, program)?;
    let argument = ProgramAttach {
        target_fd: map.as_raw_fd() as u32,
        attach_bpf_fd: program.as_raw_fd() as u32,
        attach_type: BPF_SK_SKB_VERDICT,
        attach_flags: 0,
    };
    // SAFETY: the command reads its argument only.
    unsafe { bpf(BPF_PROG_ATTACH, &argument) }.map(drop)
}

/// The kernel takes the attach type that programs had before there were several.
const UNSPECIFIED: u32 = 0;

fn load(prog_type: u32, attach_type: u32, program: &[Instruction]) -> io::Result<OwnedFd> {
    let argument = ProgramLoad {
        prog_type,
        insn_cnt: program.len() as u32,
        insns: program.as_ptr() as u64,
        license: c"MIT".as_ptr() as u64,
        log_level: 0,
        log_size: 0,
        log_buf: 0,
        kern_version: 0,
        prog_flags: 0,
        prog_name: [0; 16],
        prog_ifindex: 0,
        expected_attach_type: attach_type,
    };
    // SAFETY: instructions and licence live until the end of the call.
    let program = unsafe { bpf(BPF_PROG_LOAD, &argument) }?;
    // SAFETY: the call has just returned this descriptor, so nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(program) })
}

/// Attaches a program that chooses for the SO_REUSEPORT group of this socket.
pub(crate) fn attach(socket: impl AsFd, program: &OwnedFd) -> io::Result<()> {
    let program = program.as_raw_fd();
    set_option(socket, libc::SOL_SOCKET, SO_ATTACH_REUSEPORT_EBPF, program)
}

/// Calls bpf(2).
///
/// # Safety
/// `argument` must be the argument of the command, and contain valid addresses only.
unsafe fn bpf<T>(command: c_int, argument: &T) -> io::Result<RawFd> {
    // SAFETY: the caller guarantees the argument, and its size is correct.
    let outcome = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            c_long::from(command),
            std::ptr::from_ref(argument),
            size_of::<T>(),
        )
    };
    Ok(nix::errno::Errno::result(outcome).map(|number| number as RawFd)?)
}
