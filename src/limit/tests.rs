use super::*;

/// Times in milliseconds, each with its count.
fn times(parts: &[(u64, u64)]) -> Histogram<u64> {
    let mut times = Histogram::new(3).expect("three digits are allowed");
    for (ms, count) in parts {
        times.record_n(ms * 1_000_000, *count).expect("in range");
    }
    times
}

/// A closed loop with these answers in a second.
fn input(response: &Histogram<u64>) -> LimitInput<'_> {
    LimitInput {
        requests: response.len(),
        failures: 0,
        throughput_rps: response.len() as f64,
        response,
        lag: None,
    }
}

fn test(limit: &str, input: LimitInput) -> Result<Finding, String> {
    limit.parse::<Limit>().expect("a limit").test(input)
}

#[test]
fn a_limit_tests_the_figure_that_it_names() {
    let response = times(&[(1, 99), (10, 1)]);
    for (limit, holds, figure) in [
        ("p50>1100us", false, "p50 is 1.00 ms"),
        ("p50<1100us", true, "p50 is 1.00 ms"),
        ("p99>=2ms", false, "p99 is 1.00 ms"),
        ("max>9ms", true, "the maximum is 10.0 ms"),
        ("mean>1ms", true, "the mean is 1.09 ms"),
        ("mean>2ms", false, "the mean is 1.09 ms"),
        ("errors>0", false, "0 failed"),
        ("errors<=0%", true, "0.000% failed"),
        ("rps<100", false, "100.0 requests/s"),
        ("rps<=100", true, "100.0 requests/s"),
    ] {
        let finding = test(limit, input(&response)).expect(limit);
        assert_eq!((finding.holds, finding.figure.as_str()), (holds, figure));
    }
}

#[test]
fn errors_are_a_count_or_a_share() {
    let response = times(&[(1, 75)]);
    let failing = LimitInput {
        failures: 25,
        ..input(&response)
    };
    for (limit, holds) in [
        ("errors>=25%", true),
        ("errors>25.1%", false),
        ("errors>24", true),
        ("errors>25", false),
    ] {
        assert_eq!(test(limit, failing).expect(limit).holds, holds, "{limit}");
    }
}

#[test]
fn lag_is_the_percentile_that_the_generator_is_judged_by() {
    let (response, lag) = (times(&[(1, 1000)]), times(&[(1, 998), (3, 2)]));
    let open = LimitInput {
        lag: Some(&lag),
        ..input(&response)
    };
    let finding = test("lag>2ms", open).expect("there is lag");
    assert_eq!(
        (finding.holds, finding.figure.as_str()),
        (true, "p99.9 of lag is 3.00 ms")
    );
}

#[test]
fn a_missing_figure_is_no_pass() {
    let (some, none) = (times(&[(1, 999)]), times(&[]));
    for (limit, times, why) in [
        ("p99.9>1ms", &some, "needs 1000 answers, and there are 999"),
        ("lag>1ms", &some, "closed loop"),
        ("p50>1ms", &none, "nothing was answered"),
        ("errors>1%", &none, "nothing was requested"),
    ] {
        let said = test(limit, input(times)).expect_err(limit);
        assert!(
            said.starts_with(&format!("`{limit}` cannot be tested")),
            "{said}"
        );
        assert!(said.contains(why), "{said}");
    }
}
