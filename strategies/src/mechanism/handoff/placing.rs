//! Finding a worker for each connection, and handing it over.

use std::io;

use nix::sys::epoll::EpollFlags;

use super::connection::Connection;
use super::dispatcher::Dispatcher;
use crate::dispatch::channel::HandOff;
use crate::policy::Pick;

impl Dispatcher {
    /// Finds a worker for a connection, unless others wait already.
    pub(super) fn place(&mut self, connection: Connection) -> io::Result<()> {
        if self.waiting.is_empty() {
            let left = self.give(connection)?;
            self.waiting.extend(left);
        } else {
            self.waiting.push_back(connection);
        }
        Ok(())
    }

    /// Finds workers for waiting connections, and sends all batches. Connections that cannot be sent wait
    /// again, unless none will come: those are closed. Each failure makes a worker unavailable, so the loop ends.
    pub(super) fn deliver(&mut self) -> io::Result<()> {
        loop {
            self.place_waiting()?;
            let mut all_sent = true;
            while let Some(worker) = self.channels.receiver() {
                all_sent &= self.send(worker)? == HandOff::Sent;
            }
            if all_sent {
                if self.is_deserted {
                    self.waiting.clear();
                }
                return Ok(());
            }
        }
    }

    fn place_waiting(&mut self) -> io::Result<()> {
        while let Some(connection) = self.waiting.pop_front() {
            if let Some(connection) = self.give(connection)? {
                self.waiting.push_front(connection);
                if !self.channels.wait_for_answers(true) {
                    return Ok(());
                }
            }
        }
        self.channels.wait_for_answers(false);
        Ok(())
    }

    /// Gives a connection to the worker that the policy picks. Returns the connection if there is no pick.
    fn give(&mut self, connection: Connection) -> io::Result<Option<Connection>> {
        let workers = self.channels.workers();
        match self.policy.pick(&connection.arrival, workers) {
            Pick::Worker(worker) if workers.is_available(worker) => {
                if self.channels.give(worker, connection) {
                    self.send(worker)?;
                }
                Ok(None)
            }
            _ => Ok(Some(connection)),
        }
    }

    fn send(&mut self, worker: usize) -> io::Result<HandOff> {
        let outcome = self.channels.send(worker, &mut self.waiting);
        if outcome == HandOff::Full {
            self.watch_worker(worker, EpollFlags::EPOLLIN | EpollFlags::EPOLLOUT)?;
        }
        Ok(outcome)
    }
}
