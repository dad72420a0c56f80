//! Whether counts by the day are enough, and the identity of a scenario.

use sha2::{Digest, Sha256};

use super::{Consequence, Demand, Resolution, Scenario, Trial};
use crate::rules::{Limit, Window};
use crate::time::{DAY, span_text};

impl Scenario {
    /// The first reason why counts by the day are not enough; none when they are.
    #[must_use]
    pub fn needs_events(&self) -> Option<String> {
        self.rule_that_needs_events().or_else(|| self.pacing_that_needs_events()).or_else(|| {
            let varies = |demand: &&Demand| !demand.hours.is_empty();
            let mut demands = self.groups.iter().flat_map(|group| &group.demand);
            let mut background = self.groups.iter().flat_map(|group| &group.background);
            let demand = demands.find(varies).map(|demand| ("demand", demand.action));
            let (what, action) =
                demand.or_else(|| background.find(varies).map(|own| ("background", own.action)))?;
            Some(format!("the {what} of `{}` varies over the day", self.actions[action]))
        })
    }

    /// The resolution of a run: what the file asks for, or what the rules, caps and profiles need.
    #[must_use]
    pub fn effective_resolution(&self) -> Resolution {
        match self.resolution {
            Resolution::Auto if self.needs_events().is_some() => Resolution::Event,
            Resolution::Auto => Resolution::Day,
            asked => asked,
        }
    }

    /// The identity of the resolved scenario, SHA-256 of its JSON text in hexadecimal digits: equal scenarios have equal
    /// hashes.
    #[must_use]
    pub fn hash(&self) -> String {
        let json = serde_json::to_vec(self).unwrap_or_default();
        let digits = Sha256::digest(&json).into_iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
    }

    fn rule_that_needs_events(&self) -> Option<String> {
        self.rules().find_map(|(_, rule)| {
            let sliding = rule.rule.limits.iter().find(|limit| !limit.window.is_daily());
            if let Some(Limit { window: window @ Window::Elsewhere(..), .. }) = sliding {
                return Some(format!(
                    "rule `{}` has a window by the clock of another zone, {window}",
                    rule.name
                ));
            }
            if let Some(limit) = sliding {
                return Some(format!("rule `{}` has a sliding window of {}", rule.name, limit.window));
            }
            if let Consequence::Refusal { lasts: Some(span) } = rule.consequence
                && span % DAY != 0
            {
                return Some(format!("rule `{}` refuses for {}", rule.name, span_text(span)));
            }
            let per_event = rule.detection.per == Trial::Event;
            per_event.then(|| format!("rule `{}` is tried at every event", rule.name))
        })
    }

    fn pacing_that_needs_events(&self) -> Option<String> {
        self.groups.iter().flat_map(|group| &group.pacing).find_map(|pacing| {
            let action = &self.actions[pacing.action];
            if pacing.per_hour.is_some() {
                return Some(format!("the pacing of `{action}` has a cap by the hour"));
            }
            pacing.spread.then(|| format!("the pacing of `{action}` spreads the actions over the day"))
        })
    }
}
