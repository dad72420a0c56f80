//! What the team delivers against what was demanded, cumulative, one facet an action.

use super::PlotError;
use super::axes::{Frame, whole_ticks};
use super::canvas::{BLUE, Canvas, INK, Lettering, ORANGE, Point, Stroke, WIDTH, picture};
use super::labels::{heading, heading_height, named};
use crate::numbers::{number, plain, share};
use crate::results::{Results, TeamCumulative};
use crate::scenario::Scenario;

const FACET: f64 = 210.0;
/// Actions beyond so many are not drawn.
const MOST: usize = 6;

/// Draws cumulative demand and delivery of the whole team by action.
///
/// # Errors
/// When the backend refuses to draw.
pub fn delivered(scenario: &Scenario, results: &Results) -> Result<String, PlotError> {
    let actions = results.team_cumulative();
    let shown = &actions[..actions.len().min(MOST)];
    let title = title(results);
    let hidden = actions.len() - shown.len();
    let more = if hidden > 0 { format!("; {hidden} more actions are in daily.csv") } else { String::new() };
    let subtitle = format!(
        "{}, sums since day 0, mean of the first {} replicates{more}",
        if results.accounts == 1 {
            "One account".to_owned()
        } else {
            format!("Whole team of {}", results.accounts)
        },
        number(results.series.replicates as f64, 0)
    );
    let above = heading_height(&title, &subtitle) + 24.0;
    let columns = if shown.len() < 2 { 1 } else { 2 };
    let height = above + FACET * shown.len().div_ceil(columns) as f64;
    let totals =
        shown.iter().map(|action| action.action.clone() + &total(action)).collect::<Vec<_>>().join("; ");
    picture(height, &format!("{title}. {totals}."), |canvas| {
        let top = heading(canvas, &title, &subtitle)?;
        if !shown.is_empty() {
            legend(canvas, top + 6.0)?;
        }
        for (place, action) in shown.iter().enumerate() {
            let width = (WIDTH - 20.0) / columns as f64;
            let corner = (10.0 + width * (place % columns) as f64, above + FACET * (place / columns) as f64);
            facet(canvas, corner, width, action, scenario)?;
        }
        Ok(())
    })
}

fn title(results: &Results) -> String {
    let actions = &results.mean_account.actions;
    let lowest = if actions.len() > 1 { ", the least of all actions" } else { "" };
    let shares = actions.iter().filter_map(|action| Some((action.delivered_share()?, &action.action)));
    match shares.min_by(|a, b| a.0.total_cmp(&b.0)) {
        None => "Nothing is demanded".to_owned(),
        Some((least, _)) if least >= 0.999 => "Practically all of the demand is delivered".to_owned(),
        Some((least, action)) => {
            format!("{} of the demand for {action} is delivered within the horizon{lowest}", share(least))
        }
    }
}

fn total(action: &TeamCumulative) -> String {
    let ends = [&action.delivered, &action.demanded].map(|curve| curve.last().copied().unwrap_or(0.0));
    format!(": {} of {} delivered", plain(ends[0]), plain(ends[1]))
}

fn demanded_stroke() -> Stroke {
    Stroke { color: ORANGE, width: 2.2, dash: Some((7.0, 4.0)) }
}

fn legend(canvas: &Canvas, y: f64) -> Result<(), PlotError> {
    let entries = [(demanded_stroke(), "demanded"), (Stroke::solid(BLUE, 2.4), "delivered")];
    for (x, (stroke, name)) in [20.0, 140.0].into_iter().zip(entries) {
        canvas.line(&[(x, y), (x + 26.0, y)], stroke)?;
        canvas.text((x + 32.0, y), name, Lettering::new(12.5, INK))?;
    }
    canvas.rectangle((262.0, y - 5.0), (288.0, y + 5.0), ORANGE, 0.22)?;
    canvas.text((294.0, y), "waiting or lost", Lettering::new(12.5, INK))
}

fn points(curve: &[f64]) -> Vec<Point> {
    std::iter::once((0.0, 0.0))
        .chain(curve.iter().enumerate().map(|(day, sum)| ((day + 1) as f64, *sum)))
        .collect()
}

fn facet(
    canvas: &Canvas,
    (left, top): Point,
    width: f64,
    action: &TeamCumulative,
    scenario: &Scenario,
) -> Result<(), PlotError> {
    let name = named(&action.action, &total(action), 12.5, (width - 60.0) * 0.93);
    canvas.text((left + 52.0, top + 14.0), &name, Lettering::new(12.5, INK).bold())?;
    let most = action.demanded.iter().chain(&action.delivered).copied().fold(0.0, f64::max);
    let ticks = whole_ticks(most, 4.0);
    let reach = (most * 1.06).max(1.0);
    let ticks: Vec<f64> = ticks.into_iter().filter(|tick| *tick <= reach).collect();
    let frame = Frame {
        left: left + 52.0,
        right: left + width - 30.0,
        top: top + 30.0,
        bottom: top + FACET - 44.0,
        x: (0.0, action.demanded.len().max(1) as f64),
        y: (0.0, reach),
    };
    frame.y_ticks(canvas, &ticks, |tick| number(tick, 0))?;
    frame.day_axis(canvas, scenario.start)?;
    let (demanded, delivered) = (points(&action.demanded), points(&action.delivered));
    canvas.fill(&frame.band(&delivered, &demanded), ORANGE, 0.22)?;
    canvas.line(&frame.path(&delivered), Stroke::solid(BLUE, 2.4))?;
    canvas.line(&frame.path(&demanded), demanded_stroke())?;
    Ok(())
}
