//! Risk and delivery against the pace, with today's plan marked.

use super::PlotError;
use super::axes::{Frame, percent_tick, round_ticks};
use super::canvas::{BLUE, Canvas, GREEN, INK, Lettering, Marker, Point, Stroke, VERMILLION, WIDTH, picture};
use super::labels::{fitted, heading, named, text_width};
use crate::numbers::{exact, number, percent, percent_with_interval, plain, share};
use crate::results::{RiskCurve, RiskPoint};
use crate::stats::Estimate;

const HEIGHT: f64 = 630.0;

/// Draws the risk and the delivered actions at each pace; `bound` is the largest risk allowed, if one was asked for.
///
/// # Errors
/// When the backend refuses to draw.
pub fn risk_curve(curve: &RiskCurve, bound: Option<f64>) -> Result<String, PlotError> {
    let title = title(curve);
    picture(HEIGHT, &alt(&title, curve), |canvas| {
        let top = heading(canvas, &title, &subtitle(curve))? + 40.0;
        let middle = top + (HEIGHT - top) * 0.56;
        let x = round_ticks(curve.points.iter().map(|point| point.per_day).fold(0.0, f64::max), 8.0);
        let range = (0.0, curve.points.last().map_or(1.0, |point| point.per_day * 1.02).max(1e-6));
        let x: Vec<f64> = x.into_iter().filter(|tick| *tick <= range.1).collect();
        let place =
            |top, bottom| Frame { left: 84.0, right: WIDTH - 60.0, top, bottom, x: range, y: (0.0, 1.0) };
        risk_panel(canvas, place(top, middle - 34.0), &x, curve, bound)?;
        delivery_panel(canvas, place(middle + 40.0, HEIGHT - 58.0), &x, curve)?;
        let unit = match &curve.action {
            Some(action) => named(action, " demanded per account and workday", 12.5, WIDTH - 160.0),
            None => "actions of all kinds demanded per account and workday".to_owned(),
        };
        canvas.text(((84.0 + WIDTH - 60.0) / 2.0, HEIGHT - 18.0), &unit, Lettering::new(12.5, INK).center())
    })
}

fn subtitle(curve: &RiskCurve) -> String {
    let replicates = |count: u64| number(count as f64, 0);
    let work = match curve.today() {
        Some(today) if today.replicates != curve.replicates => format!(
            "{} replicates for today's plan, {} at each other pace",
            replicates(today.replicates),
            replicates(curve.replicates)
        ),
        _ => format!("{} replicates at each pace", replicates(curve.replicates)),
    };
    format!("{work}, on the same random numbers; shaded: {} interval of each", share(curve.level))
}

fn title(curve: &RiskCurve) -> String {
    let risk = format!("the risk of {}", curve.risk_in_words());
    let (first, last) = (curve.points.first(), curve.points.last());
    let faster = curve.points.iter().filter(|point| point.factor > 1.0);
    let highest = faster.reduce(|best, point| if point.risk.value > best.risk.value { point } else { best });
    match (curve.today(), highest) {
        (Some(today), Some(highest)) => {
            let is_last = last.is_some_and(|last| last.risk.value >= highest.risk.value);
            let shown = if is_last { last.unwrap_or(highest) } else { highest };
            let most = if is_last { "" } else { ", where it is highest" };
            let (now, then) = (percent(&today.risk), percent(&shown.risk));
            format!("At today's pace {risk} is {now}; at {} times it, {then}{most}", exact(shown.factor))
        }
        (Some(today), None) => format!("At today's pace {risk} is {}", percent(&today.risk)),
        (None, _) => match (first, last) {
            (Some(first), Some(last)) => {
                format!("T{} is {} to {}", &risk[1..], percent(&first.risk), percent(&last.risk))
            }
            _ => "No pace was tried".to_owned(),
        },
    }
}

fn alt(title: &str, curve: &RiskCurve) -> String {
    let row = |point: &RiskPoint| format!("{} a day: {}", plain(point.per_day), percent(&point.risk));
    format!("{title}. {}.", curve.points.iter().map(row).collect::<Vec<_>>().join("; "))
}

fn points(curve: &RiskCurve, pick: impl Fn(&RiskPoint) -> f64) -> Vec<Point> {
    curve.points.iter().map(|point| (point.per_day, pick(point))).collect()
}

fn risk_panel(
    canvas: &Canvas,
    mut frame: Frame,
    x: &[f64],
    curve: &RiskCurve,
    bound: Option<f64>,
) -> Result<(), PlotError> {
    let reach = risk_reach(curve, bound);
    let ticks = round_ticks(reach, 5.0);
    frame.y = (0.0, ticks[ticks.len() - 1]);
    let is_cut = curve.points.iter().any(|point| point.risk.high > frame.y.1);
    let note = match curve.points.iter().all(|point| point.risk.value <= 0.0) {
        _ if is_cut => " (higher risks are in the table)",
        true => " (none was seen: at most the shaded part)",
        false => "",
    };
    panel_heading(canvas, &frame, &format!("Risk of {}{note}", curve.risk_in_words()))?;
    frame.y_ticks(canvas, &ticks, percent_tick(ticks[1]))?;
    frame.x_ticks(canvas, x, exact)?;
    if let Some(bound) = bound {
        bound_line(canvas, &frame, bound)?;
    }
    let marker = (Marker::Dot, VERMILLION);
    band_and_line(canvas, &frame, curve, |point| &point.risk, marker)?;
    today(canvas, &frame, curve, |point| (point.risk.value, percent_with_interval(&point.risk)))
}

/// The highest risk to show: all of it, unless a bound far below asks for a closer look; nothing seen is shown small.
fn risk_reach(curve: &RiskCurve, bound: Option<f64>) -> f64 {
    let highest = curve.points.iter().map(|point| point.risk.high).fold(bound.unwrap_or(0.0), f64::max);
    let seen = curve.points.iter().any(|point| point.risk.value > 0.0);
    let near = bound
        .map_or(1.0, |bound| f64::max(8.0 * bound, curve.today().map_or(0.0, |today| 1.3 * today.risk.high)));
    let reach = if highest > 2.0 * near { near } else { highest };
    (if seen { reach } else { 3.0 * reach }).clamp(1e-5, 1.0)
}

fn panel_heading(canvas: &Canvas, frame: &Frame, heading: &str) -> Result<(), PlotError> {
    let heading = fitted(heading, 12.5, (frame.right - frame.left) * 0.93);
    canvas.text((frame.left, frame.top - 30.0), &heading, Lettering::new(12.5, INK).bold())
}

/// The largest risk allowed, named in the margin.
fn bound_line(canvas: &Canvas, frame: &Frame, bound: f64) -> Result<(), PlotError> {
    let y = frame.py(bound);
    let stroke = Stroke { color: INK, width: 1.4, dash: Some((8.0, 4.0)) };
    canvas.line(&[(frame.left, y), (frame.right, y)], stroke)?;
    canvas.text((frame.right + 5.0, y - 7.0), "bound", Lettering::new(11.5, INK))?;
    canvas.text((frame.right + 5.0, y + 7.0), &share(bound), Lettering::new(11.5, INK))
}

fn delivery_panel(canvas: &Canvas, mut frame: Frame, x: &[f64], curve: &RiskCurve) -> Result<(), PlotError> {
    let highest = curve.points.iter().map(|point| point.delivered.high).fold(0.0, f64::max);
    let ticks = round_ticks(highest, 4.0);
    frame.y = (0.0, ticks[ticks.len() - 1]);
    let heading = "Delivered by the whole team within the horizon";
    panel_heading(canvas, &frame, heading)?;
    let decimals = usize::from(ticks[1] < 1.0) * 2;
    frame.y_ticks(canvas, &ticks, |tick| number(tick, decimals))?;
    frame.x_ticks(canvas, x, exact)?;
    let marker = (Marker::Square, BLUE);
    band_and_line(canvas, &frame, curve, |point| &point.delivered, marker)?;
    today(canvas, &frame, curve, |point| (point.delivered.value, plain(point.delivered.value)))
}

fn band_and_line(
    canvas: &Canvas,
    frame: &Frame,
    curve: &RiskCurve,
    pick: impl Fn(&RiskPoint) -> &Estimate,
    (marker, color): (Marker, plotters::prelude::RGBColor),
) -> Result<(), PlotError> {
    if curve.points.is_empty() {
        return Ok(());
    }
    let most = frame.y.1;
    let low = with_crossings(&points(curve, |point| pick(point).low), most);
    let high = with_crossings(&points(curve, |point| pick(point).high), most);
    canvas.fill(&frame.band(&low, &high), color, 0.2)?;
    let line = with_crossings(&points(curve, |point| pick(point).value), most);
    for run in line.split(|point| point.1 > most).filter(|run| run.len() > 1) {
        canvas.line(&frame.path(run), Stroke::solid(color, 2.2))?;
    }
    let tried = points(curve, |point| pick(point).value).into_iter().filter(|point| point.1 <= most);
    tried.map(|point| frame.at(point)).try_for_each(|at| canvas.marker(at, marker, 3.2, color))
}

/// A curve with a point put in wherever it crosses the upper edge, so that it can be cut there.
fn with_crossings(points: &[Point], most: f64) -> Vec<Point> {
    let mut all: Vec<Point> = Vec::new();
    for next in points {
        if let Some(last) = all.last().copied().filter(|last| (last.1 > most) != (next.1 > most)) {
            let share = (most - last.1) / (next.1 - last.1);
            all.push((last.0 + share * (next.0 - last.0), most));
        }
        all.push(*next);
    }
    all
}

/// Marks the plan as written: a line, a ring, and its number above the frame, where no curve can cover it.
fn today(
    canvas: &Canvas,
    frame: &Frame,
    curve: &RiskCurve,
    tell: impl Fn(&RiskPoint) -> (f64, String),
) -> Result<(), PlotError> {
    let Some(point) = curve.today() else {
        return Ok(());
    };
    let (value, text) = tell(point);
    let at = frame.at((point.per_day, value));
    let stroke = Stroke { color: GREEN, width: 1.6, dash: Some((4.0, 3.0)) };
    canvas.line(&[(at.0, frame.top - 4.0), (at.0, frame.bottom)], stroke)?;
    canvas.marker(at, Marker::Ring, 5.0, GREEN)?;
    let text = format!("today's plan: {text}");
    let half = text_width(&text, 12.0) / 2.0;
    let middle = at.0.max(frame.left + half).min(frame.right - half);
    canvas.text((middle, frame.top - 12.0), &text, Lettering::new(12.0, INK).center())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_that_leaves_the_frame_and_comes_back_is_cut_at_both_crossings() {
        let points = [(0.0, 0.1), (1.0, 0.3), (2.0, 0.3), (3.0, 0.1)];
        let all = with_crossings(&points, 0.2);
        assert_eq!(all.len(), 6, "{all:?}");
        let runs: Vec<_> = all.split(|point| point.1 > 0.2).filter(|run| run.len() > 1).collect();
        assert_eq!(runs.len(), 2, "{all:?}");
        assert!((runs[0][1].0 - 0.5).abs() < 1e-9 && (runs[1][0].0 - 2.5).abs() < 1e-9, "{all:?}");
        assert_eq!(with_crossings(&points, 0.5), points);
    }
}
