//! What follows disconnections, with intervals.

use super::Estimator;
use crate::results::{AftermathResults, ToldCause};
use crate::tally::Scope;
use crate::time::DAY;

/// What the user is told when the cause is not.
const UNKNOWN: &str = "unknown";

impl Estimator<'_> {
    /// None where the scenario says nothing of it.
    pub(super) fn aftermath(&self, scope: &Scope) -> Option<AftermathResults> {
        let layout = self.layout;
        layout.has_aftermath().then(|| {
            let mean = |place: usize| self.mean(&scope.sums[place], scope, 1.0, 1.0);
            let horizon = f64::from(self.model.horizon);
            let unpermitted = &scope.sums[layout.unpermitted()];
            AftermathResults {
                declined: mean(layout.declined()),
                required_steps: mean(layout.required_steps()),
                days_unpermitted: self.mean(unpermitted, scope, DAY as f64, horizon),
                told: self.told(scope),
            }
        })
    }

    /// What users are told of their disconnections; empty where they are told every cause.
    fn told(&self, scope: &Scope) -> Vec<ToldCause> {
        if self.scenario.platforms.iter().all(|platform| platform.aftermath.cause_unknown == 0.0) {
            return Vec::new();
        }
        let causes = self.scenario.causes();
        let places = (0..causes.len()).map(|cause| self.layout.told(cause)).chain([self.layout.untold()]);
        let all: u128 = places.clone().map(|place| scope.sums[place].sum).sum();
        let names = causes.iter().map(String::as_str).chain([UNKNOWN]);
        let row = |(told, place): (&str, usize)| ToldCause {
            told: told.to_owned(),
            disconnections: self.mean(&scope.sums[place], scope, 1.0, 1.0),
            share: (all > 0).then(|| scope.sums[place].sum as f64 / all as f64),
        };
        names.zip(places).map(row).collect()
    }
}
