//! How actions are sent at event resolution: as they are wanted, from the backlog, or by themselves in the background.

use super::{EventScratch, Today};
use crate::model::pacing::Caps;
use crate::rules::ActionId;
use crate::time::Instant;

impl Today<'_, '_> {
    /// The first working instant at which some backlog has room.
    pub(super) fn next_release(&self, now: Instant) -> Option<(Instant, usize)> {
        if !self.kind.works[self.day as usize] {
            return None;
        }
        let start = self.start_of_day();
        let (from, to) = (now.max(start + self.kind.hours.0), start + self.kind.hours.1);
        let mut soonest: Option<(Instant, usize)> = None;
        for (index, wish) in self.kind.wishes.iter().enumerate() {
            let waits = self.scratch.ledgers[index].backlog > 0;
            let Some(caps) = wish.caps.as_ref().filter(|caps| !caps.spread && waits) else {
                continue;
            };
            let room = self.next_room(index, caps, (from, to));
            if let Some(at) = room.filter(|&at| soonest.is_none_or(|(other, _)| at < other)) {
                soonest = Some((at, index));
            }
        }
        soonest
    }

    /// The first instant in `[from, to)` at which the caps have room and the platform lets an action through.
    fn next_room(&self, index: usize, caps: &Caps, (from, to): (Instant, Instant)) -> Option<Instant> {
        let EventScratch { ledgers, gate, windows, .. } = &*self.scratch;
        let mut room = ledgers[index].next_room(caps, from, to)?;
        let Some(model) = &self.kind.gate else { return Some(room) };
        let action = self.kind.wishes[index].action;
        loop {
            let open = gate.next_open(model, action, room, windows).filter(|&open| open < to)?;
            if open == room {
                return Some(room);
            }
            room = ledgers[index].next_room(caps, open, to)?;
        }
    }

    /// Whether the platform lets an action through now.
    fn is_open(&self, index: usize, at: Instant) -> bool {
        let EventScratch { gate, windows, .. } = &*self.scratch;
        let action = self.kind.wishes[index].action;
        self.kind.gate.as_ref().is_none_or(|model| gate.is_open(model, action, at, windows))
    }

    /// Asks the platform for an action; whether it lets it through.
    fn ask(&mut self, action: ActionId, at: Instant) -> bool {
        let EventScratch { gate, windows, .. } = &mut *self.scratch;
        let Some(model) = &self.kind.gate else { return true };
        gate.ask(model, (action, at), windows, self.life.out)
    }

    /// Sends as much of a backlog as has room now, until something disconnects the account.
    pub(super) fn release(&mut self, index: usize, at: Instant) {
        let kind = self.kind;
        let Some(caps) = &kind.wishes[index].caps else { return };
        let room = self.scratch.ledgers[index].room(caps, at);
        let mut left = self.scratch.ledgers[index].backlog.min(u64::from(room));
        while left > 0 && self.life.is_connected() && self.is_open(index, at) {
            self.send_from_backlog(index, at);
            left -= 1;
        }
    }

    fn send_from_backlog(&mut self, index: usize, at: Instant) {
        let ledger = &mut self.scratch.ledgers[index];
        self.life.out.wait[self.kind.wishes[index].action] += ledger.change_backlog(at, ledger.backlog - 1);
        self.deliver(index, at);
    }

    /// Tries an action of the day's demand; whether the connection and the lack of a backlog are as before.
    pub(super) fn attempt(&mut self, index: usize, at: Instant) -> bool {
        let kind = self.kind;
        if index >= kind.wishes.len() {
            return self.stray(index - kind.wishes.len(), at);
        }
        let caps = kind.wishes[index].caps.as_ref();
        let ledger = &self.scratch.ledgers[index];
        let (connected, waited) = (self.life.is_connected(), ledger.backlog > 0);
        let has_room = connected && caps.is_none_or(|caps| ledger.room(caps, at) > 0);
        if caps.is_some_and(|caps| caps.spread) {
            if has_room {
                self.send_planned(index, at);
            }
        } else if has_room && self.ask(kind.wishes[index].action, at) && !waited {
            self.deliver(index, at);
        } else {
            self.give_up(index, 1, at);
        }
        connected == self.life.is_connected() && waited == (self.scratch.ledgers[index].backlog > 0)
    }

    fn send_planned(&mut self, index: usize, at: Instant) {
        let (from_backlog, from_demand) = self.scratch.planned[index];
        if from_backlog > 0 {
            if self.is_open(index, at) {
                self.scratch.planned[index].0 -= 1;
                self.send_from_backlog(index, at);
            }
        } else if from_demand > 0 && self.ask(self.kind.wishes[index].action, at) {
            self.scratch.planned[index].1 -= 1;
            self.deliver(index, at);
        }
    }

    /// An action happens: it is counted, judged, and may flag the account.
    fn deliver(&mut self, index: usize, at: Instant) {
        let wish = &self.kind.wishes[index];
        self.life.out.delivered[wish.action] += 1;
        if let Some(caps) = &wish.caps {
            self.scratch.ledgers[index].send(caps, at, 1);
        }
        if let Some(gate) = &self.kind.gate {
            self.scratch.gate.count(gate, wish.action, 1);
        }
        self.scratch.last_use = at;
        self.life.use_on(self.day);
        if let Some(daily) = &mut self.life.daily {
            daily.delivered[self.day as usize * self.life.model.actions + wish.action] += 1;
        }
        let breached = self.scratch.windows.record(&self.life.platform.rules, wish.action, at);
        if self.life.daily.is_some() {
            self.record_peaks(wish.action);
        }
        let kind = self.kind;
        if breached || !kind.hazards_of_wish[index].is_empty() {
            self.judge(wish.action, &kind.hazards_of_wish[index], breached, at);
        }
    }

    /// An action happens by itself, unless the account is disconnected or the platform refuses it; whether the connection is
    /// as before.
    fn stray(&mut self, index: usize, at: Instant) -> bool {
        let kind = self.kind;
        let Some(background) = kind.background.as_ref().filter(|_| self.life.is_connected()) else {
            return true;
        };
        let source = &background.sources[index];
        if !self.ask(source.action, at) {
            return true;
        }
        self.life.out.background[source.action] += 1;
        if let Some(gate) = &kind.gate {
            self.scratch.gate.count(gate, source.action, 1);
        }
        let breached = self.scratch.windows.record(&self.life.platform.rules, source.action, at);
        if self.life.daily.is_some() {
            self.record_peaks(source.action);
        }
        if breached || !source.hazards.is_empty() {
            self.judge(source.action, &source.hazards, breached, at);
        }
        self.life.is_connected()
    }
}
