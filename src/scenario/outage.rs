//! How long an account is plainly away by each cause, as stated.

use super::page::ROLE_LOST;
use super::{Consequence, DaysLaw, Group, Scenario};

impl Scenario {
    /// The stated number of days from a disconnection by a cause to the reconnection, for the accounts of a group; none
    /// where the cause cannot strike them, and for a restriction, whose length the ladder decides.
    #[must_use]
    pub fn outage_law(&self, group: usize, cause: &str) -> Option<DaysLaw> {
        let stated = &self.groups[group];
        let platform = self.platform_of(stated);
        let (token, reconnect) = (platform.token.in_effect(), &platform.reconnect);
        let death = |law| if token.renewable { law } else { reconnect.new_authorisation };
        match cause {
            "token_displaced" => token.displacement.map(|_| death(reconnect.token_expired)),
            "token_expired" => token.lifetime_days.map(|_| death(reconnect.token_expired)),
            "token_idle" => token.idle_days.map(|_| death(reconnect.token_idle)),
            cause => self
                .planned_outage(group, cause)
                .or_else(|| self.incident_outage(stated, cause))
                .or_else(|| self.can_strike(stated, cause).then_some(reconnect.incident)),
        }
    }

    /// The stated number of days that a Page is gone by a cause of its own or of its account's, where one law states it; a
    /// backup may shorten it.
    #[must_use]
    pub fn page_outage_law(&self, page: usize, cause: &str) -> Option<DaysLaw> {
        let stated = &self.pages[page];
        let of_account = self.outage_law(stated.authorised_by.group, cause);
        let mut events = self.events.iter();
        let event = events.find(|event| event.cause == cause && event.pages.contains(&page));
        let alone = event.map(|event| event.outage.unwrap_or(stated.new_admin));
        let alone = if cause == ROLE_LOST { Some(stated.new_admin) } else { alone };
        match (of_account, alone) {
            (Some(_), Some(_)) => None,
            (law, None) | (None, law) => law,
        }
    }

    /// Whether flags have consequences for the accounts of a group.
    #[must_use]
    pub fn has_ladder(&self, group: usize) -> bool {
        !self.platform_of(&self.groups[group]).ladder.rungs.is_empty()
    }

    fn planned_outage(&self, group: usize, cause: &str) -> Option<DaysLaw> {
        let mut events = self.events.iter();
        let event = events.find(|event| event.cause == cause && event.groups.contains(&group))?;
        event.outage.or_else(|| self.incident_outage(&self.groups[group], cause))
    }

    fn incident_outage(&self, group: &Group, cause: &str) -> Option<DaysLaw> {
        let platform = self.platform_of(group);
        let incident = platform.incidents.iter().find(|incident| incident.cause == cause)?;
        let reconnect = &platform.reconnect;
        let usual = if incident.renewable { reconnect.incident } else { reconnect.new_authorisation };
        Some(incident.reconnect.unwrap_or(usual))
    }

    /// Whether a rule, or a trait or link of the group, of that name invalidates tokens.
    fn can_strike(&self, group: &Group, cause: &str) -> bool {
        let platform = self.platform_of(group);
        let place = self.groups.iter().position(|known| std::ptr::eq(known, group));
        let rules = platform.rules.iter().map(|rule| (&rule.name, &rule.consequence));
        let traits = group.traits.iter().map(|own| &platform.traits[own.index]);
        let traits = traits.map(|hazard| (&hazard.name, &hazard.consequence));
        let links = self.links.iter().filter(|link| place.is_some_and(|place| link.groups.contains(&place)));
        let links = links.map(|link| (&link.name, &link.consequence));
        let by_day = self.day_rules().filter(|(platform, ..)| *platform == group.platform);
        let by_day = by_day.map(|(_, _, rule)| (&rule.name, &rule.consequence));
        let mut striking = rules.chain(by_day).chain(traits).chain(links);
        striking.any(|(name, consequence)| name == cause && *consequence == Consequence::Disconnection)
    }
}
