//! What is asked: checks in order of time, the same ones for the same seed.

use std::sync::Arc;

use super::call::Call;
use super::synthetic::{Pattern, Synthetic};
use crate::model::{Model, Wanted};
use crate::numbers::{counted, exact};
use crate::rulebook::Rulebook;
use crate::scenario::Scenario;
use crate::time::Instant;

/// Where checks come from.
#[derive(Debug, Clone)]
pub enum Workload {
    /// Drawn from laws, without an end.
    Synthetic(Synthetic),
    /// What was recorded, to its end.
    Recorded(Arc<[Call]>),
    /// What the accounts of a scenario want to do, with nothing held back, to its horizon.
    Scenario {
        /// The compiled scenario.
        model: Arc<Model>,
        /// Seed of what it leaves to chance.
        seed: u64,
    },
    /// Another one, whose accounts are numbered from `first`.
    Renumbered {
        /// The other one.
        of: Box<Workload>,
        /// The number of its account 0.
        first: u32,
    },
}

/// What parts the words of a workload from the first number of its accounts.
const NUMBERED: &str = ", numbered from ";

impl Workload {
    /// What the accounts of a scenario want to do.
    #[must_use]
    pub fn of_scenario(scenario: &Scenario, seed: u64) -> Workload {
        Workload::Scenario { model: Arc::new(Model::compile(scenario)), seed }
    }

    /// The checks, in order of time.
    #[must_use]
    pub fn calls(&self, book: &Rulebook) -> Box<dyn Iterator<Item = Call> + Send> {
        match self {
            Workload::Synthetic(laws) => laws.calls(book),
            Workload::Recorded(calls) => {
                let calls = Arc::clone(calls);
                Box::new((0..calls.len()).map(move |place| calls[place]))
            }
            Workload::Renumbered { of, first } => {
                let first = *first;
                Box::new(
                    of.calls(book)
                        .map(move |call| Call { account: call.account.wrapping_add(first), ..call }),
                )
            }
            Workload::Scenario { model, seed } => {
                Box::new(Days { wanted: Wanted::new(Arc::clone(model), *seed), day: Vec::new(), place: 0 })
            }
        }
    }

    /// What the words of a workload say but for the numbers of its accounts: others ask the same.
    #[must_use]
    pub(super) fn without_numbers(words: &str) -> &str {
        words.rsplit_once(NUMBERED).map_or(words, |(of, _)| of)
    }

    /// The same workload with accounts numbered from `first`.
    #[must_use]
    pub fn numbered_from(self, first: u32) -> Workload {
        if first == 0 { self } else { Workload::Renumbered { of: Box::new(self), first } }
    }

    /// The largest number of an account that it may name, and one more.
    #[must_use]
    pub fn accounts(&self) -> u32 {
        match self {
            Workload::Synthetic(laws) => laws.accounts,
            Workload::Recorded(calls) => {
                calls.iter().map(|call| call.account.saturating_add(1)).max().unwrap_or(0)
            }
            Workload::Scenario { model, .. } => model.accounts(),
            Workload::Renumbered { of, first } => first.saturating_add(of.accounts()),
        }
    }

    /// In a few words.
    #[must_use]
    pub fn in_words(&self) -> String {
        match self {
            Workload::Renumbered { of, first } => format!("{}{NUMBERED}{first}", of.in_words()),
            Workload::Synthetic(laws) => {
                let pattern = match laws.pattern {
                    Pattern::Steady => "steady",
                    Pattern::Borders => "bursts at the borders of windows",
                    Pattern::Ties => "runs of equal times",
                    Pattern::Hot => "one hot account",
                };
                let accounts = counted(laws.accounts.into(), "account");
                let (skew, per_day) = (laws.skew, exact(laws.per_day));
                let mut weights = laws.mix.iter().filter(|weight| **weight > 0.0);
                let is_mixed = weights.next().is_some_and(|first| weights.any(|weight| weight != first));
                let mix = laws.mix.iter().map(|weight| exact(*weight)).collect::<Vec<_>>().join(":");
                let mix = if is_mixed { format!(", actions mixed {mix}") } else { String::new() };
                format!(
                    "synthetic, {pattern}: {accounts}, Zipf exponent {skew}, {per_day} checks of each a day{mix}"
                )
            }
            Workload::Recorded(calls) => {
                format!("a recorded log of {}", counted(calls.len() as u64, "event"))
            }
            Workload::Scenario { model, .. } => match model.accounts() {
                1 => "what the only account of a scenario wants to do".to_owned(),
                all => format!("what the {} of a scenario want to do", counted(all.into(), "account")),
            },
        }
    }
}

/// Days of a scenario, one after the other.
struct Days {
    wanted: Wanted,
    day: Vec<(Instant, u32, usize)>,
    place: usize,
}

impl Iterator for Days {
    type Item = Call;

    fn next(&mut self) -> Option<Call> {
        while self.place == self.day.len() {
            self.place = 0;
            if !self.wanted.next_day(&mut self.day) {
                self.day.clear();
                return None;
            }
        }
        let (at, account, action) = self.day[self.place];
        self.place += 1;
        Some(Call { account, action: action as u32, at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_numbers_of_accounts_are_the_same_work() {
        let workload = Workload::Recorded(Vec::new().into());
        let words = workload.in_words();
        let renumbered = workload.numbered_from(7).in_words();
        assert_ne!(renumbered, words);
        assert_eq!(Workload::without_numbers(&renumbered), words);
        assert_eq!(Workload::without_numbers(&words), words);
    }
}
