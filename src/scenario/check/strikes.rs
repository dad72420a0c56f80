//! How often an account is flagged and disconnected, from above: what a replicate keeps of it.

use super::concerns;
use super::volumes::Volume;
use crate::scenario::{Consequence, DaysLaw, Platform, Resolution, Rung, Scenario, Trial, VolumeRule};

/// The most flags of an account a day, in the long run. Where the ladder ends in a rung that takes the account away, there
/// are only those that restrict, and those below whenever the earlier ones are forgotten.
pub(super) fn flags(scenario: &Scenario, place: usize, volumes: &[Volume]) -> f64 {
    let platform = scenario.platform_of(&scenario.groups[place]);
    let stated = successes(scenario, (place, volumes), Consequence::is_flag);
    match platform.ladder.rungs.last() {
        None | Some(Rung::Warning) => stated,
        Some(Rung::Permanent) => stated.min(climbs(platform)),
        Some(Rung::Restriction(_)) => stated.min(climbs(platform) + 1.0 / shortest_restriction(platform)),
    }
}

/// The rungs that are climbed a day if the ladder is climbed anew whenever its flags are forgotten.
fn climbs(platform: &Platform) -> f64 {
    let ladder = &platform.ladder;
    ladder.memory_days.map_or(0.0, |days| ladder.rungs.len() as f64 / f64::from(days))
}

/// The most disconnections of an account a day.
pub(super) fn disconnections(scenario: &Scenario, place: usize, volumes: &[Volume]) -> f64 {
    let platform = scenario.platform_of(&scenario.groups[place]);
    let struck = successes(scenario, (place, volumes), Consequence::invalidates);
    let incidents: f64 = platform.incidents.iter().map(|incident| incident.per_day).sum();
    let token = platform.token.in_effect();
    let limits = [token.lifetime_days, token.idle_days].into_iter().flatten();
    let by_limit: f64 = limits.map(|days| 1.0 / f64::from(days)).sum();
    let displaced = token
        .displacement
        .map_or(0.0, |displacement| displacement.new_tokens_per_day / f64::from(displacement.live_tokens));
    let planned = scenario.events.iter().filter(|event| event.groups.contains(&place));
    let planned: f64 =
        planned.map(|event| 1.0 / f64::from(event.every_days.unwrap_or(scenario.horizon_days))).sum();
    let others =
        (struck + incidents + by_limit + displaced + planned).min(1.0 / shortest_outage(scenario, place));
    others + flags(scenario, place, volumes).min(1.0 / shortest_restriction(platform))
}

/// The fewest days from a restriction for a time to the reconnection; infinitely many where there is none.
fn shortest_restriction(platform: &Platform) -> f64 {
    let lengths = platform.ladder.rungs.iter().filter_map(|rung| match rung {
        Rung::Restriction(days) => Some(fewest(*days)),
        Rung::Warning | Rung::Permanent => None,
    });
    lengths.fold(f64::INFINITY, f64::min) + fewest(platform.reconnect.after_restriction)
}

/// The fewest days from a disconnection that is no restriction to the reconnection.
fn shortest_outage(scenario: &Scenario, place: usize) -> f64 {
    let platform = scenario.platform_of(&scenario.groups[place]);
    let reconnect = &platform.reconnect;
    let usual =
        [reconnect.token_expired, reconnect.token_idle, reconnect.incident, reconnect.new_authorisation];
    let own = platform.incidents.iter().filter_map(|incident| incident.reconnect);
    let planned = scenario.events.iter().filter_map(|event| event.outage);
    usual.into_iter().chain(own).chain(planned).map(fewest).fold(f64::INFINITY, f64::min)
}

/// What many draws come to at least, each.
fn fewest(days: DaysLaw) -> f64 {
    match days {
        DaysLaw::Fixed(days) => f64::from(days),
        DaysLaw::Geometric { mean, .. } => mean,
        DaysLaw::Uniform { min, max } => f64::midpoint(f64::from(min), f64::from(max)),
        DaysLaw::LogNormal { min, .. } => f64::from(min),
    }
}

/// The most successes a day of the trials of rules, traits and links with some consequences; of one instant there is one.
fn successes(
    scenario: &Scenario,
    (place, volumes): (usize, &[Volume]),
    counts: impl Fn(&Consequence) -> bool,
) -> f64 {
    let group = &scenario.groups[place];
    let platform = scenario.platform_of(group);
    let scrutiny: f64 = group.traits.iter().map(|own| platform.traits[own.index].scrutiny.max(1.0)).product();
    let rules = platform.rules.iter().filter(|rule| counts(&rule.consequence));
    let of_rules: f64 =
        rules.map(|rule| trials(volumes, rule) * (rule.detection.ceiling * scrutiny).min(1.0)).sum();
    let by_day = platform.beyond.rules.iter().filter(|rule| counts(&rule.consequence));
    let by_day: f64 = by_day.map(|rule| rule.probability).sum();
    let traits = group.traits.iter().filter(|own| counts(&platform.traits[own.index].consequence));
    let of_traits = traits.map(|own| {
        let hazard = &platform.traits[own.index];
        let people = if hazard.per_person { f64::from(own.people) } else { 1.0 };
        let of_day = if own.certain { 1.0 } else { (hazard.per_day * people).min(1.0) };
        let of_actions =
            hazard.per_action.iter().map(|&(action, probability)| done(volumes, &[action]) * probability);
        of_day + of_actions.sum::<f64>()
    });
    let links =
        scenario.links.iter().filter(|link| link.groups.contains(&place) && counts(&link.consequence));
    let of_links = links.map(|link| (link.per_day * f64::from(scenario.accounts())).min(1.0));
    let all = of_rules + by_day + of_traits.sum::<f64>() + of_links.sum::<f64>();
    if scenario.effective_resolution() == Resolution::Event { all } else { all.min(1.0) }
}

fn trials(volumes: &[Volume], rule: &VolumeRule) -> f64 {
    match rule.detection.per {
        Trial::Event => done(volumes, &rule.rule.actions),
        Trial::Day | Trial::Week => 1.0,
    }
}

/// How many of some actions an account does a day in the busiest phase of the plan.
fn done(volumes: &[Volume], actions: &[usize]) -> f64 {
    let counted = volumes.iter().filter(|volume| concerns(actions, volume.demand.action));
    counted.map(|volume| volume.in_the_busiest_phase).sum()
}
