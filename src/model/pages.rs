//! Pages and ad accounts: when each was without data, from the finished lives of the accounts on which it hangs and from
//! what happens to its own admin role.

use super::Model;
use super::counts::{CountTable, days_table};
use super::outcome::{AccountOutcome, Away};
use crate::random::{Chance, Purpose, Stream};
use crate::scenario::{AccountPlace, Page, PlannedEvent, Scenario};
use crate::time::{DAY, Instant};

/// A Page, compiled.
#[derive(Debug, Clone)]
pub(crate) struct PageModel {
    /// Place of the authorising account among all accounts.
    pub(crate) authoriser: usize,
    /// Place of the backup's, and how long it takes to take over.
    backup: Option<(usize, Instant)>,
    admin_lost: Chance,
    new_admin: CountTable,
    planned: Vec<PlannedLoss>,
}

/// A planned event that takes the role away.
#[derive(Debug, Clone)]
struct PlannedLoss {
    event: PlannedEvent,
    cause: u16,
    outage: Option<CountTable>,
}

/// What happened to one Page; causes are in the order of [`Scenario::page_causes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageOutcome {
    /// Cause of the first disconnection.
    pub first: Option<u16>,
    /// Disconnections: what overlaps counts once.
    pub disconnections: u32,
    /// Milliseconds without data within the horizon: what overlaps counts once.
    pub missing: u64,
    /// By cause: its outages, and the milliseconds that they would be without data by themselves, also while another cause
    /// already keeps the Page without.
    pub by_cause: Vec<PageLosses>,
}

/// The outages of a Page for one cause.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PageLosses {
    /// How many there were; one that a backup covers at times is still one.
    pub outages: u32,
    /// Milliseconds within the horizon, of all of them.
    pub missing: u64,
}

impl PageOutcome {
    pub(super) fn new(model: &Model) -> PageOutcome {
        PageOutcome::of_causes(model.page_causes)
    }

    fn of_causes(causes: usize) -> PageOutcome {
        PageOutcome {
            first: None,
            disconnections: 0,
            missing: 0,
            by_cause: vec![PageLosses::default(); causes],
        }
    }

    fn clear(&mut self) {
        (self.first, self.disconnections, self.missing) = (None, 0, 0);
        self.by_cause.fill(PageLosses::default());
    }
}

/// A stretch in which a Page is without data, one of several that may overlap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    from: Instant,
    /// 0 for what befalls the account, 1 for what befalls the Page alone: the order within an instant.
    alone: u8,
    until: Instant,
    cause: u16,
    /// Whether it belongs to the outage of an earlier part, after a time in which the backup served the Page.
    again: bool,
}

/// Working memory, reused from replicate to replicate.
#[derive(Debug, Default)]
pub(super) struct PageScratch {
    parts: Vec<Part>,
}

impl PageModel {
    pub(super) fn compile(scenario: &Scenario, index: usize) -> PageModel {
        let page: &Page = &scenario.pages[index];
        let place = |at: AccountPlace| {
            let before = scenario.groups[..at.group].iter().map(|group| group.count as usize);
            before.sum::<usize>() + at.account as usize - 1
        };
        let causes = scenario.page_causes();
        let planned = |event: &PlannedEvent| PlannedLoss {
            event: event.clone(),
            cause: causes.iter().position(|cause| *cause == event.cause).expect("every cause is listed")
                as u16,
            outage: event.outage.map(days_table),
        };
        let events = scenario.events.iter().filter(|event| event.pages.contains(&index));
        PageModel {
            authoriser: place(page.authorised_by),
            backup: page.backup.map(|backup| (place(backup.by), Instant::from(backup.days) * DAY)),
            admin_lost: Chance::new(page.admin_lost_per_day),
            new_admin: days_table(page.new_admin),
            planned: events.map(planned).collect(),
        }
    }

    /// What is planned to take the role away on a day.
    fn planned_on(&self, day: u32) -> Option<&PlannedLoss> {
        self.planned.iter().find(|planned| planned.event.is_on(day))
    }
}

/// Finds out what happened to every Page of a replicate.
pub(super) fn live(
    model: &Model,
    accounts: &[AccountOutcome],
    out: &mut [PageOutcome],
    scratch: &mut PageScratch,
    (seed, replicate): (u64, u64),
) {
    for (index, (page, out)) in model.pages.iter().zip(out).enumerate() {
        let stream = Stream::new(seed, replicate, index as u32, Purpose::Pages);
        let aways = &accounts[page.authoriser].aways;
        let course = Course { model, page, aways, backup: backup_aways(page, accounts) };
        scratch.parts.clear();
        for away in aways {
            let &Away { from, until, cause, .. } = away;
            course.without_data(Part { from, alone: 0, until, cause, again: false }, scratch);
        }
        course.lose_role(stream, scratch);
        scratch.parts.sort_unstable();
        add_up(&scratch.parts, model.end(), out);
    }
}

fn backup_aways<'a>(page: &PageModel, accounts: &'a [AccountOutcome]) -> &'a [Away] {
    page.backup.map_or(&[], |(backup, _)| &accounts[backup].aways)
}

/// What a Page depends on in one replicate.
struct Course<'a> {
    model: &'a Model,
    page: &'a PageModel,
    aways: &'a [Away],
    backup: &'a [Away],
}

impl Course<'_> {
    /// Takes the role away on planned days, at their start, and by chance, at the end of days: as long as the account is
    /// connected and has the role.
    fn lose_role(&self, stream: Stream, scratch: &mut PageScratch) {
        let (mut back, mut next) = (Instant::MIN, 0);
        let by_chance = self.model.causes as u16;
        let mut lose = |from: Instant, cause: u16, days: &CountTable, word: u64| {
            let until = from + Instant::from(days.draw_word(word)) * DAY;
            self.without_data(Part { from, alone: 1, until, cause, again: false }, scratch);
            until
        };
        for day in 0..self.model.horizon {
            let start = self.model.origin() + Instant::from(day) * DAY;
            let (end, place) = (start + DAY, u64::from(day) * 2);
            while self.aways.get(next).is_some_and(|away| away.until < start) {
                next += 1;
            }
            if back <= start
                && let Some(PlannedLoss { cause, outage, .. }) = self.page.planned_on(day)
                && !self.is_away(next, |away| away.from <= start && start < away.until)
            {
                let days = outage.as_ref().unwrap_or(&self.page.new_admin);
                back = lose(start, *cause, days, stream.branch(place).word(0));
            }
            if back < end
                && self.page.admin_lost.hits(stream.word(place))
                && !self.is_away(next, |away| away.from <= end && end <= away.until)
            {
                back = lose(end, by_chance, &self.page.new_admin, stream.word(place + 1));
            }
        }
    }

    /// Whether one of the account's stretches from `next` on fits.
    fn is_away(&self, next: usize, fits: impl Fn(&Away) -> bool) -> bool {
        self.aways[next..].iter().any(fits)
    }

    /// Notes the parts of an outage in which the backup has not taken over, or is away itself.
    fn without_data(&self, outage: Part, scratch: &mut PageScratch) {
        let Some((_, delay)) = self.page.backup else {
            scratch.parts.push(outage);
            return;
        };
        let taken_over = outage.from + delay;
        let mut part = Part { until: outage.until.min(taken_over), ..outage };
        for away in self.backup.iter().filter(|away| away.until > taken_over && away.from < outage.until) {
            if away.from > part.until {
                scratch.parts.push(part);
                (part.from, part.again) = (away.from, true);
            }
            part.until = away.until.min(outage.until);
        }
        scratch.parts.push(part);
    }
}

/// Adds up parts in their order. In all, what overlaps counts once; by cause, each outage counts for itself, so that the days
/// of a cause are those of its own law, and once, in however many parts.
fn add_up(parts: &[Part], end: Instant, out: &mut PageOutcome) {
    out.clear();
    let mut reached = Instant::MIN;
    let time = |from: Instant, until: Instant| (until.min(end) - from).max(0) as u64;
    for part in parts.iter().filter(|part| part.from <= end) {
        if part.from >= reached {
            out.first.get_or_insert(part.cause);
            out.disconnections += 1;
        }
        out.missing += time(part.from.max(reached), part.until);
        reached = reached.max(part.until);
        let own = &mut out.by_cause[usize::from(part.cause)];
        own.outages += u32::from(!part.again);
        own.missing += time(part.from, part.until);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PageOutcome, Part, add_up};
    use crate::time::{DAY, Instant};

    const HORIZON: i64 = 20;
    const CAUSES: usize = 3;

    /// Days of a part: from, and how many.
    type Days = (i64, i64);

    /// Day by day: whether some part covers it, and the days of each cause's parts.
    fn naive(parts: &[(Days, u16)]) -> (i64, [i64; CAUSES]) {
        let (mut in_all, mut own) = (0, [0; CAUSES]);
        for day in 0..HORIZON {
            let covers = |&&((from, days), _): &&(Days, u16)| from <= day && day < from + days;
            in_all += i64::from(parts.iter().any(|part| covers(&part)));
            parts.iter().filter(covers).for_each(|(_, cause)| own[usize::from(*cause)] += 1);
        }
        (in_all, own)
    }

    proptest! {
        #[test]
        fn days_are_those_of_a_count_by_day_in_all_once_and_by_cause_each_for_itself(
            days in prop::collection::vec(((0..HORIZON + 3, 0_i64..9), 0_u16..CAUSES as u16), 0..12),
            again in prop::collection::vec(any::<bool>(), 12)
        ) {
            let instant = |day: i64| day as Instant * DAY;
            let mut parts: Vec<Part> = days
                .iter()
                .zip(&again)
                .map(|(&((from, days), cause), &again)| {
                    Part { from: instant(from), alone: 0, until: instant(from + days), cause, again }
                })
                .collect();
            parts.sort_unstable();
            let mut out = PageOutcome::of_causes(CAUSES);
            add_up(&parts, instant(HORIZON), &mut out);
            let (in_all, own) = naive(&days);
            prop_assert_eq!(out.missing, instant(in_all) as u64);
            for (cause, days) in own.iter().enumerate() {
                prop_assert_eq!(out.by_cause[cause].missing, instant(*days) as u64);
            }
            let within = || days.iter().zip(&again).filter(|(((from, _), _), _)| *from <= HORIZON);
            let begun = within().filter(|(_, again)| !**again).count();
            prop_assert_eq!(out.by_cause.iter().map(|own| own.outages as usize).sum::<usize>(), begun);
            prop_assert!(out.disconnections as usize <= within().count());
            prop_assert_eq!(out.disconnections > 0, out.first.is_some());
        }
    }
}
