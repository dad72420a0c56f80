//! What a group wants to do: for each day the table of every action's count, and when within the day the actions happen.

use jiff::civil::Date;

use super::agenda::Timed;
use super::background::Background;
use super::clusters::Clusters;
use super::day_counts::DayCounts;
use super::gate::GateModel;
use super::hazard::{self, HazardModel};
use super::pacing::Caps;
use super::planned::Planned;
use super::replay::Replay;
use crate::random::{Chance, Stream};
use crate::scenario::{Demand, Group, Phase, Scenario, VolumeRule};
use crate::time::{self, HOUR, Instant, SECOND};

/// Accounts of a group that are alike in everything, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    /// Index of the platform.
    pub(crate) platform: usize,
    /// The actions with demand.
    pub(crate) wishes: Vec<Wish>,
    /// The counts of the wishes.
    pub(crate) counts: DayCounts,
    /// Number of quads that hold all wishes.
    pub(crate) quads: usize,
    /// The same with those of the background behind them.
    pub(crate) all_quads: usize,
    /// The demand that comes with its times.
    pub(crate) timed: Option<Timed>,
    /// What happens besides.
    pub(crate) background: Option<Background>,
    /// By day: whether people work.
    pub(crate) works: Vec<bool>,
    /// Working hours, milliseconds after midnight.
    pub(crate) hours: (Instant, Instant),
    /// Whether any action is paced, or may be kept back by the platform.
    pub(crate) paced: bool,
    /// What of the platform may keep single actions back.
    pub(crate) gate: Option<GateModel>,
    /// Hazards of traits and links.
    pub(crate) hazards: Vec<HazardModel>,
    /// By wish: the hazards that each delivered action tries, with their chances.
    pub(crate) hazards_of_wish: Vec<Vec<(usize, Chance)>>,
    /// Factor on the probability that a breach is noticed.
    pub(crate) scrutiny: f64,
    /// Flags that the ladder counts from before day 0.
    pub(crate) earlier_flags: u32,
    /// What is planned to disconnect its accounts.
    pub(crate) planned: Planned,
    /// By rule: the wishes whose actions it counts.
    pub(crate) wishes_of_rule: Vec<Vec<usize>>,
    /// First hour of the day with any action, and the hour after the last.
    pub(crate) busy_hours: (usize, usize),
}

/// The demand for one action.
#[derive(Debug, Clone)]
pub(crate) struct Wish {
    pub(crate) action: usize,
    pub(crate) times: TimeLaw,
    pub(crate) caps: Option<Caps>,
}

impl Kind {
    /// `group` is the group at a place in the scenario, with the traits that these accounts have.
    pub(super) fn compile(scenario: &Scenario, place: usize, group: &Group) -> Kind {
        let hours = (
            Instant::from(scenario.calendar.from_second) * SECOND,
            Instant::from(scenario.calendar.to_second) * SECOND,
        );
        let wish = |demand: &Demand| Wish {
            action: demand.action,
            times: TimeLaw::new(demand, hours),
            caps: group
                .pacing
                .iter()
                .find(|pacing| pacing.action == demand.action)
                .map(|pacing| Caps::compile(pacing, group.account_age_days)),
        };
        let wishes: Vec<Wish> = group.demand.iter().map(wish).collect();
        let counts = DayCounts::compile(&group.demand, scenario.horizon_days, |demand, day| {
            factor(scenario, group, demand, day)
        });
        let timed = timed(scenario, group, hours);
        let quads = counts.quads;
        let places = places(&wishes, quads, group);
        let works = (0..scenario.horizon_days).map(|day| works(scenario, group, day)).collect();
        let gate = GateModel::compile(scenario, group);
        let paced = gate.is_some() || wishes.iter().any(|wish| wish.caps.is_some());
        let counted = |rule: &VolumeRule| {
            let counted = places.iter().filter(|(_, action)| rule.rule.actions.contains(action));
            counted.map(|&(place, _)| place).collect()
        };
        let (hazards, mut hazards_of_place) = hazard::compile(scenario, (place, group), &places);
        let hazards_of_background = hazards_of_place.split_off(wishes.len());
        let background = Background::compile(scenario, group, hours, hazards_of_background);
        let traits = || group.traits.iter().map(|own| &scenario.platform_of(group).traits[own.index]);
        let busy = wishes.iter().map(|wish| (wish.times.at(0) / HOUR, wish.times.at(u32::MAX) / HOUR));
        let first_hour = busy.clone().map(|hours| hours.0).min().unwrap_or(0);
        let last_hour = busy.map(|hours| hours.1).max().unwrap_or(0);
        Kind {
            platform: group.platform,
            counts,
            quads,
            all_quads: quads + background.as_ref().map_or(0, |background| background.counts.quads),
            timed,
            background,
            hazards,
            hazards_of_wish: hazards_of_place,
            scrutiny: traits().map(|hazard| hazard.scrutiny).product(),
            earlier_flags: traits().map(|hazard| hazard.earlier_flags).sum(),
            works,
            hours,
            paced,
            planned: Planned::compile(scenario, place),
            gate,
            wishes_of_rule: scenario.platform_of(group).rules.iter().map(counted).collect(),
            busy_hours: (first_hour as usize, last_hour as usize + 1),
            wishes,
        }
    }
}

/// The demand that is not given by counts of days; none where there is no such demand.
fn timed(scenario: &Scenario, group: &Group, hours: (Instant, Instant)) -> Option<Timed> {
    let clusters = group.demand.iter().enumerate().filter_map(|(wish, demand)| {
        let factor = |day| factor(scenario, group, demand, day);
        Clusters::compile(demand, wish, scenario.horizon_days, hours, factor)
    });
    let clusters: Vec<Clusters> = clusters.collect();
    let factor = |demand: &Demand, day| factor(scenario, group, demand, day);
    let replay = group.log.as_ref().map(|log| Replay::compile(scenario, log, &group.demand, factor));
    (!clusters.is_empty() || replay.is_some()).then_some(Timed { clusters, replay })
}

/// Where the counts of each action stand: the wishes in their order, then what happens in the background, four by four.
fn places(wishes: &[Wish], quads: usize, group: &Group) -> Vec<(usize, usize)> {
    let wishes = wishes.iter().map(|wish| wish.action).enumerate();
    let background = group.background.iter().map(|demand| demand.action);
    wishes.chain(background.enumerate().map(|(at, action)| (4 * quads + at, action))).collect()
}

fn date_of(scenario: &Scenario, day: u32) -> Date {
    time::date_of(time::day_number(scenario.start) + day as i32)
}

/// Whether a day is a holiday or a day off, on which nobody wants anything.
fn is_off(scenario: &Scenario, group: &Group, date: Date) -> bool {
    scenario.calendar.holidays.contains(&date)
        || group.time_off.iter().any(|&(first, last)| (first..=last).contains(&date))
}

fn works(scenario: &Scenario, group: &Group, day: u32) -> bool {
    let weekday = time::weekday_of(time::day_number(scenario.start) + day as i32);
    scenario.calendar.workdays[weekday] && !is_off(scenario, group, date_of(scenario, day))
}

/// The factors on the means of a group's counts on a day on which people work; none on another day.
pub(crate) fn demand_factor(scenario: &Scenario, group: &Group, day: u32) -> Option<Vec<f64>> {
    let factors = group.demand.iter().map(|demand| factor(scenario, group, demand, day));
    works(scenario, group, day).then(|| factors.collect())
}

/// The factor on the mean of a day's count.
fn factor(scenario: &Scenario, group: &Group, demand: &Demand, day: u32) -> f64 {
    let applies = |phase: &&Phase| phase.actions.is_empty() || phase.actions.contains(&demand.action);
    let phases: f64 = group.phases.iter().filter(applies).map(|phase| phase_factor(phase, day)).product();
    usual_factor(scenario, group, demand, day) * phases
}

/// The factor of the calendar, without phases.
pub(super) fn usual_factor(scenario: &Scenario, group: &Group, demand: &Demand, day: u32) -> f64 {
    let date = date_of(scenario, day);
    if is_off(scenario, group, date) {
        return 0.0;
    }
    let weekday = time::weekday_of(time::day_number(scenario.start) + day as i32);
    demand.weekdays[weekday] * demand.months[date.month() as usize - 1]
}

fn phase_factor(phase: &Phase, day: u32) -> f64 {
    match day.checked_sub(phase.from_day) {
        Some(passed) if passed < phase.days => phase.factor_at(passed as usize),
        _ => 1.0,
    }
}

/// A piecewise constant density over the day.
#[derive(Debug, Clone)]
pub(crate) struct TimeLaw {
    bands: Vec<Band>,
}

#[derive(Debug, Clone, Copy)]
struct Band {
    /// End of the band's share of the 32-bit words.
    end: u64,
    /// First instant, milliseconds after midnight.
    from: Instant,
    /// Milliseconds for each 32-bit word, in units of 2^-32.
    scale: u64,
    start: u64,
    last: Instant,
}

impl TimeLaw {
    pub(super) fn new(demand: &Demand, hours: (Instant, Instant)) -> TimeLaw {
        let mut stretches: Vec<(Instant, Instant, f64)> = demand
            .hours
            .iter()
            .map(|band| {
                (
                    Instant::from(band.from_second) * SECOND,
                    Instant::from(band.to_second) * SECOND,
                    band.weight,
                )
            })
            .collect();
        if stretches.is_empty() {
            stretches.push((hours.0, hours.1, 1.0));
        }
        stretches.sort_by_key(|stretch| stretch.0);
        let mass = |&(from, to, weight): &(Instant, Instant, f64)| (to - from) as f64 * weight;
        let total: f64 = stretches.iter().map(mass).sum();
        let (mut start, mut seen) = (0, 0.0);
        let mut bands = Vec::new();
        for stretch in &stretches {
            seen += mass(stretch);
            let end = (seen / total * 4_294_967_296.0).round() as u64;
            if end > start {
                let length = (stretch.1 - stretch.0) as u128;
                let scale = ((length << 32) / u128::from(end - start)) as u64;
                bands.push(Band { end, from: stretch.0, scale, start, last: stretch.1 - 1 });
            }
            start = end;
        }
        TimeLaw { bands }
    }

    /// Milliseconds after midnight of a uniform 32-bit word.
    #[inline]
    pub(crate) fn at(&self, word: u32) -> Instant {
        let word = u64::from(word);
        let mut band = &self.bands[0];
        for next in &self.bands[1..] {
            if word < band.end {
                break;
            }
            band = next;
        }
        let passed = ((word - band.start) * band.scale) >> 32;
        (band.from + passed as Instant).min(band.last)
    }

    /// Milliseconds after midnight of a day's actions, in no order.
    #[inline]
    pub(crate) fn draw(&self, stream: Stream, count: u32, mut each: impl FnMut(Instant)) {
        let mut word = 0;
        for i in 0..count {
            word = if i % 2 == 0 { stream.word(u64::from(i / 2)) } else { word >> 32 };
            each(self.at(word as u32));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{CountLaw, HourBand};
    use crate::time::DAY;

    fn law(hours: Vec<HourBand>) -> TimeLaw {
        let demand = Demand {
            action: 0,
            law: CountLaw::Poisson { mean: 1.0 },
            weekdays: [1.0; 7],
            months: [1.0; 12],
            hours,
        };
        TimeLaw::new(&demand, (9 * HOUR, 18 * HOUR))
    }

    #[test]
    fn times_fill_the_working_hours_evenly() {
        let law = law(Vec::new());
        assert_eq!(law.at(0), 9 * HOUR);
        assert_eq!(law.at(u32::MAX), 18 * HOUR - 1);
        assert_eq!(law.at(1 << 31), 9 * HOUR + 9 * HOUR / 2);
    }

    #[test]
    fn bands_get_actions_in_proportion_to_length_and_weight() {
        let band =
            |from: u32, to: u32, weight| HourBand { from_second: from * 3600, to_second: to * 3600, weight };
        let law = law(vec![band(14, 16, 3.0), band(9, 12, 1.0)]);
        let n = 90_000_u64;
        let times: Vec<Instant> = (0..n).map(|i| law.at((i * 4_294_967_296 / n) as u32)).collect();
        let within = |from, to| times.iter().filter(|&&t| (from * HOUR..to * HOUR).contains(&t)).count();
        assert_eq!((within(9, 12), within(14, 16)), (30_000, 60_000));
        assert!(within(14, 15).abs_diff(30_000) <= 1);
        assert!(times.iter().all(|&time| time < DAY));
    }
}
