//! Choosing an idle worker inside the kernel, like Hermes (Pan et al., "Hermes: Enhancing Layer-7 Cloud
//! Load Balancers with Userspace-Directed I/O Event Notification", SIGCOMM 2025).
//!
//! The scoreboard is in a BPF map, so that a program can read the counters of all workers for each
//! connection. It chooses one of the idle workers by the kernel's hash of both addresses. If all workers
//! are busy, it chooses none, and the kernel uses its hash over all workers.

use std::io;
use std::net::Ipv4Addr;
use std::num::NonZeroUsize;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use crate::launch::listener;
use crate::sys::{
    assembly::{
        FRAME, PSEUDO_MAP, PSEUDO_MAP_VALUE, RESULT, add, address, call, copy, leave, load,
        load_half, multiply, set, shift_right, skip, skip_if_different, skip_if_nonzero,
        store_half,
    },
    bpf::{self, Instruction},
};
use crate::view::{Scoreboard, scoreboard::DIFFERENT_WHILE_BUSY, scoreboard::LINE_BYTES};

/// Maximum number of workers. The kernel checks at most a million instructions over all paths of a
/// program (BPF_COMPLEXITY_LIMIT_INSNS), and their number grows with the square of the workers.
pub(super) const MAX_WORKERS: usize = 128;

/// Creates a scoreboard that BPF programs can read.
pub(super) fn scoreboard(workers: NonZeroUsize) -> io::Result<(Scoreboard, OwnedFd)> {
    if workers.get() > MAX_WORKERS {
        return Err(io::Error::other(format!(
            "a program that compares {workers} workers is too long for the kernel; use at most \
             {MAX_WORKERS}"
        )));
    }
    let lines = (workers.get() + 1) * LINE_BYTES;
    let block = bpf::shared_block(lines as u32)?;
    Ok((Scoreboard::join(&block, workers)?, block))
}

/// Attaches the program to this group of sockets, with one socket per worker.
pub(super) fn attach(listeners: &[OwnedFd], scoreboard: &OwnedFd) -> io::Result<()> {
    let sockets = bpf::socket_map(listeners)?;
    let program = program(listeners.len(), scoreboard.as_raw_fd(), sockets.as_raw_fd());
    let loaded = bpf::socket_chooser(&program)?;
    // The program keeps the maps open, and the sockets keep the program.
    listeners
        .first()
        .map_or(Ok(()), |first| bpf::attach(first, &loaded))
}

/// Checks whether the kernel accepts such programs from this process.
pub(super) fn check_support() -> io::Result<()> {
    let (listeners, _address) =
        listener::open_group((Ipv4Addr::LOCALHOST, 0).into(), 2).map_err(io::Error::other)?;
    let (_scoreboard, block) = scoreboard(NonZeroUsize::MIN.saturating_add(1))?;
    attach(&listeners, &block)
}

// Registers. Calls preserve 6 to 9.
const ONE: u8 = 1;
const OTHER: u8 = 2;
const KEY: u8 = 3;
const NO_FLAGS: u8 = 4;
const CONTEXT: u8 = 6;
const COUNT: u8 = 7;
const LINE: u8 = 8;
const TURN: u8 = 9;

/// `hash` in `struct sk_reuseport_md` of linux/bpf.h.
const HASH: i16 = 32;

/// `SK_PASS`: without a choice the kernel uses its hash.
const PASS: i32 = 1;

/// `bpf_sk_select_reuseport` among the helpers of linux/bpf.h.
const SELECT: i32 = 82;

/// Offset of the chosen worker's number in the stack frame.
const CHOSEN: i16 = -4;

fn program(workers: usize, scoreboard: RawFd, sockets: RawFd) -> Vec<Instruction> {
    let mut text = vec![copy(CONTEXT, ONE)];
    // Count the idle workers.
    text.extend(first_line(scoreboard));
    text.push(set(COUNT, 0));
    for _ in 0..workers {
        text.push(add(LINE, LINE_BYTES as i32));
        text.extend(unless_busy(&[add(COUNT, 1)]));
    }
    // Choose one of them by the hash: hash * count / 2^32.
    text.extend([
        load_half(TURN, CONTEXT, HASH),
        multiply(TURN, COUNT),
        shift_right(TURN, 32),
    ]);
    text.extend(first_line(scoreboard));
    let select = select(sockets);
    // All workers have the same number of instructions, so the distance to the end is known.
    let each = 1 + unless_busy(&[add(TURN, -1); 4]).len();
    for worker in 0..workers {
        text.push(add(LINE, LINE_BYTES as i32));
        let to_select = (workers - 1 - worker) * each + 1;
        text.extend(unless_busy(&[
            skip_if_nonzero(TURN, 2),
            set(COUNT, worker as i32),
            // Skip the end without a choice.
            skip(to_select + END.len()),
            add(TURN, -1),
        ]));
    }
    text.extend(END);
    text.extend(select);
    text.extend(END);
    text
}

const END: [Instruction; 2] = [set(RESULT, PASS), leave()];

/// Runs `then` if the worker of the current line is idle.
fn unless_busy(then: &[Instruction]) -> Vec<Instruction> {
    let mut text = Vec::new();
    for (number, (one, other)) in DIFFERENT_WHILE_BUSY.into_iter().enumerate() {
        let left = DIFFERENT_WHILE_BUSY.len() - 1 - number;
        text.push(load(ONE, LINE, one));
        text.push(load(OTHER, LINE, other));
        text.push(skip_if_different(ONE, OTHER, 3 * left + then.len()));
    }
    text.extend(then);
    text
}

/// Chooses the worker whose number is in COUNT.
fn select(sockets: RawFd) -> Vec<Instruction> {
    let [low, high] = address(OTHER, PSEUDO_MAP, sockets);
    vec![
        store_half(FRAME, COUNT, CHOSEN),
        copy(ONE, CONTEXT),
        low,
        high,
        copy(KEY, FRAME),
        add(KEY, CHOSEN as i32),
        set(NO_FLAGS, 0),
        call(SELECT),
    ]
}

/// Loads the address of the line before those of workers.
fn first_line(scoreboard: RawFd) -> [Instruction; 2] {
    address(LINE, PSEUDO_MAP_VALUE, scoreboard)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_accepts_the_longest_program() {
        if let Err(error) = check_support() {
            eprintln!("skipped: {error}");
            return;
        }
        let max = NonZeroUsize::new(MAX_WORKERS).unwrap();
        let any_port = (Ipv4Addr::LOCALHOST, 0).into();
        let (listeners, _address) = listener::open_group(any_port, MAX_WORKERS).unwrap();
        let (_scoreboard, block) = scoreboard(max).unwrap();
        attach(&listeners, &block).unwrap();
        assert!(scoreboard(max.saturating_add(1)).is_err());
    }
}
