//! What an account does on each day against the daily limits: mean, quantile band and demand, one facet a group and action.

use jiff::ToSpan;

use super::PlotError;
use super::axes::{Frame, round_ticks, whole_ticks};
use super::canvas::{
    BLUE, Canvas, INK, Lettering, MUTED, ORANGE, PALE, Point, SKY, Stroke, VERMILLION, VERMILLION_TEXT,
    WIDTH, picture,
};
use super::labels::{apart, fitted, heading, heading_height, named, text_width};
use crate::numbers::{exact, number, plain};
use crate::results::{ActivitySeries, Results};
use crate::rules::Window;
use crate::scenario::{Scenario, VolumeRule};
use crate::time;

const FACET: f64 = 176.0;
/// Groups and actions beyond so many are not drawn.
const MOST: usize = 6;
/// A limit so many times above the busiest day is named, not drawn.
const FAR: f64 = 2.5;
/// Limits beyond so many tighter ones are left out.
const LIMITS: usize = 3;
/// Up to this horizon every day is drawn, and the days off are shaded; beyond, working days only.
const SHADED: u32 = 200;
/// At most about so many days are drawn: a finer picture would not show more.
const DRAWN: usize = 700;

/// A limit on the count of an action, alone or with others.
struct Held {
    max: f64,
    rule: String,
    text: String,
    daily: bool,
}

/// Which days are drawn, and how to say so.
struct Days {
    drawn: Vec<usize>,
    note: String,
}

/// Draws the daily activity of one account of each group by action, what comes nearest to a limit first.
///
/// # Errors
/// When the backend refuses to draw.
pub fn daily(scenario: &Scenario, results: &Results) -> Result<String, PlotError> {
    let all = nearest_first(scenario, results);
    let shown = &chosen(&all);
    let several_groups = results.groups.len() > 1;
    let title = title(shown.first().copied(), scenario, several_groups);
    let days = days(scenario, shown.first().map_or(0, |series| series.delivered.len()));
    let subtitle = subtitle(results, shown, all.len() - shown.len(), scenario, &days);
    let above = heading_height(&title, &subtitle) + 22.0;
    let height = above + FACET * shown.len() as f64 + 10.0;
    let rows = shown.iter().map(|series| peak(series)).collect::<Vec<_>>().join("; ");
    picture(height, &format!("{title}. {rows}."), |canvas| {
        let top = heading(canvas, &title, &subtitle)?;
        if !shown.is_empty() {
            legend(canvas, top + 6.0)?;
        }
        for (place, series) in shown.iter().enumerate() {
            facet(canvas, above + FACET * place as f64, series, scenario, &days, several_groups)?;
        }
        Ok(())
    })
}

fn busiest_day(series: &ActivitySeries) -> f64 {
    let counts = series.q95.iter().map(|count| f64::from(*count));
    counts.chain(series.delivered.iter().chain(&series.demanded).copied()).fold(0.0, f64::max)
}

/// Groups and actions by how near they come to a limit, the nearest first.
fn nearest_first<'a>(scenario: &Scenario, results: &'a Results) -> Vec<&'a ActivitySeries> {
    let series = results.series.activity.iter();
    let mut order: Vec<_> = series.map(|series| (nearness(scenario, results, series), series)).collect();
    order.sort_by(|a, b| b.0.partial_cmp(&a.0).unwrap_or(std::cmp::Ordering::Equal));
    order.into_iter().map(|(_, series)| series).collect()
}

/// As many as are drawn: of each action the group that is nearest, before others, in the order of all.
fn chosen<'a>(all: &[&'a ActivitySeries]) -> Vec<&'a ActivitySeries> {
    let before =
        |place: usize| all[..place].iter().filter(|series| series.action == all[place].action).count();
    let mut places: Vec<usize> = (0..all.len()).collect();
    places.sort_by_key(|place| (before(*place), *place));
    places.truncate(MOST);
    places.sort_unstable();
    places.into_iter().map(|place| all[place]).collect()
}

/// The median use of the nearest window that counts an action in its group, then of the nearest that counts nothing else,
/// then the busiest day.
fn nearness(scenario: &Scenario, results: &Results, series: &ActivitySeries) -> [f64; 3] {
    let group = results.groups.iter().find(|group| group.name == series.group);
    let account = group.map_or(&results.mean_account, |group| &group.account);
    let (mut nearest, mut alone) = (0.0, 0.0);
    for (name, rule) in counting(scenario, series) {
        let windows = account.utilisation.iter().filter(|window| window.rule == name);
        let used = windows.map(|window| window.share(window.median)).fold(0.0, f64::max);
        nearest = f64::max(nearest, used);
        if rule.rule.actions.len() == 1 {
            alone = f64::max(alone, used);
        }
    }
    [nearest, alone, busiest_day(series)]
}

/// The rules that count a group's action, with the names that the results give them.
fn counting<'a>(
    scenario: &'a Scenario,
    series: &'a ActivitySeries,
) -> impl Iterator<Item = (String, &'a VolumeRule)> {
    let group = scenario.groups.iter().find(|group| group.name == series.group);
    let own = group.map_or(0, |group| group.platform);
    let platforms = scenario.platforms.iter().enumerate();
    let of_rule = platforms.flat_map(|(platform, stated)| stated.rules.iter().map(move |_| platform));
    let counts = move |rule: &VolumeRule| {
        rule.rule
            .actions
            .iter()
            .any(|id| scenario.actions.get(*id).is_some_and(|name| *name == series.action))
    };
    let rules = scenario.rules().zip(of_rule).filter(move |(_, platform)| *platform == own);
    rules.map(|(rule, _)| rule).filter(move |(_, rule)| counts(rule))
}

fn peak(series: &ActivitySeries) -> String {
    let busiest = series.delivered.iter().copied().fold(0.0, f64::max);
    format!("{} {}: at most {} a day on average", series.group, series.action, plain(busiest))
}

fn title(first: Option<&ActivitySeries>, scenario: &Scenario, several_groups: bool) -> String {
    let Some(series) = first else {
        return "Nobody does anything".to_owned();
    };
    let of_group = if several_groups { format!(" of “{}”", series.group) } else { String::new() };
    let most = series.q95.iter().max().copied().unwrap_or(0);
    let limits = limits(scenario, series);
    let limit = limits.iter().find(|limit| limit.daily).map(|limit| format!("; the limit is {}", limit.text));
    let fact = if most == 0 {
        format!("On each day at least 95 % of accounts{of_group} deliver no {}", series.action)
    } else {
        format!("On each day at least 95 % of accounts{of_group} deliver at most {most} {}", series.action)
    };
    fact + &limit.unwrap_or_default()
}

fn subtitle(
    results: &Results,
    shown: &[&ActivitySeries],
    hidden: usize,
    scenario: &Scenario,
    days: &Days,
) -> String {
    let replicates = number(results.series.replicates as f64, 0);
    let mut text =
        format!("One account on each calendar day, nearest to a limit first; first {replicates} replicates");
    text += &days.note;
    let slides = |series: &&ActivitySeries| {
        let mut rules = counting(scenario, series);
        rules.any(|(_, rule)| rule.rule.limits.iter().any(|limit| limit.window == Window::Sliding(time::DAY)))
    };
    if shown.iter().any(slides) {
        text += "; a window of 24 h may hold parts of two days, and so more than either";
    }
    if hidden > 0 {
        text = format!("{text}; {hidden} more are in daily.csv");
    }
    text
}

/// The days to draw: all of them, or working days where the picture would be all stripes.
fn days(scenario: &Scenario, simulated: usize) -> Days {
    let works = |day: &usize| is_workday(scenario, *day);
    let workdays: Vec<usize> = (0..simulated).filter(works).collect();
    if scenario.horizon_days <= SHADED || workdays.is_empty() {
        let note = if scenario.horizon_days <= SHADED { "; days off in grey" } else { "" };
        return Days { drawn: (0..simulated).collect(), note: note.to_owned() };
    }
    let step = [1, 2, 3, 4].into_iter().find(|step| workdays.len() / step <= DRAWN);
    let step =
        step.unwrap_or(workdays.len() / DRAWN + usize::from((workdays.len() / DRAWN).is_multiple_of(5)));
    let note = match step {
        1 => "; weekends and holidays left out".to_owned(),
        step => format!("; one in {step} working days drawn"),
    };
    Days { drawn: workdays.into_iter().step_by(step).collect(), note }
}

fn is_workday(scenario: &Scenario, day: usize) -> bool {
    let date = scenario.start.saturating_add((day as i64).days());
    let weekday = date.weekday().to_monday_zero_offset() as usize;
    scenario.calendar.workdays[weekday] && !scenario.calendar.holidays.contains(&date)
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

/// The limits on an action, the tightest first.
fn limits(scenario: &Scenario, series: &ActivitySeries) -> Vec<Held> {
    let mut limits = Vec::new();
    for (name, rule) in counting(scenario, series) {
        let shared = match rule.rule.actions.len() {
            1 => String::new(),
            actions => format!(", sum of {actions} actions"),
        };
        limits.extend(rule.rule.limits.iter().map(|limit| Held {
            max: f64::from(limit.max),
            rule: name.clone(),
            text: format!("{} per {}{shared}", number(f64::from(limit.max), 0), limit.window),
            daily: is_daily(limit.window),
        }));
    }
    limits.sort_by(|a, b| a.max.total_cmp(&b.max));
    limits
}

fn is_daily(window: Window) -> bool {
    matches!(window, Window::Day | Window::TrailingDays(1) | Window::Sliding(time::DAY))
}

/// The steps of a daily value: it holds until the next day that is drawn.
fn steps(days: &Days, simulated: usize, value: impl Fn(usize) -> f64) -> Vec<Point> {
    let next = days.drawn.iter().skip(1).copied().chain(std::iter::once(simulated));
    let step = |(&day, next): (&usize, usize)| [(day as f64, value(day)), (next as f64, value(day))];
    days.drawn.iter().zip(next).flat_map(step).collect()
}

fn facet(
    canvas: &Canvas,
    top: f64,
    series: &ActivitySeries,
    scenario: &Scenario,
    days: &Days,
    several_groups: bool,
) -> Result<(), PlotError> {
    let busiest = busiest_day(series);
    let is_near = |limit: &Held| limit.daily && limit.max <= busiest.max(1.0) * FAR;
    let (mut drawn, mut others): (Vec<_>, Vec<_>) = limits(scenario, series).into_iter().partition(is_near);
    others.splice(0..0, drawn.split_off(drawn.len().min(LIMITS)));
    drawn.reverse();
    let action = fitted(&series.action, 13.0, if several_groups { 200.0 } else { 360.0 });
    let name =
        if several_groups { named(&series.group, &format!(": {action}"), 13.0, 360.0) } else { action };
    canvas.text((64.0, top + 12.0), &name, Lettering::new(13.0, INK).bold())?;
    canvas.text((WIDTH - 20.0, top + 12.0), &not_drawn(&others), Lettering::new(11.5, MUTED).right())?;
    let reach = drawn.iter().map(|limit| limit.max).fold(busiest, f64::max) * 1.08;
    let reach = if reach > 0.0 { reach } else { 1.0 };
    let ticks = if reach < 1.0 { round_ticks(reach, 4.0) } else { whole_ticks(reach, 4.0) };
    let ticks: Vec<f64> = ticks.into_iter().filter(|tick| *tick <= reach).collect();
    let x = (0.0, series.delivered.len().max(1) as f64);
    let y = (0.0, reach);
    let frame = Frame { left: 64.0, right: WIDTH - 240.0, top: top + 26.0, bottom: top + FACET - 42.0, x, y };
    days_off(canvas, &frame, series, scenario)?;
    frame.y_ticks(canvas, &ticks, exact)?;
    frame.day_axis(canvas, scenario.start)?;
    curves(canvas, &frame, series, days)?;
    limit_lines(canvas, &frame, &drawn)
}

/// Names the limits that are far away or do not count days, as many as there is room for.
fn not_drawn(others: &[Held]) -> String {
    const ROOM: f64 = WIDTH - 490.0;
    let in_words = |limit: &Held| format!("{}: {}", limit.rule, limit.text);
    let listed = |count: usize| {
        let first = others.iter().take(count).map(in_words).collect::<Vec<_>>().join("; ");
        let more =
            if count < others.len() { format!("; {} more", others.len() - count) } else { String::new() };
        format!("not drawn: {first}{more}")
    };
    let fits = |count: &usize| text_width(&listed(*count), 11.5) <= ROOM;
    match others.len() {
        0 => String::new(),
        most => fitted(&listed((1..=most).rev().find(fits).unwrap_or(1)), 11.5, ROOM),
    }
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
        let is_away = time_off.iter().any(|(first, last)| (*first..=*last).contains(&date));
        if is_away || !is_workday(scenario, day) {
            let x = (frame.px(day as f64), frame.px((day + 1) as f64));
            canvas.rectangle((x.0, frame.top), (x.1, frame.bottom), PALE, 1.0)?;
        }
    }
    Ok(())
}

fn curves(canvas: &Canvas, frame: &Frame, series: &ActivitySeries, days: &Days) -> Result<(), PlotError> {
    let simulated = series.delivered.len();
    let count = |counts: &[u32], day: usize| counts.get(day).copied().map_or(0.0, f64::from);
    let mean = |means: &[f64], day: usize| means.get(day).copied().unwrap_or(0.0);
    let low = steps(days, simulated, |day| count(&series.q05, day));
    let high = steps(days, simulated, |day| count(&series.q95, day));
    if low.is_empty() {
        return Ok(());
    }
    canvas.fill(&frame.band(&low, &high), SKY, 0.4)?;
    let demanded = steps(days, simulated, |day| mean(&series.demanded, day));
    canvas.line(&frame.path(&demanded), demand_stroke())?;
    let delivered = steps(days, simulated, |day| mean(&series.delivered, day));
    canvas.line(&frame.path(&delivered), Stroke::solid(BLUE, 1.8))
}

/// Each limit with its rule's name and its count beside it.
fn limit_lines(canvas: &Canvas, frame: &Frame, drawn: &[Held]) -> Result<(), PlotError> {
    let wanted: Vec<f64> = drawn.iter().map(|limit| frame.py(limit.max)).collect();
    for (limit, y) in drawn.iter().zip(apart(&wanted, 29.0, frame.top + 8.0, frame.bottom)) {
        let line = frame.py(limit.max);
        canvas.line(&[(frame.left, line), (frame.right, line)], limit_stroke())?;
        for (text, y) in [(&limit.rule, y - 7.0), (&limit.text, y + 6.5)] {
            let text = fitted(text, 11.5, WIDTH - frame.right - 12.0);
            canvas.text((frame.right + 8.0, y), &text, Lettering::new(11.5, VERMILLION_TEXT))?;
        }
    }
    Ok(())
}
