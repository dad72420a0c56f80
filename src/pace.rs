//! How much activity the risk allows: the risk at a grid of paces on common random numbers, and the largest pace that keeps
//! a bound. A pace is a factor on the demand of one action, or of all.
//!
//! Every pace is simulated with the same random streams, in which a larger demand adds actions to those of a smaller one,
//! so that neighbouring paces differ by their volume and not by luck. See `docs/methods/pacing.md`.

use crate::engine::{self, Control, RunConfig, Stop, StopReason};
use crate::estimate::{self, Intervals};
use crate::model::{Model, demand_factor};
use crate::results::{AccountResults, Results, RiskCurve, RiskPoint, TeamResults};
use crate::rules::ActionId;
use crate::scenario::Scenario;
use crate::stats::Estimate;
use crate::stats::proportion::Method;
use crate::tally::{Fate, Layout, Tally};

/// Paces looked at first.
const GRID: [f64; 14] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.75, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0];
/// Paces looked at when all of those keep the bound.
const FASTER: [f64; 5] = [4.0, 5.0, 6.0, 8.0, 10.0];
/// Paces looked at between the last that keeps the bound and the first that does not, twice.
const BETWEEN: u32 = 4;
/// Other paces of the curve that a report shows, around the place where its risk rises: faster ones for a plan that is safe
/// today, slower ones for a plan that is not.
const AROUND_SAFE: [f64; 4] = [0.5, 1.25, 1.5, 2.0];
const AROUND_MIDDLE: [f64; 4] = [0.5, 0.75, 1.25, 1.5];
const AROUND_RISKY: [f64; 4] = [0.25, 0.5, 0.75, 1.5];
/// Risks of today's plan under which it is safe, over which it is risky.
const MIDDLE: (f64, f64) = (0.05, 0.5);
/// Replicates below which a point of the curve says nothing.
const FEWEST: u64 = 50;

/// What is at risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// At least one flag within the horizon.
    Flagged,
    /// At least one restriction.
    Restricted,
    /// A permanent restriction.
    Permanent,
    /// At least one disconnection.
    Disconnected,
}

/// Whose risk it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The account of the group with the highest risk.
    Worst,
    /// The mean account of the team.
    Mean,
    /// At least one account of the team.
    Team,
}

/// The risk that is looked at.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Risk {
    /// The action that is scaled; none: all.
    pub action: Option<ActionId>,
    /// What is at risk.
    pub event: Event,
    /// Whose risk it is.
    pub of: Whose,
}

/// How the paces are simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PaceConfig {
    /// Seed of the search; the confirmation uses another.
    pub seed: u64,
    /// Replicates at each pace; [`report_curve`] finds its own number.
    pub replicates: u64,
    /// Threads; none: as many as the machine has cores.
    pub threads: Option<usize>,
    /// Confidence level.
    pub level: f64,
    /// Intervals of probabilities.
    pub method: Method,
}

/// The stop signal came before the answer was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Stopped;

/// The largest pace that keeps a bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// Every pace looked at.
    pub curve: RiskCurve,
    /// The answer on fresh streams; none: no pace keeps the bound.
    pub best: Option<RiskPoint>,
}

impl Event {
    fn name(self) -> &'static str {
        match self {
            Event::Flagged => "flagged",
            Event::Restricted => "restricted",
            Event::Permanent => "restricted_permanently",
            Event::Disconnected => "disconnected",
        }
    }

    fn of_account(self, account: &AccountResults) -> Estimate {
        match self {
            Event::Flagged => account.flagged,
            Event::Restricted => account.restricted,
            Event::Permanent => account.restricted_permanently,
            Event::Disconnected => account.disconnected,
        }
    }

    fn of_team(self, team: &TeamResults) -> Estimate {
        match self {
            Event::Flagged => team.flagged,
            Event::Restricted => team.restricted,
            Event::Permanent => team.restricted_permanently,
            Event::Disconnected => team.disconnected,
        }
    }
}

impl Whose {
    fn name(self) -> &'static str {
        match self {
            Whose::Worst => "worst",
            Whose::Mean => "mean",
            Whose::Team => "team",
        }
    }
}

/// The risk of all actions scaled together, for the report of a run: the run itself is the point of today's plan, and the
/// other paces cost about a tenth of it. None when that is too little to say anything, or when the stop signal comes.
///
/// `tally` is what the run of `scenario`, compiled into `model`, added up to.
#[must_use]
pub fn report_curve(
    scenario: &Scenario,
    model: &Model,
    tally: &Tally,
    config: &PaceConfig,
    control: &Control,
) -> Option<RiskCurve> {
    let risk = Risk { action: None, event: Event::Flagged, of: Whose::Worst };
    let mut search = Search::new(scenario, risk, *config, control);
    let today = search.today(model, tally);
    let others = match today.risk.value {
        value if value < MIDDLE.0 => AROUND_SAFE,
        value if value > MIDDLE.1 => AROUND_RISKY,
        _ => AROUND_MIDDLE,
    };
    let work: f64 = others.iter().copied().map(cost).sum();
    search.config.replicates = (tally.replicates as f64 / 10.0 / work) as u64;
    if search.config.replicates < FEWEST {
        return None;
    }
    search.points.push(today);
    search.look_at(&others).ok()?;
    Some(search.curve())
}

/// What a replicate at a pace costs at most, in replicates of today's plan: near its limits a faster plan needs a closer
/// look at each action, too.
fn cost(factor: f64) -> f64 {
    factor.max(factor * factor)
}

/// Looks for the largest pace whose risk is under `bound`, upper limit included, and confirms it on fresh streams.
///
/// # Errors
/// When the stop signal comes.
pub fn recommend(
    scenario: &Scenario,
    risk: Risk,
    bound: f64,
    config: &PaceConfig,
    control: &Control,
) -> Result<Recommendation, Stopped> {
    let mut search = Search::new(scenario, risk, *config, control);
    search.look_at(&GRID)?;
    if search.points.iter().all(|point| point.risk.high <= bound) {
        search.look_at(&FASTER)?;
    }
    for _ in 0..2 {
        search.look_between(bound)?;
    }
    let best = search.confirm(bound)?;
    Ok(Recommendation { curve: search.curve(), best })
}

/// The first day by whose end the team is expected to have delivered `total` of the scaled actions at a pace, as a number of
/// days from day 0; none when the horizon is too short.
#[must_use]
pub fn days_for(
    scenario: &Scenario,
    risk: Risk,
    factor: f64,
    total: u64,
    config: &PaceConfig,
    control: &Control,
) -> Option<u32> {
    let scaled = scenario.with_pace(risk.action, factor);
    let results = simulate(&scaled, config, control, true).ok()?.0;
    let is_scaled = |action: &str| risk.action.is_none_or(|id| scenario.actions[id] == action);
    let series: Vec<_> = results.series.activity.iter().filter(|series| is_scaled(&series.action)).collect();
    let accounts = |group: &str| {
        let found = scenario.groups.iter().find(|other| other.name == group);
        f64::from(found.map_or(0, |group| group.count))
    };
    let mut sum = 0.0;
    (0..scenario.horizon_days).find_map(|day| {
        sum += series.iter().map(|s| s.delivered[day as usize] * accounts(&s.group)).sum::<f64>();
        (sum >= total as f64 - 1e-6).then_some(day + 1)
    })
}

fn simulate(
    scenario: &Scenario,
    config: &PaceConfig,
    control: &Control,
    sample: bool,
) -> Result<(Results, Tally, Layout), Stopped> {
    let model = Model::compile(scenario);
    let run = RunConfig {
        seed: config.seed,
        stop: Stop::After(config.replicates),
        threads: config.threads,
        level: config.level,
        sample,
    };
    let run = engine::run(&model, &run, control);
    if run.reason == StopReason::Interrupted {
        return Err(Stopped);
    }
    let how = Intervals { level: config.level, method: config.method };
    let results = estimate::results(scenario, &model, &run.tally, run.reason, how);
    Ok((results, run.tally, Layout::new(&model)))
}

/// The paces looked at so far, by ascending factor.
struct Search<'a> {
    scenario: &'a Scenario,
    risk: Risk,
    config: PaceConfig,
    control: &'a Control,
    points: Vec<RiskPoint>,
}

impl<'a> Search<'a> {
    fn new(scenario: &'a Scenario, risk: Risk, config: PaceConfig, control: &'a Control) -> Search<'a> {
        Search { scenario, risk, config, control, points: Vec::new() }
    }

    fn look_at(&mut self, factors: &[f64]) -> Result<(), Stopped> {
        for &factor in factors {
            let point = self.point(factor, &self.config)?;
            self.points.push(point);
        }
        self.points.sort_by(|a, b| a.factor.total_cmp(&b.factor));
        Ok(())
    }

    /// Looks closer between the largest pace that keeps the bound and the next one.
    fn look_between(&mut self, bound: f64) -> Result<(), Stopped> {
        let Some(last) = self.points.iter().rposition(|point| point.risk.high <= bound) else {
            return Ok(());
        };
        let Some(next) = self.points.get(last + 1).map(|point| point.factor) else { return Ok(()) };
        let from = self.points[last].factor;
        let step = (next - from) / f64::from(BETWEEN + 1);
        let rounded = |i: u32| ((from + step * f64::from(i)) * 1000.0).round() / 1000.0;
        let mut factors: Vec<f64> = (1..=BETWEEN).map(rounded).collect();
        factors.dedup();
        factors.retain(|&factor| factor > from && factor < next);
        self.look_at(&factors)
    }

    /// The largest pace that keeps the bound on the search's streams and on fresh ones.
    fn confirm(&self, bound: f64) -> Result<Option<RiskPoint>, Stopped> {
        let fresh = PaceConfig { seed: crate::random::mix(self.config.seed ^ 0x5EED), ..self.config };
        for candidate in self.points.iter().rev().filter(|point| point.risk.high <= bound) {
            let point = self.point(candidate.factor, &fresh)?;
            if point.risk.high <= bound {
                return Ok(Some(point));
            }
        }
        Ok(None)
    }

    fn point(&self, factor: f64, config: &PaceConfig) -> Result<RiskPoint, Stopped> {
        let scaled = self.scenario.with_pace(self.risk.action, factor);
        let level = self.group_level();
        let (results, tally, layout) =
            simulate(&scaled, &PaceConfig { level, ..*config }, self.control, false)?;
        Ok(self.point_of(factor, &scaled, &results, &tally, &layout))
    }

    /// The point of the plan as written, from a run that has been done.
    fn today(&self, model: &Model, tally: &Tally) -> RiskPoint {
        let how = Intervals { level: self.group_level(), method: self.config.method };
        let results = estimate::results(self.scenario, model, tally, StopReason::Completed, how);
        self.point_of(1.0, self.scenario, &results, tally, &Layout::new(model))
    }

    /// The level at which each group is judged, so that the worst-off is judged at the level asked for.
    fn group_level(&self) -> f64 {
        let groups = if self.risk.of == Whose::Worst { self.scenario.groups.len() } else { 1 };
        1.0 - (1.0 - self.config.level) / groups as f64
    }

    fn point_of(
        &self,
        factor: f64,
        scaled: &Scenario,
        results: &Results,
        tally: &Tally,
        layout: &Layout,
    ) -> RiskPoint {
        let (risk, group) = self.risk_of(results);
        let delivered = self.delivered(tally, layout);
        let replicates = tally.replicates;
        RiskPoint { factor, per_day: self.per_day(scaled, group), replicates, risk, delivered }
    }

    /// Mean number delivered by the team; for several actions the ends of their intervals are added.
    fn delivered(&self, tally: &Tally, layout: &Layout) -> Estimate {
        let mut all = Estimate { value: 0.0, low: 0.0, high: 0.0, standard_error: 0.0 };
        for action in self.scaled_actions() {
            let sum = &tally.scopes[0].sums[layout.action(action, Fate::Delivered)];
            let wanted = tally.scopes[0].sums[layout.action(action, Fate::Demanded)].sum > 0;
            if wanted || self.risk.action.is_some() {
                let one = sum.estimate(tally.replicates, 1.0, 1.0, self.config.level);
                all.value += one.value;
                all.low += one.low;
                all.high += one.high;
                all.standard_error += one.standard_error;
            }
        }
        all
    }

    fn scaled_actions(&self) -> impl Iterator<Item = ActionId> {
        let risk = self.risk;
        (0..self.scenario.actions.len())
            .filter(move |&action| risk.action.is_none_or(|scaled| scaled == action))
    }

    /// The risk, and the group that it is the risk of.
    fn risk_of(&self, results: &Results) -> (Estimate, Option<usize>) {
        match self.risk.of {
            Whose::Mean => (self.risk.event.of_account(&results.mean_account), None),
            Whose::Team => (self.risk.event.of_team(&results.team), None),
            Whose::Worst => {
                let risks = results.groups.iter().map(|group| self.risk.event.of_account(&group.account));
                let worst = risks.enumerate().max_by(|a, b| a.1.high.total_cmp(&b.1.high));
                worst.map_or((self.risk.event.of_account(&results.mean_account), None), |(group, risk)| {
                    (risk, Some(group))
                })
            }
        }
    }

    /// Mean number demanded per account and workday of the scaled actions.
    fn per_day(&self, scaled: &Scenario, group: Option<usize>) -> f64 {
        let groups =
            scaled.groups.iter().enumerate().filter(|(index, _)| group.is_none_or(|only| only == *index));
        let (mut demanded, mut days) = (0.0, 0.0);
        for (_, group) in groups {
            for day in 0..scaled.horizon_days {
                let Some(factors) = demand_factor(scaled, group, day) else { continue };
                days += f64::from(group.count);
                let wanted = group.demand.iter().zip(factors);
                let wanted = wanted.filter(|(demand, _)| self.risk.action.is_none_or(|a| a == demand.action));
                let mean: f64 = wanted.map(|(demand, factor)| demand.law.mean() * factor).sum();
                demanded += mean * f64::from(group.count);
            }
        }
        if days > 0.0 { demanded / days } else { 0.0 }
    }

    fn curve(self) -> RiskCurve {
        RiskCurve {
            action: self.risk.action.map(|action| self.scenario.actions[action].clone()),
            event: self.risk.event.name().to_owned(),
            of: self.risk.of.name().to_owned(),
            level: self.config.level,
            replicates: self.config.replicates,
            points: self.points,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A run of `replicates` with so many invitations a day, its results, and the curve of its report.
    fn curve(mean: f64, replicates: u64) -> (Results, Option<RiskCurve>) {
        let text = format!(
            "start = 2026-01-05\nhorizon_days = 14\nplatform = \"linkedin\"\n[demand.connection_request]\n\
             poisson = {{ mean = {mean} }}\n[[group]]\nname = \"a\"\n[[group]]\nname = \"b\"\ncount = 2\n"
        );
        let scenario = Scenario::parse(&text, "t").scenario.expect("a scenario");
        let config =
            PaceConfig { seed: 1, replicates, threads: Some(1), level: 0.95, method: Method::Wilson };
        let control = Control::default();
        let (results, tally, _) = simulate(&scenario, &config, &control, false).expect("nobody stops it");
        let curve = report_curve(&scenario, &Model::compile(&scenario), &tally, &config, &control);
        (results, curve)
    }

    fn factors(curve: &RiskCurve) -> Vec<f64> {
        curve.points.iter().map(|point| point.factor).collect()
    }

    #[test]
    fn the_run_is_the_point_of_todays_plan_and_the_others_cost_a_tenth_of_it() {
        let (results, curve) = curve(10.0, 4_000);
        let curve = curve.expect("enough replicates");
        let today = curve.today().expect("today's point");
        let worst = results
            .groups
            .iter()
            .map(|group| group.account.flagged)
            .find(|flagged| flagged.value == today.risk.value);
        let worst = worst.expect("the risk of one of the groups");
        assert!(results.groups.iter().all(|group| group.account.flagged.high <= worst.high));
        assert!(
            today.risk.low < worst.low && worst.high < today.risk.high,
            "a level for two groups is stricter"
        );
        assert_eq!((today.replicates, curve.replicates), (4_000, 79));
        let others = curve.points.iter().filter(|point| point.factor != 1.0);
        let work: f64 = others.map(|point| cost(point.factor) * point.replicates as f64).sum();
        assert!(work <= 400.0, "{work}");
        assert_eq!(factors(&curve), [0.5, 0.75, 1.0, 1.25, 1.5]);
    }

    #[test]
    fn a_safe_plan_is_looked_at_faster_and_a_risky_one_slower() {
        let safe = curve(3.0, 5_000).1.expect("enough replicates");
        assert_eq!(factors(&safe), [0.5, 1.0, 1.25, 1.5, 2.0]);
        let risky = curve(25.0, 4_000).1.expect("enough replicates");
        assert_eq!(factors(&risky), [0.25, 0.5, 0.75, 1.0, 1.5]);
        assert!(curve(3.0, 1_000).1.is_none(), "fewer than {FEWEST} replicates for each other pace");
    }
}
