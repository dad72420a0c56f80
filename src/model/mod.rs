//! The compiled scenario and one replicate of it. Compiling turns names into indices and laws into tables; everything that
//! can be wrong has been refused before. It knows no files, no threads and no statistics.

mod aftermath;
mod agenda;
mod background;
mod clusters;
mod counts;
mod credit;
mod day;
mod day_counts;
mod day_rule;
mod demand;
mod effect;
mod event;
mod gate;
#[cfg(test)]
mod gate_reference;
mod groups;
mod hazard;
mod incident;
mod invalidation;
mod lazy;
mod life;
mod outcome;
mod pacing;
mod pages;
mod patience;
mod planned;
mod platform;
mod ratio;
mod replay;
mod response;
mod stock;
mod surge;
mod team;
mod wanted;

use std::sync::atomic::AtomicBool;

use crate::random::{Purpose, Stream};
use crate::scenario::{OwnMeasure, Resolution, Scenario};
use crate::time::{self, DAY, DayNumber, Instant};

pub use aftermath::AftermathOutcome;
pub(crate) use demand::demand_factor;
pub use outcome::{AccountOutcome, Away, Daily, Outcome};
pub use pages::{PageLosses, PageOutcome};
pub use wanted::Wanted;

use demand::Kind;
use groups::GroupModel;
use invalidation::Invalidation;
use life::Life;
use pages::PageModel;
use patience::Patience;
use platform::PlatformModel;

/// A scenario prepared for simulation.
#[derive(Debug, Clone)]
pub struct Model {
    pub(crate) first_day: DayNumber,
    pub(crate) horizon: u32,
    /// `Day` or `Event`.
    pub(crate) resolution: Resolution,
    pub(crate) actions: usize,
    pub(crate) groups: Vec<GroupModel>,
    pub(crate) kinds: Vec<Kind>,
    /// By account: its group and its kind.
    pub(crate) of_account: Vec<(usize, usize)>,
    pub(crate) platforms: Vec<PlatformModel>,
    /// By account, whether it is never opened; empty where all are.
    closed: Vec<bool>,
    /// By link: the groups whose accounts it joins.
    pub(crate) links: Vec<Vec<usize>>,
    /// Number of causes of a flag (rules, traits, links) and of a disconnection, over all platforms.
    pub(crate) flag_causes: usize,
    pub(crate) causes: usize,
    /// What invalidates tokens after a delay.
    pub(crate) invalidations: Vec<Invalidation>,
    /// Whether any demand ever waits in a backlog.
    pub(crate) defers: bool,
    /// Whether anything happens in the background of any account.
    pub(crate) has_background: bool,
    /// By cause of a disconnection: whether it takes the permission to publish. Empty where nothing is said of what follows
    /// a disconnection.
    pub(crate) takes_permission: Vec<bool>,
    /// Whether users are not always told why they were disconnected.
    pub(crate) tells_unknown: bool,
    /// What the platforms do to accounts of their own accord; empty where nothing of it strikes the innocent.
    pub(crate) own_measures: Vec<OwnMeasure>,
    /// Number of causes of a refusal; 0 where nothing is ever refused.
    pub(crate) refusal_causes: usize,
    /// Number of responses of all platforms.
    pub(crate) responses: usize,
    /// Number of causes of a Page's disconnection.
    pub(crate) page_causes: usize,
    /// Pages and ad accounts.
    pub(crate) pages: Vec<PageModel>,
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
        let (groups, kinds, of_account) = groups::compile(scenario);
        // Results list every cause that may refuse, also one of actions that nobody does.
        let refuses = kinds.iter().any(|kind| kind.gate.is_some()) || !scenario.refusal_causes().is_empty();
        let own_measures = scenario.own_measures();
        Model {
            first_day,
            horizon: scenario.horizon_days,
            resolution,
            actions: scenario.actions.len(),
            groups,
            kinds,
            of_account,
            closed: Vec::new(),
            refusal_causes: if refuses {
                scenario.flag_causes().len() + scenario.credits().count()
            } else {
                0
            },
            platforms: (0..scenario.platforms.len())
                .map(|platform| PlatformModel::compile(scenario, platform))
                .collect(),
            responses: scenario.responses().count(),
            links: scenario.links.iter().map(|link| link.groups.clone()).collect(),
            flag_causes: scenario.flag_causes().len(),
            causes: scenario.causes().len(),
            invalidations: invalidation::compile(scenario),
            defers: scenario.groups.iter().flat_map(|group| &group.pacing).any(|pacing| pacing.defer),
            has_background: scenario.groups.iter().any(|group| !group.background.is_empty()),
            takes_permission: if scenario.has_aftermath() { scenario.takes_permission() } else { Vec::new() },
            tells_unknown: scenario.platforms.iter().any(|platform| platform.aftermath.cause_unknown > 0.0),
            own_measures: if own_measures.iter().any(|measure| measure.innocent) {
                own_measures
            } else {
                Vec::new()
            },
            page_causes: scenario.page_causes().len(),
            pages: (0..scenario.pages.len()).map(|page| PageModel::compile(scenario, page)).collect(),
        }
    }

    /// The same team without some of its accounts, marked by place, as if they had never been opened. The others keep their
    /// draws.
    #[must_use]
    pub(crate) fn with_closed(self, closed: Vec<bool>) -> Model {
        Model { closed, ..self }
    }

    fn is_closed(&self, account: usize) -> bool {
        self.closed.get(account).is_some_and(|&closed| closed)
    }

    /// The number of accounts of one replicate.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        self.of_account.len() as u32
    }

    /// A simulator with working memory of its own, to be reused for many replicates.
    #[must_use]
    pub fn simulator(&self) -> Simulator<'_> {
        self.simulator_with(Patience::new(None))
    }

    /// A simulator that gives a long replicate up soon after `stop` has been set.
    #[must_use]
    pub fn stoppable_simulator<'m>(&'m self, stop: &'m AtomicBool) -> Simulator<'m> {
        self.simulator_with(Patience::new(Some(stop)))
    }

    fn simulator_with<'m>(&'m self, patience: Patience<'m>) -> Simulator<'m> {
        Simulator {
            model: self,
            patience,
            outcome: Outcome::new(self),
            daily: None,
            scratches: self.kinds.iter().map(|kind| Scratch::new(self, kind)).collect(),
            team: team::TeamScratch::new(self),
            pages: pages::PageScratch::default(),
        }
    }

    /// Whether accounts of one team depend on each other's restrictions, so that all must live through each day together.
    fn is_linked(&self) -> bool {
        !self.links.is_empty() || self.has_replacements()
    }

    /// Whether some accounts are opened only because others were restricted.
    pub(crate) fn has_replacements(&self) -> bool {
        self.groups.iter().any(|group| group.replaces.is_some())
    }

    /// The random streams of one account of a group. Of what strikes all accounts of a platform at once there is one stream
    /// only, in which the platform stands in the place of the account.
    fn streams_of(
        &self,
        (seed, replicate): (u64, u64),
        account: u32,
        group: usize,
    ) -> impl Fn(Purpose) -> Stream + use<> {
        let platform = self.kind_of(group).platform as u32;
        move |purpose| {
            let owner = if purpose == Purpose::SharedIncidents { platform } else { account };
            Stream::new(seed, replicate, owner, purpose)
        }
    }

    /// The kind of a group's first account.
    pub(crate) fn kind_of(&self, group: usize) -> &Kind {
        &self.kinds[self.groups[group].kind]
    }

    pub(crate) fn platform_of(&self, group: usize) -> &PlatformModel {
        &self.platforms[self.kind_of(group).platform]
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
    patience: Patience<'m>,
    outcome: Outcome,
    daily: Option<Daily>,
    /// By kind.
    scratches: Vec<Scratch>,
    /// For accounts that depend on each other's restrictions.
    team: Option<team::TeamScratch>,
    pages: pages::PageScratch,
}

/// Some days of a life, the random streams of its activity, and that of what is beyond counts.
struct Course {
    streams: ActivityStreams,
    beyond: Stream,
    days: std::ops::Range<u32>,
}

/// The random streams of what is done on one account.
#[derive(Debug, Clone, Copy)]
struct ActivityStreams {
    counts: Stream,
    times: Stream,
    background: Stream,
    bursts: Stream,
    /// Place of the account within its group.
    place: u32,
}

impl ActivityStreams {
    fn new(stream: impl Fn(Purpose) -> Stream, place: u32) -> ActivityStreams {
        ActivityStreams {
            counts: stream(Purpose::Counts),
            times: stream(Purpose::Times),
            background: stream(Purpose::Background),
            bursts: stream(Purpose::Bursts),
            place,
        }
    }
}

/// Working memory for the accounts of one kind.
#[derive(Debug)]
enum Scratch {
    Day(day::DayScratch),
    /// The plain path, and the lazy one where the group allows it.
    Event(event::EventScratch, Option<lazy::LazyScratch>),
}

impl Scratch {
    fn new(model: &Model, kind: &Kind) -> Scratch {
        match Scratch::plain(model, kind) {
            Scratch::Event(event, _) => Scratch::Event(event, lazy::LazyScratch::new(model, kind)),
            day @ Scratch::Day(_) => day,
        }
    }

    /// Without the lazy path, which only lives whole horizons.
    fn plain(model: &Model, kind: &Kind) -> Scratch {
        match model.resolution {
            Resolution::Day => Scratch::Day(day::DayScratch::new(model, kind)),
            _ => Scratch::Event(event::EventScratch::new(model, kind), None),
        }
    }

    /// Begins a new life on a day.
    fn clear(&mut self, life: &Life, beyond: Stream, day: u32) {
        match self {
            Scratch::Day(scratch) => scratch.clear(life.kind, beyond, day),
            Scratch::Event(scratch, _) => scratch.clear(life.kind, life.model.origin(), beyond, day),
        }
    }

    fn live(&mut self, life: &mut Life, course: &Course) {
        let (streams, days) = (&course.streams, course.days.clone());
        match self {
            Scratch::Day(day) => day::live(life, streams, day, days),
            Scratch::Event(event, _) => event::live(life, streams, event, days),
        }
    }

    fn finish(&mut self, life: &mut Life) {
        match self {
            Scratch::Day(day) => day::finish(life, day),
            Scratch::Event(event, _) => event::finish(life, event),
        }
    }

    /// Lives one account's horizon.
    fn live_through(&mut self, life: &mut Life, course: &Course) {
        match self {
            Scratch::Event(_, Some(lazy)) if life.daily.is_none() => {
                lazy::live(life, (course.streams.counts, course.streams.times), lazy);
            }
            plain => {
                plain.clear(life, course.beyond, 0);
                plain.live(life, course);
                plain.finish(life);
            }
        }
    }
}

impl Simulator<'_> {
    /// Simulates one replicate, the whole team over the whole horizon. The same (seed, replicate) gives the same outcome,
    /// unless it [was given up](Simulator::has_given_up).
    pub fn replicate(&mut self, seed: u64, replicate: u64) -> &Outcome {
        if let Some(team) = &mut self.team {
            let watched = (&mut self.outcome, &self.patience);
            team::live(self.model, watched, team, (seed, replicate), false);
            return self.with_pages(seed, replicate);
        }
        for account in 0..self.outcome.accounts.len() as u32 {
            if self.patience.ends_before(|| 1) {
                break;
            }
            self.live(seed, replicate, account, false);
        }
        self.with_pages(seed, replicate)
    }

    /// Whether a stop came in the middle of a long replicate: the last outcome is cut short and says nothing, and so will
    /// every further one.
    #[must_use]
    pub fn has_given_up(&self) -> bool {
        self.patience.has_ended()
    }

    /// What the last replicate came to.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The same, and hands over the daily series of each account as soon as it has been lived.
    pub fn replicate_in_full(
        &mut self,
        seed: u64,
        replicate: u64,
        mut each: impl FnMut(&AccountOutcome, &Daily),
    ) -> &Outcome {
        if let Some(team) = &mut self.team {
            let watched = (&mut self.outcome, &self.patience);
            team::live(self.model, watched, team, (seed, replicate), true);
            self.outcome.accounts.iter().enumerate().for_each(|(at, account)| each(account, team.daily(at)));
            return self.with_pages(seed, replicate);
        }
        for account in 0..self.outcome.accounts.len() as u32 {
            if self.patience.ends_before(|| 1) {
                break;
            }
            self.live(seed, replicate, account, true);
            if let Some(daily) = &self.daily {
                each(&self.outcome.accounts[account as usize], daily);
            }
        }
        self.with_pages(seed, replicate)
    }

    /// The outcome, with what happened to the Pages that hang on its accounts.
    fn with_pages(&mut self, seed: u64, replicate: u64) -> &Outcome {
        let Outcome { accounts, pages } = &mut self.outcome;
        pages::live(self.model, accounts, pages, &mut self.pages, (seed, replicate));
        &self.outcome
    }

    fn live(&mut self, seed: u64, replicate: u64, account: u32, in_full: bool) {
        let model = self.model;
        let out = &mut self.outcome.accounts[account as usize];
        let (group, kind) = (out.group, out.kind);
        let daily = in_full.then(|| self.daily.get_or_insert_with(|| Daily::new(model)));
        let stream = model.streams_of((seed, replicate), account, group);
        let mut life = Life::new((model, &self.patience), out, daily, &stream);
        if model.is_closed(account as usize) {
            life.out.opened = None;
            return;
        }
        let course = Course {
            streams: ActivityStreams::new(&stream, account - model.groups[group].first_account),
            beyond: stream(Purpose::Beyond),
            days: 0..model.horizon,
        };
        self.scratches[kind].live_through(&mut life, &course);
    }
}
