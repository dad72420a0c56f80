//! What a load test measured: latency by percentile, latency over time, and throughput.

use super::PlotError;
use super::axes::{Frame, round_ticks};
use super::canvas::{
    BLUE, Canvas, INK, Lettering, MUTED, Marker, ORANGE, Point, SKY, Stroke, VERMILLION, WIDTH, picture,
};
use super::labels::{EndLabel, end_labels, heading};
use crate::load::{Curves, Nanos, SliceSummary, Summary};
use crate::numbers::{counted, exact, nanoseconds, number};

const HEIGHT: f64 = 470.0;
/// Dashes that tell lines apart without their colours.
const LONG: Option<(f64, f64)> = Some((9.0, 3.0));
const SHORT: Option<(f64, f64)> = Some((4.0, 3.0));
const DOTS: Option<(f64, f64)> = Some((2.0, 3.0));

/// A line with its name and a number that says what it shows.
struct Line {
    name: &'static str,
    value: String,
    stroke: Stroke,
    points: Vec<Point>,
}

/// Draws the latency at each percentile, of all checks and by decision.
///
/// # Errors
/// When the backend refuses to draw.
pub fn load_latency(summary: &Summary, curves: &Curves) -> Result<String, PlotError> {
    let looks = [("all", INK, 2.2, None), ("allowed", BLUE, 1.6, LONG), ("denied", ORANGE, 1.6, SHORT)];
    let lines: Vec<Line> = looks
        .iter()
        .zip(&curves.percentiles)
        .filter(|(_, curve)| !curve.is_empty())
        .map(|(&(name, color, width, dash), curve)| Line {
            name,
            value: format!("p99 {}", at(summary, name, 0.99)),
            stroke: Stroke { color, width, dash },
            points: curve.iter().map(|&(share, ns)| (-(1.0 - share).log10(), decade(ns))).collect(),
        })
        .collect();
    let title = latency_title(summary);
    let reach = lines.iter().flat_map(|line| &line.points).map(|point| point.0).fold(1.0, f64::max);
    picture(HEIGHT, &title, |canvas| {
        let top = heading(
            canvas,
            &title,
            "from the instant at which each check was due; both axes are logarithmic",
        )?;
        let frame = frame(top, &lines, (0.0, reach));
        latency_axis(canvas, &frame)?;
        let nines: Vec<f64> = (0..=reach as u32).map(f64::from).collect();
        frame.x_ticks(canvas, &nines, percentile_tick)?;
        draw(canvas, &frame, &lines)?;
        below(canvas, &frame, "percentile of checks")
    })
}

/// Draws the latency of each slice of time.
///
/// # Errors
/// When the backend refuses to draw.
pub fn load_over_time(summary: &Summary) -> Result<String, PlotError> {
    let most = summary.latency.all.as_ref().map_or(0, |all| all.max_ns);
    let line = |name, (color, width, dash), value: String, pick: fn(&SliceSummary) -> Nanos| Line {
        name,
        value,
        stroke: Stroke { color, width, dash },
        points: over_time(summary, |slice| (slice.counts.answered > 0).then(|| decade(pick(slice)))),
    };
    let lines = [
        line("max", (VERMILLION, 1.2, SHORT), time(most), |slice| slice.max_ns),
        line("p99", (BLUE, 2.0, LONG), at(summary, "all", 0.99), |slice| slice.p99_ns),
        line("p50", (INK, 2.0, None), at(summary, "all", 0.5), |slice| slice.p50_ns),
    ];
    let p99 = || shown(summary).iter().filter(|slice| slice.counts.answered > 0).map(|slice| slice.p99_ns);
    let (best, worst) = (p99().min().unwrap_or(0), p99().max().unwrap_or(0));
    let title = if best == worst {
        format!("In each slice 99 % were answered within {}", time(best))
    } else {
        format!("From slice to slice, 99 % were answered within {} to {}", time(best), time(worst))
    };
    picture(HEIGHT, &title, |canvas| {
        let slice = format!("by slice of {} s; the axis is logarithmic", exact(summary.slice_seconds));
        let top = heading(canvas, &title, &slice)?;
        let frame = frame(top, &lines, (0.0, end_of(summary)));
        latency_axis(canvas, &frame)?;
        seconds_axis(canvas, &frame)?;
        draw(canvas, &frame, &lines)
    })
}

/// Draws the checks a second that were answered, denied, and not answered.
///
/// # Errors
/// When the backend refuses to draw.
pub fn load_throughput(summary: &Summary) -> Result<String, PlotError> {
    let line = |name, (color, width, dash), pick: fn(&SliceSummary) -> u64| Line {
        name,
        value: number(summary.slices.iter().map(pick).sum::<u64>() as f64, 0),
        stroke: Stroke { color, width, dash },
        points: over_time(summary, |slice| Some(slice.per_second(pick(slice)))),
    };
    let mut lines = vec![
        line("answered", (INK, 2.2, None), |slice| slice.counts.answered),
        line("denied", (ORANGE, 1.6, SHORT), |slice| slice.counts.denied),
        line("errors", (VERMILLION, 1.6, LONG), |slice| slice.counts.errors),
        line("wrong", (SKY, 1.6, DOTS), |slice| slice.counts.wrong),
    ];
    lines.retain(|line| line.name == "answered" || line.points.iter().any(|point| point.1 > 0.0));
    let answered = summary.checks_per_second.round() as u64;
    let were = if answered == 1 { "was" } else { "were" };
    let title = format!("{} a second {were} answered", counted(answered, "check"));
    picture(HEIGHT, &title, |canvas| {
        let slice = format!("by slice of {} s", exact(summary.slice_seconds));
        let top = heading(canvas, &title, &slice)?;
        let most = lines.iter().flat_map(|line| &line.points).map(|point| point.1).fold(1.0, f64::max);
        let ticks = round_ticks(most, 5.0);
        let mut frame = frame(top, &lines, (0.0, end_of(summary)));
        frame.y = (0.0, ticks[ticks.len() - 1]);
        frame.y_ticks(canvas, &ticks, |rate| number(rate, 0))?;
        seconds_axis(canvas, &frame)?;
        draw(canvas, &frame, &lines)
    })
}

fn latency_title(summary: &Summary) -> String {
    let (half, most) = (at(summary, "all", 0.5), at(summary, "all", 0.99));
    format!("Half of the checks were answered within {half}, 99 % within {most}")
}

/// A quantile of the latency of all, allowed or denied checks.
fn at(summary: &Summary, whose: &str, share: f64) -> String {
    let latency = match whose {
        "allowed" => &summary.latency.allowed,
        "denied" => &summary.latency.denied,
        _ => &summary.latency.all,
    };
    time(latency.as_ref().and_then(|latency| latency.at(share)).unwrap_or(0))
}

/// A latency as a power of ten.
fn decade(ns: Nanos) -> f64 {
    (ns.max(1) as f64).log10()
}

fn time(ns: Nanos) -> String {
    nanoseconds(ns as f64)
}

fn percentile_tick(nines: f64) -> String {
    match nines as usize {
        0 => "0".to_owned(),
        1 => "90".to_owned(),
        2 => "99".to_owned(),
        nines => format!("99.{}", "9".repeat(nines - 2)),
    }
}

fn over_time(summary: &Summary, pick: impl Fn(&SliceSummary) -> Option<f64>) -> Vec<Point> {
    let middle = |slice: &SliceSummary| slice.at_seconds + slice.lasted_seconds / 2.0;
    let shown = shown(summary).iter();
    shown.filter_map(|slice| pick(slice).map(|value| (middle(slice), value))).collect()
}

/// The slices that a picture shows: what is left of one after the end of the run would look like a collapse.
fn shown(summary: &Summary) -> &[SliceSummary] {
    match summary.slices.split_last() {
        Some((last, before)) if !before.is_empty() && last.lasted_seconds < summary.slice_seconds / 2.0 => {
            before
        }
        _ => &summary.slices,
    }
}

fn end_of(summary: &Summary) -> f64 {
    (summary.slices.len() as f64 * summary.slice_seconds).max(summary.slice_seconds)
}

/// The frame around lines whose values are powers of ten.
fn frame(top: f64, lines: &[Line], x: (f64, f64)) -> Frame {
    let values = || lines.iter().flat_map(|line| &line.points).map(|point| point.1);
    let low = values().fold(f64::INFINITY, f64::min).min(9.0).floor();
    let high = values().fold(low + 1.0, f64::max).ceil();
    Frame { left: 84.0, right: WIDTH - 190.0, top: top + 26.0, bottom: HEIGHT - 56.0, x, y: (low, high) }
}

fn latency_axis(canvas: &Canvas, frame: &Frame) -> Result<(), PlotError> {
    let decades: Vec<f64> = (frame.y.0 as i32..=frame.y.1 as i32).map(f64::from).collect();
    frame.y_ticks(canvas, &decades, |power| time(10f64.powf(power).round() as Nanos))
}

fn seconds_axis(canvas: &Canvas, frame: &Frame) -> Result<(), PlotError> {
    let ticks: Vec<f64> =
        round_ticks(frame.x.1, 8.0).into_iter().filter(|tick| *tick <= frame.x.1 * 1.001).collect();
    frame.x_ticks(canvas, &ticks, exact)?;
    below(canvas, frame, "seconds")
}

fn below(canvas: &Canvas, frame: &Frame, text: &str) -> Result<(), PlotError> {
    let middle = f64::midpoint(frame.left, frame.right);
    canvas.text((middle, frame.bottom + 36.0), text, Lettering::new(12.5, MUTED).center())
}

/// Draws lines with their names beside their ends.
fn draw(canvas: &Canvas, frame: &Frame, lines: &[Line]) -> Result<(), PlotError> {
    let mut labels = Vec::new();
    for line in lines {
        canvas.line(&frame.path(&line.points), line.stroke)?;
        // A line of one point is none.
        if let [only] = line.points.as_slice() {
            canvas.marker(frame.at(*only), Marker::Dot, 4.0, line.stroke.color)?;
        }
        if let Some(last) = line.points.last() {
            let (name, value) = (line.name.to_owned(), line.value.clone());
            labels.push(EndLabel { end: frame.at(*last), name, value, stroke: line.stroke });
        }
    }
    end_labels(canvas, labels, frame.right + 14.0, (frame.top, frame.bottom))
}
