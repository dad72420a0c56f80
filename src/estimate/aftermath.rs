//! What follows disconnections, with intervals.

use super::Estimator;
use crate::results::{AftermathResults, ToldCause};
use crate::tally::Scope;

/// What the user is told when the cause is not.
const UNKNOWN: &str = "unknown";

impl Estimator<'_> {
    /// None where the scenario says nothing of it.
    pub(super) fn aftermath(&self, scope: &Scope) -> Option<AftermathResults> {
        let layout = self.layout;
        layout.has_aftermath().then(|| {
            let mean = |place: usize| self.mean(&scope.sums[place], scope, 1.0, 1.0);
            AftermathResults {
                declined: mean(layout.declined()),
                required_steps: mean(layout.required_steps()),
                days_unpermitted: self.days(&scope.sums[layout.unpermitted()], scope),
                told: self.told(scope),
            }
        })
    }

    /// What users are told of their disconnections; empty where they are told every cause.
    fn told(&self, scope: &Scope) -> Vec<ToldCause> {
        if !self.model.tells_unknown {
            return Vec::new();
        }
        let causes = self.scenario.causes();
        let places = (0..causes.len()).map(|cause| self.layout.told(cause)).chain([self.layout.untold()]);
        let names = causes.iter().map(String::as_str).chain([UNKNOWN]);
        let row = |(cause, (told, place)): (usize, (&str, usize))| ToldCause {
            told: told.to_owned(),
            disconnections: self.mean(&scope.sums[place], scope, 1.0, 1.0),
            share: self.ratio(scope, self.layout.share_told(cause)),
        };
        names.zip(places).enumerate().map(row).collect()
    }
}
