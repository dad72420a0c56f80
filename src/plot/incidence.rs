//! Cumulative incidence of the first disconnection by cause, with bands.

use super::PlotError;
use super::axes::{Frame, percent_tick, round_ticks};
use super::canvas::{
    BLUE, Canvas, GREEN, INK, Lettering, MUTED, ORANGE, PURPLE, Point, SKY, Stroke, VERMILLION, WIDTH,
    picture,
};
use super::labels::{EndLabel, end_labels, heading, lines};
use crate::numbers::{days, percent, share};
use crate::results::{AccountResults, CauseIncidence, Results};
use crate::scenario::Scenario;
use crate::stats::Estimate;

const HEIGHT: f64 = 520.0;
const NOTE: f64 = 17.0;
/// More causes than this are named below the picture only.
const MOST: usize = 6;

struct Curve<'a> {
    name: &'a str,
    by_day: &'a [Estimate],
    stroke: Stroke,
}

/// Draws the share of accounts whose first disconnection came by each day, by cause.
///
/// # Errors
/// When the backend refuses to draw.
pub fn incidence(scenario: &Scenario, results: &Results) -> Result<String, PlotError> {
    let account = &results.mean_account;
    let title = title(results);
    let curves = curves(account);
    let notes = lines(&not_drawn(account), 12.0, WIDTH - 40.0, 3);
    let below = NOTE * notes.len().saturating_sub(1) as f64;
    picture(HEIGHT + below, &alt(&title, account), |canvas| {
        let none_seen = curves.iter().all(|curve| curve.by_day.iter().all(|e| e.value <= 0.0));
        let subtitle = format!(
            "Share of accounts whose first disconnection came by each day, by cause; shaded: {} interval{}",
            share(results.level),
            if none_seen { " (none was seen: at most the shaded part)" } else { "" }
        );
        let top = heading(canvas, &title, &subtitle)? + 10.0;
        let most = curves.iter().flat_map(|curve| curve.by_day).map(|e| e.high).fold(0.0, f64::max);
        let most = if none_seen { 3.0 * most } else { most };
        let ticks = round_ticks(if curves.is_empty() { 0.01 } else { most.min(1.0) }, 5.0);
        let y = (0.0, ticks[ticks.len() - 1]);
        let x = (0.0, f64::from(results.horizon_days.max(1)));
        let frame = Frame { left: 74.0, right: WIDTH - 240.0, top, bottom: HEIGHT - 72.0, x, y };
        frame.y_ticks(canvas, &ticks, percent_tick(ticks[1]))?;
        frame.day_axis(canvas, scenario.start)?;
        draw_curves(canvas, &frame, &curves)?;
        notes.iter().enumerate().try_for_each(|(place, note)| {
            canvas.text((20.0, HEIGHT - 18.0 + NOTE * place as f64), note, Lettering::new(12.0, MUTED))
        })
    })
}

fn title(results: &Results) -> String {
    let account = &results.mean_account;
    let within = format!("within {}", days(results.horizon_days));
    match account.leading_cause() {
        None => format!("No account was disconnected {within}"),
        Some(cause) => {
            format!(
                "{} of accounts are disconnected {within}, most by {}",
                percent(&account.disconnected),
                cause.cause
            )
        }
    }
}

fn alt(title: &str, account: &AccountResults) -> String {
    let seen = account.first_disconnection.iter().filter(|cause| cause.at_end() > 0.0);
    let shares = seen.filter_map(|cause| Some(format!("{} {}", cause.cause, percent(cause.by_day.last()?))));
    format!("{title}. At the end: {}.", shares.collect::<Vec<_>>().join(", "))
}

/// The most frequent causes in file order, and all together unless there is just one.
fn curves<'a>(account: &'a AccountResults) -> Vec<Curve<'a>> {
    let mut seen: Vec<(usize, &CauseIncidence)> =
        account.first_disconnection.iter().enumerate().filter(|(_, cause)| cause.at_end() > 0.0).collect();
    seen.sort_by(|a, b| b.1.at_end().total_cmp(&a.1.at_end()));
    let one = seen.len() == 1;
    seen.truncate(MOST);
    seen.sort_by_key(|(place, _)| *place);
    let strokes = strokes(&seen.iter().map(|(place, _)| *place).collect::<Vec<_>>());
    let curve = |((_, cause), stroke): (&(usize, &'a CauseIncidence), Stroke)| Curve {
        name: cause.cause.as_str(),
        by_day: &cause.by_day,
        stroke,
    };
    let mut curves: Vec<Curve> = seen.iter().zip(strokes).map(curve).collect();
    if !one && !account.disconnected_by_day.is_empty() {
        let stroke = Stroke { color: INK, width: 1.6, dash: Some((2.0, 3.0)) };
        curves.push(Curve { name: "any cause", by_day: &account.disconnected_by_day, stroke });
    }
    curves
}

/// Colours and dashes of causes, by their places in the file: the first is the restriction. No two of up to [`MOST`] share
/// either, so that they are told apart in grey, too.
fn strokes(places: &[usize]) -> Vec<Stroke> {
    let colors = [VERMILLION, BLUE, GREEN, ORANGE, PURPLE, SKY];
    let dashes =
        [None, Some((9.0, 4.0)), Some((3.0, 3.0)), Some((14.0, 4.0)), Some((6.0, 2.0)), Some((5.0, 6.0))];
    let free = |wanted: usize, taken: &[usize]| {
        let mut looks = (0..MOST).map(|step| (wanted + step) % MOST);
        looks.find(|look| !taken.contains(look)).unwrap_or(wanted % MOST)
    };
    let (mut hues, mut patterns): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for place in places {
        hues.push(free(*place, &hues));
        patterns.push(free(place + place / MOST, &patterns));
    }
    let look =
        |(hue, pattern): (usize, usize)| Stroke { color: colors[hue], width: 2.4, dash: dashes[pattern] };
    hues.into_iter().zip(patterns).map(look).collect()
}

/// The curve from the last day without an event on; the whole of it when nothing was seen.
fn points(by_day: &[Estimate], pick: fn(&Estimate) -> f64) -> Vec<Point> {
    let zeros = by_day.iter().take_while(|estimate| estimate.value <= 0.0).count();
    let zeros = if zeros == by_day.len() { 0 } else { zeros };
    let seen = by_day.iter().enumerate().skip(zeros).map(|(day, e)| ((day + 1) as f64, pick(e)));
    std::iter::once((zeros as f64, 0.0)).chain(seen).collect()
}

fn draw_curves(canvas: &Canvas, frame: &Frame, curves: &[Curve]) -> Result<(), PlotError> {
    for curve in curves {
        let band = frame.band(&points(curve.by_day, |e| e.low), &points(curve.by_day, |e| e.high));
        canvas.fill(&band, curve.stroke.color, 0.18)?;
    }
    let mut labels = Vec::new();
    for curve in curves {
        let path = frame.path(&points(curve.by_day, |e| e.value));
        canvas.line(&path, curve.stroke)?;
        if let (Some(end), Some(last)) = (path.last(), curve.by_day.last()) {
            let name = curve.name.to_owned();
            labels.push(EndLabel { end: *end, name, value: percent(last), stroke: curve.stroke });
        }
    }
    end_labels(canvas, labels, frame.right + 16.0, (frame.top, frame.bottom))
}

/// Names the causes beyond the most frequent ones, and those that were never the first, with their bound.
fn not_drawn(account: &AccountResults) -> String {
    let name = |cause: &&CauseIncidence| {
        cause.by_day.last().map_or(cause.cause.clone(), |last| format!("{} {}", cause.cause, percent(last)))
    };
    let (mut seen, never): (Vec<_>, Vec<_>) =
        account.first_disconnection.iter().partition(|cause| cause.at_end() > 0.0);
    seen.sort_by(|a, b| b.at_end().total_cmp(&a.at_end()));
    let parts = [
        ("Not drawn", seen.iter().skip(MOST).map(name).collect::<Vec<_>>()),
        ("Never seen as the first cause", never.iter().map(name).collect()),
    ];
    let parts = parts.into_iter().filter(|(_, names)| !names.is_empty());
    parts.map(|(what, names)| format!("{what}: {}", names.join(", "))).collect::<Vec<_>>().join(". ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_that_are_drawn_together_share_neither_colour_nor_dash() {
        assert_eq!(strokes(&[0])[0].dash, None, "the restriction");
        for places in [[0, 1, 2, 3, 4, 5], [1, 2, 7, 8, 12, 13], [0, 6, 12, 18, 24, 30]] {
            let looks = strokes(&places);
            for (at, look) in looks.iter().enumerate() {
                for other in &looks[..at] {
                    assert!(look.color != other.color && look.dash != other.dash, "{places:?}");
                }
            }
            assert_eq!(strokes(&places[..2])[0].color, looks[0].color, "others change nothing");
        }
    }
}
