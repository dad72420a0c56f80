//! Scenarios that are too large: what one replicate takes, in memory and in time. Both are estimates, the memory from
//! above, by the busiest phase of the plan, the time by its mean; they are there to refuse what no machine holds and to warn
//! of what nobody waits for.

use super::concerns;
use super::strikes;
use super::volumes::{self, Volume};
use crate::rules::Window;
use crate::scenario::diagnostic::Report;
use crate::scenario::file::ScenarioFile;
use crate::scenario::{Group, Resolution, Scenario};
use crate::time::DAY;

/// The most memory of one thread, in bytes.
const MOST_MEMORY: f64 = 4e9;
/// The longest replicate without a warning, in seconds.
const LONG: f64 = 10.0;
/// What a processor takes for a day of an account, and for an action that is taken by itself, in seconds.
const DAY_TAKES: f64 = 20e-9;
const ACTION_TAKES: f64 = 50e-9;
/// Bytes of a time; lists grow to twice what they hold.
const TIME: f64 = 16.0;
/// Bytes of a stretch without connection, likewise.
const AWAY: f64 = 64.0;
/// Bytes of the state of an account, besides its lists.
const ACCOUNT: f64 = 1_000.0;

/// Refuses what does not fit into memory, and warns of replicates that take long.
pub(super) fn judge(scenario: &Scenario, file: &ScenarioFile, report: &mut Report) {
    let span = file.horizon_days.as_ref().map_or(0..0, |stated| stated.span.clone());
    let volumes = volumes::of_groups(scenario);
    let parts = memory(scenario, &volumes);
    let bytes: f64 = parts.iter().map(|(bytes, _)| bytes).sum();
    if bytes > MOST_MEMORY {
        let largest = parts.into_iter().max_by(|a, b| a.0.total_cmp(&b.0)).map_or("", |(_, what)| what);
        let gigabytes = bytes / 1e9;
        let message = format!("this needs some {gigabytes:.1} GB of memory, most of it for {largest}");
        let most = MOST_MEMORY / 1e9;
        report.error(span, message).hint(format!(
            "the most is {most:.0} GB: fewer accounts, a shorter horizon or less activity does it"
        ));
        return;
    }
    let seconds = seconds(scenario, &volumes);
    if seconds > LONG {
        let (lived, actions) = (
            f64::from(scenario.accounts()) * f64::from(scenario.horizon_days),
            actions(scenario, &volumes, |_, _| true),
        );
        let message = format!("a replicate of this takes about {} on one processor", rough(seconds));
        let hint = format!("it has {lived:.1e} days of accounts and {actions:.1e} actions: fewer take less");
        report.warning(span, message).hint(hint);
    }
}

/// A time in one unit that is easy to grasp.
fn rough(seconds: f64) -> String {
    let units =
        [("years", 31_557_600.0), ("days", 86_400.0), ("hours", 3600.0), ("minutes", 60.0), ("seconds", 1.0)];
    let fitting = units.iter().find(|(_, length)| seconds >= 2.0 * length).unwrap_or(&units[4]);
    format!("{:.0} {}", seconds / fitting.1, fitting.0)
}

/// The mean number of actions of one replicate, wanted and in the background, of the kinds that are counted.
fn actions(scenario: &Scenario, volumes: &[Vec<Volume>], counted: impl Fn(&Group, &Volume) -> bool) -> f64 {
    let of_group = |(group, volumes): (&Group, &Vec<Volume>)| {
        let all = volumes.iter().filter(|volume| counted(group, volume));
        f64::from(group.count) * all.map(|volume| volume.mean).sum::<f64>()
    };
    scenario.groups.iter().zip(volumes).map(of_group).sum::<f64>() * f64::from(scenario.horizon_days)
}

/// Whether actions are taken one by one: all are at event resolution; else those that come with their times, that are
/// answered, or whose credit may come back.
fn is_taken_singly(scenario: &Scenario, group: &Group, Volume { demand, .. }: &Volume) -> bool {
    let beyond = &scenario.platform_of(group).beyond;
    has_times(scenario)
        || !demand.law.is_by_day()
        || beyond.responses.iter().any(|response| response.action == demand.action)
        || beyond.credits.iter().any(|credit| credit.action == demand.action && credit.refund.is_some())
}

/// About how long one replicate takes on one processor.
fn seconds(scenario: &Scenario, volumes: &[Vec<Volume>]) -> f64 {
    let wishes = |group: &Group| 1.0 + (group.demand.len() + group.background.len()) as f64 / 4.0;
    let days: f64 = scenario.groups.iter().map(|group| f64::from(group.count) * wishes(group)).sum();
    let by_day = days * f64::from(scenario.horizon_days) * DAY_TAKES;
    let singly = actions(scenario, volumes, |group, volume| is_taken_singly(scenario, group, volume));
    by_day + singly * ACTION_TAKES
}

fn has_times(scenario: &Scenario) -> bool {
    scenario.effective_resolution() == Resolution::Event
}

/// What the memory of one thread holds at most, in bytes, each with its name.
fn memory(scenario: &Scenario, volumes: &[Vec<Volume>]) -> Vec<(f64, &'static str)> {
    let days = f64::from(scenario.horizon_days);
    let accounts = f64::from(scenario.accounts());
    let replaced = scenario.groups.iter().any(|group| group.replaces.is_some());
    let linked = replaced || !scenario.links.is_empty();
    let in_full = if linked { accounts } else { 1.0 };
    let scopes = 1.0 + scenario.groups.len() as f64;
    let events = 8.0 + scenario.causes().len() as f64;
    let counts = (scenario.actions.len() * 8 + scenario.flag_causes().len() * 3) as f64 * 8.0;
    let copies = |group: &Group| if linked { f64::from(group.count) } else { 1.0 };
    let of_groups = |bytes: &dyn Fn(&Group) -> f64| scenario.groups.iter().map(bytes).sum::<f64>();
    let tables = |group: &Group| ((group.demand.len() + group.background.len()) as f64 + 4.0) * 4.0 * days;
    vec![
        (accounts * (ACCOUNT + counts), "the accounts"),
        (in_full * days * scenario.actions.len() as f64 * 12.0, "the days of linked accounts"),
        (2.0 * scopes * events * days * 16.0, "the results by group and day"),
        (of_groups(&|group| tables(group) + copies(group) * days * 4.0), "the days of each group"),
        (
            scenario
                .groups
                .iter()
                .zip(volumes)
                .map(|(group, own)| copies(group) * times(scenario, group, own))
                .sum(),
            "the times of actions",
        ),
        (
            each_time(scenario, TIME, |place| strikes::flags(scenario, place, &volumes[place])),
            "flags that nothing ends",
        ),
        (
            each_time(scenario, AWAY, |place| strikes::disconnections(scenario, place, &volumes[place])),
            "disconnections",
        ),
    ]
}

/// Bytes for the times of what an account does, as long as some window reaches back.
fn times(scenario: &Scenario, group: &Group, volumes: &[Volume]) -> f64 {
    let ahead: f64 = volumes.iter().map(|volume| volume.demand.law.ahead()).sum();
    if !has_times(scenario) {
        return ahead * TIME;
    }
    let attempts: f64 = volumes.iter().map(|volume| volume.largest).sum();
    let kept = scenario.platform_of(group).rules.iter().map(|rule| {
        let spans = rule.rule.limits.iter().map(|limit| match limit.window {
            Window::Sliding(span) => span as f64 / DAY as f64 + 1.0,
            _ => 0.0,
        });
        let days = spans.fold(0.0, f64::max).min(f64::from(scenario.horizon_days));
        let counted = volumes.iter().filter(|volume| concerns(&rule.rule.actions, volume.demand.action));
        days * counted.map(|volume| sent(group, volume)).sum::<f64>()
    });
    (attempts + ahead + kept.sum::<f64>()) * TIME
}

/// What the caps leave of the busiest day's mean.
fn sent(group: &Group, volume: &Volume) -> f64 {
    let pacing = group.pacing.iter().find(|pacing| !volume.strays && pacing.action == volume.demand.action);
    let caps = pacing.map_or([None; 2], |pacing| {
        [pacing.per_day.map(f64::from), pacing.per_hour.map(|cap| f64::from(cap) * 24.0)]
    });
    caps.into_iter().flatten().fold(volume.largest, f64::min)
}

/// Bytes of what is kept for each time that something happens to an account, at most so often a day.
fn each_time(scenario: &Scenario, bytes: f64, often: impl Fn(usize) -> f64) -> f64 {
    let of_group = |(place, group): (usize, &Group)| f64::from(group.count) * often(place);
    scenario.groups.iter().enumerate().map(of_group).sum::<f64>() * f64::from(scenario.horizon_days) * bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_the_unit_that_fits() {
        let told = [11.0, 119.0, 121.0, 7_201.0, 200_000.0, 3.2e9].map(rough);
        assert_eq!(told, ["11 seconds", "119 seconds", "2 minutes", "2 hours", "2 days", "101 years"]);
    }
}
