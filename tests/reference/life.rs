//! What one account went through in one replicate: full lists of what happened, in the order in which it happened.

use pacewise::scenario::Scenario;
use pacewise::time::{DAY, Instant};

use super::cause::causes;

/// A flag of one account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Flag {
    /// The day that it is dated, counted from day 0.
    pub(crate) day: u32,
    /// Its cause: a place in the list of all causes.
    pub(crate) cause: usize,
}

/// A disconnection of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Disconnection {
    /// The day that it is dated, counted from day 0.
    pub(crate) day: u32,
    /// Its cause, as the results name it.
    pub(crate) cause: String,
    pub(crate) from: Instant,
    /// None: for ever.
    pub(crate) to: Option<Instant>,
    /// Whether the user was told the cause.
    pub(crate) told: bool,
}

/// What became of the demand for one action.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct ActionLife {
    pub(crate) demanded: u64,
    pub(crate) delivered: u64,
    pub(crate) lost: u64,
    /// Number that was put into the backlog at all.
    pub(crate) deferred: u64,
    /// Number in the backlog at the end of the horizon.
    pub(crate) waiting: u64,
    /// Sum of the waits of all deferred actions, until the end of the horizon where they still wait.
    pub(crate) total_wait: Instant,
    /// Number in the background.
    pub(crate) background: u64,
    /// Number delivered on each day.
    pub(crate) delivered_on: Vec<u32>,
}

/// What became of what people answer to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct AnswersLife {
    pub(crate) accepted: u32,
    pub(crate) declined: u32,
    pub(crate) reported: u32,
    pub(crate) withdrawn: u32,
    pub(crate) pending: u32,
}

/// The life of one account over the horizon.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AccountLife {
    /// Index of its group.
    pub(crate) group: usize,
    pub(crate) horizon_days: u32,
    /// The day at whose start it came into being; none: it never did.
    pub(crate) opened: Option<u32>,
    pub(crate) flags: Vec<Flag>,
    /// Days that the restrictions are dated, permanent ones included.
    pub(crate) restrictions: Vec<u32>,
    /// Day that the permanent restriction is dated.
    pub(crate) permanent: Option<u32>,
    pub(crate) disconnections: Vec<Disconnection>,
    pub(crate) time_disconnected: Instant,
    pub(crate) time_restricted: Instant,
    /// Time without permission to publish.
    pub(crate) time_unpermitted: Instant,
    /// Times that the user declined to reconnect.
    pub(crate) declined: u32,
    /// Steps that the platform required.
    pub(crate) steps: u32,
    pub(crate) actions: Vec<ActionLife>,
    /// By cause, the days that its detection trials are dated.
    pub(crate) trials: Vec<Vec<u32>>,
    /// By cause and then by credit, the actions that it refused.
    pub(crate) refused: Vec<u64>,
    /// By response of all platforms.
    pub(crate) answers: Vec<AnswersLife>,
    /// By rule of all platforms and window, the largest count over the horizon.
    pub(crate) max_counts: Vec<Vec<u32>>,
}

impl AccountLife {
    pub(crate) fn new(scenario: &Scenario, group: usize) -> AccountLife {
        let days = scenario.horizon_days as usize;
        let action = ActionLife { delivered_on: vec![0; days], ..ActionLife::default() };
        let rules = scenario.platforms.iter().flat_map(|platform| &platform.rules);
        let causes = causes(scenario).len();
        AccountLife {
            group,
            horizon_days: scenario.horizon_days,
            opened: None,
            flags: Vec::new(),
            restrictions: Vec::new(),
            permanent: None,
            disconnections: Vec::new(),
            time_disconnected: 0,
            time_restricted: 0,
            time_unpermitted: 0,
            declined: 0,
            steps: 0,
            actions: vec![action; scenario.actions.len()],
            trials: vec![Vec::new(); causes],
            refused: vec![0; causes + scenario.credits().count()],
            answers: vec![AnswersLife::default(); scenario.responses().count()],
            max_counts: rules.map(|rule| vec![0; rule.rule.limits.len()]).collect(),
        }
    }

    pub(crate) fn days_disconnected(&self) -> f64 {
        self.time_disconnected as f64 / DAY as f64
    }

    pub(crate) fn days_restricted(&self) -> f64 {
        self.time_restricted as f64 / DAY as f64
    }
}
