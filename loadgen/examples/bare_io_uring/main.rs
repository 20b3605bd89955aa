//! The least that a load generator on io_uring can do, with everything that the kernel offers:
//! registered files, provided buffers, multishot receives, deferred task work, and one system call for
//! a batch of sends and the next wait. It does not parse or record.
//!
//! `scripts/compare-load-generators` compares it with others.

#[path = "../bare/mod.rs"]
mod bare;
mod sys;

use std::io;
use std::thread::sleep;

use self::bare::Part;
use self::sys::{Buffers, Completion, Ring};

fn main() -> io::Result<()> {
    bare::main(drive)
}

fn drive(part: &Part<'_>) -> io::Result<u64> {
    let mut ring = Ring::new(&part.sockets, part.request)?;
    let mut buffers = Buffers::register(&ring.submitter())?;
    for place in 0..part.sockets.len() {
        ring.receive(place)?;
        ring.send(place)?;
    }
    let mut answers = 0;
    while !part.is_over() {
        ring.submit_and_wait()?;
        let mut found = 0;
        while let Some(completion) = ring.next() {
            let Completion {
                place,
                buffer,
                more,
            } = completion?;
            buffers.give_back(buffer);
            if !more {
                ring.receive(place)?;
            }
            ring.send(place)?;
            found += 1;
        }
        buffers.publish();
        answers += found as u64;
        if let Some(pause) = part.pause(found) {
            ring.submit()?;
            sleep(pause);
        }
    }
    Ok(answers)
}
