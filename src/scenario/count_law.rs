//! How many actions a day brings: the laws of demand.

use serde::Serialize;

/// The law of a daily count, before the factors of weekday, month and phase, which multiply its mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CountLaw {
    /// Poisson.
    Poisson {
        /// Mean count of a full day.
        mean: f64,
    },
    /// Negative binomial, variance mean + mean²/size; a factor scales the mean and keeps the size.
    NegativeBinomial {
        /// Mean count of a full day.
        mean: f64,
        /// Dispersion; the smaller, the more the days differ.
        size: f64,
    },
    /// A fixed amount with normal day-to-day variation, cut at zero; fractions are rounded at random so that the mean stays.
    Quota {
        /// Amount of a full day.
        per_day: f64,
        /// Standard deviation as a share of the amount.
        variation: f64,
    },
    /// Sessions of several actions, a Poisson number a day; a factor scales the number of sessions.
    Sessions {
        /// Mean number of sessions that start on a full day.
        per_day: f64,
        /// Mean number of actions of a session.
        mean_actions: f64,
        /// The law of the number of actions of a session.
        size: SessionSize,
        /// When a session's actions happen.
        timing: SessionTiming,
    },
    /// Each action makes further ones more likely for a while (Hawkes); a factor scales the baseline.
    SelfExciting {
        /// Mean number of actions of a full day that no other action led to.
        baseline: f64,
        /// Mean number of actions that an action leads to directly, below 1.
        branching: f64,
        /// Mean time from an action to one that it leads to, in seconds.
        decay_s: u32,
    },
    /// What the group's log holds of the action; a factor multiplies recorded actions.
    Recorded {
        /// Mean number of an account on a recorded day.
        mean: f64,
        /// How many actions each recorded one becomes in the mean.
        factor: f64,
    },
}

/// The law of the number of actions of a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionSize {
    /// Geometric on 1, 2, ….
    Geometric,
    /// Poisson on 0, 1, ….
    Poisson,
}

/// When the actions of a session happen, each by itself, counted from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SessionTiming {
    /// Anywhere within so many seconds.
    Within(u32),
    /// After an exponential delay with a mean of so many seconds.
    Delayed(u32),
}

impl CountLaw {
    /// Whether the law gives a day's count alone; else it gives the times of actions, which may reach into other days.
    #[must_use]
    pub fn is_by_day(self) -> bool {
        !matches!(self, CountLaw::Sessions { .. } | CountLaw::SelfExciting { .. } | CountLaw::Recorded { .. })
    }

    /// The same law with its mean multiplied.
    #[must_use]
    pub fn scaled(self, factor: f64) -> CountLaw {
        match self {
            CountLaw::Poisson { mean } => CountLaw::Poisson { mean: mean * factor },
            CountLaw::NegativeBinomial { mean, size } => {
                CountLaw::NegativeBinomial { mean: mean * factor, size }
            }
            CountLaw::Quota { per_day, variation } => {
                CountLaw::Quota { per_day: per_day * factor, variation }
            }
            CountLaw::Sessions { per_day, mean_actions, size, timing } => {
                CountLaw::Sessions { per_day: per_day * factor, mean_actions, size, timing }
            }
            CountLaw::SelfExciting { baseline, branching, decay_s } => {
                CountLaw::SelfExciting { baseline: baseline * factor, branching, decay_s }
            }
            CountLaw::Recorded { mean, factor: pace } => CountLaw::Recorded { mean, factor: pace * factor },
        }
    }

    /// About how many counts have a probability that matters to a simulation (above some 10^-22 of the likeliest one's).
    #[must_use]
    pub fn spread(self) -> f64 {
        match self {
            CountLaw::Poisson { mean } => 20.0 * mean.sqrt() + 60.0,
            CountLaw::NegativeBinomial { mean, size } => {
                20.0 * (mean + mean * mean / size).sqrt() + 51.0 * (mean / size + 1.0)
            }
            CountLaw::Quota { per_day, variation } => 20.0 * per_day * variation + 3.0,
            CountLaw::Sessions { per_day, .. } => CountLaw::Poisson { mean: per_day }.spread(),
            CountLaw::SelfExciting { baseline, .. } => CountLaw::Poisson { mean: baseline }.spread(),
            CountLaw::Recorded { .. } => 0.0,
        }
    }

    /// About how many actions have begun and are still to come at an instant, in the mean.
    #[must_use]
    pub fn ahead(self) -> f64 {
        let days = |seconds: u32| f64::from(seconds) / 86_400.0;
        match self {
            CountLaw::Poisson { .. }
            | CountLaw::NegativeBinomial { .. }
            | CountLaw::Quota { .. }
            | CountLaw::Recorded { .. } => 0.0,
            CountLaw::Sessions { timing: SessionTiming::Within(s) | SessionTiming::Delayed(s), .. } => {
                self.mean() * days(s)
            }
            CountLaw::SelfExciting { branching, decay_s, .. } => {
                self.mean() * days(decay_s) / (1.0 - branching)
            }
        }
    }

    /// The stated mean of a full day (before the cut at zero); of sessions and self-exciting actions what a day brings in
    /// the end, of a log what a recorded day holds.
    #[must_use]
    pub fn mean(self) -> f64 {
        match self {
            CountLaw::Poisson { mean } | CountLaw::NegativeBinomial { mean, .. } => mean,
            CountLaw::Quota { per_day, .. } => per_day,
            CountLaw::Sessions { per_day, mean_actions, .. } => per_day * mean_actions,
            CountLaw::SelfExciting { baseline, branching, .. } => baseline / (1.0 - branching),
            CountLaw::Recorded { mean, factor } => mean * factor,
        }
    }
}
