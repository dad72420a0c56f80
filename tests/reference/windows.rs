//! Windows over the list of delivered actions: how many does a window hold at an instant?

use pacewise::rules::{Rule, Stretch, Window};
use pacewise::time::{DAY, DayNumber, Instant, date_of, day_of, start_of, weekday_of};

/// The delivered actions, by action, in order of time; at day resolution each stands at the start of its day.
pub(crate) type History = Vec<Vec<Instant>>;

/// The number of the rule's actions in a window at an instant; the history ends at that instant.
pub(crate) fn count(rule: &Rule, window: Window, history: &History, at: Instant) -> u32 {
    let after = last_instant_before(window, at);
    rule.actions.iter().map(|&action| count_after(&history[action], after)).sum()
}

/// The number of instants of an ordered list that come after another.
pub(crate) fn count_after(instants: &[Instant], after: Instant) -> u32 {
    (instants.len() - instants.partition_point(|&instant| instant <= after)) as u32
}

/// The last instant that is too old for the window seen at `at`.
fn last_instant_before(window: Window, at: Instant) -> Instant {
    let today = day_of(at);
    match window {
        Window::Sliding(span) => at - span,
        Window::Day => start_of(today) - 1,
        Window::Week => start_of(monday_of(today)) - 1,
        Window::Month => start_of(today - DayNumber::from(date_of(today).day()) + 1) - 1,
        Window::TrailingDays(days) => start_of(today) - (Instant::from(days) - 1) * DAY - 1,
        Window::Elsewhere(stretch, behind) => {
            let here = match stretch {
                Stretch::Day => Window::Day,
                Stretch::Week => Window::Week,
                Stretch::Month => Window::Month,
            };
            last_instant_before(here, at - behind) + behind
        }
    }
}

/// The Monday of a day's week.
pub(crate) fn monday_of(day: DayNumber) -> DayNumber {
    day - weekday_of(day) as DayNumber
}

/// How far the rule's windows are over their limits at an instant, as (x - L) / L of the furthest; none: no breach.
pub(crate) fn excess(rule: &Rule, history: &History, at: Instant) -> Option<f64> {
    let mut furthest: Option<f64> = None;
    for limit in &rule.limits {
        let x = count(rule, limit.window, history, at);
        if x > limit.max {
            let over = f64::from(x - limit.max) / f64::from(limit.max);
            furthest = Some(furthest.map_or(over, |old| old.max(over)));
        }
    }
    furthest
}
