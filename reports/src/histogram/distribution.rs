//! Percentile distributions as text (`.hgrm`), in the format of `outputPercentileDistribution`
//! of HdrHistogram, which its plotting tools read.

use std::fmt::Write;

use hdrhistogram::Histogram;

/// Lines per halving of what lies beyond a percentile: the usual number of HdrHistogram's tools.
const TICKS_PER_HALF: u32 = 5;

/// Values are shown in milliseconds, as by wrk2 and the other tools that write such files.
const NS_PER_MS: f64 = 1e6;

/// The distribution of a histogram of nanoseconds, in milliseconds.
pub fn text(nanoseconds: &Histogram<u64>) -> String {
    let mut out = format!(
        "{:>12} {:>14} {:>10} {:>14}\n\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    );
    let mut count = 0;
    for step in nanoseconds.iter_quantiles(TICKS_PER_HALF) {
        count += step.count_since_last_iteration();
        let quantile = step.quantile_iterated_to();
        let ms = step.value_iterated_to() as f64 / NS_PER_MS;
        let _ = write!(out, "{ms:12.3} {quantile:2.12} {count:10}");
        if quantile < 1.0 {
            let _ = write!(out, " {:14.2}", 1.0 / (1.0 - quantile));
        }
        out.push('\n');
    }
    out + &footer(nanoseconds)
}

fn footer(nanoseconds: &Histogram<u64>) -> String {
    let ms = |ns: f64| ns / NS_PER_MS;
    let buckets = usize::from(nanoseconds.buckets());
    // Every bucket but the first shares half of its sub-buckets with the one below it.
    let sub_buckets = nanoseconds.distinct_values() * 2 / (buckets + 1);
    format!(
        "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]\n\
         #[Max     = {:12.3}, Total count    = {:12}]\n\
         #[Buckets = {buckets:12}, SubBuckets     = {sub_buckets:12}]\n",
        ms(nanoseconds.mean()),
        ms(nanoseconds.stdev()),
        ms(nanoseconds.max() as f64),
        nanoseconds.len(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_rises_to_all_of_the_answers() {
        let mut times = Histogram::<u64>::new_with_bounds(1, 3_600_000_000_000, 3).expect("bounds");
        for ms in 1..=1_000 {
            times.record(ms * 1_000_000).expect("in range");
        }
        let text = text(&times);
        let rows: Vec<Vec<f64>> = text
            .lines()
            .skip(2)
            .filter(|line| !line.starts_with('#'))
            .map(|line| {
                line.split_whitespace()
                    .map(|cell| cell.parse().expect("a number"))
                    .collect()
            })
            .collect();
        assert!(rows.is_sorted_by(|a, b| a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2]));
        let last = rows.last().expect("some rows");
        assert_eq!((last.len(), last[1], last[2]), (3, 1.0, 1_000.0));
        let median = rows.iter().find(|row| row[1] == 0.5).expect("a median");
        assert!(
            (median[0] - 500.0).abs() < 1.0 && median[2] == 500.0,
            "{median:?}"
        );
        assert!(text.contains("Total count    =         1000]"), "{text}");
        assert!(text.contains("SubBuckets     =         2048]"), "{text}");
    }

    #[test]
    fn nothing_recorded_is_an_empty_distribution() {
        let nothing = Histogram::<u64>::new(3).expect("three digits are allowed");
        assert!(text(&nothing).contains("Total count    =            0]"));
    }
}
