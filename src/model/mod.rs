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
    pub(crate) platforms: Vec<PlatformModel>,
    /// Number of rules and of causes of a disconnection, over all platforms.
    pub(crate) rules: usize,
    pub(crate) causes: usize,
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
            platforms: (0..scenario.platforms.len())
                .map(|platform| PlatformModel::compile(scenario, platform))
                .collect(),
            rules: scenario.rules().count(),
            causes: scenario.causes().len(),
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
            scratches: self.kinds.iter().map(|kind| Scratch::new(self, kind)).collect(),
        }
    }

    pub(crate) fn platform_of(&self, group: usize) -> &PlatformModel {
        &self.platforms[self.kinds[group].platform]
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
    /// By group.
    scratches: Vec<Scratch>,
}

/// Working memory for the accounts of one group.
#[derive(Debug)]
enum Scratch {
    Day(day::DayScratch),
    /// The plain path, and the lazy one where the group allows it.
    Event(event::EventScratch, Option<lazy::LazyScratch>),
}

impl Scratch {
    fn new(model: &Model, kind: &Kind) -> Scratch {
        match model.resolution {
            Resolution::Day => Scratch::Day(day::DayScratch::new(model, kind)),
            _ => {
                Scratch::Event(event::EventScratch::new(model, kind), lazy::LazyScratch::new(model, kind))
            }
        }
    }
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
        let group = out.group;
        let kind = &model.kinds[group];
        let mut life = Life::new(model, out, daily, stream);
        let counts = stream(Purpose::Counts);
        let demand = (counts, stream(Purpose::Times));
        match &mut self.scratches[group] {
            Scratch::Day(day) => day::live(&mut life, kind, counts, day),
            Scratch::Event(_, Some(lazy)) if !in_full => lazy::live(&mut life, kind, demand, lazy),
            Scratch::Event(event, _) => event::live(&mut life, kind, demand, event),
        }
    }
}
