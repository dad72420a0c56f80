//! What keeps single actions back: restricted features, rules that refuse, stocks, credits.

use pacewise::rules::{ActionId, Window};
use pacewise::scenario::{Consequence, Group, Measure, Scenario};
use pacewise::time::{DAY, Instant, day_of, start_of};

use super::account::Account;
use super::cause::places;
use super::windows::count;

/// What is in force.
pub(crate) struct Gate {
    /// By action, until when it is restricted, and by what.
    features: Vec<Option<(Instant, usize)>>,
    /// By rule of the platform, the stretch of its last block.
    blocks: Vec<Option<(Instant, Instant)>>,
}

impl Gate {
    pub(crate) fn new(actions: usize, rules: usize) -> Gate {
        Gate { features: vec![None; actions], blocks: vec![None; rules] }
    }

    /// What traits do not permit is restricted without an end, by the first in file order.
    pub(crate) fn barring(mut self, scenario: &Scenario, group: &Group, number: u32) -> Gate {
        for own in group.traits.iter().filter(|own| number >= own.spares) {
            let cause = places(scenario, group.platform).traits + own.index;
            for &action in &scenario.platforms[group.platform].traits[own.index].refuses {
                self.restrict(action, Instant::MAX, cause);
            }
        }
        self
    }

    /// Restricts an action; if it is already, the later end counts.
    pub(crate) fn restrict(&mut self, action: ActionId, until: Instant, cause: usize) {
        if self.features[action].is_none_or(|(known, _)| known < until) {
            self.features[action] = Some((until, cause));
        }
    }
}

impl Account<'_> {
    /// The first thing that would refuse one more action at an instant.
    pub(crate) fn refused_by(&self, action: ActionId, at: Instant) -> Option<usize> {
        let feature = self.gate.features[action].filter(|(until, _)| at < *until).map(|(_, cause)| cause);
        let rules = || (0..self.platform.rules.len()).find(|&index| self.rule_refuses(index, action, at));
        let stocks =
            || (0..self.platform.beyond.rules.len()).find(|&index| self.stock_refuses(index, action, at));
        let credits = || self.credits.refused_by(self.platform, action);
        feature
            .or_else(|| rules().map(|index| self.places.rules + index))
            .or_else(|| stocks().map(|index| self.places.day_rules + index))
            .or_else(|| credits().map(|index| self.places.credits + index))
    }

    fn rule_refuses(&self, index: usize, action: ActionId, at: Instant) -> bool {
        let rule = &self.platform.rules[index];
        let blocked = self.gate.blocks[index].is_some_and(|(from, until)| from <= at && at < until);
        let full = || {
            let mut limits = rule.rule.limits.iter();
            limits.any(|limit| count(&rule.rule, limit.window, &self.history, at) + 1 > limit.max)
        };
        matches!(rule.consequence, Consequence::Refusal { .. })
            && rule.rule.actions.contains(&action)
            && (blocked || full())
    }

    fn stock_refuses(&self, index: usize, action: ActionId, at: Instant) -> bool {
        let rule = &self.platform.beyond.rules[index];
        let Measure::Stock(stock) = &rule.measure else { return false };
        matches!(rule.consequence, Consequence::Refusal { .. })
            && stock.action == action
            && self.answers.stock_today(action, stock.of, day_of(at)) >= stock.limit
    }

    /// New demand, or the background, met a refusal.
    pub(crate) fn refuse(&mut self, cause: usize, at: Instant, by_day: bool) {
        self.life.refused[cause] += 1;
        let Some(index) = cause.checked_sub(self.places.rules).filter(|&at| at < self.gate.blocks.len())
        else {
            return;
        };
        if let Consequence::Refusal { lasts: Some(lasts) } = self.platform.rules[index].consequence
            && self.gate.blocks[index].is_none_or(|(_, until)| at >= until)
        {
            let from = if by_day { start_of(day_of(at) + 1) } else { at };
            self.gate.blocks[index] = Some((from, from + lasts));
        }
    }

    /// The first instant after one and up to another at which something that refuses may stop to do so.
    pub(crate) fn next_opening(&self, after: Instant, up_to: Instant) -> Option<Instant> {
        let mut openings: Vec<Instant> =
            self.gate.features.iter().flatten().map(|(until, _)| *until).collect();
        openings.extend(self.gate.blocks.iter().flatten().map(|(_, until)| *until));
        for rule in &self.platform.rules {
            for limit in &rule.rule.limits {
                let counted = rule.rule.actions.iter().flat_map(|&action| &self.history[action]);
                match (limit.window, &rule.consequence) {
                    (Window::Sliding(span), Consequence::Refusal { .. }) => {
                        openings.extend(counted.map(|at| at + span));
                    }
                    (Window::Elsewhere(_, behind), Consequence::Refusal { .. }) => {
                        openings.push(start_of(day_of(after - behind)) + DAY + behind);
                    }
                    _ => {}
                }
            }
        }
        openings.push(start_of(day_of(after)) + DAY);
        openings.into_iter().filter(|at| (after + 1..=up_to).contains(at)).min()
    }
}
