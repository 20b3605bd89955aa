use proptest::prelude::*;

use super::*;

const LIMITS: ClientLimits = ClientLimits {
    head: Duration::from_millis(800),
    idle: Duration::from_millis(3200),
    stall: Duration::from_millis(1600),
};

/// A connection, and the number of looks after which its client is late.
struct Observed {
    watch: Arc<ClientWatch>,
    connection: Connection,
}

impl Observed {
    fn with(limits: ClientLimits, deferred: bool) -> Self {
        Self {
            watch: ClientWatch::new(limits, ConnectionLimits::default(), deferred),
            connection: Connection {
                progress: Arc::new(Progress::new(None)),
                looks: 0,
                end: End::default(),
            },
        }
    }

    fn new() -> Self {
        Self::with(LIMITS, false)
    }

    fn progress(&self) -> &Progress {
        &self.connection.progress
    }

    fn is_late(&mut self) -> bool {
        let finding = self.connection.progress.look();
        self.watch.is_late(&mut self.connection, finding)
    }

    /// Returns for how many looks the client is not late, up to a hundred.
    fn patience(&mut self) -> usize {
        (0..100).take_while(|_| !self.is_late()).count()
    }
}

#[test]
fn a_silent_connection_has_the_limit_of_a_head() {
    assert_eq!(Observed::new().patience(), 8);
}

#[test]
fn a_head_has_one_limit_however_often_bytes_arrive() {
    let mut observed = Observed::new();
    let mut patience = 0;
    while !observed.is_late() {
        patience += 1;
        observed.progress().received();
    }
    assert_eq!(patience, 8);
}

#[test]
fn an_idle_connection_has_the_limit_of_an_idle_one_and_its_next_head_that_of_a_head() {
    let mut observed = Observed::new();
    observed.progress().request_begun();
    observed.progress().answered();
    assert_eq!(observed.patience(), 32);
    observed.progress().received();
    assert_eq!(observed.patience(), 8);
}

#[test]
fn a_body_is_late_if_nothing_of_it_moves() {
    let mut observed = Observed::new();
    observed.progress().request_begun();
    observed.progress().starved();
    for _ in 0..100 {
        observed.progress().received();
        observed.progress().starved();
        assert!(!observed.is_late(), "its bytes arrive");
    }
    assert_eq!(observed.patience(), 15);
}

#[test]
fn a_client_is_not_late_while_nothing_is_read_or_nothing_is_awaited() {
    let mut observed = Observed::new();
    observed.progress().request_begun();
    assert_eq!(observed.patience(), 100, "a body that nobody reads");
    observed.progress().request_complete();
    observed.progress().starved();
    assert_eq!(observed.patience(), 100, "a request that a worker answers");
}

#[test]
fn the_last_bytes_of_an_answer_may_move_for_long() {
    let mut observed = Observed::new();
    observed.progress().answered();
    for _ in 0..100 {
        observed.progress().sent();
        assert!(!observed.is_late());
    }
}

#[test]
fn a_connection_for_which_the_kernel_has_waited_may_be_silent_for_one_look() {
    let mut observed = Observed::with(LIMITS, true);
    assert_eq!(observed.patience(), 1);
    let mut observed = Observed::with(LIMITS, true);
    observed.progress().received();
    assert_eq!(observed.patience(), 32, "its head has begun");
}

#[test]
fn only_a_request_that_has_begun_gets_an_answer() {
    for (awaited, deserves) in [
        (Awaited::FirstByte, false),
        (Awaited::Head, true),
        (Awaited::Body, true),
        (Awaited::Nothing, false),
        (Awaited::NextRequest, false),
        (Awaited::Message, false),
    ] {
        let answer = awaited.farewell();
        assert_eq!(
            answer.starts_with(b"HTTP/1.1 408 "),
            deserves,
            "{awaited:?}"
        );
    }
}

#[test]
fn the_last_of_so_many_requests_is_known_before_its_answer() {
    for most in 1..5 {
        let progress = Progress::new(NonZeroU32::new(most));
        let answered = (0..).take_while(|_| {
            let is_last = progress.is_last();
            progress.request_begun();
            progress.answered();
            !is_last
        });
        assert_eq!(answered.count() as u32 + 1, most);
    }
}

#[test]
fn any_number_of_requests_is_allowed_without_a_limit() {
    let progress = Progress::new(None);
    (0..1000).for_each(|_| progress.answered());
    assert!(!progress.is_last());
}

#[test]
fn a_connection_over_age_has_one_more_answer_and_is_left_over_if_it_stays_idle() {
    let age = Duration::from_secs(60);
    let mut ages = Ages::new(Some(MaxAge::new(age, Duration::ZERO)));
    let opened = Instant::now();
    let mut connection = Observed::new().connection;
    let mut look = |connection: &mut Connection, after| {
        let finding = connection.progress.look();
        connection.is_left_over(finding, &mut ages, opened + after)
    };
    connection.progress.answered();
    assert!(!look(&mut connection, Duration::ZERO));
    assert!(!look(&mut connection, age / 2) && !connection.progress.is_last());
    assert!(!look(&mut connection, age) && connection.progress.is_last());
    connection.progress.request_begun();
    assert!(!look(&mut connection, age * 2), "a request is in flight");
    connection.progress.answered();
    assert!(!look(&mut connection, age * 2), "it has just been answered");
    assert!(look(&mut connection, age * 2));
}

proptest! {
    /// A client is late after its limit, and at most a quarter after it.
    #[test]
    fn the_tolerance_is_a_quarter(head in 8_u64..100_000, idle in 8_u64..100_000) {
        let limit = Duration::from_millis(head);
        let idle = Duration::from_millis(idle);
        let limits = ClientLimits { head: limit, idle: limit.max(idle), stall: limit };
        let mut observed = Observed::with(limits, false);
        // Something moves just after one look, and the client is late at this number of looks later.
        let looks = observed.patience() as u32;
        let period = observed.watch.period;
        prop_assert!(period * looks >= limit);
        prop_assert!(period * (looks + 1) <= limit + limit / 4);
    }
}
