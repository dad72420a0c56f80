//! The compiled scenario and one replicate of it. Compiling turns names into indices and laws into tables; everything that
//! can be wrong has been refused before. It knows no files, no threads and no statistics.

mod counts;
mod day;
mod demand;
mod event;
mod lazy;
mod life;
mod outcome;
mod pacing;
mod platform;

use crate::random::{Purpose, Stream};
use crate::scenario::{Resolution, Scenario};
use crate::time::{self, DAY, DayNumber, Instant};

pub(crate) use demand::demand_factor;
pub use outcome::{AccountOutcome, Away, Daily, Outcome};

use demand::Kind;
use life::Life;
use platform::PlatformModel;

/// A scenario prepared for simulation.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) first_day: DayNumber,
    pub(crate) horizon: u32,
    /// `Day` or `Event`.
    pub(crate) resolution: Resolution,
    pub(crate) actions: usize,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) platform: PlatformModel,
}

impl Model {
    /// Prepares a checked scenario at the resolution that it needs.
    #[must_use]
    pub fn compile(scenario: &Scenario) -> Model {
        Model::compile_at(scenario, scenario.effective_resolution())
    }

    /// Prepares a checked scenario at a stated resolution; `Day` only where the scenario does not need events.
    #[must_use]
    pub fn compile_at(scenario: &Scenario, resolution: Resolution) -> Model {
        let first_day = time::day_number(scenario.start);
        Model {
            first_day,
            horizon: scenario.horizon_days,
            resolution,
            actions: scenario.actions.len(),
            kinds: scenario.groups.iter().map(|group| Kind::compile(scenario, group)).collect(),
            platform: PlatformModel::compile(scenario),
        }
    }

    /// The number of accounts of one replicate.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        self.kinds.iter().map(|kind| kind.count).sum()
    }

    /// A simulator with working memory of its own, to be reused for many replicates.
    #[must_use]
    pub fn simulator(&self) -> Simulator<'_> {
        Simulator {
            model: self,
            outcome: Outcome::new(self),
            daily: None,
            day: day::DayScratch::new(self),
            event: event::EventScratch::new(self),
            lazy: lazy::LazyScratch::new(self),
        }
    }

    pub(crate) fn origin(&self) -> Instant {
        time::start_of(self.first_day)
    }

    pub(crate) fn end(&self) -> Instant {
        self.origin() + Instant::from(self.horizon) * DAY
    }
}

/// Simulates replicates of one model, one after the other.
#[derive(Debug)]
pub struct Simulator<'m> {
    model: &'m Model,
    outcome: Outcome,
    daily: Option<Daily>,
    day: day::DayScratch,
    event: event::EventScratch,
    /// Where the model allows it.
    lazy: Option<lazy::LazyScratch>,
}

impl Simulator<'_> {
    /// Simulates one replicate, the whole team over the whole horizon. The same (seed, replicate) gives the same outcome.
    pub fn replicate(&mut self, seed: u64, replicate: u64) -> &Outcome {
        for account in 0..self.outcome.accounts.len() as u32 {
            self.live(seed, replicate, account, false);
        }
        &self.outcome
    }

    /// The same, and hands over the daily series of each account as soon as it has been lived.
    pub fn replicate_in_full(
        &mut self,
        seed: u64,
        replicate: u64,
        mut each: impl FnMut(&AccountOutcome, &Daily),
    ) -> &Outcome {
        for account in 0..self.outcome.accounts.len() as u32 {
            self.live(seed, replicate, account, true);
            if let Some(daily) = &self.daily {
                each(&self.outcome.accounts[account as usize], daily);
            }
        }
        &self.outcome
    }

    fn live(&mut self, seed: u64, replicate: u64, account: u32, in_full: bool) {
        let model = self.model;
        let out = &mut self.outcome.accounts[account as usize];
        out.clear();
        let daily = in_full.then(|| self.daily.get_or_insert_with(|| Daily::new(model)));
        let stream = |purpose| Stream::new(seed, replicate, account, purpose);
        let kind = &model.kinds[out.group];
        let mut life = Life::new(model, out, daily, stream);
        let counts = stream(Purpose::Counts);
        let demand = (counts, stream(Purpose::Times));
        match (model.resolution, &mut self.lazy) {
            (Resolution::Day, _) => day::live(&mut life, kind, counts, &mut self.day),
            (_, Some(lazy)) if !in_full => lazy::live(&mut life, kind, demand, lazy),
            _ => event::live(&mut life, kind, demand, &mut self.event),
        }
    }
}
