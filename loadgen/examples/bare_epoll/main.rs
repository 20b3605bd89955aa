//! The least that a load generator on epoll can do: send, wait, receive, without parsing or recording.
//! What the engine costs in addition is its own.
//!
//! `scripts/compare-load-generators` compares it with others.

#[path = "../bare/mod.rs"]
mod bare;

use std::io;
use std::thread::sleep;

use rustix::buffer::spare_capacity;
use rustix::event::{Timespec, epoll};
use rustix::net::{RecvFlags, SendFlags, recv, send};

use self::bare::{ANSWER_BYTES, Part};

/// Most events of one wait, as in the engine.
const MAX_EVENTS: usize = 256;

/// How often the end is checked for while nothing arrives.
const CHECK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 50_000_000,
};

fn main() -> io::Result<()> {
    bare::main(drive)
}

fn drive(part: &Part<'_>) -> io::Result<u64> {
    let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let flags = epoll::EventFlags::IN | epoll::EventFlags::RDHUP | epoll::EventFlags::ET;
    for (place, socket) in part.sockets.iter().enumerate() {
        epoll::add(
            &epoll,
            socket,
            epoll::EventData::new_u64(place as u64),
            flags,
        )?;
        send(socket, part.request, SendFlags::NOSIGNAL)?;
    }
    let mut events = Vec::with_capacity(MAX_EVENTS);
    let mut buffer = [0; ANSWER_BYTES];
    let mut answers = 0;
    while !part.is_over() {
        events.clear();
        epoll::wait(&epoll, spare_capacity(&mut events), Some(&CHECK))?;
        for event in &events {
            let socket = &part.sockets[event.data.u64() as usize];
            if recv(socket, &mut buffer, RecvFlags::empty())?.0 == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            answers += 1;
            send(socket, part.request, SendFlags::NOSIGNAL)?;
        }
        if let Some(pause) = part.pause(events.len()) {
            sleep(pause);
        }
    }
    Ok(answers)
}
