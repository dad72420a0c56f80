//! Presents results: verdict, tables, Markdown, JSON, CSV, and the folder with plots and the page. It computes nothing:
//! every number shown stands in `results` or is a method of it. No file holds a clock, a host name or an elapsed time,
//! so equal runs give equal bytes.

mod advice;
mod aftermath;
mod blast;
mod causes;
mod csv;
mod floor;
mod folder;
mod hits;
#[cfg(feature = "plot")]
mod html;
mod json;
mod limits;
#[cfg(feature = "load")]
mod load;
#[cfg(feature = "load")]
mod load_accuracy;
#[cfg(feature = "load")]
mod load_capacity;
#[cfg(all(feature = "load", feature = "plot"))]
mod load_page;
mod pace;
mod pages;
mod remedies;
mod scan;
mod scan_folder;
mod sections;
mod table;
mod tokens;
mod verdict;
#[cfg(feature = "plot")]
mod words;

use std::io::{self, Write};
use std::path::PathBuf;

use serde::Serialize;

use crate::results::{Results, RiskCurve, Savings};
use crate::scenario::Scenario;

pub use csv::write_combined_csv;
pub use folder::{check_folder, check_load_folder, check_pace_folder, write_folder, write_pace_folder};
pub use json::SCHEMA_VERSION;
#[cfg(feature = "load")]
pub use load::{LoadReport, load_verdict, write_load, write_load_comparison, write_load_folder};
#[cfg(feature = "load")]
pub use load_accuracy::write_load_accuracy;
#[cfg(feature = "load")]
pub use load_capacity::{CapacityProbe, CapacityReport, write_load_capacity};
pub use pace::{PaceAnswer, PaceReport, pace_table, pace_verdict, write_pace};
pub use scan::{LogFacts, ScanReport, scan_verdict, write_scan};
pub use scan_folder::ScanFolder;
pub use tokens::{TokenExpiry, token_expiry};
pub use verdict::verdict;

/// Everything that a presenter needs to know of one run.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What was simulated.
    pub scenario: &'a Scenario,
    /// What made the numbers.
    pub provenance: &'a Provenance,
    /// The numbers.
    pub results: &'a Results,
    /// The risk at other paces, if it was computed.
    pub curve: Option<&'a RiskCurve>,
    /// What each cause costs, if it was computed.
    pub savings: Option<&'a Savings>,
}

/// What made the numbers: enough to repeat the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Provenance {
    /// Version of pacewise.
    pub version: String,
    /// The command, word by word, without the number of threads and the output folder.
    pub command: Vec<String>,
    /// The seed.
    pub seed: u64,
    /// Replicates done.
    pub replicates: u64,
    /// Why the run ended, as a sentence without a full stop.
    pub stop_reason: String,
    /// The resolution that was used: `day` or `event`.
    pub resolution: String,
    /// Why this resolution was used.
    pub resolution_reason: String,
    /// The hash of the resolved scenario, see [`Scenario::hash`].
    pub scenario_hash: String,
    /// The target triple that the program was built for.
    pub target: String,
}

impl Provenance {
    /// The command as one would type it; words with blanks are quoted.
    #[must_use]
    pub fn command_line(&self) -> String {
        command_line(&self.command)
    }
}

/// Words as one would type them; those with blanks and signs of the shell are quoted.
fn command_line(words: &[String]) -> String {
    let quoted = words.iter().map(|word| {
        let bare = !word.is_empty()
            && !word.contains(|c: char| c.is_whitespace() || "'\"\\$&|;<>()*?#~`".contains(c));
        if bare { word.clone() } else { format!("'{}'", word.replace('\'', r"'\''")) }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// How [`write()`] presents a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Aligned tables of at most 100 columns.
    Table,
    /// The content of `summary.json`.
    Json,
    /// The content of `estimates.csv`.
    Csv,
    /// The tables as Markdown.
    Markdown,
}

/// Writes a report in one format.
///
/// # Errors
/// When the writer fails.
pub fn write(report: &Report, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => table::write_text(&verdict(report), &sections::of_report(report), out),
        Format::Markdown => {
            writeln!(out, "# {}\n", report.scenario.name)?;
            table::write_markdown(&verdict(report), &sections::of_report(report), out)
        }
        Format::Json => json::write(report, out),
        Format::Csv => csv::write_estimates(report, out),
    }
}

/// The system's message without its number and without the names of temporary files.
fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Why a report could not be written; the report that was there before is untouched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// A file or folder could not be written.
    #[error("cannot write {}: {}", path.display(), reason(source))]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The output path is something else than a folder.
    #[error("{} exists and is no folder", .0.display())]
    NotAFolder(PathBuf),
    /// The folder holds files, but no report.
    #[error("{} is not empty and holds no report (no summary.json or pace.json): choose another folder or empty it", .0.display())]
    NotAReport(PathBuf),
    /// The folder holds a report of another kind.
    #[error("{} holds a report {what}: choose another folder or empty it", folder.display())]
    OtherReport {
        /// The folder.
        folder: PathBuf,
        /// What it is a report of.
        what: &'static str,
    },
    /// The folder holds a report and other files, which a replacement would lose.
    #[error("{} holds files that no report of this kind writes: {}; move them or choose another folder", folder.display(), files.join(", "))]
    ForeignFiles {
        /// The folder.
        folder: PathBuf,
        /// Their names, sorted.
        files: Vec<String>,
    },
    /// A plot could not be drawn.
    #[cfg(feature = "plot")]
    #[error("cannot draw {name}: {source}")]
    Plot {
        /// Which plot.
        name: &'static str,
        /// Why.
        source: crate::plot::PlotError,
    },
}
