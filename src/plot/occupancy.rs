//! What share of the accounts is restricted, disconnected or lost for good on each day, as stacked areas.

use plotters::prelude::RGBColor;

use super::PlotError;
use super::axes::{Frame, percent_tick, round_ticks};
use super::canvas::{Canvas, INK, Lettering, MUTED, ORANGE, Point, Stroke, WIDTH, picture};
use super::labels::{EndLabel, end_labels, heading};
use crate::numbers::{days, mean, number, share};
use crate::results::{Occupancy, Results};
use crate::scenario::Scenario;

const HEIGHT: f64 = 440.0;
const BLACK: RGBColor = RGBColor(0x33, 0x33, 0x33);
/// So pale that it is the lightest of the three in grey print, too.
const PALE_SKY: RGBColor = RGBColor(0xc2, 0xe3, 0xf8);

/// A layer of the stack: its name, colour and share of each day.
struct Layer {
    name: &'static str,
    color: RGBColor,
    share: fn(&Occupancy) -> f64,
}

/// From the bottom up; what is left to 100 % is connected.
const LAYERS: [Layer; 3] = [
    Layer { name: "restricted for ever", color: BLACK, share: |day| day.permanent },
    Layer { name: "restricted for a time", color: ORANGE, share: |day| day.restricted },
    Layer { name: "disconnected otherwise", color: PALE_SKY, share: |day| day.disconnected },
];

/// Draws the shares of account time that are not connected, day by day.
///
/// # Errors
/// When the backend refuses to draw.
pub fn occupancy(scenario: &Scenario, results: &Results) -> Result<String, PlotError> {
    let shares = &results.series.occupancy;
    let lost = &results.mean_account.days_disconnected;
    let horizon = days(results.horizon_days);
    let title = if lost.value > 0.0 {
        format!("An account is disconnected on {} of {horizon} on average", mean(lost))
    } else {
        format!("No account was seen disconnected within {horizon}")
    };
    let lost_on = |day: &Occupancy| 1.0 - day.connected - day.unopened;
    let worst = shares.iter().map(lost_on).fold(0.0, f64::max);
    let rest = if shares.iter().any(|day| day.unopened > 0.0) {
        "connected, or not opened yet"
    } else {
        "connected"
    };
    let alt = format!("{title}; on the worst day {} of account time is lost.", share(worst));
    picture(HEIGHT, &alt, |canvas| {
        let note = format!(
            "Share of account time that is not connected on each day, stacked; the rest up to 100 % is {rest}. \
             The wait for a reconnection after a restriction counts as disconnected otherwise. First {} replicates",
            number(results.series.replicates as f64, 0)
        );
        let top = heading(canvas, &title, &note)? + 10.0;
        let ticks = round_ticks(worst.max(0.001), 4.0);
        let y = (0.0, ticks[ticks.len() - 1].min(1.0));
        let x = (0.0, f64::from(results.horizon_days.max(1)));
        let frame = Frame { left: 74.0, right: WIDTH - 256.0, top, bottom: HEIGHT - 52.0, x, y };
        draw_layers(canvas, &frame, shares)?;
        frame.y_ticks(canvas, &ticks, percent_tick(ticks[1]))?;
        frame.day_axis(canvas, scenario.start)?;
        label_layers(canvas, &frame, shares)
    })
}

/// The upper edge of a layer, as steps: a share holds for the whole day.
fn edge(days: &[Occupancy], layers: usize) -> Vec<Point> {
    let sum = |day: &Occupancy| LAYERS[..layers].iter().map(|layer| (layer.share)(day)).sum::<f64>();
    let step = |(place, day): (usize, &Occupancy)| [(place as f64, sum(day)), ((place + 1) as f64, sum(day))];
    days.iter().enumerate().flat_map(step).collect()
}

fn draw_layers(canvas: &Canvas, frame: &Frame, days: &[Occupancy]) -> Result<(), PlotError> {
    let outline = if days.len() > 400 { 0.25 } else { 0.6 };
    for (place, layer) in LAYERS.iter().enumerate() {
        let (low, high) = (edge(days, place), edge(days, place + 1));
        if low.is_empty() {
            continue;
        }
        canvas.fill(&frame.band(&low, &high), layer.color, 0.85)?;
        canvas.line(&frame.path(&high), Stroke::solid(INK, outline))?;
    }
    Ok(())
}

/// A share of the account time; nothing seen is no zero.
fn part_text(part: f64) -> String {
    if part > 0.0 { share(part) } else { "not seen".to_owned() }
}

fn label_layers(canvas: &Canvas, frame: &Frame, days: &[Occupancy]) -> Result<(), PlotError> {
    let Some(last) = days.last() else {
        return Ok(());
    };
    let mut below = 0.0;
    let mut labels = Vec::new();
    for layer in &LAYERS {
        let part = (layer.share)(last);
        let end = frame.at((frame.x.1, below + part / 2.0));
        below += part;
        let stroke = Stroke::solid(layer.color, 10.0);
        labels.push(EndLabel { end, name: layer.name.to_owned(), value: part_text(part), stroke });
    }
    labels.reverse();
    let x = frame.right + 16.0;
    canvas.text((x, frame.top - 2.0), "on the last day", Lettering::new(11.5, MUTED))?;
    let connected = format!("connected: {}", share(last.connected));
    canvas.text((x, frame.top + 16.0), &connected, Lettering::new(12.5, INK))?;
    end_labels(canvas, labels, x, (frame.top + 36.0, frame.bottom))
}
