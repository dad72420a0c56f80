//! What a group wants to do: for each day the table of every action's count, and when within the day the actions happen.

use std::collections::HashMap;

use jiff::civil::Date;

use super::counts::{CountTable, GUIDE_BITS, UNSETTLED};
use super::gate::GateModel;
use super::hazard::{self, HazardModel};
use super::pacing::Caps;
use crate::random::{Chance, Stream};
use crate::scenario::{Demand, Group, Phase, Scenario, VolumeRule};
use crate::time::{self, HOUR, Instant, SECOND};

/// The counts of four wishes on a day; those beyond the last wish are 0.
pub(crate) type Quad = [u32; 4];

/// A group of accounts, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Kind {
    /// Number of accounts.
    pub(crate) count: u32,
    /// Index of the platform.
    pub(crate) platform: usize,
    /// The actions with demand.
    pub(crate) wishes: Vec<Wish>,
    tables: Vec<CountTable>,
    /// The guides of all tables, one behind the other.
    guides: Vec<u16>,
    /// Number of quads that hold all wishes.
    pub(crate) quads: usize,
    /// `[day * quads + quad]`: where the guides of the tables begin.
    table_of: Vec<Quad>,
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
    pub(super) fn compile(scenario: &Scenario, group: &Group) -> Kind {
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
        let (tables, table_of) = tables(scenario, group);
        let works = (0..scenario.horizon_days).map(|day| works(scenario, group, day)).collect();
        let gate = GateModel::compile(scenario, group, &wishes);
        let paced = gate.is_some() || wishes.iter().any(|wish| wish.caps.is_some());
        let counted = |rule: &VolumeRule| {
            (0..wishes.len()).filter(|&wish| rule.rule.actions.contains(&wishes[wish].action)).collect()
        };
        let (hazards, hazards_of_wish) = hazard::compile(scenario, group, &wishes);
        let traits = || group.traits.iter().map(|own| &scenario.platform_of(group).traits[own.index]);
        let busy = wishes.iter().map(|wish| (wish.times.at(0) / HOUR, wish.times.at(u32::MAX) / HOUR));
        let first_hour = busy.clone().map(|hours| hours.0).min().unwrap_or(0);
        let last_hour = busy.map(|hours| hours.1).max().unwrap_or(0);
        Kind {
            count: group.count,
            platform: group.platform,
            guides: tables.iter().flat_map(CountTable::guide).collect(),
            tables,
            table_of,
            quads: wishes.len().div_ceil(4),
            hazards,
            hazards_of_wish,
            scrutiny: traits().map(|hazard| hazard.scrutiny).product(),
            earlier_flags: traits().map(|hazard| hazard.earlier_flags).sum(),
            works,
            hours,
            paced,
            gate,
            wishes_of_rule: scenario.platform_of(group).rules.iter().map(counted).collect(),
            busy_hours: (first_hour as usize, last_hour as usize + 1),
            wishes,
        }
    }

    /// Settles those of four counts that the guide leaves open.
    #[cold]
    fn settle(&self, word: u64, tables: Quad, counts: &mut Quad) {
        for (i, count) in counts.iter_mut().enumerate().filter(|(_, count)| **count >= UNSETTLED) {
            let table = &self.tables[tables[i] as usize >> GUIDE_BITS];
            *count = table.draw((word >> (16 * i)) as u16, word);
        }
    }

    /// Draws the counts of a day, one for each wish; each four share one random word.
    #[inline]
    pub(super) fn draw(&self, stream: Stream, day: u32, counts: &mut [Quad]) {
        let first = day as usize * self.quads;
        for (part, (counts, tables)) in
            counts.iter_mut().zip(&self.table_of[first..][..self.quads]).enumerate()
        {
            let word = stream.word((first + part) as u64);
            let entries: Quad = std::array::from_fn(|i| {
                let top = (word >> (16 * i + 16 - GUIDE_BITS as usize)) as usize & ((1 << GUIDE_BITS) - 1);
                u32::from(self.guides[tables[i] as usize + top])
            });
            *counts = entries;
            if entries[0].max(entries[1]).max(entries[2]).max(entries[3]) >= UNSETTLED {
                self.settle(word, *tables, counts);
            }
        }
    }
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
    let date = date_of(scenario, day);
    if is_off(scenario, group, date) {
        return 0.0;
    }
    let weekday = time::weekday_of(time::day_number(scenario.start) + day as i32);
    let applies = |phase: &&Phase| phase.actions.is_empty() || phase.actions.contains(&demand.action);
    let phases: f64 = group.phases.iter().filter(applies).map(|phase| phase_factor(phase, day)).product();
    demand.weekdays[weekday] * demand.months[date.month() as usize - 1] * phases
}

fn phase_factor(phase: &Phase, day: u32) -> f64 {
    match day.checked_sub(phase.from_day) {
        Some(passed) if passed < phase.days => {
            let share = if phase.days > 1 { f64::from(passed) / f64::from(phase.days - 1) } else { 0.0 };
            phase.factor + (phase.factor_at_end - phase.factor) * share
        }
        _ => 1.0,
    }
}

/// The tables of all counts, the first always 0, and for each day which are in force.
fn tables(scenario: &Scenario, group: &Group) -> (Vec<CountTable>, Vec<Quad>) {
    let (mut tables, mut known) = (vec![CountTable::from_weights(0, &[1.0])], HashMap::new());
    let mut table_of = Vec::with_capacity(scenario.horizon_days as usize * group.demand.len().div_ceil(4));
    for day in 0..scenario.horizon_days {
        for (part, demands) in group.demand.chunks(4).enumerate() {
            let mut quad = [0; 4];
            for (i, demand) in demands.iter().enumerate() {
                let law = demand.law.scaled(factor(scenario, group, demand, day));
                quad[i] = *known.entry((part * 4 + i, law.mean().to_bits())).or_insert_with(|| {
                    CountTable::new(law).map_or(0, |table| {
                        tables.push(table);
                        (tables.len() as u32 - 1) << GUIDE_BITS
                    })
                });
            }
            table_of.push(quad);
        }
    }
    (tables, table_of)
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
    fn new(demand: &Demand, hours: (Instant, Instant)) -> TimeLaw {
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
