//! How long an account is plainly away by each cause, as stated.

use super::page::ROLE_LOST;
use super::{DaysLaw, Group, Scenario};

impl Scenario {
    /// What is stated of the number of days from a disconnection by a cause to the reconnection, for the accounts of a group:
    /// each law that may rule it, once. None where the cause cannot strike them, and for a restriction, whose length the
    /// ladder decides. Users who decline and late reports come on top.
    #[must_use]
    pub fn outage_laws(&self, group: usize, cause: &str) -> Vec<DaysLaw> {
        let stated = &self.groups[group];
        let platform = self.platform_of(stated);
        let (token, reconnect) = (platform.token.in_effect(), &platform.reconnect);
        let death = |law| if token.renewable { law } else { reconnect.new_authorisation };
        let token_death = match cause {
            "token_displaced" => token.displacement.map(|_| reconnect.token_expired),
            "token_expired" => token.lifetime_days.map(|_| reconnect.token_expired),
            "token_idle" => token.idle_days.map(|_| reconnect.token_idle),
            cause => return each_once(self.strikes(group, cause)),
        };
        token_death.map(death).into_iter().collect()
    }

    /// The same for the days that a Page is gone by a cause of its own or of its account's; a backup may shorten them.
    #[must_use]
    pub fn page_outage_laws(&self, page: usize, cause: &str) -> Vec<DaysLaw> {
        let stated = &self.pages[page];
        let of_account = self.outage_laws(stated.authorised_by.group, cause);
        let events = self.events.iter().filter(|event| event.cause == cause && event.pages.contains(&page));
        let events = events.map(|event| event.outage.unwrap_or(stated.new_admin));
        let by_chance = (cause == ROLE_LOST).then_some(stated.new_admin);
        each_once(of_account.into_iter().chain(events).chain(by_chance).collect())
    }

    /// The laws of planned events, of an incident and of what else invalidates tokens by that name. An incident that never
    /// happens by chance says only how long an event of its name lasts.
    fn strikes(&self, group: usize, cause: &str) -> Vec<DaysLaw> {
        let stated = &self.groups[group];
        let platform = self.platform_of(stated);
        let incident = platform.incidents.iter().find(|incident| incident.cause == cause);
        let plain = incident.map_or(platform.reconnect.incident, |incident| {
            let reconnect = &platform.reconnect;
            let usual = if incident.renewable { reconnect.incident } else { reconnect.new_authorisation };
            incident.reconnect.unwrap_or(usual)
        });
        let events = self.events.iter().filter(|event| event.cause == cause && event.groups.contains(&group));
        let mut laws: Vec<DaysLaw> = events.map(|event| event.outage.unwrap_or(plain)).collect();
        let by_chance = incident.is_some_and(|incident| incident.per_day > 0.0 || laws.is_empty());
        if by_chance || self.can_strike(stated, cause) {
            laws.push(plain);
        }
        laws
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
        striking.any(|(name, consequence)| name == cause && consequence.invalidates())
    }
}

fn each_once(laws: Vec<DaysLaw>) -> Vec<DaysLaw> {
    let mut once: Vec<DaysLaw> = Vec::new();
    for law in laws {
        if !once.contains(&law) {
            once.push(law);
        }
    }
    once
}
