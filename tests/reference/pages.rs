//! Pages, read off the finished lives of the accounts on which they hang.

use pacewise::scenario::{AccountPlace, Page, Scenario};
use pacewise::time::{DAY, DayNumber, Instant, day_number, start_of};
use rand::{Rng, RngExt};

use super::laws::draw_days;
use super::life::{AccountLife, Disconnection};

/// A stretch in which a Page is without data, or would be if nothing else were; it may reach beyond the horizon.
#[derive(Debug, Clone, PartialEq)]
struct Outage {
    from: Instant,
    to: Instant,
    cause: String,
}

/// What happened to one Page.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct PageLife {
    /// The cause of each disconnection, in order of time.
    pub(crate) disconnections: Vec<String>,
    pub(crate) time_without_data: Instant,
    /// The cause of each outage and how long it is without data, also of those within another; one that a backup covers at
    /// times is one.
    pub(crate) outages: Vec<(String, Instant)>,
}

/// What happened to every Page of a replicate.
pub(crate) fn live(scenario: &Scenario, lives: &[AccountLife], rng: &mut impl Rng) -> Vec<PageLife> {
    let place = |at: AccountPlace| {
        let before = scenario.groups[..at.group].iter().map(|group| group.count).sum::<u32>();
        (before + at.account - 1) as usize
    };
    let life = |(index, page): (usize, &Page)| {
        let aways = &lives[place(page.authorised_by)].disconnections;
        let mut outages: Vec<Outage> = aways.iter().map(outage).collect();
        outages.extend(role_losses(scenario, index, aways, rng));
        outages.sort_by_key(|outage| outage.from);
        let left = |own: Outage| match page.backup {
            None => vec![own],
            Some(backup) => {
                let away = &lives[place(backup.by)].disconnections;
                without_backup(&own, away, Instant::from(backup.days) * DAY)
            }
        };
        let left: Vec<Vec<Outage>> = outages.into_iter().map(left).collect();
        let end = end(scenario);
        let length =
            |parts: &Vec<Outage>| parts.iter().map(|part| (part.to.min(end) - part.from).max(0)).sum();
        let each = left.iter().map(|parts| (parts[0].cause.clone(), length(parts))).collect();
        let mut parts = left.concat();
        parts.sort_by_key(|part| part.from);
        PageLife { outages: each, ..merged(&parts, end) }
    };
    scenario.pages.iter().enumerate().map(life).collect()
}

fn end(scenario: &Scenario) -> Instant {
    start_of(day_number(scenario.start) + scenario.horizon_days as DayNumber)
}

fn outage(away: &Disconnection) -> Outage {
    Outage { from: away.from, to: away.to.unwrap_or(Instant::MAX), cause: away.cause.clone() }
}

/// Whether an account is connected at the start of a day, after whatever strikes there; or at the end of the day before,
/// and not disconnected at that instant.
fn is_connected(aways: &[Disconnection], day: DayNumber, at_end: bool) -> bool {
    let at = start_of(day);
    !aways.iter().any(|away| {
        if at_end {
            away.from <= at && away.to.is_none_or(|to| to >= at)
        } else {
            away.from <= at && away.to.is_none_or(|to| to > at)
        }
    })
}

/// The losses of the role of Designated Admin, by chance and by plan, each with its outage.
fn role_losses(
    scenario: &Scenario,
    index: usize,
    aways: &[Disconnection],
    rng: &mut impl Rng,
) -> Vec<Outage> {
    let (page, first) = (&scenario.pages[index], day_number(scenario.start));
    let (mut losses, mut role_from) = (Vec::new(), Instant::MIN);
    let mut lose = |day: DayNumber, days: u32, cause: &str, role_from: &mut Instant| {
        let from = start_of(day);
        *role_from = from + Instant::from(days) * DAY;
        losses.push(Outage { from, to: *role_from, cause: cause.to_owned() });
    };
    for day in first..first + scenario.horizon_days as DayNumber {
        for event in scenario.events.iter().filter(|event| event.pages.contains(&index)) {
            if event.is_on((day - first) as u32)
                && role_from <= start_of(day)
                && is_connected(aways, day, false)
            {
                let days = draw_days(event.outage.unwrap_or(page.new_admin), rng);
                lose(day, days, &event.cause, &mut role_from);
            }
        }
        if role_from <= start_of(day)
            && is_connected(aways, day + 1, true)
            && rng.random_bool(page.admin_lost_per_day)
        {
            lose(day + 1, draw_days(page.new_admin, rng), "designated_admin_lost", &mut role_from);
        }
    }
    losses
}

/// What is left of an outage with a backup that has taken over some time after its start, unless it is away.
fn without_backup(own: &Outage, away: &[Disconnection], after: Instant) -> Vec<Outage> {
    let taken_over = (own.from + after).min(own.to);
    let mut left = vec![Outage { to: taken_over, ..own.clone() }];
    for away in away {
        let both = outage(away);
        let (from, to) = (both.from.max(taken_over), both.to.min(own.to));
        if from >= to {
            continue;
        }
        match left.last_mut().filter(|before| before.to == from) {
            // The Page had no data before: it goes on without.
            Some(before) => before.to = to,
            None => left.push(Outage { from, to, cause: own.cause.clone() }),
        }
    }
    left
}

/// What overlaps counts once in all. What strikes at the end of the last day counts, and costs no time.
fn merged(outages: &[Outage], end: Instant) -> PageLife {
    let (mut life, mut until) = (PageLife::default(), Instant::MIN);
    for outage in outages {
        if outage.from >= until {
            life.disconnections.push(outage.cause.clone());
        }
        life.time_without_data += (outage.to.min(end) - outage.from.max(until)).max(0);
        until = until.max(outage.to);
    }
    life
}
