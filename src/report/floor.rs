//! What no pace takes away: causes of an event besides the volume, and limits that every volume exceeds.

use crate::scenario::{Consequence, Group, Platform, Rung, Scenario, Trait};

/// The most probable a day of the causes of an event that no pace of an action, or of all of them, takes away: a trait of some
/// account or a link that leads to it, for disconnections also an incident, or else a plan.
pub(super) fn besides_volume(scenario: &Scenario, event: &str, paced: Option<&str>) -> Option<String> {
    let traits = scenario.groups.iter().flat_map(|group| {
        let platform = scenario.platform_of(group);
        let own = group
            .traits
            .iter()
            .filter(move |own| leads_to(event, platform, &platform.traits[own.index].consequence));
        own.map(move |own| (&platform.traits[own.index].name, daily(scenario, group, own, paced)))
    });
    let links = scenario.links.iter().filter(|link| {
        let mut groups = link.groups.iter().map(|&group| scenario.platform_of(&scenario.groups[group]));
        groups.any(|platform| leads_to(event, platform, &link.consequence))
    });
    let disconnects = event == "disconnected";
    let incidents = scenario.platforms.iter().flat_map(|platform| &platform.incidents);
    let incidents = incidents.filter(|_| disconnects).map(|incident| (&incident.cause, incident.per_day));
    let causes = traits.chain(links.map(|link| (&link.name, link.per_day))).chain(incidents);
    let most = causes.filter(|(_, daily)| *daily > 0.0).max_by(|a, b| a.1.total_cmp(&b.1));
    let mut plans = scenario.events.iter().filter(|plan| !plan.groups.is_empty());
    let mut planned = || plans.find(|plan| disconnects && plan.first_day < scenario.horizon_days);
    most.map(|(name, _)| name).or_else(|| planned().map(|plan| &plan.cause)).cloned()
}

/// The first rule that leads to the event and has a limit of 0 for something that its accounts do: every pace exceeds it.
pub(super) fn exceeded_at_any_pace(scenario: &Scenario, event: &str) -> Option<String> {
    let of = scenario.platforms.iter().enumerate();
    let of = of.flat_map(|(at, platform)| platform.rules.iter().map(move |_| (at, platform)));
    let exceeded = scenario.rules().zip(of).find(|((_, rule), (at, platform))| {
        let noticed = rule.detection.probability > 0.0 || rule.detection.slope > 0.0;
        let mut groups = scenario.groups.iter().filter(|group| group.platform == *at);
        leads_to(event, platform, &rule.consequence)
            && noticed
            && rule.rule.limits.iter().any(|limit| limit.max == 0)
            && groups.any(|group| does(group, &rule.rule.actions))
    });
    exceeded.map(|((name, _), _)| name)
}

fn does(group: &Group, actions: &[usize]) -> bool {
    let mut demand = group.demand.iter().chain(&group.background);
    demand.any(|demand| actions.contains(&demand.action) && demand.law.mean() > 0.0)
}

/// Whether what strikes an account can lead to the event. A flag disconnects where its ladder restricts.
fn leads_to(event: &str, platform: &Platform, consequence: &Consequence) -> bool {
    let rungs = &platform.ladder.rungs;
    let restricts = || rungs.iter().any(|rung| *rung != Rung::Warning);
    match event {
        "flagged" => consequence.is_flag(),
        "disconnected" => consequence.invalidates() || consequence.is_flag() && restricts(),
        "restricted_permanently" => consequence.is_flag() && rungs.contains(&Rung::Permanent),
        _ => consequence.is_flag() && restricts(),
    }
}

/// How many times a trait strikes on a day of work, of what does not depend on the pace: by itself, by what happens in the
/// background, and by the group's other actions where the pace is that of one.
fn daily(scenario: &Scenario, group: &Group, own: &Trait, paced: Option<&str>) -> f64 {
    if own.certain {
        return 1.0;
    }
    let hazard = &scenario.platform_of(group).traits[own.index];
    let people = if hazard.per_person { own.people.saturating_sub(1) } else { 1 };
    let stays = |action: usize| paced.is_some_and(|paced| scenario.actions[action] != paced);
    let mean = |action: usize| -> f64 {
        let demand = group.demand.iter().filter(|_| stays(action)).chain(&group.background);
        demand.filter(|demand| demand.action == action).map(|demand| demand.law.mean()).sum()
    };
    let by_action = hazard.per_action.iter().map(|(action, probability)| probability * mean(*action));
    hazard.per_day * f64::from(people) + by_action.sum::<f64>()
}
