//! Results from made-up outcomes, for laws that no scenario has today: accounts of one replicate that share their luck.

use pacewise::estimate::{Intervals, results};
use pacewise::model::Model;
use pacewise::results::{Results, StopReason};
use pacewise::scenario::Scenario;
use pacewise::stats::proportion::Method;
use pacewise::tally::{Recorder, Tally};
use pacewise::time::DAY;
use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;
use rayon::prelude::*;

use super::reference::builders::{empty, incident};
use super::{Coverage, LEVEL};

/// Draws on which day each account of one replicate is disconnected for good; none: not within the horizon.
pub(crate) type Draw<'a> = &'a (dyn Fn(&mut Xoshiro256PlusPlus, &mut [Option<u32>]) + Sync);

/// A team whose disconnections are drawn by a law of one's own.
pub(crate) struct Team<'a> {
    pub(crate) accounts: u32,
    pub(crate) days: u32,
    pub(crate) replicates: u64,
    pub(crate) draw: Draw<'a>,
}

impl Team<'_> {
    fn scenario(&self) -> Scenario {
        let mut scenario = empty(self.days, &["message"]);
        scenario.groups[0].count = self.accounts;
        scenario.platforms[0].incidents = vec![incident("out", 0.0)];
        scenario
    }

    fn tally(&self, model: &Model, seed: u64) -> Tally {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut outcome = model.simulator().replicate(1, 0).clone();
        let mut recorder = Recorder::new(model);
        let mut days = vec![None; self.accounts as usize];
        for _ in 0..self.replicates {
            (self.draw)(&mut rng, &mut days);
            for (account, &day) in outcome.accounts.iter_mut().zip(&days) {
                account.first_disconnection = day.map(|day| (day, 1));
                account.disconnections[1] = u32::from(day.is_some());
                account.disconnected = day.map_or(0, |day| u64::from(self.days - day - 1) * DAY as u64);
            }
            recorder.record(&outcome);
        }
        recorder.into_tally()
    }

    /// The results of many runs, each with a seed of its own: for each of `N` intervals how often it holds the truth.
    pub(crate) fn cover<const N: usize>(
        &self,
        runs: u64,
        look: impl Fn(&Results, &mut [Coverage; N]) + Sync,
    ) -> [Coverage; N] {
        let scenario = self.scenario();
        let model = Model::compile(&scenario);
        let how = Intervals { level: LEVEL, method: Method::Wilson };
        let one = |seed| {
            let tally = self.tally(&model, seed);
            let mut coverages = [Coverage::default(); N];
            look(&results(&scenario, &model, &tally, StopReason::Completed, how), &mut coverages);
            coverages
        };
        (0..runs).into_par_iter().map(one).reduce(|| [Coverage::default(); N], sum)
    }
}

fn sum<const N: usize>(ours: [Coverage; N], theirs: [Coverage; N]) -> [Coverage; N] {
    std::array::from_fn(|place| ours[place].plus(theirs[place]))
}
