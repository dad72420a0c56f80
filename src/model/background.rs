//! What happens on an account besides what its people intend: a browser extension that views pages, for one. It passes no
//! pacing and is no use of the connection, but the platform's windows count it.

use super::day_counts::DayCounts;
use super::demand::{TimeLaw, usual_factor};
use crate::random::Chance;
use crate::scenario::{Group, Scenario};
use crate::time::Instant;

/// The background of a group's accounts, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Background {
    pub(crate) sources: Vec<Stray>,
    /// The counts of the sources.
    pub(crate) counts: DayCounts,
}

/// One action that happens by itself.
#[derive(Debug, Clone)]
pub(crate) struct Stray {
    pub(crate) action: usize,
    pub(crate) times: TimeLaw,
    /// The hazards that each such action tries, with their chances.
    pub(crate) hazards: Vec<(usize, Chance)>,
}

impl Background {
    /// None where nothing happens by itself.
    pub(super) fn compile(
        scenario: &Scenario,
        group: &Group,
        hours: (Instant, Instant),
        hazards: Vec<Vec<(usize, Chance)>>,
    ) -> Option<Background> {
        let factor = |demand: &_, day| usual_factor(scenario, group, demand, day);
        let sources = group.background.iter().zip(hazards);
        (!group.background.is_empty()).then(|| Background {
            counts: DayCounts::compile(&group.background, scenario.horizon_days, factor),
            sources: sources
                .map(|(demand, hazards)| Stray {
                    action: demand.action,
                    times: TimeLaw::new(demand, hours),
                    hazards,
                })
                .collect(),
        })
    }
}
