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
use crate::view::scoreboard::{DIFFERENT_WHILE_BUSY, LINE_BYTES, line_of, lines_for};
use crate::view::{Life, Scoreboard};

/// Maximum number of places. The kernel checks at most a million instructions over all paths of a
/// program (BPF_COMPLEXITY_LIMIT_INSNS), and their number grows with the square of the workers.
pub(super) const MAX_PLACES: NonZeroUsize = NonZeroUsize::new(128).expect("more than zero");

/// Creates a scoreboard that BPF programs can read.
pub(super) fn scoreboard(workers: NonZeroUsize) -> io::Result<(Scoreboard, OwnedFd)> {
    if workers > MAX_PLACES {
        return Err(io::Error::other(format!(
            "a program that compares {workers} workers is too long for the kernel; use at most \
             {MAX_PLACES}"
        )));
    }
    let lines = lines_for(workers).get() * LINE_BYTES;
    let block = bpf::shared_block(lines as u32)?;
    Ok((Scoreboard::join(&block, workers)?, block))
}

/// What the program reads: the counters and the listeners of all workers.
#[derive(Debug)]
pub(super) struct LeastBusy {
    scoreboard: OwnedFd,
    /// By place. A listener that is closed leaves it.
    listeners: OwnedFd,
    places: usize,
    /// Whether the program also chooses who gets the connections of a listener that leaves the group.
    pub(super) migrates: bool,
}

impl LeastBusy {
    pub(super) fn new(
        scoreboard: &OwnedFd,
        places: NonZeroUsize,
        migrates: bool,
    ) -> io::Result<Self> {
        Ok(Self {
            scoreboard: scoreboard.try_clone()?,
            listeners: bpf::listener_map(places.get() as u32)?,
            places: places.get(),
            migrates,
        })
    }

    /// Makes a listener that of a place.
    pub(super) fn put(&self, place: usize, listener: &OwnedFd) -> io::Result<()> {
        bpf::put_listener(&self.listeners, place as u32, listener)
    }

    /// Attaches a program that chooses among these lives to the group of a listener.
    pub(super) fn attach(&self, listener: &OwnedFd, lives: &[Life]) -> io::Result<()> {
        // The program keeps the maps open, and the sockets keep the program.
        bpf::attach(
            listener,
            &bpf::socket_chooser(&self.program(lives), self.migrates)?,
        )
    }

    fn program(&self, lives: &[Life]) -> Vec<Instruction> {
        let lines = lives.iter().map(|life| line_of(*life, self.places));
        let steps = steps_between(lines);
        let mut text = vec![copy(CONTEXT, ONE)];
        // Count the idle workers.
        text.extend(first_line(self.scoreboard.as_raw_fd()));
        text.push(set(COUNT, 0));
        for step in &steps {
            text.push(add(LINE, *step));
            text.extend(unless_busy(&[add(COUNT, 1)]));
        }
        // Choose one of them by the hash: hash * count / 2^32.
        text.extend([
            load_half(TURN, CONTEXT, HASH),
            multiply(TURN, COUNT),
            shift_right(TURN, 32),
        ]);
        text.extend(first_line(self.scoreboard.as_raw_fd()));
        // All workers have the same number of instructions, so the distance to the end is known.
        let each = 1 + unless_busy(&[add(TURN, -1); 4]).len();
        let mut left = steps.len();
        for (life, step) in lives.iter().zip(&steps) {
            left -= 1;
            text.push(add(LINE, *step));
            text.extend(unless_busy(&[
                skip_if_nonzero(TURN, 2),
                set(COUNT, life.place as i32),
                // Skip the end without a choice.
                skip(left * each + 1 + END.len()),
                add(TURN, -1),
            ]));
        }
        text.extend(END);
        text.extend(select(self.listeners.as_raw_fd()));
        text.extend(END);
        text
    }
}

/// Returns the distances in bytes from the line of the fleet to the first of these, and on to each next one.
fn steps_between(lines: impl Iterator<Item = usize>) -> Vec<i32> {
    let mut at = 0;
    let step = |line: usize| {
        let to = (line * LINE_BYTES) as i32;
        to - std::mem::replace(&mut at, to)
    };
    lines.map(step).collect()
}

/// Checks whether the kernel accepts such programs from this process.
pub(super) fn check_support() -> io::Result<()> {
    attach_for(NonZeroUsize::MIN.saturating_add(1))
}

/// Attaches a program to a group with this number of listeners, and removes both.
fn attach_for(places: NonZeroUsize) -> io::Result<()> {
    let any_port = (Ipv4Addr::LOCALHOST, 0).into();
    let (listeners, _address) =
        listener::open_group(any_port, places.get()).map_err(io::Error::other)?;
    let (_scoreboard, block) = scoreboard(places)?;
    let least = LeastBusy::new(&block, places, false)?;
    let lives: Vec<Life> = (0..places.get()).map(Life::first).collect();
    for (life, listener) in lives.iter().zip(&listeners) {
        least.put(life.place, listener)?;
    }
    least.attach(&listeners[0], &lives)
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
    fn the_program_goes_from_line_to_line_also_backwards() {
        let line = LINE_BYTES as i32;
        let steps = steps_between([1, 5, 3].into_iter());
        assert_eq!(steps, [line, 4 * line, -2 * line]);
    }

    #[test]
    fn the_kernel_accepts_the_longest_program() {
        if let Err(error) = check_support() {
            eprintln!("skipped: {error}");
            return;
        }
        attach_for(MAX_PLACES).unwrap();
        assert!(scoreboard(MAX_PLACES.saturating_add(1)).is_err());
    }
}
