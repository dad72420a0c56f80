//! How many of the platform's own measures strike those who did nothing.

use super::Estimator;
use crate::stats::Estimate;
use crate::tally::Scope;

impl Estimator<'_> {
    /// The share of flags and invalidated tokens whose cause is a trait that strikes the innocent; none without such traits,
    /// and where nothing happened.
    pub(super) fn innocent_share(&self, scope: &Scope) -> Option<Estimate> {
        if self.model.own_measures.is_empty() {
            return None;
        }
        self.ratio(scope, self.layout.share_of_innocent())
    }
}
