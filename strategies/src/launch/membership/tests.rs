use std::io::{ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;

use super::*;
use crate::launch::Inherited;

fn life(place: usize, generation: u32) -> Life {
    Life { place, generation }
}

fn retirement() -> Message {
    Message::Retire { life: life(2, 1) }
}

/// Returns the ends of a master and of its dispatchers.
fn linked(dispatchers: usize) -> (Dispatchers, Vec<Inbox>) {
    let mut master = Dispatchers::default();
    let inboxes = (0..dispatchers).map(|_| {
        let mut inherited = Inherited::default().with(MEMBERSHIP, master.add().unwrap());
        Inbox::inherit(&mut inherited).unwrap()
    });
    let inboxes = inboxes.collect();
    (master, inboxes)
}

/// Waits for the next message.
fn next(inbox: &Inbox) -> Option<(Message, Option<OwnedFd>)> {
    loop {
        match inbox.next() {
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::yield_now(),
            received => return received.unwrap(),
        }
    }
}

#[test]
fn every_dispatcher_gets_the_message_with_a_channel_of_its_own() {
    let (master, inboxes) = linked(3);
    let admission = Message::Admit {
        life: life(7, 2),
        upstream: None,
    };
    let (channels, mut ends): (Vec<OwnedFd>, Vec<_>) = (0..3)
        .map(|_| UnixStream::pair().unwrap())
        .map(|(ours, theirs)| (theirs.into(), ours))
        .unzip();
    thread::scope(|scope| {
        let told = scope.spawn(|| master.tell(&admission, &channels));
        for (number, inbox) in inboxes.iter().enumerate() {
            let (message, channel) = next(inbox).unwrap();
            assert_eq!(message, admission);
            let mut channel = UnixStream::from(channel.expect("a channel"));
            channel.write_all(&[number as u8]).unwrap();
            inbox.answer(message, Ok(()));
        }
        told.join().unwrap().unwrap();
    });
    drop(channels);
    for (number, end) in ends.iter_mut().enumerate() {
        let mut heard = Vec::new();
        end.read_to_end(&mut heard).unwrap();
        assert_eq!(heard, [number as u8]);
    }
}

#[test]
fn the_address_of_a_worker_arrives() {
    let (master, inboxes) = linked(1);
    let admission = Message::Admit {
        life: life(0, 1),
        upstream: Some("[::1]:4711".parse().unwrap()),
    };
    thread::scope(|scope| {
        let told = scope.spawn(|| master.tell(&admission, &[]));
        let (message, channel) = next(&inboxes[0]).unwrap();
        assert!(channel.is_none());
        inboxes[0].answer(message.clone(), Ok(()));
        assert_eq!(message, admission);
        told.join().unwrap().unwrap();
    });
}

#[test]
fn an_error_names_the_dispatcher_and_what_it_did_not_do() {
    let (master, inboxes) = linked(2);
    thread::scope(|scope| {
        let told = scope.spawn(|| master.tell(&retirement(), &[]));
        for (inbox, outcome) in inboxes.iter().zip([Ok(()), Err(lacks("a channel"))]) {
            let (message, _) = next(inbox).unwrap();
            inbox.answer(message, outcome);
        }
        let error = told.join().unwrap().unwrap_err();
        assert_eq!(
            error.to_string(),
            "dispatcher 1 did not retire worker 2 of generation 1: the message came without a channel"
        );
    });
}

#[test]
fn a_dispatcher_that_is_gone_does_not_keep_the_others_from_being_told() {
    let (master, mut inboxes) = linked(2);
    drop(inboxes.remove(0));
    thread::scope(|scope| {
        let told = scope.spawn(|| master.tell(&retirement(), &[]));
        let (message, _) = next(&inboxes[0]).unwrap();
        inboxes[0].answer(message, Ok(()));
        let error = told.join().unwrap().unwrap_err().to_string();
        assert!(error.starts_with("dispatcher 0 did not retire"), "{error}");
        assert!(error.contains("gone"), "{error}");
    });
}

#[test]
fn a_late_answer_to_an_earlier_message_is_not_taken_for_the_answer() {
    let (master, inboxes) = linked(1);
    let earlier = Message::Retire { life: life(0, 0) };
    inboxes[0].answer(earlier, Err(lacks("patience")));
    thread::scope(|scope| {
        let told = scope.spawn(|| master.tell(&retirement(), &[]));
        let (message, _) = next(&inboxes[0]).unwrap();
        inboxes[0].answer(message, Ok(()));
        told.join().unwrap().unwrap();
    });
}

#[test]
fn a_dispatcher_sees_when_the_master_is_gone() {
    let (master, inboxes) = linked(1);
    assert_eq!(inboxes[0].next().unwrap_err().kind(), ErrorKind::WouldBlock);
    drop(master);
    assert!(inboxes[0].next().unwrap().is_none());
}

#[tokio::test]
async fn a_runtime_wakes_for_each_message_and_for_the_end() {
    let (master, mut inboxes) = linked(1);
    let requests = inboxes.remove(0).watched().unwrap();
    let told = tokio::task::spawn_blocking(move || {
        master.tell(&retirement(), &[]).unwrap();
        master.tell(&retirement(), &[]).unwrap();
    });
    for _ in 0..2 {
        let (message, _) = requests.next().await.unwrap().unwrap();
        requests.answer(message, Ok(()));
    }
    told.await.unwrap();
    assert!(requests.next().await.unwrap().is_none());
}
