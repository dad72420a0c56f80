//! How many accounts are hit, beside what independent accounts would show.

use super::Estimator;
use crate::results::{AtLeast, HitResults};
use crate::stats::dispersion::{Clusters, Stratum, poisson_binomial_tails};
use crate::stats::moments::Moments;
use crate::stats::{Estimate, proportion};
use crate::tally::Hits;

const NAMES: [&str; 3] = ["flagged", "restricted", "disconnected"];

impl Estimator<'_> {
    pub(super) fn hits(&self) -> Vec<HitResults> {
        if self.scenario.accounts() < 2 {
            return Vec::new();
        }
        NAMES.iter().zip(&self.tally.team.hits).map(|(event, hits)| self.hit_results(event, hits)).collect()
    }

    fn hit_results(&self, event: &'static str, hits: &Hits) -> HitResults {
        let clusters = self.clusters(hits);
        let replicates = self.tally.replicates;
        let largest = f64::from(self.scenario.accounts());
        let mean = |counts: &[u64]| moments(counts).estimate(replicates, 1.0, largest, self.how.level);
        let independent = poisson_binomial_tails(&clusters.probabilities, hits.accounts.len());
        let at_least = (1..hits.accounts.len()).map(|number| AtLeast {
            accounts: number as u32,
            ever: self.share_at_least(&hits.accounts, number),
            independent: independent[number],
            on_one_day: self.share_at_least(&hits.on_one_day, number),
        });
        HitResults {
            event,
            accounts: mean(&hits.accounts),
            variance: moments(&hits.accounts).variance(replicates),
            independent_variance: clusters.independent_variance(),
            over_dispersion: clusters.over_dispersion(self.how.level),
            most_on_one_day: mean(&hits.on_one_day),
            at_least: at_least.collect(),
        }
    }

    fn share_at_least(&self, counts: &[u64], number: usize) -> Estimate {
        let hits = counts.iter().skip(number).sum();
        proportion::estimate(hits, self.tally.replicates, self.how.level, self.how.method)
    }

    fn clusters<'h>(&self, hits: &'h Hits) -> Clusters<'h> {
        let replicates = self.tally.replicates as f64;
        let groups = self.scenario.groups.len();
        let mut first = 0;
        let stratum = |(group, size): (usize, usize)| {
            let own = &hits.by_account[first..first + size];
            first += size;
            Stratum {
                size,
                hits: own.iter().sum(),
                together: &hits.together[group * groups..][..groups],
                with_squares: hits.with_squares[group],
            }
        };
        let sizes = self.scenario.groups.iter().map(|group| group.count as usize).enumerate();
        Clusters {
            by_hits: &hits.accounts,
            probabilities: hits.by_account.iter().map(|&seen| seen as f64 / replicates).collect(),
            strata: sizes.map(stratum).collect(),
        }
    }
}

/// Of a number given as replicates by number.
fn moments(counts: &[u64]) -> Moments {
    let mut moments = Moments::default();
    for (number, &count) in (0_u128..).zip(counts) {
        moments.sum += number * u128::from(count);
        moments.squares += number * number * u128::from(count);
    }
    moments
}
