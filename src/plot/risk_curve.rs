//! Risk and delivery against the pace, with today's plan marked.

use super::PlotError;
use super::axes::{Frame, percent_tick, round_ticks};
use super::canvas::{
    BLUE, Canvas, GREEN, INK, Lettering, MUTED, Marker, Point, Stroke, VERMILLION, WIDTH, picture,
};
use super::labels::{heading, named};
use crate::numbers::{exact, number, percent, percent_with_interval, plain, share};
use crate::results::{RiskCurve, RiskPoint};
use crate::stats::Estimate;

const HEIGHT: f64 = 600.0;

/// Draws the risk and the delivered actions at each pace; `bound` is the largest risk allowed, if one was asked for.
///
/// # Errors
/// When the backend refuses to draw.
pub fn risk_curve(curve: &RiskCurve, bound: Option<f64>) -> Result<String, PlotError> {
    let title = title(curve);
    picture(HEIGHT, &alt(&title, curve), |canvas| {
        let subtitle = format!(
            "{} replicates at each pace, on common random numbers; shaded: {} interval",
            number(curve.replicates as f64, 0),
            share(curve.level)
        );
        let top = heading(canvas, &title, &subtitle)? + 22.0;
        let middle = top + (HEIGHT - top) * 0.56;
        let x = round_ticks(curve.points.iter().map(|point| point.per_day).fold(0.0, f64::max), 8.0);
        let range = (0.0, curve.points.last().map_or(1.0, |point| point.per_day * 1.02).max(1e-6));
        let x: Vec<f64> = x.into_iter().filter(|tick| *tick <= range.1).collect();
        let place =
            |top, bottom| Frame { left: 84.0, right: WIDTH - 60.0, top, bottom, x: range, y: (0.0, 1.0) };
        risk_panel(canvas, place(top, middle - 34.0), &x, curve, bound)?;
        delivery_panel(canvas, place(middle + 24.0, HEIGHT - 58.0), &x, curve)?;
        let unit = match &curve.action {
            Some(action) => named(action, " demanded per account and workday", 12.5, WIDTH - 160.0),
            None => "actions of all kinds demanded per account and workday".to_owned(),
        };
        canvas.text(((84.0 + WIDTH - 60.0) / 2.0, HEIGHT - 18.0), &unit, Lettering::new(12.5, INK).center())
    })
}

fn event(curve: &RiskCurve) -> String {
    let event = match curve.event.as_str() {
        "flagged" => "a flag",
        "restricted" => "a restriction",
        "restricted_permanently" => "a permanent restriction",
        "disconnected" => "a disconnection",
        other => other,
    };
    let whose = match curve.of.as_str() {
        "worst" => "the worst-off account",
        "mean" => "the mean account",
        "team" => "anyone of the team",
        other => other,
    };
    format!("{event} for {whose}")
}

fn title(curve: &RiskCurve) -> String {
    let ends = (curve.points.first(), curve.today(), curve.points.last());
    match ends {
        (_, Some(today), Some(last)) if last.factor > 1.0 => format!(
            "At today's pace the risk of {} is {}; at {} times it, {}",
            event(curve),
            percent(&today.risk),
            exact(last.factor),
            percent(&last.risk)
        ),
        (_, Some(today), _) => {
            format!("At today's pace the risk of {} is {}", event(curve), percent(&today.risk))
        }
        (Some(first), None, Some(last)) => {
            format!("The risk of {} is {} to {}", event(curve), percent(&first.risk), percent(&last.risk))
        }
        _ => "No pace was tried".to_owned(),
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
    let highest = curve.points.iter().map(|point| point.risk.high).fold(bound.unwrap_or(0.0), f64::max);
    let near = bound
        .map_or(1.0, |bound| f64::max(8.0 * bound, curve.today().map_or(0.0, |today| 1.3 * today.risk.high)));
    let ticks = round_ticks(highest.min(near).clamp(1e-5, 1.0), 5.0);
    frame.y = (0.0, ticks[ticks.len() - 1]);
    let cut = if highest > frame.y.1 { " (higher risks are in the table)" } else { "" };
    let heading = format!("Risk of {}{cut}", event(curve));
    canvas.text((frame.left, frame.top - 14.0), &heading, Lettering::new(12.5, INK).bold())?;
    frame.y_ticks(canvas, &ticks, percent_tick(ticks[1]))?;
    frame.x_ticks(canvas, x, exact)?;
    if let Some(bound) = bound {
        let y = frame.py(bound);
        let stroke = Stroke { color: INK, width: 1.4, dash: Some((8.0, 4.0)) };
        canvas.line(&[(frame.left, y), (frame.right, y)], stroke)?;
        let text = format!("bound {}", share(bound));
        canvas.text((frame.right, y - 9.0), &text, Lettering::new(12.0, INK).right())?;
    }
    let marker = (Marker::Dot, VERMILLION);
    band_and_line(canvas, &frame, curve, |point| &point.risk, marker)?;
    today(canvas, &frame, curve, |point| (point.risk.value, percent_with_interval(&point.risk)))
}

fn delivery_panel(canvas: &Canvas, mut frame: Frame, x: &[f64], curve: &RiskCurve) -> Result<(), PlotError> {
    let highest = curve.points.iter().map(|point| point.delivered.high).fold(0.0, f64::max);
    let ticks = round_ticks(highest, 4.0);
    frame.y = (0.0, ticks[ticks.len() - 1]);
    let heading = "Delivered by the whole team within the horizon";
    canvas.text((frame.left, frame.top - 14.0), heading, Lettering::new(12.5, INK).bold())?;
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
    let low = below(&points(curve, |point| pick(point).low), frame.y.1);
    let high = below(&points(curve, |point| pick(point).high), frame.y.1);
    canvas.fill(&frame.band(&low, &high), color, 0.2)?;
    let path = frame.path(&below(&points(curve, |point| pick(point).value), frame.y.1));
    canvas.line(&path, Stroke::solid(color, 2.2))?;
    let tried = points(curve, |point| pick(point).value).into_iter().filter(|point| point.1 <= frame.y.1);
    tried.map(|point| frame.at(point)).try_for_each(|at| canvas.marker(at, marker, 3.2, color))
}

/// The part of a curve before it first rises above `most`, up to the very crossing.
fn below(points: &[Point], most: f64) -> Vec<Point> {
    let inside = points.iter().take_while(|point| point.1 <= most).count();
    let mut kept = points[..inside].to_vec();
    if let (Some(last), Some(next)) = (kept.last().copied(), points.get(inside)) {
        let share = (most - last.1) / (next.1 - last.1);
        kept.push((last.0 + share * (next.0 - last.0), most));
    }
    kept
}

/// Marks the plan as written: a line, a ring, and its number, on the left where a rising curve leaves room.
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
    canvas.line(&[(at.0, frame.top), (at.0, frame.bottom)], stroke)?;
    canvas.marker(at, Marker::Ring, 5.0, GREEN)?;
    let lettering = Lettering::new(12.0, INK);
    let muted = Lettering::new(11.5, MUTED);
    if at.0 < frame.left + 150.0 {
        canvas.text((at.0 + 9.0, frame.top + 8.0), "today's plan", muted)?;
        canvas.text((at.0 + 9.0, frame.top + 24.0), &text, lettering)
    } else {
        canvas.text((at.0 - 9.0, frame.top + 8.0), "today's plan", muted.right())?;
        canvas.text((at.0 - 9.0, frame.top + 24.0), &text, lettering.right())
    }
}
