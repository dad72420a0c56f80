//! How near each window comes to its limit: median, 95 %, 99 % and largest, against the 100 % line.

use super::PlotError;
use super::axes::{Frame, percent_tick, round_ticks};
use super::canvas::{
    BLUE, Canvas, GRID, INK, Lettering, MUTED, Marker, ORANGE, PALE, Stroke, VERMILLION, WIDTH, picture,
};
use super::labels::{fitted, heading, heading_height, text_width};
use crate::numbers::{number, percent, share};
use crate::results::{NearestWindow, Results};

const ROW: f64 = 26.0;
const NOTE: f64 = 17.0;
/// Windows beyond so many are counted, not drawn.
const MOST: usize = 24;
/// Room for a rule's name, its group and its window left of the scale: the least and the most.
const ROOM: (f64, f64) = (330.0, 470.0);
/// Shares above this are cut and written out.
const CUT: f64 = 6.0;

/// Draws the largest count of each window as a share of its limit, the nearest first: as the table, in the group of accounts
/// that comes nearest.
///
/// # Errors
/// When the backend refuses to draw.
pub fn utilisation(results: &Results) -> Result<String, PlotError> {
    let mut windows = results.nearest_windows();
    let all = windows.len();
    windows.retain(|row| row.window.max > 0);
    let shown = &windows[..windows.len().min(MOST)];
    let title = title(&windows, all);
    let subtitle = windows.first().map_or(String::new(), |row| {
        let accounts = if row.group.is_some() { "the accounts of the group nearest to it" } else { "accounts" };
        format!(
            "Largest count of each window within the horizon as a share of its limit, over {accounts} (first {} replicates)",
            number(row.window.replicates as f64, 0)
        )
    });
    let above = heading_height(&title, &subtitle) + 46.0;
    let notes = notes(&windows, all);
    let height = above + ROW * shown.len() as f64 + 32.0 + NOTE * notes.len() as f64;
    picture(height, &alt(&title, shown), |canvas| {
        let top = heading(canvas, &title, &subtitle)?;
        if shown.is_empty() {
            return Ok(());
        }
        let left = room(shown);
        legend(canvas, left, top + 8.0)?;
        let most = shown.iter().map(|row| row.window.share(row.window.max).min(CUT)).fold(1.05, f64::max);
        let ticks = round_ticks(most, 6.0);
        let x = (0.0, ticks[ticks.len() - 1]);
        let bottom = above + ROW * shown.len() as f64;
        let frame = Frame { left, right: WIDTH - 130.0, top: above, bottom, x, y: (0.0, 1.0) };
        scale(canvas, &frame, &ticks)?;
        for (place, nearest) in shown.iter().enumerate() {
            row(canvas, &frame, above + ROW * (place as f64 + 0.5), *nearest)?;
        }
        for (place, note) in notes.iter().rev().enumerate() {
            let y = height - 10.0 - NOTE * place as f64;
            canvas.text((20.0, y), note, Lettering::new(12.0, MUTED))?;
        }
        Ok(())
    })
}

/// What is nearest, of `all` windows.
fn title(windows: &[NearestWindow], all: usize) -> String {
    let Some(NearestWindow { group, window: first }) = windows.first() else {
        let none =
            if all > 0 { "No action is done that a rule counts" } else { "No volume rule limits this plan" };
        return none.to_owned();
    };
    let median = first.share(first.median);
    let reach = if median.is_finite() { format!("reach {} of", share(median)) } else { "go over".to_owned() };
    let nearest = format!("{}, {}", first.rule, first.window);
    let half = format!("half of the accounts{}", group.map_or(String::new(), |group| format!(" of {group}")));
    if windows.iter().all(|row| row.window.over.value <= 0.0) {
        format!("No account was seen over a limit; the nearest is {nearest}: {half} {reach} it")
    } else {
        format!("{nearest} binds first: {half} {reach} its limit")
    }
}

fn alt(title: &str, shown: &[NearestWindow]) -> String {
    let row = |row: &NearestWindow| {
        let window = row.window;
        let text = [window.median, window.q99].map(|count| share(window.share(count)));
        format!("{} {}: median {}, 99 % quantile {}", named(*row), window.window, text[0], text[1])
    };
    format!("{title}. {}.", shown.iter().take(6).map(row).collect::<Vec<_>>().join("; "))
}

/// The rule, and the group that is looked at where there are several.
fn named(row: NearestWindow) -> String {
    let group = row.group.map_or(String::new(), |group| format!(" ({group})"));
    format!("{}{group}", row.window.rule)
}

/// Where the scale begins, so that names and windows fit beside it.
fn room(shown: &[NearestWindow]) -> f64 {
    let width = |row: &NearestWindow| text_width(&named(*row), 12.5) + text_width(&limit(*row), 12.0) + 44.0;
    shown.iter().map(width).fold(ROOM.0, f64::max).min(ROOM.1)
}

/// A window and its limit.
fn limit(row: NearestWindow) -> String {
    format!("{}: {}", row.window.window, number(f64::from(row.window.limit), 0))
}

fn legend(canvas: &Canvas, left: f64, y: f64) -> Result<(), PlotError> {
    let mut x = left;
    for (marker, color, radius, name) in MARKERS {
        canvas.marker((x, y), marker, radius, color)?;
        canvas.text((x + 10.0, y), name, Lettering::new(12.0, INK))?;
        x += 90.0;
    }
    Ok(())
}

const MARKERS: [(Marker, plotters::prelude::RGBColor, f64, &str); 4] = [
    (Marker::Dot, BLUE, 5.5, "median"),
    (Marker::Square, ORANGE, 4.0, "95 %"),
    (Marker::Triangle, VERMILLION, 5.0, "99 %"),
    (Marker::Ring, INK, 3.5, "largest"),
];

fn scale(canvas: &Canvas, frame: &Frame, ticks: &[f64]) -> Result<(), PlotError> {
    for tick in ticks {
        let x = frame.px(*tick);
        canvas.line(&[(x, frame.top), (x, frame.bottom)], Stroke::solid(GRID, 1.0))?;
    }
    frame.x_ticks(canvas, ticks, percent_tick(ticks[1]))?;
    let limit = frame.px(1.0);
    canvas.rectangle((limit, frame.top), (frame.right, frame.bottom), PALE, 0.8)?;
    canvas.line(&[(limit, frame.top - 6.0), (limit, frame.bottom)], Stroke::solid(INK, 1.6))?;
    canvas.text((limit, frame.top - 14.0), "limit", Lettering::new(12.0, INK).center().bold())?;
    canvas.text((WIDTH - 20.0, frame.top - 14.0), "accounts ever over", Lettering::new(12.0, MUTED).right())
}

fn row(canvas: &Canvas, frame: &Frame, y: f64, nearest: NearestWindow) -> Result<(), PlotError> {
    let window = nearest.window;
    let limit = fitted(&limit(nearest), 12.0, frame.left * 0.5);
    let name = fitted(&named(nearest), 12.5, frame.left - 40.0 - text_width(&limit, 12.0));
    canvas.text((20.0, y), &name, Lettering::new(12.5, INK))?;
    canvas.text((frame.left - 10.0, y), &limit, Lettering::new(12.0, MUTED).right())?;
    let shares = [window.median, window.q95, window.q99, window.max].map(|count| window.share(count));
    let place = |share: f64| frame.px(share.min(frame.x.1));
    canvas.line(&[(place(0.0), y), (place(shares[3]), y)], Stroke::solid(GRID, 2.0))?;
    canvas.line(&[(place(shares[0]), y), (place(shares[2]), y)], Stroke::solid(MUTED, 3.0))?;
    for ((marker, color, radius, _), share) in MARKERS.into_iter().zip(shares).rev() {
        canvas.marker((place(share), y), marker, radius, color)?;
    }
    if shares[3] > frame.x.1 {
        let text = beyond(shares[0], shares[3], frame.x.1);
        canvas.text((frame.right - 8.0, y - 9.0), &text, Lettering::new(10.5, MUTED).right())?;
    }
    canvas.text((WIDTH - 20.0, y), &percent(&window.over), Lettering::new(12.0, INK).right())
}

/// What lies beyond the scale.
fn beyond(median: f64, largest: f64, scale: f64) -> String {
    match (median > scale, largest.is_finite()) {
        (_, false) => "limit 0".to_owned(),
        (true, true) => format!("median {}, largest {}", share(median), share(largest)),
        (false, true) => format!("largest {}", share(largest)),
    }
}

/// What is not drawn, in words.
fn notes(windows: &[NearestWindow], all: usize) -> Vec<String> {
    let further = windows.get(MOST).map(|next| {
        let most = share(next.window.share(next.window.median));
        format!("and {} more windows, whose median is at most {most} of the limit", windows.len() - MOST)
    });
    let unused = all - windows.len();
    let idle = (unused > 0).then(|| {
        let windows = if unused == 1 { "window" } else { "windows" };
        format!("not drawn: {unused} {windows} that counted nothing")
    });
    further.into_iter().chain(idle).collect()
}
