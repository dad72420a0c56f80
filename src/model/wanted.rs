//! What the accounts of a team want to do, and do in the background, as if nothing kept them back: no pacing of the team, no
//! rule of the platform, no disconnection.

use std::sync::Arc;

use super::agenda::{Agenda, wish_of};
use super::day_counts::Quad;
use super::demand::Kind;
use super::{ActivityStreams, Model};
use crate::random::Stream;
use crate::rules::ActionId;
use crate::time::{DAY, Instant};

/// The wants of one replicate, day by day. Numbers and times are those that the replicate draws.
#[derive(Debug)]
pub struct Wanted {
    model: Arc<Model>,
    seed: u64,
    day: u32,
    /// By account.
    agendas: Vec<Agenda>,
    counts: Vec<Quad>,
}

impl Wanted {
    /// The wants of the first replicate of a seed.
    #[must_use]
    pub fn new(model: Arc<Model>, seed: u64) -> Wanted {
        let agendas = (0..model.accounts()).map(|_| Agenda::default()).collect();
        Wanted { model, seed, day: 0, agendas, counts: Vec::new() }
    }

    /// Replaces `events` with those of the next day, in order of time: when, which account, which action. Whether there is
    /// such a day.
    pub fn next_day(&mut self, events: &mut Vec<(Instant, u32, ActionId)>) -> bool {
        events.clear();
        if self.day == self.model.horizon {
            return false;
        }
        let start = self.model.origin() + Instant::from(self.day) * DAY;
        let model = Arc::clone(&self.model);
        for (account, &(group, kind)) in model.of_account.iter().enumerate() {
            let account = account as u32;
            let group = &model.groups[group];
            // Nobody is restricted here, so that nobody is replaced.
            if group.replaces.is_none() {
                let streams = |purpose| Stream::new(self.seed, 0, account, purpose);
                let streams = ActivityStreams::new(streams, account - group.first_account);
                let each = |at, action| events.push((start + at, account, action));
                self.want(account, (&model.kinds[kind], &streams), each);
            }
        }
        events.sort_by_key(|event| event.0);
        self.day += 1;
        true
    }

    fn want(
        &mut self,
        account: u32,
        (kind, streams): (&Kind, &ActivityStreams),
        mut each: impl FnMut(Instant, ActionId),
    ) {
        let day = self.day;
        self.counts.clear();
        self.counts.resize(kind.all_quads, [0; 4]);
        kind.counts.draw(streams.counts, day, &mut self.counts[..kind.quads]);
        if let Some(timed) = &kind.timed {
            let agenda = &mut self.agendas[account as usize];
            agenda.enter_day(timed, streams, day, self.counts.as_flattened_mut());
            for &event in agenda.today() {
                each((event >> super::agenda::WISH_BITS) as Instant, kind.wishes[wish_of(event)].action);
            }
        }
        let is_timed = |wish: usize| kind.timed.as_ref().is_some_and(|timed| timed.brings(wish));
        for (index, wish) in kind.wishes.iter().enumerate().filter(|(index, _)| !is_timed(*index)) {
            let stream = streams.times.branch(u64::from(day) * kind.wishes.len() as u64 + index as u64);
            wish.times.draw(stream, self.counts.as_flattened()[index], |at| each(at, wish.action));
        }
        let Some(background) = &kind.background else { return };
        let counts = &mut self.counts[kind.quads..];
        background.counts.draw(streams.background, day, counts);
        for (index, (source, &count)) in background.sources.iter().zip(counts.as_flattened()).enumerate() {
            let place = u64::from(day) * background.sources.len() as u64 + index as u64;
            let stream = streams.background.branch((1 << 40) + place);
            source.times.draw(stream, count, |at| each(at, source.action));
        }
    }
}
