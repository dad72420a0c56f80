//! What happened to the accounts in one replicate: counts and times, no statistics.

use super::Model;
use super::aftermath::AftermathOutcome;
use super::pages::PageOutcome;
use super::response::ANSWERS;
use crate::time::{DAY, Instant};

/// One replicate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The accounts of the team, group by group.
    pub accounts: Vec<AccountOutcome>,
    /// The Pages and ad accounts that hang on them, in file order.
    pub pages: Vec<PageOutcome>,
}

impl Outcome {
    pub(super) fn new(model: &Model) -> Outcome {
        let accounts = model.of_account.iter().map(|&of| AccountOutcome::new(model, of));
        let pages = model.pages.iter().map(|_| PageOutcome::new(model));
        Outcome { accounts: accounts.collect(), pages: pages.collect() }
    }
}

/// A stretch without connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Away {
    /// When the connection ended.
    pub from: Instant,
    /// When the restriction ends; `from` when it was none, `Instant::MAX` when it is permanent.
    pub restricted_until: Instant,
    /// When the account is connected again; `Instant::MAX` for never.
    pub until: Instant,
    /// Why (index in the order of causes: restriction, incidents, token expired, token idle).
    pub cause: u16,
}

/// What happened to one account. Lists by action are in the scenario's order, by rule in file order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountOutcome {
    /// Index of the account's group.
    pub group: usize,
    /// Index of its kind among those of all groups: the accounts of a group that are alike in everything.
    pub kind: usize,
    /// The day at whose start the account was opened, 0 where it existed before; none: it never was.
    pub opened: Option<u32>,
    /// Day and cause of the first flag: a rule, a trait or a link, in the order of the scenario's causes of a flag.
    pub first_flag: Option<(u32, u16)>,
    /// Day of the first restriction, and the rule whose flag brought it.
    pub first_restriction: Option<(u32, u16)>,
    /// Day of the permanent restriction.
    pub permanent: Option<u32>,
    /// Day and cause of the first disconnection.
    pub first_disconnection: Option<(u32, u16)>,
    /// Flags by cause.
    pub flags: Vec<u32>,
    /// When the consequences of each flag began.
    pub flag_times: Vec<Instant>,
    /// Detection trials by cause; none for traits and links.
    pub breaches: Vec<u32>,
    /// Disconnections by cause.
    pub disconnections: Vec<u32>,
    /// Milliseconds disconnected within the horizon.
    pub disconnected: u64,
    /// Milliseconds under restriction within the horizon.
    pub restricted: u64,
    /// Stretches without connection, in order.
    pub aways: Vec<Away>,
    /// What else became of its disconnections.
    pub aftermath: AftermathOutcome,
    /// Demanded, by action.
    pub demanded: Vec<u64>,
    /// Delivered, by action.
    pub delivered: Vec<u64>,
    /// Put into the backlog at all, by action.
    pub deferred: Vec<u64>,
    /// In the backlog at the end, by action.
    pub waiting: Vec<u64>,
    /// Lost, by action.
    pub lost: Vec<u64>,
    /// Total time in the backlog by action, in milliseconds.
    pub wait: Vec<u64>,
    /// What happened in the background, by action; empty in a model without any.
    pub background: Vec<u64>,
    /// Refused, by cause in the order of the causes of a flag; empty where nothing is ever refused.
    pub refused: Vec<u64>,
    /// By response: accepted, declined, reported, withdrawn, and pending at the end.
    pub answers: Vec<u64>,
}

/// The daily series of one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Daily {
    /// Demanded, `[day * actions + action]`.
    pub demanded: Vec<u32>,
    /// Delivered.
    pub delivered: Vec<u32>,
    /// Waiting at the end of the day.
    pub waiting: Vec<u32>,
    /// The largest count of each window of the account's platform, by rule and limit in file order.
    pub peaks: Vec<u32>,
}

impl AccountOutcome {
    fn new(model: &Model, (group, kind): (usize, usize)) -> AccountOutcome {
        let (by_rule, by_cause) = (vec![0; model.flag_causes], vec![0; model.causes]);
        let by_action = vec![0; model.actions];
        AccountOutcome {
            group,
            kind,
            opened: Some(0),
            first_flag: None,
            first_restriction: None,
            permanent: None,
            first_disconnection: None,
            flags: by_rule.clone(),
            flag_times: Vec::new(),
            breaches: by_rule,
            disconnections: by_cause,
            disconnected: 0,
            restricted: 0,
            aways: Vec::new(),
            aftermath: AftermathOutcome::new(model.takes_permission.len()),
            demanded: by_action.clone(),
            delivered: by_action.clone(),
            deferred: by_action.clone(),
            waiting: by_action.clone(),
            lost: by_action.clone(),
            wait: by_action,
            background: vec![0; if model.has_background { model.actions } else { 0 }],
            refused: vec![0; model.refusal_causes],
            answers: vec![0; model.responses * ANSWERS],
        }
    }

    /// Milliseconds of a horizon of so many days before the account was opened.
    #[must_use]
    pub fn unopened(&self, horizon: u32) -> u64 {
        u64::from(self.opened.unwrap_or(horizon)) * DAY as u64
    }

    pub(super) fn clear(&mut self) {
        self.first_flag = None;
        self.first_restriction = None;
        self.permanent = None;
        self.first_disconnection = None;
        self.disconnected = 0;
        self.restricted = 0;
        self.aways.clear();
        self.aftermath.clear();
        self.flag_times.clear();
        for counts in [&mut self.flags, &mut self.breaches, &mut self.disconnections] {
            counts.fill(0);
        }
        for sums in [
            &mut self.demanded,
            &mut self.delivered,
            &mut self.deferred,
            &mut self.waiting,
            &mut self.lost,
            &mut self.wait,
        ] {
            sums.fill(0);
        }
        for sums in [&mut self.background, &mut self.refused, &mut self.answers] {
            reset(sums);
        }
    }
}

/// Sets counts to 0 that most models have none of. Not merely `fill`: for an empty list that may become a masked store to no
/// valid address, which costs some processors more than all the rest of a life's start.
#[inline]
pub(super) fn reset<T: Copy + Default>(counts: &mut [T]) {
    if !counts.is_empty() {
        counts.fill(T::default());
    }
}

impl Daily {
    pub(super) fn new(model: &Model) -> Daily {
        let series = vec![0; model.horizon as usize * model.actions];
        let limits = model.platforms.iter().map(|platform| platform.rules.limits()).max().unwrap_or(0);
        Daily { demanded: series.clone(), delivered: series.clone(), waiting: series, peaks: vec![0; limits] }
    }

    pub(super) fn clear(&mut self) {
        for list in [&mut self.demanded, &mut self.delivered, &mut self.waiting, &mut self.peaks] {
            list.fill(0);
        }
    }
}
