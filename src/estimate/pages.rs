//! What happened to Pages, with intervals.

use super::Estimator;
use crate::results::{AccountName, PageCause, PageResults};
use crate::scenario::{AccountPlace, DaysLaw, Page};
use crate::stats::Estimate;
use crate::stats::moments::Moments;
use crate::stats::proportion;
use crate::stats::ratio::Ratio;
use crate::tally::PageTally;
use crate::time::DAY;

impl Estimator<'_> {
    pub(super) fn pages(&self) -> Vec<PageResults> {
        self.scenario
            .pages
            .iter()
            .zip(&self.tally.pages)
            .enumerate()
            .map(|(place, (page, tally))| self.page(place, page, tally))
            .collect()
    }

    fn page(&self, place: usize, page: &Page, tally: &PageTally) -> PageResults {
        let horizon = f64::from(self.model.horizon);
        let lost = |per_day: f64| match per_day {
            0.0 => Estimate { value: 0.0, low: 0.0, high: 0.0, standard_error: 0.0 },
            rate => self.mean_up_to(&tally.missing, DAY as f64 / rate, horizon * rate),
        };
        PageResults {
            name: page.name.clone(),
            kind: page.kind.name().to_owned(),
            authorised_by: self.account_name(page.authorised_by),
            backup: page.backup.map(|backup| self.account_name(backup.by)),
            disconnected: self.share_of_replicates(tally.disconnected),
            disconnections: self.mean_of(&tally.disconnections, 1.0, 1.0),
            days_without_data: self.mean_up_to(&tally.missing, DAY as f64, horizon),
            lost_posts: lost(page.posts_per_day),
            lost_comments: lost(page.comments_per_day),
            causes: self.page_causes(place, tally),
        }
    }

    fn page_causes(&self, page: usize, tally: &PageTally) -> Vec<PageCause> {
        let names = self.scenario.page_causes().into_iter().enumerate();
        let row = |(cause, name): (usize, String)| {
            let each_time = &tally.by_cause[cause];
            Some(PageCause {
                first: self.share_of_replicates(tally.first[cause]),
                disconnections: self.mean_of(&each_time.whole, 1.0, 1.0),
                mean_days: self.days_each_time(each_time, &self.scenario.page_outage_laws(page, &name))?,
                cause: name,
            })
        };
        names.filter_map(row).collect()
    }

    /// The mean length, in days, of what was cut at the end of the horizon; none where it was not seen. Its law, where
    /// one alone may rule it, says how far from what was seen others may lie in the mean.
    pub(super) fn days_each_time(&self, times: &Ratio, laws: &[DaysLaw]) -> Option<Estimate> {
        let (horizon, value) = (f64::from(self.model.horizon), times.value(DAY as f64)?);
        let mut aftermath = self.scenario.platforms.iter().map(|platform| &platform.aftermath);
        let lengthened = aftermath.any(|more| more.declines > 0.0 || !more.reported_late.is_empty());
        let largest = match laws {
            [DaysLaw::Fixed(days)] if !lengthened => f64::from(*days),
            [DaysLaw::Uniform { max, .. } | DaysLaw::LogNormal { max, .. }] if !lengthened => f64::from(*max),
            // Without memory: what is longer is longer by so much in the mean.
            [DaysLaw::Geometric { mean, .. }] if !lengthened => value + mean,
            _ => horizon,
        };
        let found = times.estimate(DAY as f64, largest.min(horizon), self.how.level)?;
        Some(Estimate { high: found.high.min(horizon), ..found })
    }

    /// The mean per replicate.
    pub(super) fn mean_of(&self, sum: &Moments, unit: f64, largest: f64) -> Estimate {
        sum.estimate(self.tally.replicates, unit, largest, self.how.level)
    }

    /// The mean per replicate of what is at most `largest`, where its interval ends.
    fn mean_up_to(&self, sum: &Moments, unit: f64, largest: f64) -> Estimate {
        let mean = self.mean_of(sum, unit, largest);
        Estimate { high: mean.high.min(largest), ..mean }
    }

    fn share_of_replicates(&self, hits: u64) -> Estimate {
        proportion::estimate(hits, self.tally.replicates, self.how.level, self.how.method)
    }

    pub(super) fn account_name(&self, place: AccountPlace) -> AccountName {
        AccountName { group: self.scenario.groups[place.group].name.clone(), account: place.account }
    }
}
