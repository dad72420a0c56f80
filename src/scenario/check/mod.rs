//! Findings about the scenario as a whole: parts that are right by themselves and make no sense together.

mod delays;
mod reach;
mod size;
mod strikes;
mod volumes;

use std::collections::BTreeMap;

use super::diagnostic::Report;
use super::file::ScenarioFile;
use super::located::At;
use super::platform::Draft;
use super::shape::shortened;
use super::{Consequence, Demand, Group, Phase, Resolution, Scenario};
use crate::rules::ActionId;

/// The largest mean of a day's count, with all factors.
const LARGEST_MEAN: f64 = 1e6;
/// The most values that the counts of a demand may take on its busiest day: they are kept as a table.
const MOST_VALUES: f64 = 2e6;
/// The most values of all tables of a demand.
const MOST_VALUES_IN_ALL: f64 = 1.6e7;
/// The most actions that a demand may have begun and not yet brought, in the mean: they are kept until their day.
const MOST_AHEAD: f64 = 1e6;
/// The most rules, traits and links that restrict features, and the most that invalidate tokens after a delay.
const MOST_OF_A_KIND: usize = 64;

/// What says how much is done, and when.
const ACTIVITY: [&str; 10] = [
    "start",
    "horizon_days",
    "calendar",
    "actions",
    "demand",
    "demand_log",
    "background",
    "pacing",
    "phase",
    "group",
];
/// What says what the platform makes of it.
const RULES: [&str; 12] = [
    "platform",
    "platforms",
    "variant",
    "rule",
    "ladder",
    "response",
    "stock",
    "ratio",
    "surge",
    "credit",
    "trait",
    "link",
];

/// Whether nothing is wrong with what is done, nor with what the platform makes of it.
pub(crate) fn is_sound(report: &Report) -> bool {
    report.are_sound(&ACTIVITY) && report.are_sound(&RULES)
}

/// Everything that needs more than one part of the scenario. What seems to be missing may be among the errors, so that
/// each warning needs the parts that it rests on to be sound.
pub(crate) fn whole(scenario: &Scenario, file: &ScenarioFile, drafts: &[&Draft], report: &mut Report) {
    check_resolution(scenario, file, report);
    check_means(scenario, file, report);
    check_numbers(scenario, report);
    let (activity, rules) = (report.are_sound(&ACTIVITY), report.are_sound(&RULES));
    if rules {
        for draft in drafts {
            warn_of_missing_ladder(draft, report);
        }
        delays::warn_of_long_delays(file, scenario.horizon_days, report);
    }
    if activity {
        warn_of_idle_groups(scenario, file, report);
        warn_of_silent_demands(scenario, file, report);
        for (platform, draft) in drafts.iter().enumerate() {
            warn_of_idle_rules(scenario, platform, draft, report);
        }
        reach::warn_of_unreachable_limits(scenario, drafts, report);
        warn_of_idle_pacing(scenario, file, report);
    }
    if activity && rules {
        size::judge(scenario, file, report);
        warn_of_idle_actions(scenario, file, report);
        warn_of_idle_answers(scenario, file, report);
    }
}

fn check_resolution(scenario: &Scenario, file: &ScenarioFile, report: &mut Report) {
    if scenario.resolution != Resolution::Day {
        return;
    }
    if let (Some(reason), Some(stated)) = (scenario.needs_events(), &file.resolution) {
        report
            .error(stated.span.clone(), format!("day resolution is not enough: {reason}"))
            .hint("use \"auto\" or \"event\", or state that part by the day");
    }
}

fn check_numbers(scenario: &Scenario, report: &mut Report) {
    let consequences = scenario.consequences();
    let mut check = |what: &str, is_one: fn(&Consequence) -> bool| {
        let number = consequences.iter().filter(|known| is_one(known)).count();
        if number > MOST_OF_A_KIND {
            let message = format!("{number} rules, traits and links {what}");
            report.error(0..0, message).hint(format!("the most is {MOST_OF_A_KIND}"));
        }
    };
    check("restrict features", |known| matches!(known, Consequence::FeatureRestriction { .. }));
    check("invalidate tokens after a delay", |known| matches!(known, Consequence::DisconnectionAfter(_)));
}

fn check_means(scenario: &Scenario, file: &ScenarioFile, report: &mut Report) {
    for (at, group) in scenario.groups.iter().enumerate() {
        let own = file.group.get(at);
        for demand in &group.demand {
            let Some((message, hint)) = too_much(scenario, &group.phases, demand) else { continue };
            let keys = (own.map(|group| &group.demand), &file.demand);
            report_at(keys, &scenario.actions[demand.action], (message, hint), report);
        }
        for demand in &group.background {
            let Some((message, hint)) = too_much(scenario, &[], demand) else { continue };
            let keys = (own.map(|group| &group.background), &file.background);
            report_at(keys, &scenario.actions[demand.action], (message, hint), report);
        }
    }
}

/// Where activity is stated: that of a group, and that of all groups.
type Stated<'f, T> = (Option<&'f BTreeMap<At<String>, T>>, &'f BTreeMap<At<String>, T>);

/// Reports a finding about an action where the group states it, or else where all groups do.
fn report_at<T>(
    (own, shared): Stated<'_, T>,
    name: &str,
    (message, hint): (String, String),
    report: &mut Report,
) {
    let key = |key: &&At<String>| key.value == name;
    let own = own.and_then(|own| own.keys().find(key));
    if let Some(key) = own.or_else(|| shared.keys().find(key)) {
        report.error(key.span.clone(), message).hint(hint);
    }
}

/// What is wrong with a demand that is too large for its tables, and what would be right.
fn too_much(scenario: &Scenario, phases: &[Phase], demand: &Demand) -> Option<(String, String)> {
    let largest = largest_mean(phases, demand);
    let busiest = demand.law.scaled(largest / demand.law.mean().max(f64::MIN_POSITIVE));
    let values = busiest.spread();
    if largest > LARGEST_MEAN {
        let message = format!("with its factors this demand may reach a mean of {largest:.3e} a day");
        return Some((message, format!("the most is {LARGEST_MEAN} a day")));
    }
    if busiest.ahead() > MOST_AHEAD {
        let message = format!("this demand begins some {:.1e} actions that come later", busiest.ahead());
        return Some((
            message,
            format!("the most is {MOST_AHEAD:.0e}: a shorter time or a smaller mean does it"),
        ));
    }
    if values > MOST_VALUES {
        let message = format!("with its factors the counts of this demand spread over {values:.1e} values");
        let hint = format!("the most is {MOST_VALUES:.0e}: a larger size or a smaller variation does it");
        return Some((message, hint));
    }
    if values * f64::from(different_days(scenario, phases, demand)) > MOST_VALUES_IN_ALL {
        let message = "this demand is too large to change day by day for so long".to_owned();
        return Some((message, "make the mean or the phases with a changing factor smaller".to_owned()));
    }
    None
}

/// An upper bound on the number of days of a demand that differ in their mean.
fn different_days(scenario: &Scenario, phases: &[Phase], demand: &Demand) -> u32 {
    let different = |factors: &[f64]| {
        let mut bits: Vec<u64> = factors.iter().map(|factor| factor.to_bits()).collect();
        bits.sort_unstable();
        bits.dedup();
        bits.len() as u32
    };
    let usual = different(&demand.weekdays) * different(&demand.months);
    let phases = phases.iter().filter(|phase| concerns(&phase.actions, demand.action));
    let changing = |phase: &Phase| if phase.factor == phase.factor_at_end { usual } else { phase.days };
    phases.map(changing).fold(usual, u32::saturating_add).min(scenario.horizon_days)
}

/// An upper bound on the mean of a day's count.
fn largest_mean(phases: &[Phase], demand: &Demand) -> f64 {
    let most = |factors: &[f64]| factors.iter().copied().fold(0.0, f64::max);
    let phases = phases.iter().filter(|phase| concerns(&phase.actions, demand.action));
    let phases: f64 = phases.map(|phase| phase.factor.max(phase.factor_at_end).max(1.0)).product();
    demand.law.mean() * most(&demand.weekdays) * most(&demand.months) * phases
}

/// Whether a list of actions, empty for all, concerns an action.
fn concerns(actions: &[ActionId], action: ActionId) -> bool {
    actions.is_empty() || actions.contains(&action)
}

fn warn_of_missing_ladder(draft: &Draft, report: &mut Report) {
    if !draft.lacks_ladder() {
        return;
    }
    if let Some(own) =
        draft.rules.iter().filter(|rule| rule.consequence.is_flag()).find_map(|rule| rule.own.clone())
    {
        report.warning(own, "a flag has no consequence: there are rules, but no ladder").hint(
            "state one, as in [ladder] rungs = [\"warning\", { restriction = { fixed = 3 } }, \"permanent\"]",
        );
    }
}

fn warn_of_idle_groups(scenario: &Scenario, file: &ScenarioFile, report: &mut Report) {
    for (group, file) in scenario.groups.iter().zip(&file.group) {
        if group.demand.is_empty() && group.background.is_empty() && group.log.is_none() {
            let message = format!("group `{}` does nothing", shortened(&group.name));
            report.warning(file.span.clone(), message).hint("state its demand, as in [demand.message]");
        }
    }
    if file.group.is_empty()
        && file.demand.is_empty()
        && file.background.is_empty()
        && file.demand_log.is_none()
    {
        report
            .warning(0..0, "nobody does anything")
            .hint("state a demand, as in [demand.message] poisson = { mean = 18 }");
    }
}

/// Demands that a phase with factor 0 silences over the whole horizon in every group that has them.
fn warn_of_silent_demands(scenario: &Scenario, file: &ScenarioFile, report: &mut Report) {
    let is_silent = |group: &Group, action: ActionId| {
        let covers = |phase: &Phase| {
            let ends = phase.from_day.saturating_add(phase.days);
            let is_zero = phase.factor == 0.0 && phase.factor_at_end == 0.0;
            is_zero
                && phase.from_day == 0
                && ends >= scenario.horizon_days
                && concerns(&phase.actions, action)
        };
        group.phases.iter().any(covers)
    };
    let mut warn = |name: &At<String>, mut groups: Vec<&Group>| {
        let Some(action) = scenario.actions.iter().position(|known| *known == name.value) else { return };
        groups.retain(|group| group.demand.iter().any(|demand| demand.action == action));
        if !groups.is_empty() && groups.iter().all(|group| is_silent(group, action)) {
            report
                .warning(name.span.clone(), "this demand never occurs: a phase makes it 0 on every day")
                .hint("leave the demand out, or state a shorter phase");
        }
    };
    for name in file.demand.keys() {
        let own = |at: usize| file.group.get(at).is_some_and(|group| group.demand.contains_key(name));
        let groups = scenario.groups.iter().enumerate().filter(|(at, _)| !own(*at)).map(|(_, group)| group);
        warn(name, groups.collect());
    }
    for (file, group) in file.group.iter().zip(&scenario.groups) {
        file.demand.keys().for_each(|name| warn(name, vec![group]));
    }
}

/// The scenario's own rules for actions that nobody does; rules of a profile may concern others.
fn warn_of_idle_rules(scenario: &Scenario, platform: usize, draft: &Draft, report: &mut Report) {
    for rule in &draft.rules {
        let done = rule.actions.iter().any(|&action| is_done_on(scenario, platform, action));
        if let (Some(own), false, false) = (&rule.own, done, rule.actions.is_empty()) {
            let names: Vec<&str> =
                rule.actions.iter().map(|&action| scenario.actions[action].as_str()).collect();
            let message = format!("nobody does what this rule counts: {}", names.join(", "));
            report.warning(own.clone(), message).hint("state a demand for it, or leave the rule out");
        }
    }
}

fn is_done_on(scenario: &Scenario, platform: usize, action: ActionId) -> bool {
    scenario.groups.iter().any(|group| group.platform == platform && group.does(action))
}

fn is_wanted(scenario: &Scenario, action: ActionId) -> bool {
    scenario.groups.iter().flat_map(|group| &group.demand).any(|demand| demand.action == action)
}

/// Pacing that no demand makes use of.
fn warn_of_idle_pacing(scenario: &Scenario, file: &ScenarioFile, report: &mut Report) {
    let done = |name: &str| {
        let action = scenario.actions.iter().position(|known| known == name);
        action.is_none_or(|action| is_wanted(scenario, action))
    };
    for name in file.pacing.keys().filter(|name| !done(name)) {
        let message = format!("nobody does `{}`: this pacing has no effect", name.value);
        report.warning(name.span.clone(), message);
    }
    for (file, group) in file.group.iter().zip(&scenario.groups) {
        for name in file.pacing.keys() {
            let action = scenario.actions.iter().position(|known| *known == name.value);
            let does = |action| group.demand.iter().any(|demand| demand.action == action);
            if action.is_some_and(|action| !does(action)) {
                let message = format!("this group does no `{}`: this pacing has no effect", name.value);
                report.warning(name.span.clone(), message);
            }
        }
    }
}

/// Responses and surges that nothing is done for.
fn warn_of_idle_answers(scenario: &Scenario, file: &ScenarioFile, report: &mut Report) {
    let is_done = |action| scenario.groups.iter().any(|group| group.does(action));
    let happens = |name: &str| {
        let action = scenario.actions.iter().position(|known| known == name);
        action.is_none_or(is_done)
    };
    for response in &file.response {
        if let Some(name) = response.action.as_ref().filter(|name| !happens(name)) {
            let message = format!("nobody does `{}`: this response has no effect", name.value);
            report.warning(name.span.clone(), message);
        }
    }
    for credit in &file.credit {
        if let Some(name) = credit.action.as_ref().filter(|name| !happens(name)) {
            let message = format!("nobody does `{}`: this credit has no effect", name.value);
            report.warning(name.span.clone(), message);
        }
    }
    for surge in &file.surge {
        let Some(name) = &surge.name else { continue };
        let days = surge.trailing_days.unwrap_or(1) + surge.baseline_days.unwrap_or(1);
        if days > scenario.horizon_days {
            let message = format!("this surge needs {days} days before it is judged: it never is");
            report.warning(name.span.clone(), message).hint("lengthen the horizon, or shorten its days");
        } else if surge.actions.iter().all(|action| !happens(action)) {
            report.warning(name.span.clone(), "nobody does what this surge counts");
        }
    }
}

/// Own actions that nobody does and no rule counts.
fn warn_of_idle_actions(scenario: &Scenario, file: &ScenarioFile, report: &mut Report) {
    let is_done = |action| scenario.groups.iter().any(|group| group.does(action));
    let rules = || scenario.rules().flat_map(|(_, rule)| &rule.rule.actions);
    for name in &file.actions {
        let action = scenario.actions.iter().position(|known| *known == name.value);
        if action.is_some_and(|action| !is_done(action) && !rules().any(|&counted| counted == action)) {
            report.warning(name.span.clone(), format!("nobody does `{}`, and no rule counts it", name.value));
        }
    }
}
