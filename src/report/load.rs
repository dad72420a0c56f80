//! Presents what a load test found: verdict, tables, JSON, and the folder with histograms and plots.

use std::io::{self, Write};
use std::path::Path;

use super::folder::{self, Target};
use super::table::{Table, write_text};
use super::{Format, ReportError, table};
use crate::load::{
    Call, Curves, Fault, Latency, Measure, QUANTILES, Ratio, Summary, WrongDecision, write_timeseries,
};
use crate::numbers::{counted, nanoseconds, number, plain, share};
use crate::rulebook::Rulebook;
use crate::time::utc_text;

/// Everything that a presenter needs to know of a load test.
#[derive(Debug, Clone, Copy)]
pub struct LoadReport<'a> {
    /// What was found.
    pub summary: &'a Summary,
    /// The latencies.
    pub curves: &'a Curves,
    /// The rules that answers were held against.
    pub book: Option<&'a Rulebook>,
}

/// Writes a report in one format; CSV is the time series.
///
/// # Errors
/// When the writer fails.
pub fn write_load(report: &LoadReport, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => write_text(&load_verdict(report.summary), &tables(report), out),
        Format::Markdown => {
            writeln!(out, "# Load test\n")?;
            table::write_markdown(&load_verdict(report.summary), &tables(report), out)
        }
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, report.summary)?;
            writeln!(out)
        }
        Format::Csv => write_timeseries(report.summary, out).map_err(io::Error::other),
    }
}

/// Writes the report into a folder: `summary.json`, `latency.hgrm`, `latency.hlog`, `timeseries.csv` and, with the feature
/// `plot`, plots and `report.html`.
///
/// # Errors
/// As [`write_folder`](super::write_folder).
pub fn write_load_folder(report: &LoadReport, folder: &Path) -> Result<(), ReportError> {
    let target = Target::new(folder, folder::Kind::Load)?;
    let memory = |format| folder::bytes(|out| write_load(report, format, out));
    let mut files = vec![
        ("summary.json".to_owned(), memory(Format::Json)?),
        ("timeseries.csv".to_owned(), memory(Format::Csv)?),
        ("latency.hgrm".to_owned(), report.curves.hgrm.clone().into_bytes()),
        ("latency.hlog".to_owned(), report.curves.hlog.clone()),
    ];
    add_plots(report, &mut files)?;
    target.replace(&files)
}

#[cfg(feature = "plot")]
fn add_plots(report: &LoadReport, files: &mut Vec<folder::File>) -> Result<(), ReportError> {
    use super::folder::Plot;
    use crate::plot;
    if report.summary.checks == 0 {
        return Ok(());
    }
    let plots = [
        Plot::new("latency", plot::load_latency(report.summary, report.curves))?,
        Plot::new("latency_over_time", plot::load_over_time(report.summary))?,
        Plot::new("throughput", plot::load_throughput(report.summary))?,
    ];
    files.push(("report.html".to_owned(), super::load_page::page(report, &plots).into_bytes()));
    for plot in &plots {
        files.extend(plot.files()?);
    }
    Ok(())
}

#[cfg(not(feature = "plot"))]
fn add_plots(_: &LoadReport, _: &mut Vec<folder::File>) -> Result<(), ReportError> {
    Ok(())
}

/// The answer in one sentence.
#[must_use]
pub fn load_verdict(summary: &Summary) -> String {
    let errors = summary.all_errors();
    let wrong = summary.wrong.total();
    let answers = format!(
        "{} in {} s, {} a second",
        counted(summary.checks, "check"),
        plain(summary.seconds),
        number(summary.checks_per_second, 0)
    );
    let judged = match (summary.judged, wrong) {
        (0, _) => "no answer was judged".to_owned(),
        (1, 0) => "the only judged answer is right".to_owned(),
        (1, _) => "the only judged answer is WRONG".to_owned(),
        (judged, 0) => format!("all {} judged answers are right", number(judged as f64, 0)),
        (judged, wrong) => {
            format!("{} of {} judged answers are WRONG", number(wrong as f64, 0), number(judged as f64, 0))
        }
    };
    let failed = match errors {
        0 => String::new(),
        errors => format!(", {} without an answer", counted(errors, "check")),
    };
    let broken = summary.thresholds.iter().filter(|kept| !kept.kept).count();
    let thresholds = match (summary.thresholds.len(), broken) {
        (0, _) => String::new(),
        (1, 0) => "; the only threshold is kept".to_owned(),
        (_, 0) => "; every threshold is kept".to_owned(),
        (1, _) => "; the only threshold is BROKEN".to_owned(),
        (all, broken) => {
            format!("; {broken} of {all} thresholds {} broken", if broken == 1 { "is" } else { "are" })
        }
    };
    let partial = if summary.is_partial { "partial results: " } else { "" };
    format!("{partial}{answers}: {judged}{failed}{thresholds}.")
}

/// The tables, in the order of reading.
pub(super) fn tables(report: &LoadReport) -> Vec<Table> {
    let summary = report.summary;
    let mut tables = vec![latencies(summary), outcomes(summary), thresholds(summary)];
    let is_first = |place: usize, fault: Fault| {
        summary.wrong_decisions[..place].iter().all(|before| before.wrong.fault != fault)
    };
    let wrong = summary.wrong_decisions.iter().enumerate();
    let shown = wrong.filter(|(place, wrong)| is_first(*place, wrong.wrong.fault));
    tables.extend(shown.filter_map(|(_, wrong)| history(wrong, report.book)));
    tables.push(basis(summary));
    tables.retain(|table| !table.rows.is_empty() || table.note.is_some());
    tables
}

fn latencies(summary: &Summary) -> Table {
    let mut head = vec!["", "checks", "mean"];
    head.extend(QUANTILES.iter().map(|(name, _)| *name).filter(|name| !matches!(*name, "p75" | "p95")));
    head.push("max");
    let mut table = Table::new("Latency from the intended start", 1, &head);
    let latency = &summary.latency;
    let rows = [
        ("all", &latency.all),
        ("allowed", &latency.allowed),
        ("denied", &latency.denied),
        ("schedule error", &summary.schedule_error),
    ];
    for (name, latency) in rows {
        if let Some(latency) = latency {
            table.row(latency_row(name, latency));
        }
    }
    table.note = Some(format!(
        "Reading the clock costs {}; this process took {} us of CPU for each check.",
        nanoseconds(summary.clock_ns),
        plain(summary.cpu_us_per_check)
    ));
    table
}

fn latency_row(name: &str, latency: &Latency) -> Vec<String> {
    let mut row = vec![name.to_owned(), number(latency.count as f64, 0), nanoseconds(latency.mean_ns)];
    let told = QUANTILES.iter().filter(|(name, _)| !matches!(*name, "p75" | "p95"));
    row.extend(told.map(|(_, share)| latency.at(*share).map_or(String::new(), |ns| nanoseconds(ns as f64))));
    row.push(nanoseconds(latency.max_ns as f64));
    row
}

fn outcomes(summary: &Summary) -> Table {
    let mut table = Table::new("Answers", 1, &["", "checks", "share"]);
    let all = summary.checks + summary.all_errors();
    let mut row = |name: &str, count: u64| {
        let of = if all > 0 { share(count as f64 / all as f64) } else { String::new() };
        table.row(vec![name.to_owned(), number(count as f64, 0), of]);
    };
    row("allowed", summary.allowed);
    row("denied", summary.denied);
    summary.errors.iter().for_each(|(kind, count)| row(kind, *count));
    let wrong = summary.wrong;
    let faults = [
        ("wrong: allowed", wrong.allow),
        ("wrong: denied", wrong.deny),
        ("wrong: rule", wrong.rule),
        ("wrong: retry-after", wrong.retry_after),
    ];
    faults.iter().filter(|(_, count)| *count > 0).for_each(|(name, count)| row(name, *count));
    table.note = (!summary.warnings.is_empty()).then(|| format!("Warning: {}.", summary.warnings.join("; ")));
    table
}

fn thresholds(summary: &Summary) -> Table {
    let mut table = Table::new("Thresholds", 1, &["threshold", "kept", "measured"]);
    for kept in &summary.thresholds {
        let measured = match kept.measured {
            None => "nothing".to_owned(),
            Some(ns) if kept.is_time => nanoseconds(ns),
            Some(value) => plain(value),
        };
        table.row(vec![kept.threshold.clone(), if kept.kept { "yes" } else { "NO" }.to_owned(), measured]);
    }
    table
}

/// The most checks of a history that are shown.
const MOST_SHOWN: usize = 12;

fn history(wrong: &WrongDecision, book: Option<&Rulebook>) -> Option<Table> {
    let calls = match &wrong.history {
        Some(history) => history.clone(),
        None => wrong.wrong.evidence.iter().copied().chain([wrong.wrong.call]).collect(),
    };
    let title = match &wrong.history {
        Some(_) => "A wrong answer, and the shortest history after which a fresh target errs",
        None => "A wrong answer, and what had been allowed before, which shows it",
    };
    let mut table = Table::new(title, 2, &["check", "action", "at", "before the last"]);
    let last = calls.last()?.at;
    let row = |place: usize, call: &Call| {
        let action = book.map_or_else(|| call.action.to_string(), |book| book.action(call.action));
        let number = format!("{} of {}", place + 1, calls.len());
        vec![number, action, utc_text(call.at), format!("{} ms", number_of(last - call.at))]
    };
    let shown = |place: &usize| *place < MOST_SHOWN / 2 || place + MOST_SHOWN / 2 >= calls.len();
    for (place, call) in calls.iter().enumerate().filter(|(place, _)| shown(place)) {
        table.row(row(place, call));
    }
    let between = match calls.len().saturating_sub(MOST_SHOWN) {
        0 => String::new(),
        1 => " 1 check between these is in summary.json.".to_owned(),
        between => format!(" {} between these are in summary.json.", counted(between as u64, "check")),
    };
    table.note = Some(format!("{}.{between}", wrong.what));
    Some(table)
}

fn number_of(value: i64) -> String {
    number(value as f64, 0)
}

fn basis(summary: &Summary) -> Table {
    let mut table = Table::new("What was run", 2, &["of the run", "is"]);
    let warm_up = match summary.warm_up_checks {
        0 => "none".to_owned(),
        checks => format!("{} s, {}", plain(summary.warm_up_seconds), counted(checks, "check")),
    };
    let machine = summary.machine.map_or_else(
        || "not known".to_owned(),
        |machine| {
            let (before, after) = (machine.load_before, machine.load_after);
            format!("{before:.1} before, {after:.1} after, {}", counted(machine.cores as u64, "core"))
        },
    );
    let times = match summary.times.as_str() {
        "given" => "those of the workload",
        _ => "the clock's",
    };
    for (name, value) in [
        ("workload", summary.workload.as_str()),
        ("target", &summary.target),
        ("pace", &summary.pace),
        ("checks to a request", &number(summary.batch as f64, 0)),
        ("judged by", &summary.rules),
        ("times", times),
        ("seed", &summary.seed.to_string()),
        ("warm-up, left out", &warm_up),
        ("load of the machine", &machine),
    ] {
        table.row(vec![name.to_owned(), value.to_owned()]);
    }
    table
}

/// Writes how two runs compare; `by` is the measure that decides.
///
/// # Errors
/// When the writer fails.
pub fn write_load_comparison(
    ratios: &[Ratio],
    by: Measure,
    level: f64,
    format: Format,
    out: &mut impl Write,
) -> io::Result<()> {
    let tables = [comparison(ratios, level)];
    let verdict = comparison_verdict(ratios, by, level);
    match format {
        Format::Table => write_text(&verdict, &tables, out),
        Format::Markdown => table::write_markdown(&verdict, &tables, out),
        Format::Json => {
            serde_json::to_writer_pretty(&mut *out, ratios)?;
            writeln!(out)
        }
        Format::Csv => {
            let mut writer = csv::Writer::from_writer(out);
            ratios.iter().try_for_each(|ratio| writer.serialize(ratio)).map_err(io::Error::other)?;
            writer.flush()
        }
    }
}

fn name_of(measure: Measure) -> &'static str {
    match measure {
        Measure::Mean => "mean latency",
        Measure::P50 => "p50 latency",
        Measure::P99 => "p99 latency",
        Measure::Answered => "answered a slice",
    }
}

fn comparison_verdict(ratios: &[Ratio], by: Measure, level: f64) -> String {
    let Some(ratio) = ratios.iter().find(|ratio| ratio.measure == by) else {
        return "nothing was compared.".to_owned();
    };
    let interval =
        format!("x {:.3} [{:.3}, {:.3}], {} interval", ratio.ratio, ratio.low, ratio.high, share(level));
    let name = name_of(by);
    if ratio.is_slower() {
        format!("B is SLOWER than A by its {name}: {interval}.")
    } else if ratio.is_faster() {
        format!("B is faster than A by its {name}: {interval}.")
    } else {
        format!("B is not shown to be slower than A by its {name}: {interval}.")
    }
}

fn comparison(ratios: &[Ratio], level: f64) -> Table {
    let mut table =
        Table::new("B against A", 1, &["", "A", "B", "B / A", &format!("{} interval", share(level)), "B is"]);
    for ratio in ratios {
        let value =
            |value: f64| if ratio.measure == Measure::Answered { plain(value) } else { nanoseconds(value) };
        let is = match (ratio.is_slower(), ratio.is_faster()) {
            (true, _) => "slower",
            (_, true) => "faster",
            _ => "not told apart",
        };
        table.row(vec![
            name_of(ratio.measure).to_owned(),
            value(ratio.a),
            value(ratio.b),
            format!("{:.3}", ratio.ratio),
            format!("[{:.3}, {:.3}]", ratio.low, ratio.high),
            is.to_owned(),
        ]);
    }
    table.note = Some("Intervals by the block bootstrap over slices of time.".to_owned());
    table
}
