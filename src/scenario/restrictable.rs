//! Which accounts the platform may restrict at all: something flags them, and the ladder has a rung for it that restricts.

use super::{Consequence, Group, Hazard, Platform, Rung, Scenario, Trait};

impl Scenario {
    /// For each group, whether an account of it may ever be restricted, however seldom. Accounts that replace others are only opened where
    /// those may be, and a link matters only where another of its accounts may be.
    #[must_use]
    pub fn restrictable(&self) -> Vec<bool> {
        let mut may = vec![false; self.groups.len()];
        loop {
            let further = (0..may.len()).find(|&place| !may[place] && self.is_next(place, &may));
            match further {
                Some(place) => may[place] = true,
                None => return may,
            }
        }
    }

    /// Whether the accounts of a group may be restricted, by themselves or since those of others may be.
    fn is_next(&self, place: usize, may: &[bool]) -> bool {
        let group = &self.groups[place];
        let platform = self.platform_of(group);
        let is_opened = group.replaces.is_none_or(|replaces| may[replaces.group]);
        let mut links = self.links.iter().filter(|link| link.groups.contains(&place));
        let by_link = |link: &super::Link| {
            let others = link.groups.iter().any(|&other| may[other]);
            link.per_day > 0.0 && others && platform.restricts(&link.consequence)
        };
        is_opened && (platform.restricts_by_itself(group) || links.any(by_link))
    }
}

impl Platform {
    /// Whether a success may lead to a restriction.
    fn restricts(&self, consequence: &Consequence) -> bool {
        let rungs = &self.ladder.rungs;
        match consequence {
            Consequence::Ladder => rungs.iter().any(|rung| *rung != Rung::Warning),
            Consequence::Rung(rung) => rungs
                .get((*rung as usize).min(rungs.len()).wrapping_sub(1))
                .is_some_and(|rung| *rung != Rung::Warning),
            _ => false,
        }
    }

    fn restricts_by_itself(&self, group: &Group) -> bool {
        let traits = || group.traits.iter().map(|own| (own, &self.traits[own.index]));
        let looks = traits().all(|(_, hazard)| hazard.scrutiny > 0.0);
        let mut rules = self.rules.iter().filter(|rule| self.restricts(&rule.consequence));
        let mut by_day = self.beyond.rules.iter().filter(|rule| self.restricts(&rule.consequence));
        let notices = |rule: &super::VolumeRule| {
            let detection = rule.detection;
            let ever = detection.ceiling > 0.0 && (detection.probability > 0.0 || detection.slope > 0.0);
            ever && rule.rule.actions.iter().any(|&action| group.does(action))
        };
        looks && (rules.any(notices) || by_day.any(|rule| rule.probability > 0.0))
            || traits()
                .any(|(own, hazard)| self.restricts(&hazard.consequence) && strikes(group, own, hazard))
    }
}

/// Whether a trait of a group ever has a success.
fn strikes(group: &Group, own: &Trait, hazard: &Hazard) -> bool {
    let of_day = hazard.per_day > 0.0 && (!hazard.per_person || own.people > 1);
    let mut of_actions = hazard.per_action.iter();
    own.certain || of_day || of_actions.any(|&(action, probability)| probability > 0.0 && group.does(action))
}
