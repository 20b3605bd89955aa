//! Numbers for people: about three digits and a fitting unit.

/// A rate or count: `8.25`, `123`, `12,345`.
pub fn count(value: f64) -> String {
    if value < 100.0 {
        return three_digits(value);
    }
    grouped(&format!("{value:.0}"))
}

/// A whole number: `0`, `12`, `12,345`.
pub fn whole(value: u64) -> String {
    grouped(&value.to_string())
}

fn grouped(digits: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A round number on an axis: as [`count`], without trailing zeros.
pub fn tick(value: f64) -> String {
    let text = count(value);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A duration given in microseconds: `85 µs`, `1.24 ms`, `2.5 s`.
pub fn duration(us: f64) -> String {
    let (value, unit) = match us {
        // The bounds are where three digits round up to the next unit.
        us if us < 999.5 => (us, "µs"),
        us if us < 999_500.0 => (us / 1e3, "ms"),
        us => (us / 1e6, "s"),
    };
    format!("{} {unit}", three_digits(value))
}

/// An amount of data: `512 bytes`, `1.5 KiB`, `23.4 MiB`.
pub fn bytes(bytes: f64) -> String {
    match bytes {
        b if b < KIB => format!("{b:.0} bytes"),
        b if b < MIB => format!("{} KiB", count(b / KIB)),
        b => format!("{} MiB", count(b / MIB)),
    }
}

/// Bytes in a kibibyte and in a mebibyte.
const KIB: f64 = 1024.0;
const MIB: f64 = 1024.0 * KIB;

/// A share of one as a percentage: `0.4%`, `12%`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    if percent < 9.95 {
        format!("{percent:.1}%")
    } else {
        format!("{percent:.0}%")
    }
}

/// Seconds without trailing zeros: `2 s`, `0.5 s`.
pub fn seconds(seconds: f64) -> String {
    format!("{} s", tick(seconds))
}

/// A noun with its number: `1 block`, `3 blocks`, `2 addresses`, `8 strategies`.
pub fn plural(number: usize, noun: &str) -> String {
    let number_shown = whole(number as u64);
    match noun.strip_suffix('y') {
        _ if number == 1 => format!("{number_shown} {noun}"),
        Some(stem) => format!("{number_shown} {stem}ies"),
        None if noun.ends_with('s') => format!("{number_shown} {noun}es"),
        None => format!("{number_shown} {noun}s"),
    }
}

fn three_digits(value: f64) -> String {
    let decimals = match value {
        // As above: 9.995 would print as 10.00 with two decimals.
        v if v == 0.0 || v >= 99.95 => 0,
        v if v >= 9.995 => 1,
        _ => 2,
    };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_about_three_digits_and_grouped_thousands() {
        let table = [
            (0.0, "0"),
            (0.123, "0.12"),
            (9.994, "9.99"),
            (9.996, "10.0"),
            (99.96, "100"),
            (999.6, "1,000"),
            (12_345.4, "12,345"),
            (1_234_567.0, "1,234,567"),
        ];
        for (value, text) in table {
            assert_eq!(count(value), text);
        }
    }

    #[test]
    fn a_duration_changes_its_unit_where_three_digits_do() {
        let table = [
            (0.85, "0.85 µs"),
            (85.0, "85.0 µs"),
            (999.4, "999 µs"),
            (999.6, "1.00 ms"),
            (12_340.0, "12.3 ms"),
            (999_600.0, "1.00 s"),
            (61_000_000.0, "61.0 s"),
        ];
        for (us, text) in table {
            assert_eq!(duration(us), text);
        }
    }

    #[test]
    fn a_percentage_keeps_one_decimal_below_ten() {
        assert_eq!(percent(0.004), "0.4%");
        assert_eq!(percent(0.0996), "10%");
        assert_eq!(percent(1.5), "150%");
    }

    #[test]
    fn a_noun_agrees_with_its_number() {
        assert_eq!(plural(1, "block"), "1 block");
        assert_eq!(plural(0, "block"), "0 blocks");
        assert_eq!(plural(1_024, "worker"), "1,024 workers");
        assert_eq!(plural(2, "address"), "2 addresses");
        assert_eq!(plural(8, "strategy"), "8 strategies");
    }

    #[test]
    fn seconds_lose_their_trailing_zeros_and_nothing_else() {
        assert_eq!(seconds(2.0), "2 s");
        assert_eq!(seconds(0.5), "0.5 s");
        assert_eq!(seconds(10.0), "10 s");
    }
}
