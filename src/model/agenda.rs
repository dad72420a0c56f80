//! The actions of a day that come with their times: what clusters begun today or before bring.

use super::ActivityStreams;
use super::clusters::{Clusters, Offspring};
use super::replay::Replay;
use crate::time::{DAY, Instant};

pub(super) const WISH_BITS: u32 = 16;

/// Demand of a group that is not given by counts of days, compiled.
#[derive(Debug, Clone)]
pub(crate) struct Timed {
    pub(crate) clusters: Vec<Clusters>,
    pub(crate) replay: Option<Replay>,
}

impl Timed {
    /// Whether a wish's actions come with their times.
    pub(super) fn brings(&self, wish: usize) -> bool {
        let recorded = self.replay.as_ref().is_some_and(|replay| replay.brings(wish));
        recorded || self.clusters.iter().any(|clusters| clusters.wish == wish)
    }
}

/// What is to come in one life, day by day.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// What has been laid out and lies after today: milliseconds after the start of day 0, and which wish, in order.
    later: Vec<u64>,
    /// Today: milliseconds after midnight, and which wish, in order.
    today: Vec<u64>,
    offspring: Offspring,
}

impl Agenda {
    pub(super) fn clear(&mut self) {
        self.later.clear();
        self.today.clear();
    }

    /// Lays out what begins on a day, the one after the last; adds the day's numbers to `counts` by wish.
    pub(super) fn enter_day(
        &mut self,
        timed: &Timed,
        streams: &ActivityStreams,
        day: u32,
        counts: &mut [u32],
    ) {
        let Agenda { later, today, offspring } = self;
        for clusters in &timed.clusters {
            let wish = clusters.wish as u64;
            clusters.lay(streams.bursts, day, offspring, |at| later.push(((at as u64) << WISH_BITS) | wish));
        }
        later.sort_unstable();
        let (start, end) = (Instant::from(day) * DAY, Instant::from(day + 1) * DAY);
        let due = later.partition_point(|&event| ((event >> WISH_BITS) as Instant) < end);
        today.clear();
        today.extend(later.drain(..due).map(|event| event - ((start as u64) << WISH_BITS)));
        if let Some(replay) = &timed.replay {
            let each = |at: Instant, wish: usize| today.push(((at as u64) << WISH_BITS) | wish as u64);
            replay.lay(streams.bursts, day, streams.place, each);
            today.sort_unstable();
        }
        for event in today.iter() {
            counts[wish_of(*event)] += 1;
        }
    }

    /// How many actions today's layout went through: those of the day and those after it.
    pub(super) fn work(&self) -> u64 {
        (self.later.len() + self.today.len()) as u64
    }

    /// The actions of the day: milliseconds after midnight, and which wish, packed to be sorted.
    pub(super) fn today(&self) -> &[u64] {
        &self.today
    }
}

/// The wish of a packed action.
pub(super) fn wish_of(event: u64) -> usize {
    (event & ((1 << WISH_BITS) - 1)) as usize
}
