//! How many of the platform's own measures strike those who did nothing.

use super::Estimator;
use crate::tally::Scope;

impl Estimator<'_> {
    /// The share of flags and invalidated tokens whose cause is a trait that strikes the innocent; none without such traits,
    /// and where nothing happened.
    pub(super) fn innocent_share(&self, scope: &Scope) -> Option<f64> {
        let (mut all, mut innocent) = (0, 0);
        for measure in self.scenario.own_measures() {
            let place = match measure.disconnection {
                Some(cause) => self.layout.disconnections(cause),
                None => self.layout.flags(measure.cause),
            };
            all += scope.sums[place].sum;
            innocent += if measure.innocent { scope.sums[place].sum } else { 0 };
        }
        let stated = self.scenario.own_measures().iter().any(|measure| measure.innocent);
        (stated && all > 0).then(|| innocent as f64 / all as f64)
    }
}
