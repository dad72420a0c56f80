//! Hazards of traits and links, compiled: what may flag or disconnect an account besides its volume.

use super::effect::{Causes, Effect, Entry, Source};
use crate::random::Chance;
use crate::scenario::{Group, Hazard, Platform, Rung, Scenario, Trait};

/// A hazard of the accounts of one group.
#[derive(Debug, Clone)]
pub(crate) struct HazardModel {
    pub(crate) source: Source,
    /// By the day.
    pub(crate) per_day: Chance,
    /// By the day for each linked account that was restricted at its start.
    per_linked: f64,
    /// The link that it belongs to.
    pub(crate) link: Option<usize>,
    /// By delivered action: place of its count and probability.
    per_action: Vec<(usize, f64)>,
}

impl HazardModel {
    fn new(hazard: &Hazard, source: Source, own: Trait, places: &[(usize, usize)]) -> HazardModel {
        let others = if hazard.per_person { own.people.saturating_sub(1) } else { 1 };
        let per_day = if own.certain { 1.0 } else { 1.0 - (1.0 - hazard.per_day).powi(others as i32) };
        let tried = hazard.per_action.iter().filter(|(_, probability)| *probability > 0.0);
        let per_action = tried.flat_map(|&(action, probability)| {
            let places = places.iter().filter(move |(_, other)| *other == action);
            places.map(move |&(place, _)| (place, probability))
        });
        HazardModel {
            source,
            per_day: Chance::new(per_day),
            per_linked: 0.0,
            link: None,
            per_action: per_action.collect(),
        }
    }

    /// The chance of the day's trial with so many linked accounts restricted.
    pub(crate) fn chance_of_day(&self, restricted: u32) -> Chance {
        if self.link.is_none() { self.per_day } else { Chance::new(self.per_linked * f64::from(restricted)) }
    }

    /// The chance that some of the day's actions, counted by place, is a success; none where no action can be.
    pub(crate) fn chance_of_actions(&self, sent: impl Fn(usize) -> u32) -> Option<Chance> {
        if self.per_action.is_empty() {
            return None;
        }
        let spared = |&(place, probability): &(usize, f64)| (1.0 - probability).powi(sent(place) as i32);
        Some(Chance::new(1.0 - self.per_action.iter().map(spared).product::<f64>()))
    }
}

/// The place of a platform's trait among the causes of a flag.
pub(crate) fn cause_of_trait(scenario: &Scenario, platform: usize, index: usize) -> usize {
    let before = scenario.platforms[..platform].iter().map(|platform| platform.traits.len());
    scenario.rules().count() + scenario.day_rules().count() + before.sum::<usize>() + index
}

/// A violation that the platform acts on for certain is restricted, not warned of.
fn certain(source: Source, platform: &Platform) -> Source {
    let restricts = platform.ladder.rungs.iter().position(|rung| *rung != Rung::Warning);
    match (source.effect, restricts) {
        (Effect::Flag { entry: Entry::Next }, Some(rung)) => {
            Source { effect: Effect::Flag { entry: Entry::NotBelow(rung) }, ..source }
        }
        _ => source,
    }
}

/// The hazards of a group in the order of the causes of flags, and those that each delivered action tries. `places` holds
/// the place of each count and its action; the group's own place is that among all groups.
pub(crate) fn compile(
    scenario: &Scenario,
    (place, group): (usize, &Group),
    places: &[(usize, usize)],
) -> (Vec<HazardModel>, Vec<Vec<(usize, Chance)>>) {
    let (platform, causes) = (scenario.platform_of(group), Causes::of(scenario));
    let rules = scenario.rules().count() + scenario.day_rules().count();
    let mut hazards = Vec::new();
    for own in &group.traits {
        let hazard = &platform.traits[own.index];
        let cause = cause_of_trait(scenario, group.platform, own.index);
        let source = causes.source(cause, &hazard.name, &hazard.consequence);
        let source = if own.certain { certain(source, platform) } else { source };
        hazards.push(HazardModel::new(hazard, source, *own, places));
    }
    let traits: usize = scenario.platforms.iter().map(|platform| platform.traits.len()).sum();
    for (index, link) in scenario.links.iter().enumerate() {
        if link.groups.contains(&place) {
            hazards.push(HazardModel {
                source: causes.source(rules + traits + index, &link.name, &link.consequence),
                per_day: Chance::new(0.0),
                per_linked: link.per_day,
                link: Some(index),
                per_action: Vec::new(),
            });
        }
    }
    let at = |place: usize| -> Vec<(usize, Chance)> {
        let tried = hazards.iter().enumerate().flat_map(|(index, hazard)| {
            hazard.per_action.iter().map(move |&(tried, probability)| (tried, index, probability))
        });
        tried.filter(|(tried, ..)| *tried == place).map(|(_, index, p)| (index, Chance::new(p))).collect()
    };
    let by_place = places.iter().map(|&(place, _)| at(place)).collect();
    (hazards, by_place)
}
