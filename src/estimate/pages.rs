//! What happened to Pages, with intervals.

use super::Estimator;
use crate::results::{AccountName, PageCause, PageResults};
use crate::scenario::{AccountPlace, Page};
use crate::stats::Estimate;
use crate::stats::moments::Moments;
use crate::stats::proportion;
use crate::tally::PageTally;
use crate::time::DAY;

impl Estimator<'_> {
    pub(super) fn pages(&self) -> Vec<PageResults> {
        self.scenario
            .pages
            .iter()
            .zip(&self.tally.pages)
            .map(|(page, tally)| self.page(page, tally))
            .collect()
    }

    fn page(&self, page: &Page, tally: &PageTally) -> PageResults {
        let horizon = f64::from(self.model.horizon);
        let lost = |per_day: f64| match per_day {
            0.0 => Estimate { value: 0.0, low: 0.0, high: 0.0, standard_error: 0.0 },
            rate => self.mean_of(&tally.missing, DAY as f64 / rate, horizon * rate),
        };
        PageResults {
            name: page.name.clone(),
            kind: page.kind.name().to_owned(),
            authorised_by: self.account_name(page.authorised_by),
            backup: page.backup.map(|backup| self.account_name(backup.by)),
            disconnected: self.share_of_replicates(tally.disconnected),
            disconnections: self.mean_of(&tally.disconnections, 1.0, 1.0),
            days_without_data: self.mean_of(&tally.missing, DAY as f64, horizon),
            lost_posts: lost(page.posts_per_day),
            lost_comments: lost(page.comments_per_day),
            causes: self.page_causes(tally),
        }
    }

    fn page_causes(&self, tally: &PageTally) -> Vec<PageCause> {
        let names = self.scenario.page_causes().into_iter().enumerate();
        let seen = names.filter(|(cause, _)| tally.by_cause[*cause].sum > 0);
        let row = |(cause, name): (usize, String)| {
            let disconnections = &tally.by_cause[cause];
            PageCause {
                cause: name,
                first: self.share_of_replicates(tally.first[cause]),
                disconnections: self.mean_of(disconnections, 1.0, 1.0),
                mean_days: tally.missing_by_cause[cause] as f64 / disconnections.sum as f64 / DAY as f64,
            }
        };
        seen.map(row).collect()
    }

    /// The mean per replicate.
    pub(super) fn mean_of(&self, sum: &Moments, unit: f64, largest: f64) -> Estimate {
        sum.estimate(self.tally.replicates, unit, largest, self.how.level)
    }

    fn share_of_replicates(&self, hits: u64) -> Estimate {
        proportion::estimate(hits, self.tally.replicates, self.how.level, self.how.method)
    }

    pub(super) fn account_name(&self, place: AccountPlace) -> AccountName {
        AccountName { group: self.scenario.groups[place.group].name.clone(), account: place.account }
    }
}
