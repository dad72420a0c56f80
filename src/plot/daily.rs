//! What an account does on each day against the daily limits: mean, quantile band and demand, one facet a group and action.

use jiff::ToSpan;

use super::PlotError;
use super::axes::{Frame, whole_ticks};
use super::canvas::{
    BLUE, Canvas, INK, Lettering, MUTED, ORANGE, PALE, Point, SKY, Stroke, VERMILLION, WIDTH, picture,
};
use super::labels::{apart, fitted, heading, heading_height};
use crate::numbers::{number, plain};
use crate::results::{ActivitySeries, Results};
use crate::rules::Window;
use crate::scenario::Scenario;
use crate::time;

const FACET: f64 = 176.0;
/// Groups and actions beyond so many are not drawn.
const MOST: usize = 6;
/// A limit so many times above the busiest day is named, not drawn.
const FAR: f64 = 2.5;
/// Limits beyond so many tighter ones are left out.
const LIMITS: usize = 3;
/// Up to this horizon the days off are shaded.
const SHADED: u32 = 200;

/// A limit on the count of a day.
struct DayLimit {
    max: f64,
    text: String,
}

/// Draws the daily activity of one account of each group by action.
///
/// # Errors
/// When the backend refuses to draw.
pub fn daily(scenario: &Scenario, results: &Results) -> Result<String, PlotError> {
    let all = &results.series.activity;
    let shown = busiest(all);
    let title = title(&shown);
    let hidden = all.len() - shown.len();
    let more = if hidden > 0 { format!("; {hidden} quieter ones are in daily.csv") } else { String::new() };
    let subtitle = format!(
        "One account on each day, first {} replicates; days off in grey{more}",
        number(results.series.replicates as f64, 0)
    );
    let above = heading_height(&title, &subtitle) + 22.0;
    let height = above + FACET * shown.len() as f64 + 10.0;
    let rows = shown.iter().map(|series| peak(series)).collect::<Vec<_>>().join("; ");
    picture(height, &format!("{title}. {rows}."), |canvas| {
        let top = heading(canvas, &title, &subtitle)?;
        if !shown.is_empty() {
            legend(canvas, top + 6.0)?;
        }
        for (place, series) in shown.iter().enumerate() {
            facet(canvas, above + FACET * place as f64, series, scenario, results.groups.len() > 1)?;
        }
        Ok(())
    })
}

fn busiest_day(series: &ActivitySeries) -> f64 {
    let counts = series.q95.iter().map(|count| f64::from(*count));
    counts.chain(series.delivered.iter().chain(&series.demanded).copied()).fold(0.0, f64::max)
}

/// The series with the busiest days, in file order.
fn busiest(all: &[ActivitySeries]) -> Vec<&ActivitySeries> {
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.sort_by(|a, b| busiest_day(&all[*b]).total_cmp(&busiest_day(&all[*a])));
    order.truncate(MOST);
    order.sort_unstable();
    order.into_iter().map(|place| &all[place]).collect()
}

fn peak(series: &ActivitySeries) -> String {
    let busiest = series.delivered.iter().copied().fold(0.0, f64::max);
    format!("{} {}: at most {} a day on average", series.group, series.action, plain(busiest))
}

fn title(shown: &[&ActivitySeries]) -> String {
    let busiest = shown.iter().reduce(|a, b| if busiest_day(b) > busiest_day(a) { b } else { a });
    match busiest {
        None => "Nobody does anything".to_owned(),
        Some(series) => {
            let most = series.q95.iter().max().copied().unwrap_or(0);
            format!(
                "On its busiest days an account of {} does up to {most} {} (95 % of accounts)",
                series.group, series.action
            )
        }
    }
}

fn limit_stroke() -> Stroke {
    Stroke { color: VERMILLION, width: 1.6, dash: Some((10.0, 4.0)) }
}

fn demand_stroke() -> Stroke {
    Stroke { color: ORANGE, width: 1.4, dash: Some((3.0, 2.5)) }
}

fn legend(canvas: &Canvas, y: f64) -> Result<(), PlotError> {
    canvas.rectangle((20.0, y - 6.0), (46.0, y + 6.0), SKY, 0.4)?;
    canvas.text((52.0, y), "5 % to 95 % of accounts", Lettering::new(12.5, INK))?;
    let lines = [
        (Stroke::solid(BLUE, 2.0), "mean delivered"),
        (demand_stroke(), "mean demanded"),
        (limit_stroke(), "limit"),
    ];
    for (x, (stroke, name)) in [220.0, 360.0, 504.0].into_iter().zip(lines) {
        canvas.line(&[(x, y), (x + 26.0, y)], stroke)?;
        canvas.text((x + 32.0, y), name, Lettering::new(12.5, INK))?;
    }
    Ok(())
}

/// The tightest limits that a day's count of this action can be held against, the highest first.
fn limits(scenario: &Scenario, action: &str) -> Vec<DayLimit> {
    let mut limits = Vec::new();
    for (_, rule) in scenario.rules() {
        let counted = &rule.rule.actions;
        if !counted.iter().any(|id| scenario.actions.get(*id).is_some_and(|name| name == action)) {
            continue;
        }
        for limit in rule.rule.limits.iter().filter(|limit| is_daily(limit.window)) {
            let shared = if counted.len() > 1 { " (sum)" } else { "" };
            let text =
                format!("{}: {} per {}{shared}", rule.name, number(f64::from(limit.max), 0), limit.window);
            limits.push(DayLimit { max: f64::from(limit.max), text });
        }
    }
    limits.sort_by(|a, b| a.max.total_cmp(&b.max));
    limits.truncate(LIMITS);
    limits.reverse();
    limits
}

fn is_daily(window: Window) -> bool {
    matches!(window, Window::Day | Window::TrailingDays(1) | Window::Sliding(time::DAY))
}

/// The steps of a daily value: it holds for the whole day.
fn steps(values: impl Iterator<Item = f64>) -> Vec<Point> {
    values.enumerate().flat_map(|(day, value)| [(day as f64, value), ((day + 1) as f64, value)]).collect()
}

fn facet(
    canvas: &Canvas,
    top: f64,
    series: &ActivitySeries,
    scenario: &Scenario,
    several_groups: bool,
) -> Result<(), PlotError> {
    let busiest = busiest_day(series);
    let (drawn, far): (Vec<_>, Vec<_>) =
        limits(scenario, &series.action).into_iter().partition(|limit| limit.max <= busiest.max(1.0) * FAR);
    let name =
        if several_groups { format!("{}: {}", series.group, series.action) } else { series.action.clone() };
    canvas.text((64.0, top + 12.0), &fitted(&name, 13.0, 400.0), Lettering::new(13.0, INK).bold())?;
    let beyond = far.iter().map(|limit| limit.text.clone()).collect::<Vec<_>>().join("; ");
    if !beyond.is_empty() {
        let text = fitted(&format!("off the scale: {beyond}"), 11.5, 430.0);
        canvas.text((WIDTH - 30.0, top + 12.0), &text, Lettering::new(11.5, MUTED).right())?;
    }
    let reach = (drawn.iter().map(|limit| limit.max).fold(busiest, f64::max) * 1.08).max(1.0);
    let ticks: Vec<f64> = whole_ticks(reach, 4.0).into_iter().filter(|tick| *tick <= reach).collect();
    let x = (0.0, series.delivered.len().max(1) as f64);
    let y = (0.0, reach);
    let frame = Frame { left: 64.0, right: WIDTH - 200.0, top: top + 26.0, bottom: top + FACET - 42.0, x, y };
    days_off(canvas, &frame, series, scenario)?;
    frame.y_ticks(canvas, &ticks, |tick| number(tick, 0))?;
    frame.day_axis(canvas, scenario.start)?;
    curves(canvas, &frame, series)?;
    limit_lines(canvas, &frame, &drawn)
}

fn days_off(
    canvas: &Canvas,
    frame: &Frame,
    series: &ActivitySeries,
    scenario: &Scenario,
) -> Result<(), PlotError> {
    if scenario.horizon_days > SHADED {
        return Ok(());
    }
    let time_off =
        scenario.groups.iter().filter(|group| group.name == series.group).flat_map(|group| &group.time_off);
    let time_off: Vec<_> = time_off.collect();
    for day in 0..series.delivered.len() {
        let date = scenario.start.saturating_add((day as i64).days());
        let weekday = date.weekday().to_monday_zero_offset() as usize;
        let off = !scenario.calendar.workdays[weekday]
            || scenario.calendar.holidays.contains(&date)
            || time_off.iter().any(|(first, last)| (*first..=*last).contains(&date));
        if off {
            let x = (frame.px(day as f64), frame.px((day + 1) as f64));
            canvas.rectangle((x.0, frame.top), (x.1, frame.bottom), PALE, 1.0)?;
        }
    }
    Ok(())
}

fn curves(canvas: &Canvas, frame: &Frame, series: &ActivitySeries) -> Result<(), PlotError> {
    let low = steps(series.q05.iter().map(|count| f64::from(*count)));
    let high = steps(series.q95.iter().map(|count| f64::from(*count)));
    if low.is_empty() {
        return Ok(());
    }
    canvas.fill(&frame.band(&low, &high), SKY, 0.4)?;
    canvas.line(&frame.path(&steps(series.demanded.iter().copied())), demand_stroke())?;
    canvas.line(&frame.path(&steps(series.delivered.iter().copied())), Stroke::solid(BLUE, 1.8))
}

fn limit_lines(canvas: &Canvas, frame: &Frame, drawn: &[DayLimit]) -> Result<(), PlotError> {
    let wanted: Vec<f64> = drawn.iter().map(|limit| frame.py(limit.max)).collect();
    for (limit, y) in drawn.iter().zip(apart(&wanted, 15.0, frame.top, frame.bottom)) {
        let line = frame.py(limit.max);
        canvas.line(&[(frame.left, line), (frame.right, line)], limit_stroke())?;
        let text = fitted(&limit.text, 11.5, WIDTH - frame.right - 26.0);
        canvas.text((frame.right + 8.0, y), &text, Lettering::new(11.5, VERMILLION))?;
    }
    Ok(())
}
