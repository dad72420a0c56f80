//! HTTP targets: one thread drives all connections, so that nothing but the target makes a check wait. Answers are read as
//! they come, latencies end there; the clock is read once for each.

mod about;
mod address;
mod afresh;
mod connection;
mod protocol;
mod response;
mod single;
mod template;
mod timer;
mod words;

use std::io;
use std::net::SocketAddr;

use crate::rulebook::Rulebook;
use mio::{Events, Poll, Token};

pub use about::{Unlike, unlike};
pub use address::{AddressError, Url};
pub use afresh::errs_afresh;
pub use protocol::Protocol;
pub use template::{Template, TemplateError};

use super::call::{Call, Nanos};
use super::clock::{Clock, WallClock};
use super::in_process::owner;
use super::judge::Judge;
use super::measure::{Counts, Recorder, Trouble};
use super::names::Names;
use super::plan::{Due, Plan, Schedule, TELL, Times, Watch, nanos};
use connection::{Asked, Connection, Got, State};
use protocol::Told;
use response::Answer;
use timer::Timer;

/// Who is asked over HTTP, and how.
#[derive(Debug, Clone)]
pub struct HttpTarget {
    /// Where, as it is called in requests.
    pub url: Url,
    /// Where it was found.
    pub address: SocketAddr,
    /// How it is spoken to.
    pub protocol: Protocol,
    /// What accounts are called.
    pub names: Names,
    /// The number of connections, at least 1.
    pub connections: usize,
    /// After how many seconds an answer, or a connection, is given up.
    pub timeout_seconds: f64,
}

/// The most checks that wait for connections: beyond, they go unanswered.
const MOST_WAITING: usize = 4_000_000;
/// Deadlines are looked at so often.
const SWEEP: Nanos = 5_000_000;
/// A target that says nothing for so many timeouts is gone.
const PATIENCE: u64 = 3;
const ALARM: Token = Token(usize::MAX);

/// Asks an HTTP target, and judges its answers where its rules are known.
///
/// # Errors
/// When the system gives no sockets or timers. What the target does wrong is no error, but part of what is measured.
pub fn run_http(
    calls: impl Iterator<Item = Call>,
    book: &Rulebook,
    judge: Option<&mut Judge>,
    target: &HttpTarget,
    plan: &Plan,
    watch: &Watch,
) -> io::Result<Recorder> {
    let poll = Poll::new()?;
    let timer = Timer::new(&poll, ALARM)?;
    let mut run = Run {
        calls: calls.take(usize::try_from(plan.checks).unwrap_or(usize::MAX)),
        next: None,
        number: 0,
        schedule: plan.schedule(),
        is_over: false,
        connections: (0..target.connections.max(1)).map(|_| Connection::new()).collect(),
        waiting: 0,
        batch: plan.batch.clamp(1, target.protocol.most_checks()),
        clock: WallClock::start(),
        recorder: plan.recorder(),
        lost: 0,
        alive: 0,
        block: vec![0; 64 << 10],
        authority: target.url.authority(),
        poll,
        timer,
        book,
        judge,
        target,
        plan,
        watch,
    };
    run.connect_all()?;
    run.clock = WallClock::start();
    run.go()?;
    run.end();
    Ok(run.recorder)
}

struct Run<'a, I> {
    calls: std::iter::Take<I>,
    /// The next check, and when it is due.
    next: Option<(Call, Due)>,
    number: u64,
    schedule: Schedule,
    /// Whether no further check is taken up.
    is_over: bool,
    connections: Vec<Connection>,
    /// Checks that wait for connections.
    waiting: usize,
    batch: usize,
    clock: WallClock,
    recorder: Recorder,
    /// Checks that were never sent because too many waited.
    lost: u64,
    /// The last instant at which the target did something, or had nothing to do.
    alive: Nanos,
    /// Where answers are read to.
    block: Vec<u8>,
    authority: String,
    poll: Poll,
    timer: Timer,
    book: &'a Rulebook,
    judge: Option<&'a mut Judge>,
    target: &'a HttpTarget,
    plan: &'a Plan,
    watch: &'a Watch,
}

impl<I: Iterator<Item = Call>> Run<'_, I> {
    /// Makes all connections before the clock starts; those that fail are tried again during the run.
    fn connect_all(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1_024);
        let give_up = nanos(self.target.timeout_seconds.min(2.0));
        for place in 0..self.connections.len() {
            self.connect(place, give_up);
        }
        while self.connections.iter().any(|connection| connection.state == State::Connecting)
            && self.clock.now() < give_up
        {
            self.timer.wait(&mut self.poll, &mut events, SWEEP)?;
            for event in &events {
                if let Some(connection) = self.connections.get_mut(event.token().0)
                    && connection.state == State::Connecting
                    && connection.is_connected().is_err()
                {
                    connection.close(self.poll.registry(), 0);
                }
            }
        }
        for connection in &mut self.connections {
            if connection.state == State::Connecting {
                connection.close(self.poll.registry(), 0);
            }
        }
        Ok(())
    }

    fn connect(&mut self, place: usize, give_up: Nanos) {
        let connection = &mut self.connections[place];
        let made = connection.connect(self.target.address, self.poll.registry(), Token(place), give_up);
        if made.is_err() {
            let now = self.clock.now();
            connection.close(self.poll.registry(), now);
        }
    }

    fn go(&mut self) -> io::Result<()> {
        let mut events = Events::with_capacity(1_024);
        let (mut swept, mut told_at, mut told) = (0, 0, Counts::default());
        self.advance();
        loop {
            let mut now = self.clock.now();
            if now >= swept + SWEEP {
                swept = now;
                self.sweep(now);
            }
            if now >= told_at + TELL {
                told_at = now;
                self.watch.tell(&self.recorder, &mut told, now);
            }
            self.take_up(now);
            if self.is_done(now) {
                self.watch.tell(&self.recorder, &mut told, now);
                return Ok(());
            }
            now = self.clock.now();
            let until = self.next_due().min(swept + SWEEP);
            self.timer.wait(&mut self.poll, &mut events, until.saturating_sub(now))?;
            for event in &events {
                if event.token() != ALARM {
                    self.attend(event.token().0, event.is_read_closed());
                }
            }
        }
    }

    fn next_due(&self) -> Nanos {
        match self.next {
            Some((_, Due::At(at))) if !self.is_over => at,
            _ => Nanos::MAX,
        }
    }

    /// Looks at the next check of the workload.
    fn advance(&mut self) {
        let protocol = &self.target.protocol;
        self.next = self.calls.next().map(|call| (protocol.told(call), self.schedule.next(&call)));
        let end = self.plan.end();
        self.is_over |= match self.next {
            None | Some((_, Due::Never)) => true,
            Some((_, Due::At(at))) => at >= end,
            Some((_, Due::Soon)) => false,
        };
    }

    /// Takes up the checks that are due, and hands them to their connections.
    fn take_up(&mut self, now: Nanos) {
        self.is_over |= self.watch.is_stopped();
        if self.schedule.is_closed() {
            self.is_over |= now >= self.plan.end();
            self.feed();
        }
        while let Some((call, Due::At(at))) = self.next
            && at <= now
            && !self.is_over
        {
            self.recorder.take_up(at, self.clock.now());
            self.enqueue(call, at);
            self.advance();
        }
        if self.is_over {
            self.flush_rest();
        }
    }

    /// Gives every idle connection of a closed run something to do, as far as the order of the workload allows.
    fn feed(&mut self) {
        let most = (64 * self.batch * self.connections.len()).min(MOST_WAITING / 4);
        while !self.is_over && self.waiting < most && self.is_some_hungry() {
            let Some((call, _)) = self.next else { return };
            self.enqueue(call, 0);
            self.advance();
        }
    }

    fn is_some_hungry(&self) -> bool {
        let is_hungry = |one: &Connection| one.state == State::Idle && one.waiting.len() < self.batch;
        self.connections.iter().any(is_hungry)
    }

    fn enqueue(&mut self, call: Call, due: Nanos) {
        let number = self.number;
        self.number += 1;
        if self.waiting >= MOST_WAITING {
            self.lost += 1;
            return;
        }
        let place = owner(call.account, self.connections.len());
        self.connections[place].waiting.push_back(Asked { number, call, due });
        self.waiting += 1;
        self.start(place, self.batch);
    }

    /// At the end, batches that will not fill any more are sent as they are.
    fn flush_rest(&mut self) {
        if self.waiting > 0 {
            for place in 0..self.connections.len() {
                self.start(place, 1);
            }
        }
    }

    /// Sends the next request of a connection, if it is idle and at least so many checks wait for it.
    fn start(&mut self, place: usize, at_least: usize) {
        let connection = &mut self.connections[place];
        if connection.state != State::Idle || connection.waiting.len() < at_least.max(1) {
            return;
        }
        let count = connection.waiting.len().min(self.batch);
        connection.flight.clear();
        connection.flight.extend(connection.waiting.drain(..count));
        self.waiting -= count;
        let now = self.clock.now();
        if self.schedule.is_closed() {
            connection.flight.iter_mut().for_each(|asked| asked.due = now);
        }
        let calls: Vec<Call> = connection.flight.iter().map(|asked| asked.call).collect();
        let (protocol, times, authority) = (&self.target.protocol, self.plan.times, &self.authority);
        let named = (self.book, &self.target.names);
        let give_up = now + nanos(self.target.timeout_seconds);
        if connection.send(give_up, |out| protocol.write(authority, named, times, &calls, out)).is_err() {
            self.fail(place, &Trouble::Closed);
        }
    }

    /// Looks after a connection about which something is known.
    fn attend(&mut self, place: usize, is_closed: bool) {
        let Some(connection) = self.connections.get_mut(place) else { return };
        match connection.state {
            State::Down(_) => {}
            State::Connecting => match connection.is_connected() {
                Ok(true) => self.go_on(place),
                Ok(false) => {}
                Err(_) => self.fail(place, &Trouble::Connect),
            },
            State::Idle | State::Busy => {
                let was_idle = connection.state == State::Idle;
                if !was_idle && connection.flush().is_err() {
                    return self.fail(place, &Trouble::Closed);
                }
                match connection.receive(is_closed, &mut self.block) {
                    Got::Nothing => {}
                    Got::Answer(answer) => self.answer(place, &answer),
                    Got::Trouble(trouble) => self.fail(place, &trouble),
                }
            }
        }
    }

    /// A connection has become idle.
    fn go_on(&mut self, place: usize) {
        let at_least = if self.is_over { 1 } else { self.batch };
        self.start(place, at_least);
    }

    fn answer(&mut self, place: usize, answer: &Answer) {
        let now = self.clock.now();
        self.alive = now;
        let flight = std::mem::take(&mut self.connections[place].flight);
        match self.target.protocol.read(self.book, answer, flight.len()) {
            Ok(told) => self.judge(&flight, &told, now),
            Err(trouble) => {
                self.recorder.hear(&trouble, || words::of(&trouble, answer, self.book));
                self.lose(&flight, &trouble, now);
            }
        }
        self.connections[place].flight = flight;
        self.connections[place].flight.clear();
        if answer.stays_open {
            self.go_on(place);
        } else {
            self.connections[place].close(self.poll.registry(), now);
            self.reconnect(place, now);
        }
    }

    fn judge(&mut self, flight: &[Asked], told: &[Told], now: Nanos) {
        self.recorder.requests += 1;
        // A batch is due with its last check.
        let due = flight.iter().map(|asked| asked.due).max().unwrap_or(now);
        for (asked, &(said, at)) in flight.iter().zip(told) {
            let at = if self.plan.times == Times::Given { Some(asked.call.at) } else { at };
            let verdict = match (&mut self.judge, at) {
                (Some(judge), Some(at)) => Some(judge.judge(Call { at, ..asked.call }, said)),
                _ => None,
            };
            self.recorder.answer(asked.number, due, now, said, verdict);
        }
    }

    /// Takes note that checks got no answer that counts, though the target may have taken them.
    fn lose(&mut self, flight: &[Asked], trouble: &Trouble, now: Nanos) {
        for asked in flight {
            if let Some(judge) = &mut self.judge {
                judge.lose(asked.call, self.plan.times == Times::Given);
            }
        }
        if !flight.is_empty() {
            self.recorder.trouble(trouble, now, flight.len() as u64);
        }
    }

    /// A connection is of no use any more.
    fn fail(&mut self, place: usize, trouble: &Trouble) {
        let now = self.clock.now();
        let flight = std::mem::take(&mut self.connections[place].flight);
        self.lose(&flight, trouble, now);
        if *trouble == Trouble::Connect {
            self.give_up_one(place, trouble, now);
        }
        self.connections[place].close(self.poll.registry(), now);
        self.reconnect(place, now);
    }

    /// An attempt to connect has failed: of a closed run one request's worth of what waits is not asked at all, or one check
    /// where nothing waits for it. The checks of an open run wait for the next attempt until their time is over.
    fn give_up_one(&mut self, place: usize, trouble: &Trouble, now: Nanos) {
        if !self.schedule.is_closed() {
            return;
        }
        let connection = &mut self.connections[place];
        let count = connection.waiting.len().min(self.batch);
        connection.waiting.drain(..count);
        self.waiting -= count;
        let is_untaken = !self.is_over && count == 0;
        let count = if is_untaken { u64::from(self.skip_one(place)) } else { count as u64 };
        if count > 0 {
            self.recorder.trouble(trouble, now, count);
        }
    }

    /// Leaves out the next check of a closed run, if it belongs to this connection; whether it does.
    fn skip_one(&mut self, place: usize) -> bool {
        let is_its_own =
            self.next.is_some_and(|(call, _)| owner(call.account, self.connections.len()) == place);
        if is_its_own {
            self.number += 1;
            self.advance();
        }
        is_its_own
    }

    /// Connects again, if it is time.
    fn reconnect(&mut self, place: usize, now: Nanos) {
        if let State::Down(until) = self.connections[place].state
            && until <= now
        {
            self.connect(place, now + nanos(self.target.timeout_seconds));
        }
    }

    /// Looks at all deadlines.
    fn sweep(&mut self, now: Nanos) {
        for place in 0..self.connections.len() {
            self.reconnect(place, now);
            let connection = &self.connections[place];
            if connection.deadline <= now {
                let trouble =
                    if connection.state == State::Connecting { Trouble::Connect } else { Trouble::Timeout };
                self.fail(place, &trouble);
            }
            self.sweep_waiting(place, now);
        }
        let is_idle = self.waiting == 0 && self.connections.iter().all(|one| one.state == State::Idle);
        if is_idle {
            self.alive = now;
        }
        self.is_over |= self.is_gone(now);
    }

    /// Whether a target that is asked as fast as it answers has said nothing for long.
    fn is_gone(&self, now: Nanos) -> bool {
        self.schedule.is_closed() && now >= self.alive + PATIENCE * self.timeout()
    }

    /// Gives up checks that have waited too long, and sends batches that do not fill.
    fn sweep_waiting(&mut self, place: usize, now: Nanos) {
        if self.schedule.is_closed() {
            return;
        }
        let timeout = self.timeout();
        let connection = &mut self.connections[place];
        let late = connection.waiting.iter().take_while(|asked| asked.due + timeout <= now).count();
        connection.waiting.drain(..late);
        self.waiting -= late;
        let is_slow = connection.waiting.front().is_some_and(|asked| asked.due + timeout / 2 <= now);
        if late > 0 {
            let is_down = matches!(connection.state, State::Down(_) | State::Connecting);
            let trouble = if is_down { Trouble::Connect } else { Trouble::Timeout };
            self.recorder.trouble(&trouble, now, late as u64);
        }
        if is_slow {
            self.start(place, 1);
        }
    }

    fn timeout(&self) -> Nanos {
        nanos(self.target.timeout_seconds)
    }

    /// Whether nothing more is to come; what is on its way is not waited for after a stop, or from a target that is gone.
    fn is_done(&self, now: Nanos) -> bool {
        let is_busy = self.waiting > 0 || self.connections.iter().any(|one| !one.flight.is_empty());
        let is_late = now >= self.plan.end().saturating_add(self.timeout());
        self.is_over && (!is_busy || self.watch.is_stopped() || self.is_gone(now) || is_late)
    }

    /// Books what was never answered.
    fn end(&mut self) {
        let now = self.clock.now();
        let mut unanswered = self.lost;
        for connection in &mut self.connections {
            unanswered += (connection.flight.len() + connection.waiting.len()) as u64;
            self.recorder.reconnections += connection.made.saturating_sub(1);
        }
        if unanswered > 0 && !self.watch.is_stopped() {
            self.recorder.trouble(&Trouble::Unanswered, now, unanswered);
        }
        self.recorder.finish();
    }
}
