//! The judge: what each answer should have been, from the answers before it. It is written apart from what it judges: it
//! keeps the times of what was allowed and counts those that a window holds.
//!
//! A judge follows the target: what the target allowed has happened, rightly or not. Where an answer was lost, both of its
//! possible outcomes are followed until later answers tell them apart.

use std::collections::VecDeque;

use foldhash::fast::RandomState;
use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::call::{Call, Retry, Said};
use super::days::Days;
use crate::rulebook::Rulebook;
use crate::rules::{Limit, Window};
use crate::time::{DayNumber, Instant};

/// The first and the last instant that calendars know: every other is taken as the nearer of them.
const KNOWN: (Instant, Instant) = (-377_705_023_200_000, 253_402_207_199_999);

/// The most outcomes of lost answers that are followed for one account.
const MOST_STATES: usize = 16;

/// How an answer is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Some window was full, and it was allowed.
    Allow,
    /// Every window had room, and it was denied.
    Deny,
    /// Denied, but another rule frees last.
    Rule,
    /// Denied, but it would be allowed at another time.
    RetryAfter,
}

/// An answer that is not what the rules say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wrong {
    /// How.
    pub fault: Fault,
    /// The check.
    pub call: Call,
    /// What was said.
    pub said: Said,
    /// What the rules say.
    pub expected: Said,
    /// The limit that shows it: its number over all rules.
    pub limit: Option<u32>,
    /// What had been allowed before and lies in that limit's window, oldest first: with the check, all that it takes to see
    /// the fault.
    pub evidence: Vec<Call>,
}

/// The answer to whether an answer is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Right,
    /// It is not.
    Wrong(Box<Wrong>),
    /// It cannot be told: answers before it were lost.
    Unknown,
}

/// Judges the answers of one target.
#[derive(Debug, Clone)]
pub struct Judge {
    law: Law,
    accounts: HashMap<u32, Account, RandomState>,
}

/// The rules, laid out for judging one account.
#[derive(Debug, Clone)]
struct Law {
    limits: Vec<Stated>,
    /// By action: its limits, in order.
    by_action: Vec<Vec<u32>>,
    /// By action: the rules that count it.
    watching: Vec<Vec<u32>>,
    /// By rule: how many events are kept.
    keep: Vec<usize>,
}

/// A limit of a rule, and the days of its calendar.
#[derive(Debug, Clone)]
struct Stated {
    rule: u32,
    limit: Limit,
    days: Days,
    /// The day that was looked at last, and where the window began that was seen then.
    seen: (DayNumber, Instant),
}

#[derive(Debug, Clone)]
struct Account {
    /// What may have happened; never empty.
    states: Vec<State>,
    /// Whether more answers were lost than can be followed.
    is_unknown: bool,
}

#[derive(Debug, Clone)]
struct State {
    last: Instant,
    /// By rule.
    rules: Vec<VecDeque<Happened>>,
}

#[derive(Debug, Clone, Copy)]
struct Happened {
    at: Instant,
    action: u32,
}

/// What the rules say of a check of one state.
#[derive(Debug, Clone, Copy)]
struct Expected {
    said: Said,
    limit: Option<u32>,
}

impl Judge {
    /// A judge who has seen nothing yet.
    #[must_use]
    pub fn new(book: &Rulebook) -> Judge {
        Judge { law: Law::new(book), accounts: HashMap::default() }
    }

    /// Judges an answer to a check that was taken at `call.at`.
    pub fn judge(&mut self, call: Call, said: Said) -> Verdict {
        let Judge { law, accounts } = self;
        let account = accounts.entry(call.account).or_insert_with(|| law.account());
        if account.is_unknown { Verdict::Unknown } else { law.judge(account, call, said) }
    }

    /// Takes note that the answer to a check was lost; `is_timed` where it was certainly taken at `call.at`, if at all.
    pub fn lose(&mut self, call: Call, is_timed: bool) {
        let Judge { law, accounts } = self;
        let account = accounts.entry(call.account).or_insert_with(|| law.account());
        let mut with = Vec::new();
        for state in account.states.iter().filter(|_| is_timed) {
            if law.expected(state, call).said.is_allowed() {
                let mut state = state.clone();
                law.enter(&mut state, call);
                with.push(state);
            }
        }
        account.states.append(&mut with);
        account.is_unknown |= !is_timed || account.states.len() > MOST_STATES;
        if account.is_unknown {
            account.states.truncate(1);
        }
    }

    /// What the rules say, if it can be told.
    pub fn expect(&mut self, call: Call) -> Option<Said> {
        let Judge { law, accounts } = self;
        let account = accounts.entry(call.account).or_insert_with(|| law.account());
        let is_sure = !account.is_unknown && account.states.len() == 1;
        is_sure.then(|| law.expected(&account.states[0], call).said)
    }
}

impl Law {
    fn new(book: &Rulebook) -> Law {
        let set = &book.set;
        let limits: Vec<Stated> = (0..set.limits()).map(|number| Stated::of(book, number)).collect();
        let counts = |rule: u32, action: usize| set.rules()[rule as usize].actions.contains(&action);
        let limits_of = |action: usize| {
            let numbers = 0..limits.len() as u32;
            numbers.filter(|&number| counts(limits[number as usize].rule, action)).collect()
        };
        let rules_of = |action| (0..set.rules().len() as u32).filter(|&rule| counts(rule, action)).collect();
        let keep = set.rules().iter();
        let keep = keep.map(|rule| rule.limits.iter().map(|limit| limit.max).max().unwrap_or(0) as usize);
        Law {
            by_action: (0..set.actions()).map(limits_of).collect(),
            watching: (0..set.actions()).map(rules_of).collect(),
            keep: keep.collect(),
            limits,
        }
    }

    fn account(&self) -> Account {
        let state = State { last: Instant::MIN, rules: vec![VecDeque::new(); self.keep.len()] };
        Account { states: vec![state], is_unknown: false }
    }

    fn judge(&mut self, account: &mut Account, call: Call, said: Said) -> Verdict {
        let mut verdict = Verdict::Right;
        if let [state] = &account.states[..] {
            let expected = self.expected(state, call);
            if let Some(fault) = fault(expected.said, said) {
                verdict = Verdict::Wrong(Box::new(self.wrong(fault, state, call, said, expected)));
            }
        } else {
            verdict = self.judge_states(account, call, said);
        }
        if said.is_allowed() {
            for state in &mut account.states {
                self.enter(state, call);
            }
        }
        verdict
    }

    /// Drops the outcomes that the answer speaks against; it is wrong when it speaks against all.
    fn judge_states(&mut self, account: &mut Account, call: Call, said: Said) -> Verdict {
        let expected: Vec<Expected> = account.states.iter().map(|state| self.expected(state, call)).collect();
        if expected.iter().all(|expected| fault(expected.said, said).is_some()) {
            let fault = fault(expected[0].said, said).unwrap_or(Fault::Allow);
            let wrong = self.wrong(fault, &account.states[0], call, said, expected[0]);
            return Verdict::Wrong(Box::new(wrong));
        }
        let mut places = expected.iter();
        account.states.retain(|_| places.next().is_some_and(|expected| fault(expected.said, said).is_none()));
        Verdict::Right
    }

    fn expected(&mut self, state: &State, call: Call) -> Expected {
        let asked = call.at.clamp(KNOWN.0, KNOWN.1);
        let at = asked.max(state.last);
        let mut last: Option<(Instant, u32)> = None;
        let watched = self.by_action.get(call.action as usize).map_or(0, Vec::len);
        for place in 0..watched {
            let number = self.by_action[call.action as usize][place];
            let frees = self.limits[number as usize].frees(state, at);
            // What calendars do not know any more is never.
            let frees = frees.map(|frees| if frees > KNOWN.1 { Instant::MAX } else { frees });
            if let Some(frees) = frees
                && last.is_none_or(|(other, _)| frees > other)
            {
                last = Some((frees, number));
            }
        }
        let Some((frees, limit)) = last else { return Expected { said: Said::Allowed, limit: None } };
        let retry = if frees > KNOWN.1 { Retry::Never } else { Retry::After(frees - asked) };
        let rule = Some(self.limits[limit as usize].rule);
        Expected { said: Said::Denied { rule, retry }, limit: Some(limit) }
    }

    fn enter(&self, state: &mut State, call: Call) {
        let Some(rules) = self.watching.get(call.action as usize).filter(|rules| !rules.is_empty()) else {
            return;
        };
        state.last = call.at.clamp(KNOWN.0, KNOWN.1).max(state.last);
        let happened = Happened { at: state.last, action: call.action };
        for &rule in rules {
            let events = &mut state.rules[rule as usize];
            if events.len() >= self.keep[rule as usize].max(1) {
                events.pop_front();
            }
            events.push_back(happened);
        }
    }

    fn wrong(&mut self, fault: Fault, state: &State, call: Call, said: Said, expected: Expected) -> Wrong {
        let named = match said {
            Said::Denied { rule, .. } => rule,
            Said::Allowed => None,
        };
        let limit = expected.limit.or_else(|| self.widest(call.action, named));
        let evidence = limit.map_or(Vec::new(), |number| self.evidence(state, call, number));
        Wrong { fault, call, said, expected: expected.said, limit, evidence }
    }

    /// The limit of an action, of the named rule if one is named, whose window reaches furthest.
    fn widest(&self, action: u32, rule: Option<u32>) -> Option<u32> {
        let limits = self.by_action.get(action as usize)?.iter().copied();
        let is_named = |number: &u32| rule.is_none_or(|rule| self.limits[*number as usize].rule == rule);
        limits.filter(is_named).max_by_key(|&number| reach(self.limits[number as usize].limit.window))
    }

    fn evidence(&mut self, state: &State, call: Call, number: u32) -> Vec<Call> {
        let stated = &mut self.limits[number as usize];
        let at = call.at.clamp(KNOWN.0, KNOWN.1).max(state.last);
        let events = &state.rules[stated.rule as usize];
        let held = stated.held(events, at).min(stated.limit.max as usize);
        let told = events.range(events.len() - held..);
        told.map(|event| Call { account: call.account, action: event.action, at: event.at }).collect()
    }
}

impl Stated {
    fn of(book: &Rulebook, number: usize) -> Stated {
        let (rule, limit) = (book.set.rule_of(number) as u32, book.set.limit(number));
        Stated { rule, limit, days: Days::of_limit(book, number), seen: (DayNumber::MIN, 0) }
    }

    /// When a full window has room again; none if it has room now.
    fn frees(&mut self, state: &State, at: Instant) -> Option<Instant> {
        let Limit { window, max } = self.limit;
        if max == 0 {
            let holds_nothing = matches!(window, Window::Sliding(span) if span <= 0);
            return (!holds_nothing).then_some(Instant::MAX);
        }
        let events = &state.rules[self.rule as usize];
        let must_leave = events.get(events.len().checked_sub(max as usize)?)?;
        if self.held(events, at) < max as usize {
            return None;
        }
        Some(match window {
            Window::Sliding(span) => must_leave.at.saturating_add(span),
            window => {
                let last = last_day(window, self.days.found(must_leave.at));
                self.days.start_of(last.saturating_add(1))
            }
        })
    }

    /// How many of the events, which are in order, the window holds that is seen at `at`.
    fn held(&mut self, events: &VecDeque<Happened>, at: Instant) -> usize {
        let is_past = |before: Instant| events.partition_point(|event| event.at < before);
        events.len()
            - match self.limit.window {
                Window::Sliding(span) => is_past(at.saturating_sub(span).saturating_add(1)),
                window => is_past(self.begin(window, at)),
            }
    }

    /// The first instant of a calendar window.
    fn begin(&mut self, window: Window, at: Instant) -> Instant {
        let today = self.days.day_of(at);
        if self.seen.0 != today {
            self.seen = (today, self.days.start_of(first_day(window, today)));
        }
        self.seen.1
    }
}

/// The first day of a calendar window that is seen on a day.
fn first_day(window: Window, day: DayNumber) -> DayNumber {
    match window {
        Window::Sliding(_) | Window::Day => day,
        Window::Week => day - (day + 3).rem_euclid(7),
        Window::Month => super::days::first_of_month(day),
        Window::TrailingDays(days) => day.saturating_sub(DayNumber::from(days) - 1),
        Window::Elsewhere(stretch, _) => first_day(stretch.window(), day),
    }
}

/// The last day on which a calendar window holds what happened on a day.
fn last_day(window: Window, day: DayNumber) -> DayNumber {
    match window {
        Window::Sliding(_) | Window::Day => day,
        Window::Week => day + 6 - (day + 3).rem_euclid(7),
        Window::Month => super::days::last_of_month(day),
        Window::TrailingDays(days) => day.saturating_add(DayNumber::from(days) - 1),
        Window::Elsewhere(stretch, _) => last_day(stretch.window(), day),
    }
}

fn reach(window: Window) -> Instant {
    let days = |days: i64| days * crate::time::DAY;
    match window {
        Window::Sliding(span) => span,
        Window::Day => days(1),
        Window::Week => days(7),
        Window::Month => days(31),
        Window::TrailingDays(length) => days(i64::from(length)),
        Window::Elsewhere(stretch, _) => reach(stretch.window()),
    }
}

/// What is wrong with an answer; what it does not tell is not.
fn fault(expected: Said, said: Said) -> Option<Fault> {
    match (expected, said) {
        (Said::Allowed, Said::Allowed) => None,
        (Said::Allowed, Said::Denied { .. }) => Some(Fault::Deny),
        (Said::Denied { .. }, Said::Allowed) => Some(Fault::Allow),
        (Said::Denied { rule, retry }, Said::Denied { rule: told, retry: when }) => {
            if told.is_some() && told != rule {
                Some(Fault::Rule)
            } else {
                (!retry.is_told_by(when)).then_some(Fault::RetryAfter)
            }
        }
    }
}
