//! Maps and programs of extended BPF (bpf(2)).
#![allow(unsafe_code, reason = "system calls that no safe wrapper covers")]

use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};

use nix::libc::{self, c_int, c_long};

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

/// Of asm-generic/socket.h; socket(7) tells of it.
const SO_ATTACH_REUSEPORT_EBPF: c_int = 52;

/// An instruction: `struct bpf_insn` of linux/bpf.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub(crate) struct Instruction {
    pub(crate) code: u8,
    /// The register that is written in the lower half, the one that is read in the upper.
    pub(crate) registers: u8,
    pub(crate) offset: i16,
    pub(crate) immediate: i32,
}

/// What `BPF_MAP_CREATE` takes: the beginning of `union bpf_attr`.
#[repr(C)]
struct MapCreate {
    map_type: u32,
    key_size: u32,
    value_size: u32,
    max_entries: u32,
    map_flags: u32,
}

/// What `BPF_MAP_UPDATE_ELEM` takes.
#[repr(C)]
struct MapUpdate {
    map_fd: u32,
    padding: u32,
    key: u64,
    value: u64,
    flags: u64,
}

/// What `BPF_PROG_LOAD` takes.
#[repr(C)]
struct ProgramLoad {
    prog_type: u32,
    insn_cnt: u32,
    insns: u64,
    license: u64,
}

/// What `BPF_PROG_ATTACH` takes.
#[repr(C)]
struct ProgramAttach {
    target_fd: u32,
    attach_bpf_fd: u32,
    attach_type: u32,
    attach_flags: u32,
}

/// A block of memory of that many bytes, all 0, that programs read and processes map.
pub(crate) fn shared_block(bytes: u32) -> io::Result<OwnedFd> {
    create_map(&MapCreate {
        map_type: BPF_MAP_TYPE_ARRAY,
        key_size: size_of::<u32>() as u32,
        value_size: bytes,
        max_entries: 1,
        map_flags: BPF_F_MMAPABLE,
    })
}

/// A map of listening sockets of one SO_REUSEPORT group, by their places in this slice.
pub(crate) fn socket_map(sockets: &[OwnedFd]) -> io::Result<OwnedFd> {
    let map = create_map(&MapCreate {
        map_type: BPF_MAP_TYPE_REUSEPORT_SOCKARRAY,
        key_size: size_of::<u32>() as u32,
        value_size: size_of::<u64>() as u32,
        max_entries: sockets.len() as u32,
        map_flags: 0,
    })?;
    for (place, socket) in (0_u32..).zip(sockets) {
        put(&map, place, socket)?;
    }
    Ok(map)
}

/// A map of so many connected sockets at most, by numbers of 64 bits. A socket leaves it when it
/// is closed.
pub(crate) fn socket_hash(most: u32) -> io::Result<OwnedFd> {
    create_map(&MapCreate {
        map_type: BPF_MAP_TYPE_SOCKHASH,
        key_size: size_of::<u64>() as u32,
        value_size: size_of::<u64>() as u32,
        max_entries: most,
        map_flags: 0,
    })
}

/// Puts a socket into a [`socket_hash`].
pub(crate) fn put_socket(map: &OwnedFd, key: u64, socket: impl AsFd) -> io::Result<()> {
    put(map, key, socket)
}

/// Puts a socket into a map whose keys are of this type, and whose values are of 64 bits.
fn put<K>(map: &OwnedFd, key: K, socket: impl AsFd) -> io::Result<()> {
    let number = socket.as_fd().as_raw_fd() as u64;
    let update = MapUpdate {
        map_fd: map.as_raw_fd() as u32,
        padding: 0,
        key: (&raw const key) as u64,
        value: (&raw const number) as u64,
        flags: 0,
    };
    // SAFETY: key and value are of the sizes that the map was made with, and live until the
    // call is over.
    unsafe { bpf(BPF_MAP_UPDATE_ELEM, &update) }.map(drop)
}

fn create_map(order: &MapCreate) -> io::Result<OwnedFd> {
    // SAFETY: the command reads the order and nothing else.
    let made = unsafe { bpf(BPF_MAP_CREATE, order) }?;
    // SAFETY: the kernel has just given this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(made) })
}

/// A program that chooses a socket of an SO_REUSEPORT group, if the kernel finds it sound.
pub(crate) fn socket_chooser(program: &[Instruction]) -> io::Result<OwnedFd> {
    load(BPF_PROG_TYPE_SK_REUSEPORT, program)
}

/// Has a program say what becomes of what the sockets of a [`socket_hash`] receive: of those that
/// are put there from now on.
pub(crate) fn judge(map: &OwnedFd, program: &[Instruction]) -> io::Result<()> {
    let program = load(BPF_PROG_TYPE_SK_SKB, program)?;
    let order = ProgramAttach {
        target_fd: map.as_raw_fd() as u32,
        attach_bpf_fd: program.as_raw_fd() as u32,
        attach_type: BPF_SK_SKB_VERDICT,
        attach_flags: 0,
    };
    // SAFETY: the command reads the order and nothing else.
    unsafe { bpf(BPF_PROG_ATTACH, &order) }.map(drop)
}

fn load(prog_type: u32, program: &[Instruction]) -> io::Result<OwnedFd> {
    let order = ProgramLoad {
        prog_type,
        insn_cnt: program.len() as u32,
        insns: program.as_ptr() as u64,
        license: c"MIT".as_ptr() as u64,
    };
    // SAFETY: instructions and licence live until the call is over.
    let loaded = unsafe { bpf(BPF_PROG_LOAD, &order) }?;
    // SAFETY: the kernel has just given this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(loaded) })
}

/// Has a program choose for the group of this socket.
pub(crate) fn attach(socket: impl AsFd, program: &OwnedFd) -> io::Result<()> {
    let number = program.as_raw_fd();
    // SAFETY: the option is an `int`, and as long as one.
    let outcome = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            libc::SOL_SOCKET,
            SO_ATTACH_REUSEPORT_EBPF,
            (&raw const number).cast(),
            size_of::<c_int>() as libc::socklen_t,
        )
    };
    Ok(nix::errno::Errno::result(outcome).map(drop)?)
}

/// The system call.
///
/// # Safety
/// `order` must be what the command takes, and the addresses in it valid.
unsafe fn bpf<T>(command: c_int, order: &T) -> io::Result<RawFd> {
    // SAFETY: the caller answers for the order; it is as long as said.
    let outcome = unsafe {
        libc::syscall(
            libc::SYS_bpf,
            c_long::from(command),
            std::ptr::from_ref(order),
            size_of::<T>(),
        )
    };
    Ok(nix::errno::Errno::result(outcome).map(|number| number as RawFd)?)
}
