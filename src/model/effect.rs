//! What a success of a trial leads to, compiled: for rules, traits and links alike.

use crate::scenario::{Consequence, Scenario};

/// What a success leads to, and whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Source {
    /// Place among all causes of a flag: the rules of all platforms, their traits, the links.
    pub(crate) cause: u16,
    pub(crate) effect: Effect,
}

/// What a success leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// A flag, which climbs the ladder or enters a rung of its own.
    Flag { entry: Entry },
    /// The token dies; the cause of the disconnection.
    Disconnection(u16),
    /// The token dies after a delay; the place among all that do so.
    Invalidation(u8),
    /// Some actions are refused for a time; the place among all restrictions of features.
    Restriction(u8),
    /// The rule refuses, and has no trials.
    Refusal,
}

/// Where a flag enters the ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// One rung above the flags that still count.
    Next,
    /// The same, and not below this rung, counted from 0.
    NotBelow(usize),
    /// This rung, whatever came before.
    At(usize),
}

impl Entry {
    /// Of two flags at one instant that are one, whichever rung is higher.
    pub(crate) fn or_higher(self, other: Entry) -> Entry {
        match (self, other) {
            (Entry::Next, Entry::Next) => Entry::Next,
            (Entry::At(a), Entry::At(b)) => Entry::At(a.max(b)),
            (Entry::Next, Entry::At(rung) | Entry::NotBelow(rung))
            | (Entry::At(rung) | Entry::NotBelow(rung), Entry::Next) => Entry::NotBelow(rung),
            (Entry::NotBelow(a), Entry::At(b) | Entry::NotBelow(b)) | (Entry::At(a), Entry::NotBelow(b)) => {
                Entry::NotBelow(a.max(b))
            }
        }
    }

    /// The rung, counted from 0, with so many flags that still count.
    pub(crate) fn rung(self, counted: usize) -> usize {
        match self {
            Entry::Next => counted,
            Entry::NotBelow(rung) => counted.max(rung),
            Entry::At(rung) => rung,
        }
    }
}

/// The places of causes, for compiling what they lead to.
#[derive(Debug)]
pub(crate) struct Causes {
    /// Causes of a disconnection.
    pub(crate) disconnections: Vec<String>,
    /// Causes of a flag that restrict features instead.
    pub(crate) restrictions: Vec<usize>,
    /// Causes of a flag that invalidate the token after a delay instead.
    pub(crate) invalidations: Vec<usize>,
}

impl Causes {
    pub(crate) fn of(scenario: &Scenario) -> Causes {
        let consequences = scenario.consequences();
        let places = |is_one: fn(&Consequence) -> bool| {
            let all = consequences.iter().enumerate();
            all.filter(|(_, consequence)| is_one(consequence)).map(|(cause, _)| cause).collect()
        };
        Causes {
            disconnections: scenario.causes(),
            restrictions: places(|known| matches!(known, Consequence::FeatureRestriction { .. })),
            invalidations: places(|known| matches!(known, Consequence::DisconnectionAfter(_))),
        }
    }

    /// The place of a cause among those of a disconnection.
    pub(crate) fn disconnection(&self, name: &str) -> u16 {
        let place = self.disconnections.iter().position(|cause| cause == name);
        place.expect("its name is among the causes") as u16
    }

    /// What a success of a cause leads to.
    pub(crate) fn source(&self, cause: usize, name: &str, consequence: &Consequence) -> Source {
        let effect = match consequence {
            Consequence::Ladder => Effect::Flag { entry: Entry::Next },
            Consequence::Rung(rung) => Effect::Flag { entry: Entry::At(*rung as usize - 1) },
            Consequence::Disconnection => Effect::Disconnection(self.disconnection(name)),
            Consequence::DisconnectionAfter(_) => {
                let place = self.invalidations.iter().position(|&known| known == cause);
                Effect::Invalidation(place.expect("it is among the invalidations") as u8)
            }
            Consequence::Refusal { .. } => Effect::Refusal,
            Consequence::FeatureRestriction { .. } => {
                let place = self.restrictions.iter().position(|&known| known == cause);
                Effect::Restriction(place.expect("it is among the restrictions") as u8)
            }
        };
        Source { cause: cause as u16, effect }
    }
}
