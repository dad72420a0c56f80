//! The kinds of causes, in the orders in which a scenario lists its causes.

use crate::results::CauseKind;
use crate::scenario::{Consequence, Scenario};

/// Of the causes of a flag, and after them of the credits: the causes of a refusal by their places.
pub(super) fn of_flags_and_credits(scenario: &Scenario) -> Vec<CauseKind> {
    let rules = scenario.rules().count() + scenario.day_rules().count();
    let traits = scenario.platforms.iter().map(|platform| platform.traits.len()).sum();
    [
        vec![CauseKind::Rule; rules],
        vec![CauseKind::Trait; traits],
        vec![CauseKind::Link; scenario.links.len()],
        vec![CauseKind::Credit; scenario.credits().count()],
    ]
    .concat()
}

/// Of the causes of a disconnection, the first of which is none of its own: a restriction follows from a cause of flags.
pub(super) fn of_disconnections(scenario: &Scenario) -> Vec<Option<CauseKind>> {
    let causes = scenario.causes();
    causes
        .iter()
        .enumerate()
        .map(|(place, name)| (place > 0).then(|| of_disconnection(scenario, name)))
        .collect()
}

/// Of a cause that disconnects without a restriction.
fn of_disconnection(scenario: &Scenario, name: &str) -> CauseKind {
    let ends = |known: &String, consequence: &Consequence| known == name && consequence.invalidates();
    let mut incidents = scenario.platforms.iter().flat_map(|platform| &platform.incidents);
    let mut rules = scenario.platforms.iter().flat_map(|platform| &platform.rules);
    let mut by_day = scenario.day_rules();
    let mut traits = scenario.platforms.iter().flat_map(|platform| &platform.traits);
    if incidents.any(|incident| incident.cause == name) {
        struck(scenario, name)
    } else if rules.any(|rule| ends(&rule.name, &rule.consequence))
        || by_day.any(|(_, _, rule)| ends(&rule.name, &rule.consequence))
    {
        CauseKind::Rule
    } else if traits.any(|hazard| ends(&hazard.name, &hazard.consequence)) {
        CauseKind::Trait
    } else if scenario.links.iter().any(|link| ends(&link.name, &link.consequence)) {
        CauseKind::Link
    } else if scenario.events.iter().any(|event| event.cause == name) {
        CauseKind::Planned
    } else {
        CauseKind::Token
    }
}

/// Whether what strikes under the name of an incident does so by chance, alone or besides a plan, or by plan alone.
pub(crate) fn struck(scenario: &Scenario, cause: &str) -> CauseKind {
    let mut incidents = scenario.platforms.iter().flat_map(|platform| &platform.incidents);
    let by_chance = incidents.any(|incident| incident.cause == cause && incident.per_day > 0.0);
    if !by_chance && scenario.events.iter().any(|event| event.cause == cause) {
        CauseKind::Planned
    } else {
        CauseKind::Incident
    }
}
