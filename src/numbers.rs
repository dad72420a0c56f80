//! How numbers with an uncertainty are written: as many digits as the interval supports, an upper bound in the place of a
//! bare zero. Knows estimates and nothing of the domain.

use crate::stats::Estimate;

/// A probability in percent: `12.3 %`; `< 0.038 %` when nothing was seen; `> 99.962 %` when nothing else was seen.
#[must_use]
pub fn percent(estimate: &Estimate) -> String {
    if estimate.value <= 0.0 {
        format!("< {} %", bound(estimate.high * 100.0))
    } else if estimate.value >= 1.0 {
        if estimate.low >= 1.0 { "100 %".to_owned() } else { format!("> {} %", least(estimate.low)) }
    } else {
        format!("{:.*} %", percent_decimals(estimate), estimate.value * 100.0)
    }
}

/// The interval of a probability in percent, `[11.9, 12.7]`, with the digits of [`percent`].
#[must_use]
pub fn percent_interval(estimate: &Estimate) -> String {
    if estimate.value <= 0.0 {
        return format!("[0, {}]", bound(estimate.high * 100.0));
    }
    if estimate.value >= 1.0 && estimate.low < 1.0 {
        return format!("[{}, 100]", least(estimate.low));
    }
    let decimals = percent_decimals(estimate);
    format!("[{:.decimals$}, {:.decimals$}]", estimate.low * 100.0, estimate.high * 100.0)
}

/// A probability with its interval, `12.3 % [11.9, 12.7]`; only the bound when nothing (or nothing else) was seen.
#[must_use]
pub fn percent_with_interval(estimate: &Estimate) -> String {
    if estimate.value <= 0.0 || estimate.value >= 1.0 {
        percent(estimate)
    } else {
        format!("{} {}", percent(estimate), percent_interval(estimate))
    }
}

/// The standard error of a probability, in percentage points; `–` where it says nothing (zero or all events).
#[must_use]
pub fn percent_error(estimate: &Estimate) -> String {
    error(estimate.standard_error * 100.0)
}

/// A mean with the digits that its interval supports: `1,234.5`; `< 0.004` when nothing was seen, `none` when nothing could be.
#[must_use]
pub fn mean(estimate: &Estimate) -> String {
    if estimate.value == 0.0 && estimate.high > 0.0 {
        format!("< {}", bound(estimate.high))
    } else if estimate.value == 0.0 {
        "none".to_owned()
    } else {
        number(estimate.value, mean_decimals(estimate))
    }
}

/// The interval of a mean with the digits of [`mean`].
#[must_use]
pub fn mean_interval(estimate: &Estimate) -> String {
    if estimate.value == 0.0 {
        return format!("[0, {}]", bound(estimate.high));
    }
    let decimals = mean_decimals(estimate);
    format!("[{}, {}]", number(estimate.low, decimals), number(estimate.high, decimals))
}

/// A mean with its interval; only the bound when nothing was seen.
#[must_use]
pub fn mean_with_interval(estimate: &Estimate) -> String {
    if estimate.value == 0.0 {
        mean(estimate)
    } else {
        format!("{} {}", mean(estimate), mean_interval(estimate))
    }
}

/// The standard error of a mean; `–` where it is zero.
#[must_use]
pub fn mean_error(estimate: &Estimate) -> String {
    error(estimate.standard_error)
}

/// A plain share in percent, without an interval: `88 %`, `0.4 %`; `over` for an infinite one. A share that is just below
/// 100 % is not rounded up to it: `99.6 %`.
#[must_use]
pub fn share(share: f64) -> String {
    if !share.is_finite() {
        return "over".to_owned();
    }
    let percent = share * 100.0;
    let decimals = match percent {
        0.0 => 0,
        percent if (99.5..100.0).contains(&percent) => miss_decimals(share),
        percent => decimals_for(percent.abs(), 1),
    };
    format!("{percent:.decimals$} %")
}

/// A count with its noun: `1 rule`, `1,200 rules`.
#[must_use]
pub fn counted(count: u64, noun: &str) -> String {
    format!("{} {noun}{}", number(count as f64, 0), if count == 1 { "" } else { "s" })
}

/// A number with so many decimals and commas between thousands: `12,345.6`.
#[must_use]
pub fn number(value: f64, decimals: usize) -> String {
    let plain = format!("{:.decimals$}", value.abs());
    let (whole, fraction) = plain.split_once('.').unwrap_or((&plain, ""));
    let mut text = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    let negative = value < 0.0 && plain.chars().any(|c| c.is_ascii_digit() && c != '0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{text}{point}{fraction}", if negative { "-" } else { "" })
}

/// A plain mean without an interval: whole from 100 on, one decimal from 10 on, else two significant digits.
#[must_use]
pub fn plain(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    number(value, if value.abs() >= 100.0 { 0 } else { decimals_for(value.abs(), 2).max(1) })
}

/// A number of days in words: `1 day`, `90 days`.
#[must_use]
pub fn days(days: u32) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{} days", number(f64::from(days), 0)) }
}

/// A length of time, given in nanoseconds, in the unit that suits it and with three digits: `87 ns`, `12.3 us`, `4.56 ms`,
/// `1 s`; in seconds all that stand before the point.
#[must_use]
pub fn nanoseconds(ns: f64) -> String {
    let units = [("ns", 1.0), ("us", 1e3), ("ms", 1e6)];
    let found = units.into_iter().find(|(_, size)| ns / size < 999.5);
    let (unit, value) = found.map_or(("s", ns / 1e9), |(unit, size)| (unit, ns / size));
    let decimals = match value {
        value if value.fract() == 0.0 || value >= 99.95 => 0,
        value if value >= 9.995 => 1,
        _ => 2,
    };
    format!("{} {unit}", number(value, decimals))
}

/// A stated number without needless zeros: `1.25`, `2`, `0.001`; at most four decimals.
#[must_use]
pub fn exact(value: f64) -> String {
    let text = number(value, 4);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn error(error: f64) -> String {
    if error > 0.0 { number(error, decimals_for(error, 2)) } else { "–".to_owned() }
}

/// As for a mean, and enough not to round a share below 100 % up to it.
fn percent_decimals(estimate: &Estimate) -> usize {
    interval_decimals(estimate.value * 100.0, (estimate.high - estimate.low) * 50.0)
        .max(miss_decimals(estimate.value))
}

/// Decimals of a percentage that keep it apart from 100 %; none where the difference is no more than a rounding error.
fn miss_decimals(share: f64) -> usize {
    let miss = (1.0 - share) * 100.0 + 1e-9;
    if miss > 1e-6 { decimals_for(miss, 1) } else { 0 }
}

fn mean_decimals(estimate: &Estimate) -> usize {
    interval_decimals(estimate.value, (estimate.high - estimate.low) / 2.0)
}

/// Enough decimals for the leading digit of the half-width, and for the value not to be rounded to zero.
fn interval_decimals(value: f64, half_width: f64) -> usize {
    let of_width = if half_width > 0.0 { decimals_for(half_width, 1) } else { 1 };
    let of_value = if value == 0.0 { 0 } else { decimals_for(value.abs(), 1) };
    of_width.max(of_value)
}

/// Decimals that show so many significant digits of a positive number, at most 9.
fn decimals_for(positive: f64, significant: i32) -> usize {
    let leading = positive.log10().floor() as i32;
    (significant - 1 - leading).clamp(0, 9) as usize
}

/// A positive number rounded up to two significant digits: a bound stays a bound.
fn bound(positive: f64) -> String {
    if positive <= 0.0 {
        return "0".to_owned();
    }
    let decimals = decimals_for(positive, 2);
    let unit = 10f64.powi(decimals as i32);
    number((positive * unit - 1e-9).ceil() / unit, decimals)
}

/// The percentage of a share just below 1, rounded down so that a lower bound stays one.
fn least(share: f64) -> String {
    let miss = bound((1.0 - share) * 100.0);
    let decimals = miss.split_once('.').map_or(0, |(_, digits)| digits.len());
    format!("{:.decimals$}", 100.0 - miss.parse::<f64>().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn estimate(value: f64, low: f64, high: f64) -> Estimate {
        Estimate { value, low, high, standard_error: (high - low) / 3.92 }
    }

    #[test]
    fn digits_follow_the_width_of_the_interval() {
        assert_eq!(percent_with_interval(&estimate(0.1234, 0.1193, 0.1271)), "12.3 % [11.9, 12.7]");
        assert_eq!(percent_with_interval(&estimate(0.461, 0.444, 0.477)), "46 % [44, 48]");
        assert_eq!(percent(&estimate(0.461_234, 0.461_2, 0.461_27)), "46.123 %");
        assert_eq!(percent(&estimate(0.999_5, 0.998, 0.999_9)), "99.95 %");
        assert_eq!(mean_with_interval(&estimate(1234.56, 1234.1, 1235.0)), "1,234.6 [1,234.1, 1,235.0]");
    }

    #[test]
    fn nothing_seen_is_a_bound_that_is_rounded_up() {
        assert_eq!(percent(&estimate(0.0, 0.0, 0.000_383_9)), "< 0.039 %");
        assert_eq!(percent_with_interval(&estimate(0.0, 0.0, 0.037)), "< 3.7 %");
        assert_eq!(mean(&estimate(0.0, 0.0, 0.003_01)), "< 0.0031");
        assert_eq!(mean(&estimate(0.0, 0.0, 0.0)), "none");
        assert_eq!(percent_interval(&estimate(0.0, 0.0, 0.000_383_9)), "[0, 0.039]");
    }

    #[test]
    fn nothing_else_seen_is_a_lower_bound() {
        assert_eq!(percent(&estimate(1.0, 0.999_616, 1.0)), "> 99.961 %");
        assert_eq!(percent(&estimate(1.0, 1.0, 1.0)), "100 %");
        let nearly = estimate(1.0, 0.987_8, 1.0);
        assert_eq!((percent(&nearly), percent_interval(&nearly)), ("> 98.7 %".into(), "[98.7, 100]".into()));
    }

    #[test]
    fn a_small_value_is_never_rounded_to_zero() {
        assert_eq!(percent(&estimate(0.001, 0.0, 0.05)), "0.1 %");
        assert_eq!(share(0.000_4), "0.04 %");
        assert_eq!([0.994, 0.995_7, 0.999, 1.0 - 1e-12].map(share), ["99 %", "99.6 %", "99.9 %", "100 %"]);
        assert_eq!(plain(0.0123), "0.012");
    }

    #[test]
    fn lengths_of_time_have_three_digits_and_the_unit_that_suits_them() {
        for (ns, text) in [
            (0.0, "0 ns"),
            (87.0, "87 ns"),
            (87.25, "87.2 ns"),
            (999.4, "999 ns"),
            (999.6, "1.00 us"),
            (1e3, "1 us"),
            (9_994.0, "9.99 us"),
            (9_996.0, "10.0 us"),
            (99_960.0, "100 us"),
            (4_560_000.0, "4.56 ms"),
            (999_600_000.0, "1.00 s"),
            (1e9, "1 s"),
            (1_234.5e9, "1,234 s"),
        ] {
            assert_eq!(nanoseconds(ns), text, "{ns}");
        }
    }

    #[test]
    fn thousands_are_parted_and_minus_zero_has_no_sign() {
        assert_eq!(number(1_234_567.0, 0), "1,234,567");
        assert_eq!(number(-0.01, 1), "0.0");
        assert_eq!(number(-1234.0, 0), "-1,234");
        assert_eq!(plain(12.34), "12.3");
        assert_eq!(plain(1234.5), "1,234");
        assert_eq!([1.25, 2.0, 100.0, 0.001].map(exact), ["1.25", "2", "100", "0.001"]);
        assert_eq!(share(f64::INFINITY), "over");
    }
}
