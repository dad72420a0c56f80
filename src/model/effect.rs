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
    Flag { rung: Option<usize> },
    /// The token dies; the cause of the disconnection.
    Disconnection(u16),
    /// Some actions are refused for a time; the place among all restrictions of features.
    Restriction(u8),
    /// The rule refuses, and has no trials.
    Refusal,
}

/// The places of causes, for compiling what they lead to.
#[derive(Debug)]
pub(crate) struct Causes {
    /// Causes of a disconnection.
    pub(crate) disconnections: Vec<String>,
    /// Causes of a flag that restrict features instead.
    pub(crate) restrictions: Vec<usize>,
}

impl Causes {
    pub(crate) fn of(scenario: &Scenario) -> Causes {
        let consequences = scenario.consequences().into_iter().enumerate();
        let restricts =
            |consequence: &Consequence| matches!(consequence, Consequence::FeatureRestriction { .. });
        let restrictions = consequences.filter(|(_, consequence)| restricts(consequence));
        Causes {
            disconnections: scenario.causes(),
            restrictions: restrictions.map(|(cause, _)| cause).collect(),
        }
    }

    /// What a success of a cause leads to.
    pub(crate) fn source(&self, cause: usize, name: &str, consequence: &Consequence) -> Source {
        let effect = match consequence {
            Consequence::Ladder => Effect::Flag { rung: None },
            Consequence::Rung(rung) => Effect::Flag { rung: Some(*rung as usize - 1) },
            Consequence::Disconnection => {
                let place = self.disconnections.iter().position(|cause| cause == name);
                Effect::Disconnection(place.expect("its name is among the causes") as u16)
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
