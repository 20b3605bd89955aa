use std::net::IpAddr;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::policy::{PolicyInfo, Setup, late_binding::LATE_BINDING, round_robin::ROUND_ROBIN};

const ARRIVAL: Arrival = Arrival {
    client: IpAddr::V4(std::net::Ipv4Addr::LOCALHOST),
    at: Duration::ZERO,
    affinity_key: None,
};

fn life(place: usize, generation: u32) -> Life {
    Life { place, generation }
}

/// Nothing connects to it.
fn address() -> SocketAddr {
    "127.0.0.1:9".parse().unwrap()
}

/// Returns a upstreams with a place for each worker, of which the first `present` are there.
fn upstreams(policy: &PolicyInfo, places: usize, present: usize) -> Upstreams<()> {
    let policy = (policy.make)(&Setup::new(places, 0));
    Upstreams::new(policy, places, &vec![address(); present], true, None)
}

/// Returns what a future has come to without waiting.
fn at_once<T>(future: impl Future<Output = T>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Some(output),
        Poll::Pending => None,
    }
}

/// Returns the life that an arrival gets without waiting.
fn begin(upstreams: &Upstreams<()>, excluded: Option<Life>) -> Option<Life> {
    let begun = at_once(upstreams.begin(&ARRIVAL, excluded));
    begun.flatten().map(|upstream| upstream.life)
}

#[test]
fn an_arrival_waits_while_no_worker_is_there_and_gets_the_next_one() {
    let upstreams = upstreams(&ROUND_ROBIN, 2, 0);
    let mut waiting = pin!(upstreams.begin(&ARRIVAL, None));
    let mut context = Context::from_waker(Waker::noop());
    assert!(waiting.as_mut().poll(&mut context).is_pending());
    upstreams.admit(life(1, 0), address()).unwrap();
    let Poll::Ready(Some(upstream)) = waiting.as_mut().poll(&mut context) else {
        panic!("a worker is there");
    };
    assert_eq!(upstream.life, life(1, 0));
}

#[test]
fn without_a_master_that_admits_workers_no_arrival_waits_for_one() {
    let policy = (ROUND_ROBIN.make)(&Setup::new(1, 0));
    let upstreams = Upstreams::<()>::new(policy, 1, &[address()], false, None);
    upstreams.queue.retire(life(0, 0));
    assert!(matches!(
        at_once(upstreams.begin(&ARRIVAL, None)),
        Some(None)
    ));
}

#[test]
fn a_place_keeps_its_number_and_its_new_worker_gets_what_comes() {
    let upstreams = upstreams(&ROUND_ROBIN, 3, 3);
    upstreams.admit(life(1, 1), address()).unwrap();
    let order = [(); 3].map(|()| begin(&upstreams, None).unwrap());
    assert_eq!(order, [life(0, 0), life(1, 1), life(2, 0)]);
}

#[test]
fn what_an_earlier_worker_has_in_flight_is_no_load_of_its_successor() {
    let upstreams = upstreams(&LATE_BINDING, 1, 1);
    assert_eq!(begin(&upstreams, None), Some(life(0, 0)));
    assert_eq!(begin(&upstreams, None), None, "one at a time");
    upstreams.admit(life(0, 1), address()).unwrap();
    assert_eq!(begin(&upstreams, None), Some(life(0, 1)));
    upstreams.queue.end(life(0, 0));
    assert_eq!(
        begin(&upstreams, None),
        None,
        "its own request is not answered"
    );
    upstreams.queue.end(life(0, 1));
    assert_eq!(begin(&upstreams, None), Some(life(0, 1)));
}

#[test]
fn a_worker_that_has_failed_an_arrival_does_not_exclude_its_successor() {
    let upstreams = upstreams(&ROUND_ROBIN, 1, 1);
    let failed = Some(life(0, 0));
    assert!(matches!(
        at_once(upstreams.begin(&ARRIVAL, failed)),
        Some(None)
    ));
    upstreams.admit(life(0, 1), address()).unwrap();
    assert_eq!(begin(&upstreams, failed), Some(life(0, 1)));
}

#[test]
fn a_worker_is_retired_when_no_connect_to_it_is_under_way() {
    let upstreams = upstreams(&ROUND_ROBIN, 1, 1);
    let upstream = at_once(upstreams.begin(&ARRIVAL, None)).flatten().unwrap();
    let (first, second) = (upstream.connect().unwrap(), upstream.connect().unwrap());
    let mut retiring = pin!(upstreams.retire(life(0, 0)));
    let mut context = Context::from_waker(Waker::noop());
    assert!(retiring.as_mut().poll(&mut context).is_pending());
    drop(first);
    assert!(retiring.as_mut().poll(&mut context).is_pending());
    assert!(upstream.connect().is_err(), "it gets nothing new");
    drop(second);
    assert!(retiring.as_mut().poll(&mut context).is_ready());
}

#[test]
fn a_worker_whose_successor_is_there_can_still_be_retired() {
    let upstreams = upstreams(&ROUND_ROBIN, 1, 1);
    let upstream = at_once(upstreams.begin(&ARRIVAL, None)).flatten().unwrap();
    let connecting = upstream.connect().unwrap();
    upstreams.admit(life(0, 1), address()).unwrap();
    let mut retiring = pin!(upstreams.retire(life(0, 0)));
    let mut context = Context::from_waker(Waker::noop());
    assert!(retiring.as_mut().poll(&mut context).is_pending());
    drop(connecting);
    assert!(retiring.as_mut().poll(&mut context).is_ready());
    assert_eq!(
        begin(&upstreams, None),
        Some(life(0, 1)),
        "it is not retired"
    );
}

#[test]
fn a_place_that_is_not_there_is_an_error() {
    let upstreams = upstreams(&ROUND_ROBIN, 1, 1);
    assert!(upstreams.admit(life(1, 0), address()).is_err());
    assert!(at_once(upstreams.retire(life(1, 0))).is_some());
}

/// Something that happens, to a place or to the request of this number.
#[derive(Clone, Copy, Debug)]
enum Event {
    Begin,
    End(usize),
    Admit(usize),
    Retire(usize),
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        4 => Just(Event::Begin),
        4 => any::<usize>().prop_map(Event::End),
        1 => (0..PLACES).prop_map(Event::Admit),
        1 => (0..PLACES).prop_map(Event::Retire),
    ]
}

const PLACES: usize = 3;

proptest! {
    /// Late binding gives each worker one request at a time, so a count that drifts shows: a worker gets a
    /// second one, or a free one gets none.
    #[test]
    fn counts_never_drift_however_workers_come_and_go(
        events in prop::collection::vec(any_event(), 0..200),
    ) {
        let upstreams = upstreams(&LATE_BINDING, PLACES, PLACES);
        let mut current: [Option<u32>; PLACES] = [Some(0); PLACES];
        let mut generations = [0; PLACES];
        let mut in_flight: Vec<Life> = Vec::new();
        for event in events {
            match event {
                Event::Begin => {
                    let free = (0..PLACES).any(|place| {
                        current[place].is_some_and(|generation| !in_flight.contains(&life(place, generation)))
                    });
                    let begun = begin(&upstreams, None);
                    prop_assert_eq!(begun.is_some(), free);
                    if let Some(begun) = begun {
                        prop_assert_eq!(current[begun.place], Some(begun.generation));
                        prop_assert!(!in_flight.contains(&begun));
                        in_flight.push(begun);
                    }
                }
                Event::End(number) if !in_flight.is_empty() => {
                    let ended = in_flight.swap_remove(number % in_flight.len());
                    upstreams.queue.end(ended);
                }
                Event::End(_) => {}
                Event::Admit(place) => {
                    generations[place] += 1;
                    current[place] = Some(generations[place]);
                    upstreams.admit(life(place, generations[place]), address()).unwrap();
                }
                Event::Retire(place) => {
                    if let Some(generation) = current[place].take() {
                        prop_assert!(at_once(upstreams.retire(life(place, generation))).is_some());
                    }
                }
            }
        }
    }
}
