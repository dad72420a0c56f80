//! How long a connection lives: the kinds of tokens that platforms give.

use serde::Serialize;

/// How long a token lives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TokenPolicy {
    /// Lifetime in civil days: issued on day s, dead from the start of day s + lifetime; none: unlimited.
    pub lifetime_days: Option<u32>,
    /// Days without use after which it dies; none: unlimited.
    pub idle_days: Option<u32>,
    /// Whether each day of use restarts the lifetime.
    pub refresh_on_use: bool,
    /// Whether the tool collects data of its own, which counts as use as long as the account is connected.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub collects_data: bool,
    /// How newer tokens of the same user end this one; none: they do not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub displacement: Option<Displacement>,
    /// Whether a dead token can be renewed; else a new authorisation is needed, which takes its own delay.
    pub renewable: bool,
}

impl TokenPolicy {
    /// The limits that silence or the lack of a refresh can still reach: none where the tool's own collection of data counts
    /// as use (only a lifetime of a single day ends before the next day's use).
    #[must_use]
    pub fn in_effect(self) -> TokenPolicy {
        if !self.collects_data {
            return self;
        }
        let refreshed = self.refresh_on_use && self.lifetime_days.is_some_and(|days| days > 1);
        TokenPolicy {
            lifetime_days: self.lifetime_days.filter(|_| !refreshed),
            idle_days: None,
            refresh_on_use: self.refresh_on_use && !refreshed,
            ..self
        }
    }

    /// The longest time from a day of use to the next, in days, that keeps the token alive at either resolution; none
    /// where silence does no harm.
    #[must_use]
    pub fn longest_silence(self) -> Option<u32> {
        let token = self.in_effect();
        let sliding = token.lifetime_days.filter(|_| token.refresh_on_use);
        token.idle_days.into_iter().chain(sliding).min().map(|days| days.saturating_sub(1))
    }
}

/// A cap on the tokens of one user that may live at once: the oldest dies when there is one more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Displacement {
    /// Tokens that may live at once, at least 1.
    pub live_tokens: u32,
    /// Mean number of further tokens that the same user gets a day (Poisson), positive.
    pub new_tokens_per_day: f64,
}
