//! What each account takes along when it is disconnected.

use super::Estimator;
use crate::results::{BlastCause, BlastRadius};
use crate::scenario::{DaysLaw, Page, PageKind};
use crate::tally::Outages;

impl Estimator<'_> {
    /// The accounts on which something hangs, in their order.
    pub(super) fn blast_radius(&self) -> Vec<BlastRadius> {
        let restrictable = self.scenario.restrictable();
        self.tally.outages.iter().filter_map(|outages| self.blast_of(outages, &restrictable)).collect()
    }

    fn blast_of(&self, outages: &Outages, restrictable: &[bool]) -> Option<BlastRadius> {
        let pages = self.scenario.pages.iter().zip(&self.model.pages);
        let carried = pages.filter(|(_, model)| model.authoriser == outages.account);
        let carried: Vec<&Page> = carried.map(|(page, _)| page).collect();
        let place = carried.first()?.authorised_by;
        let named = |kind: PageKind| {
            let pages = carried.iter().filter(|page| page.kind == kind);
            pages.map(|page| page.name.clone()).collect()
        };
        let causes = self.scenario.causes().into_iter().enumerate();
        let group = (place.group, restrictable[place.group]);
        Some(BlastRadius {
            account: self.account_name(place),
            pages: named(PageKind::Page),
            ad_accounts: named(PageKind::AdAccount),
            causes: causes
                .filter_map(|(cause, name)| self.blast_cause((cause, name), group, outages))
                .collect(),
        })
    }

    /// None for a cause that cannot strike the account.
    fn blast_cause(
        &self,
        (cause, name): (usize, String),
        (group, may_be_restricted): (usize, bool),
        outages: &Outages,
    ) -> Option<BlastCause> {
        let disconnections = &outages.disconnections[cause];
        let laws = self.scenario.outage_laws(group, &name);
        let by_ladder = name == "restriction" && may_be_restricted;
        if laws.is_empty() && !by_ladder && disconnections.sum == 0 {
            return None;
        }
        Some(BlastCause {
            cause: name,
            disconnections: self.mean_of(disconnections, 1.0, 1.0),
            mean_days: self.days_each_time(&outages.away[cause], &laws),
            mean_days_without_data: self.days_each_time(&outages.missing[cause], &laws),
            stated: in_words(&laws, DaysLaw::to_string),
            stated_briefly: in_words(&laws, DaysLaw::briefly),
        })
    }
}

/// The one law that may rule, or that there are several; none where there is none.
fn in_words(laws: &[DaysLaw], words: impl Fn(&DaysLaw) -> String) -> Option<String> {
    match laws {
        [] => None,
        [law] => Some(words(law)),
        _ => Some("several".to_owned()),
    }
}
