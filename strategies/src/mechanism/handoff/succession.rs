//! What a dispatcher gives its successor: channels, and connections that it has accepted.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::connection::Connection;
use super::dispatcher::Dispatcher;
use crate::dispatch::channel::Sender;
use crate::dispatch::succession::{Predecessor, Successor, take};
use crate::policy::Arrival;
use crate::view::Life;

/// One thing that is given. Each has one descriptor: a channel, or the socket of a connection.
#[derive(Serialize, Deserialize)]
enum Item {
    Worker {
        life: Life,
        /// Number of connections that it has not acknowledged. Acknowledgements that nobody has read are still
        /// in the channel.
        outstanding: u32,
        /// Whether it gets nothing until it resumes.
        #[serde(default)]
        is_suspended: bool,
    },
    /// A connection that waits for a worker.
    Waiting { client: IpAddr },
    /// A connection whose PROXY header is incomplete.
    PendingHeader {
        client: IpAddr,
        /// The part that was read.
        header: Vec<u8>,
        waited: Duration,
    },
}

impl Dispatcher {
    /// Gives everything to a successor. Afterwards there is nothing left to do for this dispatcher. After an
    /// error it goes on as before. Call it at the end of a turn, when every batch is sent.
    pub(super) fn hand_over(&mut self, successor: OwnedFd) -> io::Result<()> {
        let successor = Successor::new(successor)?;
        for (life, channel, outstanding) in self.channels.present() {
            let is_suspended = self.channels.is_suspended(life.place);
            let item = Item::Worker {
                life,
                outstanding,
                is_suspended,
            };
            successor.give(item, &[channel.as_fd()])?;
        }
        let now = Instant::now();
        let pending = self.pending_headers.iter().flat_map(|all| all.all(now));
        for (Connection { socket, arrival }, header, waited) in pending {
            let item = Item::PendingHeader {
                client: arrival.client,
                header: header.to_vec(),
                waited,
            };
            successor.give(item, &[socket.as_fd()])?;
        }
        for Connection { socket, arrival } in &self.waiting {
            let client = arrival.client;
            successor.give(Item::Waiting { client }, &[socket.as_fd()])?;
        }
        successor.confirmed()?;
        self.channels.wait_for_answers(false);
        self.is_succeeded = true;
        Ok(())
    }

    /// Takes over everything that the predecessor has.
    pub(super) fn take_over(&mut self, predecessor: Predecessor) -> io::Result<()> {
        while let Some((item, descriptors)) = predecessor.next()? {
            let descriptor = take(&mut descriptors.into_iter())?;
            match item {
                Item::Worker {
                    life,
                    outstanding,
                    is_suspended,
                } => {
                    self.admit_worker(life, Sender::new(descriptor))?;
                    for _ in 0..outstanding {
                        self.channels.workers().begin(life.place);
                    }
                    self.channels.suspend(life, is_suspended);
                }
                Item::Waiting { client } => {
                    let connection = self.arrived(descriptor, client);
                    self.waiting.push_back(connection);
                }
                Item::PendingHeader {
                    client,
                    header,
                    waited,
                } => {
                    let connection = self.arrived(descriptor, client);
                    self.wait_for_header(connection, header, waited);
                }
            }
        }
        predecessor.take_over()
    }

    /// Returns a connection as if it had arrived now, since times count from the start of a dispatcher.
    pub(super) fn arrived(&self, socket: OwnedFd, client: IpAddr) -> Connection {
        let arrival = Arrival {
            client,
            at: self.start.elapsed(),
            affinity_key: None,
        };
        Connection { socket, arrival }
    }
}
