//! The answer of the pace command: risk and delivered actions at every pace, and the largest pace that keeps the bound.

use std::io::{self, Write};

use serde::Serialize;

use super::table::{Table, write_markdown, write_text};
use super::{Format, Provenance, floor, json};
use crate::numbers::{
    exact, mean_with_interval, number, percent, percent_interval, percent_with_interval, plain, share,
};
use crate::results::RiskCurve;
use crate::scenario::Scenario;
use crate::stats::Estimate;

/// Everything that a presenter needs to know of a search for a pace.
#[derive(Debug, Clone, Copy)]
pub struct PaceReport<'a> {
    /// The scenario whose demand was scaled.
    pub scenario: &'a Scenario,
    /// What made the numbers.
    pub provenance: &'a Provenance,
    /// Risk and delivery at every pace.
    pub curve: &'a RiskCurve,
    /// The largest risk allowed.
    pub bound: f64,
    /// The answer; none: no pace of the grid keeps the bound.
    pub answer: Option<&'a PaceAnswer>,
}

/// The largest pace whose upper limit is under the bound, confirmed on fresh random streams.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PaceAnswer {
    /// Factor on today's demand.
    pub factor: f64,
    /// Mean number demanded per account and workday.
    pub per_day: f64,
    /// The risk on fresh streams.
    pub confirmed: Estimate,
    /// Mean number delivered by the whole team within the horizon.
    pub delivered: Estimate,
    /// How many actions were asked for in all and the fewest days that they take at this pace; no days: more than the horizon.
    pub total: Option<(u64, Option<u32>)>,
}

/// The search in one sentence.
#[must_use]
pub fn pace_verdict(report: &PaceReport) -> String {
    let what = report.curve.action.as_deref().unwrap_or("all actions together");
    let risk = format!("P({}, {})", report.curve.event, whose(report.curve));
    let Some(answer) = report.answer else {
        let bound = share(report.bound);
        return format!(
            "none: no pace of {what} that was tried keeps {risk} under {bound}{}{}",
            doubt(report),
            floor(report)
        );
    };
    let fastest = report.curve.points.last().is_some_and(|point| point.factor <= answer.factor);
    let (reach, tried) = if fastest { ("at least", ", the fastest pace tried") } else { ("up to", "") };
    let pace = format!(
        "{reach} {} per account and workday ({} times today's plan{tried})",
        plain(answer.per_day),
        exact(answer.factor)
    );
    let held_back = if fastest && no_more_is_delivered(report.curve) {
        "; at the fastest paces no more is delivered, since something holds it back, such as the team's own caps"
    } else {
        ""
    };
    let days = answer
        .total
        .map(|(total, days)| match days {
            Some(days) => format!("; {} actions take {days} days at it", number(total as f64, 0)),
            None => format!("; {} actions take longer than the horizon at it", number(total as f64, 0)),
        })
        .unwrap_or_default();
    format!(
        "{what}: {pace} keep {risk} under {}; confirmed {}{days}{held_back}",
        share(report.bound),
        percent_with_interval(&answer.confirmed)
    )
}

/// Whether the fastest pace delivers no more than the one before it.
fn no_more_is_delivered(curve: &RiskCurve) -> bool {
    let [.., before, last] = curve.points.as_slice() else { return false };
    last.delivered.low <= before.delivered.high
}

/// The fastest pace that seemed to keep the bound, where only certainty is missing.
fn doubt(report: &PaceReport) -> String {
    let seems = report.curve.points.iter().rfind(|point| point.risk.value <= report.bound);
    let replicates = number(report.curve.replicates as f64, 0);
    seems.map_or_else(String::new, |point| {
        let pace = exact(point.factor);
        format!(" with certainty; x {pace} may, but {replicates} replicates are too few to tell: try more")
    })
}

/// What no pace can take away, where even the slowest one surely breaks the bound.
fn floor(report: &PaceReport) -> String {
    let PaceReport { scenario, curve, .. } = *report;
    let Some(slowest) = curve.points.first().filter(|point| point.risk.low > report.bound) else {
        return String::new();
    };
    let rule = floor::exceeded_at_any_pace(scenario, &curve.event)
        .map(|rule| format!("; {rule} has a limit of 0, which every pace exceeds"));
    let cause = floor::besides_volume(scenario, &curve.event, curve.action.as_deref())
        .map(|cause| format!("; causes besides volume set a floor, most of all {cause}"));
    let why = [rule, cause].into_iter().flatten().collect::<String>();
    if why.is_empty() {
        return why;
    }
    format!("{why}: at x {} the risk is still {}", exact(slowest.factor), percent(&slowest.risk))
}

/// Whose risk a curve shows, in words.
pub(super) fn whose(curve: &RiskCurve) -> &str {
    match curve.of.as_str() {
        "worst" => "worst-off account",
        "mean" => "mean account",
        "team" => "anyone of the team",
        other => other,
    }
}

/// The risk curve as plain text of at most 100 columns.
#[must_use]
pub fn pace_table(curve: &RiskCurve) -> String {
    let mut out = Vec::new();
    // Writing to memory cannot fail.
    let _ = write_text("", &[curve_table(curve)], &mut out);
    String::from_utf8_lossy(&out).trim_start().to_owned()
}

/// The risk curve as a table.
pub(super) fn curve_table(curve: &RiskCurve) -> Table {
    let what = curve.action.as_deref().unwrap_or("all actions scaled together");
    let title = format!("Risk of {} at other paces: {what}", curve.risk_in_words());
    let head = [
        "pace",
        "per account and workday",
        "risk",
        &format!("{} interval", share(curve.level)),
        "delivered by the team",
    ];
    let mut table = Table::new(title, 1, &head);
    for point in &curve.points {
        let today = if point.factor == 1.0 { " (today's plan)" } else { "" };
        table.row(vec![
            format!("x {}{today}", exact(point.factor)),
            plain(point.per_day),
            percent(&point.risk),
            percent_interval(&point.risk),
            mean_with_interval(&point.delivered),
        ]);
    }
    table.note = curve.today().filter(|today| today.replicates != curve.replicates).map(|today| {
        format!(
            "Today's plan rests on all {} replicates of the run, each other pace on {}.",
            number(today.replicates as f64, 0),
            number(curve.replicates as f64, 0)
        )
    });
    table
}

/// Writes the answer and the curve in one format.
///
/// # Errors
/// When the writer fails.
pub fn write_pace(report: &PaceReport, format: Format, out: &mut impl Write) -> io::Result<()> {
    match format {
        Format::Table => write_text(&pace_verdict(report), &[curve_table(report.curve)], out),
        Format::Markdown => write_markdown(&pace_verdict(report), &[curve_table(report.curve)], out),
        Format::Json => json::write_pace(report, out),
        Format::Csv => super::csv::write_curve(report.curve, out),
    }
}
