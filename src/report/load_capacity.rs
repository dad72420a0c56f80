//! Presents the largest rate that keeps a bound.

use std::io::{self, Write};

use serde::Serialize;

use super::Format;
use super::table::{self, Table, write_text};
use crate::load::{Capacity, Nanos};
use crate::numbers::{exact, nanoseconds, number};

/// One rate that was tried, and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CapacityProbe {
    /// Checks a second that were asked for.
    pub per_second: f64,
    /// Whether the bound was kept.
    pub kept: bool,
    /// Checks a second that were answered.
    pub answered: f64,
    /// The 99th percentile of latency.
    pub p99_ns: Nanos,
    /// Whether it was broken while the generator itself was behind.
    pub behind: bool,
    /// Why it was kept or not, in words.
    pub reason: String,
}

/// Everything that a presenter needs to know of a search.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct CapacityReport<'a> {
    /// What was found.
    pub capacity: &'a Capacity,
    /// What was tried.
    pub probes: &'a [CapacityProbe],
    /// The bound.
    pub bound: &'a str,
    /// Who was asked.
    pub target: &'a str,
}

/// Writes a search in one format.
///
/// # Errors
/// When the writer fails.
pub fn write_load_capacity(report: &CapacityReport, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => write_text(&verdict(report), &[probes(report)], out),
        Format::Markdown => table::write_markdown(&verdict(report), &[probes(report)], out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report)?;
            writeln!(out)
        }
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(out);
            report.probes.iter().try_for_each(|probe| writer.serialize(probe)).map_err(io::Error::other)?;
            writer.flush()
        }
    }
}

fn verdict(report: &CapacityReport) -> String {
    let bound = report.bound;
    if report.capacity.is_partial {
        return match report.capacity.per_second {
            Some(rate) => {
                format!("The search was stopped: {} {bound}, tried once; more may do.", keeps(rate))
            }
            None => format!("The search was stopped before any rate was seen to keep {bound}."),
        };
    }
    let Some(rate) = report.capacity.per_second else { return none_found(report.capacity, bound) };
    let more = match (report.capacity.is_most, report.capacity.is_untold) {
        (true, _) => "no more are tried",
        (false, true) => "whether more do cannot be told: the generator itself was behind",
        (false, false) => "5 % more do not",
    };
    format!("{} {bound}, twice; {more}.", keeps(rate))
}

/// `1 check a second keeps`, `1.5 checks a second keep`, `400 checks a second keep`.
fn keeps(rate: f64) -> String {
    let checks = per_second(rate);
    if checks == "1" { "1 check a second keeps".to_owned() } else { format!("{checks} checks a second keep") }
}

/// A rate; with a decimal where it is low.
fn per_second(rate: f64) -> String {
    if rate < 9.95 { exact((rate * 10.0).round() / 10.0) } else { number(rate, 0) }
}

fn none_found(capacity: &Capacity, bound: &str) -> String {
    let lowest = capacity.probes.last().map_or(0.0, |probe| probe.per_second);
    let down_to = format!("down to {} a second", per_second(lowest));
    if capacity.is_untold {
        format!("Which rates keep {bound} cannot be told: the generator itself was behind, {down_to}.")
    } else if capacity.probes.iter().any(|probe| probe.kept) {
        format!("No rate was confirmed to keep {bound}, {down_to}: what kept it once did not keep it twice.")
    } else {
        format!("No rate keeps {bound}, {down_to}.")
    }
}

fn probes(report: &CapacityReport) -> Table {
    let mut table = Table::new(report.target, 1, &["asked for a second", "answered", "p99", "result"]);
    for probe in report.probes {
        table.row(vec![
            per_second(probe.per_second),
            per_second(probe.answered),
            nanoseconds(probe.p99_ns as f64),
            probe.reason.clone(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::load::{Tried, find_capacity};

    fn told(keeps: impl FnMut(f64) -> Option<Tried>) -> String {
        let capacity = find_capacity(100.0, 1e6, keeps);
        verdict(&CapacityReport { capacity: &capacity, probes: &[], bound: "p99<2ms", target: "a target" })
    }

    #[test]
    fn one_check_is_told_as_one() {
        assert_eq!(
            [1.0, 1.48, 400.4].map(keeps),
            ["1 check a second keeps", "1.5 checks a second keep", "400 checks a second keep"]
        );
    }

    #[test]
    fn the_verdict_says_what_was_tried_and_blames_the_right_one() {
        let up_to = |most: f64, beyond: Tried| {
            told(move |rate| Some(if rate <= most { Tried::Kept } else { beyond }))
        };
        assert_eq!(up_to(400.0, Tried::Broken), "400 checks a second keep p99<2ms, twice; 5 % more do not.");
        let behind = "400 checks a second keep p99<2ms, twice; whether more do cannot be told: the generator itself was behind.";
        assert_eq!(up_to(400.0, Tried::Behind), behind);
        assert_eq!(
            up_to(1e7, Tried::Broken),
            "1,000,000 checks a second keep p99<2ms, twice; no more are tried."
        );
        assert_eq!(up_to(0.0, Tried::Broken), "No rate keeps p99<2ms, down to 1.6 a second.");
        let untold =
            "Which rates keep p99<2ms cannot be told: the generator itself was behind, down to 1.6 a second.";
        assert_eq!(up_to(0.0, Tried::Behind), untold);
        let mut seen = Vec::new();
        let once = told(|rate| {
            let is_first = !seen.contains(&rate);
            seen.push(rate);
            Some(if is_first && rate <= 400.0 { Tried::Kept } else { Tried::Broken })
        });
        let unconfirmed = "No rate was confirmed to keep p99<2ms, down to 246 a second: what kept it once did not keep it twice.";
        assert_eq!(once, unconfirmed);
    }
}
