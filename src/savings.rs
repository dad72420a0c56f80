//! What each cause costs: the scenario again without it, on the same random numbers.
//!
//! Draws belong to what they decide, so that a cause that is switched off changes nothing but its own successes and what
//! follows from them; the differences of two replicates are due to the cause. See `docs/methods/savings.md`.

use std::sync::atomic::Ordering;

use rayon::prelude::*;

use crate::engine::Control;
use crate::estimate::kinds::struck;
use crate::model::{Model, Outcome};
use crate::results::{CauseKind, Compared, Saving, Savings};
use crate::scenario::{DUPLICATE, Scenario};
use crate::stats::Estimate;
use crate::stats::moments::Moments;
use crate::stats::paired::Differences;

/// Replicates that one thread takes at a time.
const CHUNK: u64 = 8;
/// Replicates below which a difference says nothing, and the share of a run's work that all of them take.
const FEWEST: u64 = 50;
const SHARE: f64 = 0.25;
/// What happens without anybody's intent, as a cause.
const BACKGROUND: &str = "background activity";

/// How the scenarios are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SavingsConfig {
    /// Seed of every random stream.
    pub seed: u64,
    /// Replicates of the run that the savings belong to.
    pub replicates: u64,
    /// Threads; none: as many as the machine has cores.
    pub threads: Option<usize>,
    /// Confidence level.
    pub level: f64,
}

/// A cause and the scenario without it.
type Cause = (CauseKind, String, Scenario);

/// A cause and the model without it.
struct Without {
    kind: CauseKind,
    name: String,
    model: Model,
    /// Accounts that are closed with it.
    closed: u32,
}

impl Without {
    /// Accounts that are too many are closed with the trait that they lose: to leave them there would be no remedy.
    fn compile(scenario: &Scenario, (kind, name, without): Cause) -> Without {
        let duplicates = scenario.duplicates();
        let model = Model::compile(&without);
        if (kind, name.as_str()) != (CauseKind::Trait, DUPLICATE) {
            return Without { kind, name, model, closed: 0 };
        }
        let closed = duplicates.iter().filter(|&&duplicate| duplicate).count() as u32;
        Without { kind, name, model: model.with_closed(duplicates), closed }
    }
}

/// One replicate's differences, the scenario as it is less the scenario without a cause, and the accounts flagged and
/// disconnected in either.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    flagged: Differences,
    disconnected: Differences,
    lost: Differences,
    with: [Moments; 2],
    without: [Moments; 2],
}

/// Flagged accounts, disconnected accounts, and milliseconds disconnected, of one replicate.
type Harm = [u64; 3];

/// The fewest replicates of a run of which a quarter of the work tells what each cause of the scenario costs; none for a
/// scenario without causes.
#[must_use]
pub fn fewest_replicates(scenario: &Scenario) -> Option<u64> {
    let causes = causes(scenario).len();
    (causes > 0).then(|| ((causes as f64 + 1.0) * FEWEST as f64 / SHARE).ceil() as u64)
}

/// What every cause of the scenario costs, the most expensive first. It takes about a quarter of the run's work; none when
/// that is too little to say anything, or when the stop signal comes.
#[must_use]
pub fn savings(scenario: &Scenario, config: &SavingsConfig, control: &Control) -> Option<Savings> {
    let base = Model::compile(scenario);
    let without: Vec<Without> =
        causes(scenario).into_iter().map(|cause| Without::compile(scenario, cause)).collect();
    let runs = without.len() as f64 + 1.0;
    let replicates = (config.replicates as f64 * SHARE / runs) as u64;
    if without.is_empty() || replicates < FEWEST {
        return None;
    }
    control.planned.store(replicates, Ordering::Relaxed);
    let pairs = simulate(&base, &without, replicates, config, control)?;
    let accounts = f64::from(scenario.accounts());
    let horizon = f64::from(scenario.horizon_days);
    let saving = |(cause, pair): (&Without, &Pair)| {
        let of = |differences: &Differences, unit, largest| {
            differences.estimate(replicates, unit, largest, config.level)
        };
        let compared = |event: usize| {
            let [with, without] = [pair.with[event], pair.without[event]]
                .map(|hit| share(&hit, replicates, scenario.accounts(), config.level));
            Compared { with, without }
        };
        Saving {
            kind: cause.kind,
            name: cause.name.clone(),
            closed_accounts: cause.closed,
            flagged: of(&pair.flagged, accounts, 1.0),
            flagged_shares: compared(0),
            disconnected: of(&pair.disconnected, accounts, 1.0),
            disconnected_shares: compared(1),
            days_disconnected: of(&pair.lost, accounts * crate::time::DAY as f64, horizon),
        }
    };
    let mut rows: Vec<Saving> = without.iter().zip(&pairs).map(saving).collect();
    let cost = |row: &Saving| row.disconnected.value + row.flagged.value;
    rows.sort_by(|a, b| {
        cost(b).total_cmp(&cost(a)).then(b.days_disconnected.value.total_cmp(&a.days_disconnected.value))
    });
    Some(Savings { replicates, rows })
}

/// The share of accounts hit, with as many hit in each replicate as the moments hold.
fn share(hit: &Moments, replicates: u64, accounts: u32, level: f64) -> Estimate {
    let unit = f64::from(accounts);
    if hit.sum == u128::from(replicates) * u128::from(accounts) {
        let none = Moments::default().estimate(replicates, unit, 1.0, level);
        return Estimate { value: 1.0, low: 1.0 - none.high, high: 1.0, standard_error: 0.0 };
    }
    let share = hit.estimate(replicates, unit, 1.0, level);
    Estimate { high: share.high.min(1.0), ..share }
}

fn simulate(
    base: &Model,
    without: &[Without],
    replicates: u64,
    config: &SavingsConfig,
    control: &Control,
) -> Option<Vec<Pair>> {
    let threads = config.threads.unwrap_or(0);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok()?;
    let stop = &control.stop;
    let simulators = || {
        let others = without.iter().map(|cause| cause.model.stoppable_simulator(stop));
        (base.stoppable_simulator(stop), others.collect::<Vec<_>>())
    };
    let none = || Some(vec![Pair::default(); without.len()]);
    pool.install(|| {
        (0..replicates.div_ceil(CHUNK))
            .into_par_iter()
            .map_init(simulators, |(base, others), chunk| {
                let mut pairs = none()?;
                for replicate in chunk * CHUNK..replicates.min((chunk + 1) * CHUNK) {
                    let with = harm(base.replicate(config.seed, replicate));
                    for (pair, other) in pairs.iter_mut().zip(others.iter_mut()) {
                        pair.record(with, harm(other.replicate(config.seed, replicate)));
                        // Also where a replicate was given up: nothing of it is used.
                        if stop.load(Ordering::Relaxed) {
                            return None;
                        }
                    }
                    control.done.fetch_add(1, Ordering::Relaxed);
                }
                Some(pairs)
            })
            .reduce(none, |ours, theirs| Some(merged(ours?, &theirs?)))
    })
}

fn merged(mut ours: Vec<Pair>, theirs: &[Pair]) -> Vec<Pair> {
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        ours.flagged.merge(&theirs.flagged);
        ours.disconnected.merge(&theirs.disconnected);
        ours.lost.merge(&theirs.lost);
        for event in 0..2 {
            ours.with[event].merge(&theirs.with[event]);
            ours.without[event].merge(&theirs.without[event]);
        }
    }
    ours
}

impl Pair {
    fn record(&mut self, with: Harm, without: Harm) {
        self.flagged.record(with[0], without[0]);
        self.disconnected.record(with[1], without[1]);
        self.lost.record(with[2], without[2]);
        for event in 0..2 {
            self.with[event].record(with[event]);
            self.without[event].record(without[event]);
        }
    }
}

fn harm(outcome: &Outcome) -> Harm {
    let accounts = &outcome.accounts;
    [
        accounts.iter().filter(|account| account.first_flag.is_some()).count() as u64,
        accounts.iter().filter(|account| account.first_disconnection.is_some()).count() as u64,
        accounts.iter().map(|account| account.disconnected).sum(),
    ]
}

/// Every cause that somebody can meet, with the scenario in which it does not exist.
fn causes(scenario: &Scenario) -> Vec<Cause> {
    let mut list: Vec<Cause> = Vec::new();
    let mut changed = |kind, name: &str, change: &dyn Fn(&mut Scenario)| {
        let mut without = scenario.clone();
        change(&mut without);
        if without != *scenario
            && list.iter().all(|(other, known, _)| (*other, known.as_str()) != (kind, name))
        {
            list.push((kind, name.to_owned(), without));
        }
    };
    for name in trait_names(scenario) {
        changed(CauseKind::Trait, &name, &|without| drop_trait(without, &name));
    }
    for (index, link) in scenario.links.iter().enumerate() {
        changed(CauseKind::Link, &link.name, &|without| without.links[index].per_day = 0.0);
    }
    for (name, place) in rule_places(scenario) {
        changed(CauseKind::Rule, &name, &|without| {
            let detection = &mut without.platforms[place.0].rules[place.1].detection;
            (detection.probability, detection.slope) = (0.0, 0.0);
        });
    }
    for (platform, name, rule) in scenario.day_rules() {
        changed(CauseKind::Rule, &name, &|without| {
            let rules = without.platforms[platform].beyond.rules.iter_mut();
            rules.filter(|known| known.name == rule.name).for_each(|known| known.probability = 0.0);
        });
    }
    changed(CauseKind::Background, BACKGROUND, &|without| {
        without.groups.iter_mut().for_each(|group| group.background.clear());
    });
    for cause in scenario.causes() {
        changed(struck(scenario, &cause), &cause, &|without| drop_cause(without, &cause));
    }
    changed(CauseKind::Token, "token_displaced", &|without| {
        without.platforms.iter_mut().for_each(|platform| platform.token.displacement = None);
    });
    changed(CauseKind::Token, "token_expired", &|without| {
        without.platforms.iter_mut().for_each(|platform| platform.token.lifetime_days = None);
    });
    changed(CauseKind::Token, "token_idle", &|without| {
        without.platforms.iter_mut().for_each(|platform| platform.token.idle_days = None);
    });
    list
}

/// Takes away an incident and what is planned under the same name. What only strikes Pages stays: it costs no account
/// anything.
fn drop_cause(scenario: &mut Scenario, cause: &str) {
    let incidents = scenario.platforms.iter_mut().flat_map(|platform| &mut platform.incidents);
    incidents.filter(|incident| incident.cause == cause).for_each(|incident| incident.per_day = 0.0);
    let beyond = scenario.horizon_days;
    let planned = scenario.events.iter_mut().filter(|event| event.cause == cause && !event.groups.is_empty());
    for event in planned.filter(|event| event.first_day < beyond) {
        (event.first_day, event.every_days) = (beyond, None);
    }
}

/// The traits that some account has.
fn trait_names(scenario: &Scenario) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for group in &scenario.groups {
        for own in &group.traits {
            let name = &scenario.platform_of(group).traits[own.index].name;
            if !names.contains(name) {
                names.push(name.clone());
            }
        }
    }
    names
}

fn drop_trait(scenario: &mut Scenario, name: &str) {
    let platforms = &scenario.platforms;
    for group in &mut scenario.groups {
        group.traits.retain(|own| platforms[group.platform].traits[own.index].name != name);
    }
}

/// The rules by the names that the results give them: platform and place in it.
fn rule_places(scenario: &Scenario) -> Vec<(String, (usize, usize))> {
    let platforms = scenario.platforms.iter().enumerate();
    let places = platforms.flat_map(|(at, platform)| (0..platform.rules.len()).map(move |rule| (at, rule)));
    scenario.rules().map(|(name, _)| name).zip(places).collect()
}
