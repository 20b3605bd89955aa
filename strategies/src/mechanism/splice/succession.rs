//! Clients that a layer-4 proxy gives its successor, however far they have come.

use std::io;
use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::clients::{Client, Clients};
use super::relay::Relay;
use super::tunnel::{Suspended, Tunnel, Way, watched};
use crate::dispatch::hand_over::Given as Packet;
use crate::dispatch::proxy_protocol::{Reader, Route};
use crate::dispatch::queue::InFlight;
use crate::dispatch::succession::{Predecessor, Successor, take};
use crate::view::Life;

/// A client that nobody serves for now.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) stage: Stage,
    pub(super) descriptors: Vec<OwnedFd>,
}

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Stage {
    Arrived {
        peer: SocketAddr,
        /// The part of its PROXY header that was read.
        header: Vec<u8>,
        waited: Duration,
    },
    Routed {
        client: SocketAddr,
        server: SocketAddr,
    },
    Joined {
        life: Life,
        to_worker: Way,
        to_client: Way,
    },
}

/// What a layer-4 proxy gives besides workers.
#[derive(Serialize, Deserialize)]
pub(super) enum Item {
    /// What the tunnels of all clients need.
    Common,
    Client(Stage),
}

impl Given {
    /// Suspends a client.
    pub(super) fn of<R: Relay>(client: Client<R>) -> io::Result<Self> {
        Ok(match client {
            Client::Arrived {
                stream,
                peer,
                header,
                since,
            } => Self {
                stage: Stage::Arrived {
                    peer,
                    header: header.so_far().to_vec(),
                    waited: since.elapsed(),
                },
                descriptors: vec![stream.into_std()?.into()],
            },
            Client::Routed { stream, route } => Self {
                stage: Stage::Routed {
                    client: route.client,
                    server: route.server,
                },
                descriptors: vec![stream.into_std()?.into()],
            },
            Client::Joined { worker, tunnel } => {
                let tunnel = tunnel.suspend()?;
                Self {
                    stage: Stage::Joined {
                        life: worker.life(),
                        to_worker: tunnel.to_worker,
                        to_client: tunnel.to_client,
                    },
                    descriptors: tunnel.descriptors,
                }
            }
        })
    }
}

impl<R: Relay> Clients<R> {
    /// Gives the workers and all suspended clients to a successor.
    pub(super) fn give(&self, successor: &Successor) -> io::Result<()> {
        self.upstreams.give(successor)?;
        let common = self.relay.common();
        successor.give(Packet::Client(Item::Common), &common)?;
        self.suspended.borrow().values().try_for_each(|client| {
            let descriptors: Vec<_> = client.descriptors.iter().map(AsFd::as_fd).collect();
            let item = Item::Client(client.stage.clone());
            successor.give(Packet::Client(item), &descriptors)
        })
    }

    /// Takes over the workers and clients of the predecessor. The clients are suspended.
    pub(super) fn take_over(&mut self, predecessor: Predecessor) -> io::Result<()> {
        let (relay, suspended) = (&mut self.relay, self.suspended.get_mut());
        let mut numbers = 0..;
        self.upstreams
            .take_over(predecessor, |item, descriptors| match item {
                Item::Common => relay.take_common(descriptors),
                Item::Client(stage) => {
                    let given = Given { stage, descriptors };
                    suspended.extend(numbers.next().map(|number| (number, given)));
                    Ok(())
                }
            })
    }

    /// Returns a suspended client as it was.
    pub(super) fn resume(&self, given: Given) -> io::Result<Client<R>> {
        let Given { stage, descriptors } = given;
        let stream = |descriptors: Vec<OwnedFd>| watched(take(&mut descriptors.into_iter())?);
        Ok(match stage {
            Stage::Arrived {
                peer,
                header,
                waited,
            } => {
                let now = Instant::now();
                Client::Arrived {
                    stream: stream(descriptors)?,
                    peer,
                    header: Reader::after(header),
                    since: now.checked_sub(waited).unwrap_or(now),
                }
            }
            Stage::Routed { client, server } => Client::Routed {
                stream: stream(descriptors)?,
                route: Route { client, server },
            },
            Stage::Joined {
                life,
                to_worker,
                to_client,
            } => Client::Joined {
                worker: InFlight::resumed(&self.upstreams.queue, life),
                tunnel: R::Tunnel::resume(Suspended {
                    to_worker,
                    to_client,
                    descriptors,
                })?,
            },
        })
    }
}
