//! The upstreams of an asynchronous dispatcher: the workers that it connects to, as they come and go.

use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use tokio::sync::{Notify, mpsc};
use tokio::task::spawn_local;

use super::hand_over::{Given, HandOver};
use super::health::Health;
use super::queue::Queue;
use super::succession::{Predecessor, Successor};
use crate::launch::membership::{Message, Requests, lacks, no_place};
use crate::policy::{Arrival, Policy};
use crate::view::Life;

/// What a dispatcher keeps for a worker, such as idle connections.
pub(crate) trait Kept: Default {
    /// Closes it, since the worker gets nothing more.
    fn close(&self);
}

impl Kept for () {
    fn close(&self) {}
}

/// A worker that a dispatcher connects to.
pub(crate) struct Upstream<K> {
    pub(crate) life: Life,
    address: SocketAddr,
    /// Number of connects under way.
    connecting: Cell<usize>,
    /// Notified when there is none left.
    connected: Notify,
    retired: Cell<bool>,
    pub(crate) kept: K,
}

impl<K: Kept> Upstream<K> {
    fn new(life: Life, address: SocketAddr) -> Rc<Self> {
        Rc::new(Self {
            life,
            address,
            connecting: Cell::new(0),
            connected: Notify::new(),
            retired: Cell::new(false),
            kept: K::default(),
        })
    }

    /// Whether the worker gets nothing new.
    pub(crate) fn is_retired(&self) -> bool {
        self.retired.get()
    }

    /// Begins to connect to the worker, which is under way until the result is dropped.
    ///
    /// # Errors
    /// If the worker gets nothing new: as if it had ended already.
    pub(crate) fn connect(&self) -> io::Result<Connecting<'_, K>> {
        if self.is_retired() {
            return Err(ErrorKind::ConnectionRefused.into());
        }
        self.connecting.set(self.connecting.get() + 1);
        Ok(Connecting(self))
    }

    fn retire(&self) {
        self.retired.set(true);
        self.kept.close();
    }

    async fn wait_for_connects(&self) {
        while self.connecting.get() > 0 {
            self.connected.notified().await;
        }
    }
}

/// A connect under way.
pub(crate) struct Connecting<'a, K>(&'a Upstream<K>);

impl<K> Connecting<'_, K> {
    pub(crate) fn address(&self) -> SocketAddr {
        self.0.address
    }
}

impl<K> Drop for Connecting<'_, K> {
    fn drop(&mut self) {
        let left = self.0.connecting.get() - 1;
        self.0.connecting.set(left);
        if left == 0 {
            self.0.connected.notify_one();
        }
    }
}

/// The worker in a place, and the one before it, which may have something left to do.
struct Place<K> {
    current: Option<Rc<Upstream<K>>>,
    earlier: Option<Rc<Upstream<K>>>,
}

impl<K> Place<K> {
    /// Whether this life is there.
    fn is_of(&self, life: Life) -> bool {
        self.current.as_ref().is_some_and(|it| it.life == life)
    }
}

/// All workers, and the queue in front of them.
pub(crate) struct Upstreams<K> {
    pub(crate) queue: Rc<Queue>,
    places: RefCell<Vec<Place<K>>>,
}

impl<K: Kept + 'static> Upstreams<K> {
    /// Creates a number of places. The workers at these addresses are in the first ones. If
    /// the number `may_grow`, arrivals wait while no worker is available. With `health`, workers that fail are
    /// ejected.
    pub(crate) fn new(
        policy: Box<dyn Policy>,
        places: usize,
        upstreams: &[SocketAddr],
        may_grow: bool,
        health: Option<Health>,
    ) -> Self {
        let queue = Queue::new(policy, places, upstreams.len(), may_grow).with_health(health);
        let place = |place| Place {
            current: upstreams
                .get(place)
                .map(|address| Upstream::new(Life::first(place), *address)),
            earlier: None,
        };
        Self {
            queue: Rc::new(queue),
            places: RefCell::new((0..places).map(place).collect()),
        }
    }

    /// Waits for a worker, as [`Queue::begin`] does.
    pub(crate) async fn begin(
        &self,
        arrival: &Arrival,
        excluded: Option<Life>,
    ) -> Option<Rc<Upstream<K>>> {
        let life = self.queue.begin(arrival, excluded).await?;
        self.places.borrow()[life.place].current.clone()
    }

    /// Does something with what is kept for each worker.
    pub(crate) fn for_each_kept(&self, act: impl Fn(&K)) {
        let places = self.places.borrow();
        let current = places.iter().filter_map(|place| place.current.as_ref());
        current.for_each(|upstream| act(&upstream.kept));
    }

    /// Carries out the messages of the master. Returns when it is gone, or the socket has failed. Those to
    /// hand over are passed on to the task that accepts clients.
    pub(crate) async fn carry_out_messages(
        self: Rc<Self>,
        requests: Requests,
        to_hand_over: mpsc::Sender<HandOver>,
    ) {
        let requests = Rc::new(requests);
        while let Ok(Some((message, descriptor))) = requests.next().await {
            let (upstreams, requests) = (Rc::clone(&self), Rc::clone(&requests));
            let to_hand_over = to_hand_over.clone();
            // A worker that does not accept must not delay the next message.
            spawn_local(async move {
                let outcome = match message {
                    Message::Admit { life, upstream } => upstream
                        .ok_or_else(|| lacks("an address"))
                        .and_then(|address| upstreams.admit(life, address)),
                    Message::Retire { life } => {
                        upstreams.retire(life).await;
                        Ok(())
                    }
                    Message::Suspend { life } => {
                        upstreams.suspend(life);
                        Ok(())
                    }
                    Message::Resume { life } => {
                        upstreams.queue.suspend(life, false);
                        Ok(())
                    }
                    Message::Deserted => {
                        upstreams.queue.desert();
                        Ok(())
                    }
                    Message::HandOver { drain_within } => {
                        HandOver::request(drain_within, descriptor, &to_hand_over).await
                    }
                };
                requests.answer(message, outcome);
            });
        }
    }

    /// Gives all workers to a successor.
    pub(crate) fn give(&self, successor: &Successor) -> io::Result<()> {
        let places = self.places.borrow();
        let mut present = places.iter().filter_map(|place| place.current.as_ref());
        present.try_for_each(|worker| {
            let (life, address) = (worker.life, worker.address);
            successor.give(Given::<()>::Worker { life, address }, &[])
        })
    }

    /// Takes over all workers of the predecessor, and lets a function take its clients.
    pub(crate) fn take_over<C: DeserializeOwned>(
        &self,
        predecessor: Predecessor,
        mut take: impl FnMut(C, Vec<OwnedFd>) -> io::Result<()>,
    ) -> io::Result<()> {
        while let Some((given, descriptors)) = predecessor.next()? {
            match given {
                Given::Worker { life, address } => self.admit(life, address)?,
                Given::Client(client) => take(client, descriptors)?,
            }
        }
        predecessor.take_over()
    }

    fn admit(&self, life: Life, address: SocketAddr) -> io::Result<()> {
        let places = &mut *self.places.borrow_mut();
        let place = places.get_mut(life.place);
        let place = place.ok_or_else(|| no_place(life))?;
        if let Some(earlier) = place.current.replace(Upstream::new(life, address)) {
            earlier.retire();
            place.earlier = Some(earlier);
        }
        self.queue.admit(life);
        Ok(())
    }

    /// Gives nothing to a worker until it resumes, and closes what is kept for it: others may serve the connections
    /// that it has not accepted.
    fn suspend(&self, life: Life) {
        self.queue.suspend(life, true);
        let places = &mut *self.places.borrow_mut();
        let place = places.get_mut(life.place);
        let Some(place) = place.filter(|it| it.is_of(life)) else {
            return;
        };
        if let Some(before) = place.current.take() {
            place.current = Some(Upstream::new(life, before.address));
            before.retire();
            place.earlier = Some(before);
        }
    }

    /// Gives nothing more to a worker, and waits until nothing is on its way there.
    async fn retire(&self, life: Life) {
        if let Some(upstream) = self.set_aside(life) {
            self.queue.retire(life);
            upstream.retire();
            upstream.wait_for_connects().await;
        }
    }

    /// Empties the place of a worker, unless another is there by now.
    fn set_aside(&self, life: Life) -> Option<Rc<Upstream<K>>> {
        let places = &mut *self.places.borrow_mut();
        let place = places.get_mut(life.place)?;
        if place.is_of(life) {
            place.earlier = place.current.take();
        }
        place.earlier.clone().filter(|it| it.life == life)
    }
}

#[cfg(test)]
mod tests;
