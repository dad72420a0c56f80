//! Presents the largest rate that keeps a bound.

use std::io::{self, Write};

use serde::Serialize;

use super::Format;
use super::table::{self, Table, write_text};
use crate::load::{Capacity, Nanos};
use crate::numbers::{nanoseconds, number};

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
            Some(rate) => format!(
                "The search was stopped: {} checks a second keep {bound}, tried once; more may do.",
                number(rate, 0)
            ),
            None => format!("The search was stopped before any rate was seen to keep {bound}."),
        };
    }
    match (report.capacity.per_second, report.capacity.is_most) {
        (Some(rate), false) => {
            format!("{} checks a second keep {bound}, twice; 5 % more do not.", number(rate, 0))
        }
        (Some(rate), true) => format!("{} checks a second keep {bound}; no more are tried.", number(rate, 0)),
        (None, _) => format!("No rate keeps {bound}."),
    }
}

fn probes(report: &CapacityReport) -> Table {
    let mut table = Table::new(report.target, 1, &["asked for a second", "answered", "p99", "result"]);
    for probe in report.probes {
        table.row(vec![
            number(probe.per_second, 0),
            number(probe.answered, 0),
            nanoseconds(probe.p99_ns as f64),
            probe.reason.clone(),
        ]);
    }
    table
}
