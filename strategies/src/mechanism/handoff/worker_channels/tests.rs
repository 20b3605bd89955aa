use std::net::{IpAddr, Ipv4Addr};
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::time::Duration;

use proptest::prelude::*;
use rustix::net::{RecvFlags, SendFlags};

use super::*;
use crate::dispatch::channel;
use crate::dispatch::wake_up;
use crate::policy::Arrival;
use crate::view::Signal;

const PLACES: usize = 3;

/// A worker's end of a channel, and what the worker has done.
struct Worker {
    life: Life,
    end: OwnedFd,
    /// Connections sent to it, and not taken.
    sent: u32,
    /// Connections taken, and not acknowledged.
    taken: u32,
}

/// A dispatcher's channels, and the workers at their other ends, which may be retired.
struct Fleet {
    channels: WorkerChannels,
    scoreboard: Scoreboard,
    workers: Vec<Worker>,
    /// The generation of the last worker in each place.
    generations: [u32; PLACES],
}

impl Fleet {
    /// Creates a fleet with a worker in each place.
    fn new() -> Self {
        let places = NonZeroUsize::new(PLACES).unwrap();
        let (scoreboard, _file) = Scoreboard::create(places).unwrap();
        let (ours, theirs): (Vec<_>, Vec<_>) =
            (0..PLACES).map(|_| channel::pair().unwrap()).unzip();
        let senders = ours.into_iter().map(Sender::new);
        let workers = theirs.into_iter().enumerate();
        Self {
            channels: WorkerChannels::new(senders, scoreboard.clone(), FeedbackMode::OnAccept),
            scoreboard,
            workers: workers
                .map(|(place, end)| Worker::new(Life::first(place), end))
                .collect(),
            generations: [0; PLACES],
        }
    }

    /// Returns the worker that is in this place.
    fn current(&mut self, place: usize) -> Option<&mut Worker> {
        let life = self.channels.life(place);
        self.workers.iter_mut().find(|worker| worker.life == life)
    }

    fn give(&mut self, place: usize) {
        if !self.channels.workers().is_available(place) {
            return;
        }
        self.channels.give(place, connection());
        let mut waiting = VecDeque::new();
        assert_eq!(self.channels.send(place, &mut waiting), HandOff::Sent);
        assert!(waiting.is_empty());
        self.current(place).expect("it is there").sent += 1;
    }

    fn admit(&mut self, place: usize) {
        let (ours, theirs) = channel::pair().unwrap();
        self.generations[place] += 1;
        let generation = self.generations[place];
        let life = Life { place, generation };
        // The third life in a place comes when the first has ended.
        self.workers.retain(|worker| {
            worker.life.place != place || worker.life.generation + 1 >= generation
        });
        self.scoreboard.life(life).renew();
        self.channels.admit(life, Sender::new(ours));
        self.workers.push(Worker::new(life, theirs));
    }

    fn retire(&mut self, place: usize) {
        let life = self.channels.life(place);
        if self.current(place).is_some() {
            self.channels.retire(life);
        }
    }

    /// Lets a worker take what was sent to it.
    fn take(&mut self, number: usize) {
        let number = number % self.workers.len();
        let worker = &mut self.workers[number];
        let mut connections = [0_u8];
        while let Ok((1, _)) = rustix::net::recv(&worker.end, &mut connections, RecvFlags::DONTWAIT)
        {
            let taken = u32::from(connections[0]);
            (0..taken).for_each(|_| self.scoreboard.life(worker.life).accept());
            worker.sent -= taken;
            worker.taken += taken;
        }
    }

    /// Takes back what a worker has not taken.
    fn rescue(&mut self, number: usize) {
        let number = number % self.workers.len();
        let worker = &mut self.workers[number];
        let mut back = VecDeque::new();
        channel::take_back(&worker.end, usize::MAX, &mut back).unwrap();
        assert_eq!(back.len() as u32, std::mem::take(&mut worker.sent));
        self.channels.rescued(worker.life, back.len() as u32);
        assert!(
            channel::is_waiting(&worker.end)
                || self.channels.life(worker.life.place) != worker.life,
            "the worker is woken"
        );
    }

    /// Lets a worker acknowledge and answer all that it has taken, and the dispatcher hear of it.
    fn answer(&mut self, number: usize) {
        let number = number % self.workers.len();
        let worker = &mut self.workers[number];
        for _ in 0..std::mem::take(&mut worker.taken) {
            self.scoreboard.life(worker.life).settle();
            // The dispatcher may have closed the channel of one that drains.
            let flags = SendFlags::DONTWAIT | SendFlags::NOSIGNAL;
            let _sent = rustix::net::send(&worker.end, &[1], flags);
        }
        self.channels.read_acknowledgements(worker.life.place);
    }

    /// Kills the worker in a place.
    fn kill(&mut self, place: usize) {
        let life = self.channels.life(place);
        self.workers.retain(|worker| worker.life != life);
        self.channels.remove(place);
    }

    /// Checks what the policy sees of each place against what the workers have.
    fn check(&mut self) -> Result<(), TestCaseError> {
        for place in 0..PLACES {
            let life = self.channels.life(place);
            let there = self.current(place).map(|worker| worker.sent + worker.taken);
            let workers = self.channels.workers();
            prop_assert_eq!(workers.is_available(place), there.is_some());
            if let Some(unacknowledged) = there {
                let load = workers.loads(Signal::Unanswered)[place];
                prop_assert_eq!(load, unacknowledged, "{}", life);
            }
        }
        let free = self.channels.workers().longest_free();
        let idle = (0..PLACES).filter(|place| {
            let worker = self.current(*place);
            worker.is_some_and(|worker| worker.sent + worker.taken == 0)
        });
        let idle: Vec<_> = idle.collect();
        prop_assert_eq!(free.is_some(), !idle.is_empty());
        prop_assert!(free.is_none_or(|worker| idle.contains(&worker)));
        Ok(())
    }
}

impl Worker {
    fn new(life: Life, end: OwnedFd) -> Self {
        Self {
            life,
            end,
            sent: 0,
            taken: 0,
        }
    }
}

fn connection() -> Connection {
    Connection {
        // Any descriptor will do.
        socket: wake_up::create().unwrap(),
        arrival: Arrival {
            client: IpAddr::V4(Ipv4Addr::LOCALHOST),
            at: Duration::ZERO,
            affinity_key: None,
        },
    }
}

/// Something that happens, in a place or to the worker of this number.
#[derive(Clone, Copy, Debug)]
enum Event {
    Give(usize),
    Take(usize),
    Answer(usize),
    Rescue(usize),
    Admit(usize),
    Retire(usize),
    Kill(usize),
}

fn any_event() -> impl Strategy<Value = Event> {
    let place = || 0..PLACES;
    prop_oneof![
        6 => place().prop_map(Event::Give),
        4 => any::<usize>().prop_map(Event::Take),
        4 => any::<usize>().prop_map(Event::Answer),
        2 => any::<usize>().prop_map(Event::Rescue),
        1 => place().prop_map(Event::Admit),
        1 => place().prop_map(Event::Retire),
        1 => place().prop_map(Event::Kill),
    ]
}

proptest! {
    #[test]
    fn counts_never_drift_however_workers_come_and_go(
        events in prop::collection::vec(any_event(), 0..200),
    ) {
        let mut fleet = Fleet::new();
        for event in events {
            match event {
                Event::Give(place) => fleet.give(place),
                Event::Take(number) if !fleet.workers.is_empty() => fleet.take(number),
                Event::Answer(number) if !fleet.workers.is_empty() => fleet.answer(number),
                Event::Rescue(number) if !fleet.workers.is_empty() => fleet.rescue(number),
                Event::Take(_) | Event::Answer(_) | Event::Rescue(_) => {}
                Event::Admit(place) => fleet.admit(place),
                Event::Retire(place) => fleet.retire(place),
                Event::Kill(place) => fleet.kill(place),
            }
            fleet.check()?;
        }
    }
}

#[test]
fn a_retired_worker_still_gets_what_is_in_its_channel() {
    let mut fleet = Fleet::new();
    (0..3).for_each(|_| fleet.give(1));
    fleet.retire(1);
    fleet.admit(1);
    let retired = fleet
        .workers
        .iter()
        .position(|worker| worker.life == Life::first(1));
    fleet.take(retired.expect("it drains"));
    assert_eq!(fleet.workers[1].taken, 3);
    assert_eq!(fleet.channels.workers().load(1, Signal::Unanswered), 0);
}
