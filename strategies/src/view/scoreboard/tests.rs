use super::*;

#[test]
fn another_mapping_reads_what_one_process_writes() {
    let workers = NonZeroUsize::new(3).unwrap();
    let (ours, file) = Scoreboard::create(workers).unwrap();
    let theirs = Scoreboard::join(&file, workers).unwrap();
    ours.slot(1).accept();
    ours.slot(1).begin();
    assert_eq!(theirs.slot(1).connections_accepted(), 1);
    assert_eq!(theirs.slot(1).requests_in_flight(), 1);
    assert_eq!(theirs.slot(0).connections_accepted(), 0);
}

#[test]
fn all_processes_add_to_one_counter_of_requests() {
    let workers = NonZeroUsize::new(3).unwrap();
    let (ours, file) = Scoreboard::create(workers).unwrap();
    let theirs = Scoreboard::join(&file, workers).unwrap().of_generation(1);
    ours.count_request();
    theirs.count_request();
    assert_eq!(ours.requests_counted(), 2);
    assert_eq!(ours.workers(), 3);
    let slots = (0..3).flat_map(|worker| theirs.lives(worker));
    assert_eq!(slots.map(Slot::connections_accepted).sum::<u64>(), 0);
}

#[test]
fn an_assigned_connection_counts_as_open_until_it_is_closed() {
    let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
    let slot = board.slot(0);
    slot.assign();
    assert_eq!(slot.connections_open(), 1);
    slot.accept();
    assert_eq!(slot.connections_open(), 1);
    slot.close();
    assert_eq!(slot.connections_open(), 0);
}

#[test]
fn two_lives_of_a_place_have_their_own_counters_and_the_third_continues_the_first() {
    let (board, _file) = Scoreboard::create(NonZeroUsize::new(2).unwrap()).unwrap();
    let life = |generation| {
        board.life(Life {
            place: 1,
            generation,
        })
    };
    life(0).accept();
    life(1).accept();
    life(2).accept();
    assert_eq!(board.slot(1).connections_accepted(), 2);
    let second = board.clone().of_generation(1);
    assert_eq!(second.slot(1).connections_accepted(), 1);
    let all = board.lives(1).map(Slot::connections_accepted);
    assert_eq!(all.iter().sum::<u64>(), 3);
    assert_eq!(board.lives(0).map(Slot::connections_accepted), [0, 0]);
}

#[test]
fn what_a_dead_life_left_open_is_no_load_for_the_next_one_and_stays_counted() {
    let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
    let slot = board.slot(0);
    (0..3).for_each(|_| slot.assign());
    (0..2).for_each(|_| slot.accept());
    (0..2).for_each(|_| slot.begin());
    slot.serve();
    slot.renew();
    for signal in [Signal::Connections, Signal::Requests, Signal::Unanswered] {
        assert_eq!(slot.load(signal), 0, "{signal:?}");
    }
    assert_eq!(
        (slot.connections_accepted(), slot.requests_served()),
        (2, 1)
    );
}

#[test]
fn a_worker_reads_its_notice_which_a_renewal_takes_back() {
    let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
    assert_eq!(board.slot(0).notice(), None);
    for waiting in [Waiting::Taken, Waiting::Left] {
        let drain_within = Duration::from_millis(1500);
        let notice = Notice {
            drain_within,
            waiting,
        };
        board.slot(0).retire(notice);
        assert_eq!(board.slot(0).notice(), Some(notice));
    }
    board.slot(0).renew();
    assert_eq!(board.slot(0).notice(), None);
}

#[test]
fn a_connection_is_unanswered_from_the_hand_off_to_the_end_of_its_first_request() {
    let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
    let slot = board.slot(0);
    slot.assign();
    slot.accept();
    slot.begin();
    assert_eq!(slot.load(Signal::Unanswered), 1);
    slot.serve();
    slot.settle();
    assert_eq!(slot.load(Signal::Unanswered), 0);
    slot.begin();
    assert_eq!(slot.load(Signal::Unanswered), 0, "a later request");
}

#[test]
fn several_threads_can_count_for_one_worker() {
    let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
    let board = board.among_threads();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..10_000).for_each(|_| board.slot(0).serve()));
        }
    });
    assert_eq!(board.slot(0).requests_served(), 40_000);
}

#[test]
fn workers_know_whether_any_dispatcher_waits() {
    let (board, _file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
    assert!(!board.has_waiting_dispatcher());
    board.wait(true);
    board.wait(true);
    board.wait(false);
    assert!(board.has_waiting_dispatcher());
    board.wait(false);
    assert!(!board.has_waiting_dispatcher());
}

#[test]
fn a_file_that_is_too_small_is_rejected() {
    let (_board, file) = Scoreboard::create(NonZeroUsize::MIN).unwrap();
    assert!(Scoreboard::join(&file, NonZeroUsize::new(9).unwrap()).is_err());
}
