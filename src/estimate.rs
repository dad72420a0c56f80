//! From tallies to results: every number with its interval. The formulas stand in `docs/methods/estimates.md`.

mod aftermath;
mod blast;
mod hits;
mod innocent;
pub(crate) mod kinds;
mod pages;

use crate::model::Model;
use crate::results::{
    AccountResults, ActionResults, ActivitySeries, AnswerResults, BackgroundResults, CauseCount,
    CauseIncidence, GroupResults, HazardResults, Occupancy, QuantileEstimate, RefusalResults, Results,
    RuleResults, Series, StopReason, TeamDelivered, TeamResults, Warning, WindowUse,
};
use crate::scenario::Scenario;
use crate::stats::moments::Moments;
use crate::stats::proportion::{self, Method};
use crate::stats::{Estimate, quantile};
use crate::tally::{Fate, FirstEvents, Layout, Scope, Tally};
use crate::time::DAY;

/// Quantiles of times that are reported.
const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

/// How intervals are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Intervals {
    /// Confidence level, in (0, 1).
    pub level: f64,
    /// Intervals of proportions.
    pub method: Method,
}

/// Estimates everything that a tally holds.
#[must_use]
pub fn results(
    scenario: &Scenario,
    model: &Model,
    tally: &Tally,
    reason: StopReason,
    how: Intervals,
) -> Results {
    let estimator = Estimator { scenario, model, layout: Layout::new(model), tally, how };
    let mean_account = estimator.account(0);
    let groups = scenario.groups.iter().enumerate().map(|(index, group)| GroupResults {
        name: group.name.clone(),
        accounts: group.count,
        account: if tally.scopes.len() > 1 { estimator.account(index + 1) } else { mean_account.clone() },
    });
    Results {
        level: how.level,
        replicates: tally.replicates,
        accounts: scenario.accounts(),
        horizon_days: scenario.horizon_days,
        groups: groups.collect(),
        team: estimator.team(),
        pages: estimator.pages(),
        blast_radius: estimator.blast_radius(),
        series: estimator.series(),
        warnings: estimator.warnings(reason),
        mean_account,
    }
}

/// The share of a scope's accounts that had an event.
pub(crate) fn share(hits: &Moments, tally: &Tally, scope: &Scope, level: f64, method: Method) -> Estimate {
    proportion::estimate_clustered(hits, tally.replicates, scope.accounts, level, method)
}

struct Estimator<'a> {
    scenario: &'a Scenario,
    model: &'a Model,
    layout: Layout,
    tally: &'a Tally,
    how: Intervals,
}

impl Estimator<'_> {
    fn share(&self, hits: &Moments, scope: &Scope) -> Estimate {
        share(hits, self.tally, scope, self.how.level, self.how.method)
    }

    fn by_day(&self, events: &FirstEvents, scope: &Scope) -> Vec<Estimate> {
        events.cumulative().map(|hits| self.share(&hits, scope)).collect()
    }

    /// The share of a part in its whole, from the places of part, whole and both; none where the whole is 0.
    fn ratio(&self, scope: &Scope, places: [usize; 3]) -> Option<Estimate> {
        let sums = places.map(|place| &scope.sums[place]);
        proportion::estimate_ratio(sums, self.tally.replicates, self.how.level, self.how.method)
    }

    /// The mean per account of a quantity that is at most `largest` per account.
    fn mean(&self, sum: &Moments, scope: &Scope, unit: f64, largest: f64) -> Estimate {
        let accounts = f64::from(scope.accounts);
        sum.estimate(self.tally.replicates, unit * accounts, largest, self.how.level)
    }

    /// The mean days per account, which end at the horizon.
    fn days(&self, sum: &Moments, scope: &Scope) -> Estimate {
        let horizon = f64::from(self.model.horizon);
        let mean = self.mean(sum, scope, DAY as f64, horizon);
        Estimate { high: mean.high.min(horizon), ..mean }
    }

    fn account(&self, index: usize) -> AccountResults {
        let scope = &self.tally.scopes[index];
        let horizon = f64::from(self.model.horizon);
        let days = |quantity: usize| self.days(&scope.sums[quantity], scope);
        let disconnected = days(Layout::DISCONNECTED);
        let restricted = days(Layout::RESTRICTED);
        // Time under restriction is time disconnected.
        let restricted = Estimate { high: restricted.high.min(disconnected.high), ..restricted };
        AccountResults {
            flagged: self.share(&scope.flagged.ever(), scope),
            restricted: self.share(&scope.restricted.ever(), scope),
            restricted_permanently: self.share(&scope.permanent.ever(), scope),
            disconnected: self.share(&scope.disconnected.ever(), scope),
            opened: self.opened(index, scope),
            flags: self.mean(&scope.sums[Layout::FLAGS], scope, 1.0, 1.0),
            days_connected: rest_of(horizon, days(self.layout.unconnected())),
            days_disconnected: disconnected,
            days_restricted: restricted,
            flagged_by_day: self.by_day(&scope.flagged, scope),
            restricted_by_day: self.by_day(&scope.restricted, scope),
            restricted_permanently_by_day: self.by_day(&scope.permanent, scope),
            disconnected_by_day: self.by_day(&scope.disconnected, scope),
            first_disconnection: self.first_disconnections(scope),
            disconnections: self.disconnections(scope),
            time_to_first_flag: self.quantiles(&scope.flagged, scope),
            time_to_first_disconnection: self.quantiles(&scope.disconnected, scope),
            actions: self.actions(index, scope),
            background: self.background(index, scope),
            rules: self.rules(index, scope),
            hazards: self.hazards(index, scope),
            refusals: self.refusals(index, scope),
            answers: self.answers(index, scope),
            innocent_share: self.innocent_share(scope),
            utilisation: self.utilisation(index),
            aftermath: self.aftermath(scope),
        }
    }

    /// The share of a group's accounts that were opened; none where they exist from the start.
    fn opened(&self, index: usize, scope: &Scope) -> Option<Estimate> {
        let group = index.checked_sub(1)?;
        self.scenario.groups[group].replaces?;
        self.layout.opened().map(|place| self.share(&scope.sums[place], scope))
    }

    fn first_disconnections(&self, scope: &Scope) -> Vec<CauseIncidence> {
        let causes = self.scenario.causes().into_iter().zip(kinds::of_disconnections(self.scenario));
        let incidence =
            |((cause, kind), events)| CauseIncidence { cause, kind, by_day: self.by_day(events, scope) };
        causes.zip(&scope.causes).map(incidence).collect()
    }

    fn disconnections(&self, scope: &Scope) -> Vec<CauseCount> {
        let count = |(index, cause)| {
            let sum = &scope.sums[self.layout.disconnections(index)];
            CauseCount { cause, mean: self.mean(sum, scope, 1.0, 1.0) }
        };
        self.scenario.causes().into_iter().enumerate().map(count).collect()
    }

    fn actions(&self, index: usize, scope: &Scope) -> Vec<ActionResults> {
        let wanted = |action: &usize| {
            let groups = self.scenario.groups.iter().enumerate();
            let mut groups = groups.filter(|(group, _)| index == 0 || group + 1 == index);
            groups.any(|(_, group)| group.demand.iter().any(|demand| demand.action == *action))
        };
        (0..self.scenario.actions.len()).filter(wanted).map(|action| self.action(action, scope)).collect()
    }

    fn background(&self, index: usize, scope: &Scope) -> Vec<BackgroundResults> {
        let groups = self.scenario.groups.iter().enumerate();
        let groups = groups.filter(|(group, _)| index == 0 || group + 1 == index);
        let mut actions: Vec<usize> =
            groups.flat_map(|(_, group)| &group.background).map(|own| own.action).collect();
        actions.sort_unstable();
        actions.dedup();
        let row = |action: usize| BackgroundResults {
            action: self.scenario.actions[action].clone(),
            mean: self.mean(&scope.sums[self.layout.background(action)], scope, 1.0, 1.0),
        };
        actions.into_iter().map(row).collect()
    }

    fn action(&self, action: usize, scope: &Scope) -> ActionResults {
        let sum = |fate| &scope.sums[self.layout.action(action, fate)];
        let mean = |fate| self.mean(sum(fate), scope, 1.0, 1.0);
        ActionResults {
            action: self.scenario.actions[action].clone(),
            demanded: mean(Fate::Demanded),
            delivered: mean(Fate::Delivered),
            waiting: mean(Fate::Waiting),
            lost: mean(Fate::Lost),
            deferred: mean(Fate::Deferred),
            mean_wait_days: self.days_each_time(&self.layout.wait(scope, action), &[]),
        }
    }

    fn rules(&self, index: usize, scope: &Scope) -> Vec<RuleResults> {
        let rule = |(rule, name): (usize, String)| RuleResults {
            rule: name,
            breaches: self.mean(&scope.sums[self.layout.breaches(rule)], scope, 1.0, 1.0),
            flags: self.mean(&scope.sums[self.layout.flags(rule)], scope, 1.0, 1.0),
            first_flag: self.share(&scope.sums[self.layout.first_flags(rule)], scope),
            first_restriction: self.share(&scope.sums[self.layout.first_restrictions(rule)], scope),
        };
        let platforms = self.scenario.platforms.iter().enumerate();
        let of_rule = platforms.flat_map(|(platform, stated)| stated.rules.iter().map(move |_| platform));
        let rules = self.scenario.rules().zip(of_rule).enumerate();
        let concerned = rules.filter(|(_, (_, platform))| self.concerns(index, *platform));
        let mut rows: Vec<_> = concerned.map(|(index, ((name, _), _))| rule((index, name))).collect();
        let before = self.scenario.rules().count();
        let by_day = self.scenario.day_rules().enumerate();
        let by_day = by_day.filter(|(_, (platform, ..))| self.concerns(index, *platform));
        rows.extend(by_day.map(|(at, (_, name, _))| rule((before + at, name))));
        rows
    }

    fn hazards(&self, index: usize, scope: &Scope) -> Vec<HazardResults> {
        let rules = self.scenario.rules().count() + self.scenario.day_rules().count();
        let names = self.scenario.flag_causes();
        let platforms = self.scenario.platforms.iter().enumerate();
        let traits =
            platforms.flat_map(|(at, stated)| stated.traits.iter().map(move |_| self.concerns(index, at)));
        let links = self.scenario.links.iter();
        let linked = links.map(|link| index == 0 || link.groups.contains(&(index - 1)));
        let concerned: Vec<bool> = traits.chain(linked).collect();
        let names = names.into_iter().zip(kinds::of_flags_and_credits(self.scenario));
        let rows = names.enumerate().skip(rules).zip(concerned);
        rows.filter(|(_, concerned)| *concerned)
            .map(|((cause, (name, kind)), _)| HazardResults {
                name,
                kind,
                flags: self.mean(&scope.sums[self.layout.flags(cause)], scope, 1.0, 1.0),
                first_flag: self.share(&scope.sums[self.layout.first_flags(cause)], scope),
            })
            .collect()
    }

    fn refusals(&self, index: usize, scope: &Scope) -> Vec<RefusalResults> {
        let causes = self.scenario.refusal_causes().into_iter();
        let kinds = kinds::of_flags_and_credits(self.scenario);
        let concerned =
            causes.filter(|cause| cause.platform.is_none_or(|platform| self.concerns(index, platform)));
        concerned
            .map(|cause| RefusalResults {
                refused: self.mean(&scope.sums[self.layout.refusals(cause.place)], scope, 1.0, 1.0),
                kind: kinds[cause.place],
                cause: cause.name,
            })
            .collect()
    }

    fn answers(&self, index: usize, scope: &Scope) -> Vec<AnswerResults> {
        let responses = self.scenario.responses().enumerate();
        let concerned = responses.filter(|(_, (platform, ..))| self.concerns(index, *platform));
        let row = |(place, action): (usize, String)| {
            let [accepted, declined, reported, withdrawn, pending] =
                self.layout.answers(place).map(|sum| self.mean(&scope.sums[sum], scope, 1.0, 1.0));
            AnswerResults { action, accepted, declined, reported, withdrawn, pending }
        };
        concerned.map(|(place, (_, name, _))| row((place, name))).collect()
    }

    /// Quantiles of the day of a first event, over all accounts.
    fn quantiles(&self, events: &FirstEvents, scope: &Scope) -> Vec<QuantileEstimate> {
        let lives = self.tally.replicates * u64::from(scope.accounts);
        let cumulative: Vec<Moments> = events.cumulative().collect();
        let day = |rank: u64| quantile::at_rank(events.by_day(), rank).map(|day| day as u32 + 1);
        let at = |q: f64| {
            let found = day(quantile::rank_of(q, lives));
            let effective = self.effective_lives(&cumulative, found, scope);
            let (low, high) = quantile::bracket(effective, q, self.how.level);
            let scaled = |rank: u64| u128::from(rank) * u128::from(lives);
            let below = scaled(low) / u128::from(effective);
            let above = scaled(high).div_ceil(u128::from(effective));
            QuantileEstimate {
                q,
                day: found,
                low: if low == 0 { Some(1) } else { day(below as u64) },
                high: if high > effective { None } else { day(above as u64) },
            }
        };
        QUANTILES.map(at).to_vec()
    }

    /// Accounts of one replicate may depend on each other: how many independent ones would tell as much about the share
    /// with the event just before and on a day (or at the end of the horizon), whichever is less.
    fn effective_lives(&self, cumulative: &[Moments], day: Option<u32>, scope: &Scope) -> u64 {
        let end = day.map_or(cumulative.len(), |day| day as usize);
        let around = &cumulative[end.saturating_sub(2)..end];
        let replicates = self.tally.replicates;
        let effective = |hits: &Moments| match hits.sum {
            0 => f64::INFINITY,
            _ => proportion::effective_trials(hits, replicates, scope.accounts),
        };
        let fewest = around.iter().map(effective).fold(f64::INFINITY, f64::min);
        if fewest.is_finite() { fewest.max(1.0) as u64 } else { replicates.max(1) }
    }

    /// The platforms of a scope: all, or the group's own.
    fn concerns(&self, index: usize, platform: usize) -> bool {
        index == 0 || self.scenario.groups[index - 1].platform == platform
    }

    fn utilisation(&self, index: usize) -> Vec<WindowUse> {
        let (mut names, mut rows) = (self.scenario.rules(), Vec::new());
        for (platform, stated) in self.scenario.platforms.iter().enumerate() {
            let mut place = 0;
            for (rule, (name, _)) in stated.rules.iter().zip(&mut names) {
                for &limit in &rule.rule.limits {
                    if self.concerns(index, platform) {
                        rows.push(self.window_use(index, (platform, place), &name, limit));
                    }
                    place += 1;
                }
            }
        }
        rows
    }

    fn window_use(
        &self,
        index: usize,
        (platform, place): (usize, usize),
        rule: &str,
        limit: crate::rules::Limit,
    ) -> WindowUse {
        let in_scope = |group: usize| {
            self.scenario.groups[group].platform == platform && (index == 0 || group + 1 == index)
        };
        let groups = self.tally.sample.peaks.iter().enumerate().filter(|(group, _)| in_scope(*group));
        let mut peaks: Vec<u32> = groups.flat_map(|(_, peaks)| &peaks[place]).copied().collect();
        peaks.sort_unstable();
        let over = peaks.len() - peaks.partition_point(|&peak| peak <= limit.max);
        let at = |q| quantile::of_sorted(&peaks, q);
        let lives = (peaks.len() as u64).max(1);
        WindowUse {
            rule: rule.to_owned(),
            window: limit.window,
            limit: limit.max,
            median: at(0.5),
            q95: at(0.95),
            q99: at(0.99),
            max: peaks.last().copied().unwrap_or(0),
            over: proportion::estimate(over as u64, lives, self.how.level, self.how.method),
            replicates: self.tally.sample.replicates,
        }
    }

    fn team(&self) -> TeamResults {
        let (team, scope) = (&self.tally.team, &self.tally.scopes[0]);
        let replicates = self.tally.replicates;
        let share = |hits: u64| proportion::estimate(hits, replicates, self.how.level, self.how.method);
        let counts = &team.restricted_accounts;
        let by_day = |events: &FirstEvents| events.cumulative().map(|hits| share(hits.sum as u64)).collect();
        let whole = |sum: &Moments| sum.estimate(replicates, 1.0, f64::from(scope.accounts), self.how.level);
        TeamResults {
            flagged: share(team.flagged.total()),
            restricted: share(team.restricted.total()),
            restricted_permanently: share(team.permanent.total()),
            disconnected: share(team.disconnected.total()),
            flagged_by_day: by_day(&team.flagged),
            restricted_by_day: by_day(&team.restricted),
            restricted_permanently_by_day: by_day(&team.permanent),
            disconnected_by_day: by_day(&team.disconnected),
            accounts_restricted: whole(&scope.restricted.ever()),
            accounts_restricted_distribution: counts.iter().map(|&count| share(count)).collect(),
            most_restricted_on_one_day: whole(&team.most_on_one_day),
            hits: self.hits(),
            delivered: self.team_delivered(),
        }
    }

    fn team_delivered(&self) -> Vec<TeamDelivered> {
        let scope = &self.tally.scopes[0];
        let wanted = self.actions(0, scope);
        let index = |action: &str| self.scenario.actions.iter().position(|name| name == action).unwrap_or(0);
        let delivered = |wanted: ActionResults| {
            let action = index(&wanted.action);
            let sum = &scope.sums[self.layout.action(action, Fate::Delivered)];
            let values = &self.tally.sample.team_delivered[action];
            TeamDelivered {
                mean: sum.estimate(self.tally.replicates, 1.0, 1.0, self.how.level),
                q10: quantile::of_sorted(values, 0.1),
                median: quantile::of_sorted(values, 0.5),
                q90: quantile::of_sorted(values, 0.9),
                action: wanted.action,
            }
        };
        wanted.into_iter().map(delivered).collect()
    }

    fn series(&self) -> Series {
        let sample = &self.tally.sample;
        let time = sample.replicates as f64 * f64::from(self.scenario.accounts()) * DAY as f64;
        let occupancy = |away: &[u64; 4]| {
            let [restricted, disconnected, permanent, unopened] =
                away.map(|time_away| time_away as f64 / time.max(1.0));
            let connected = (1.0 - restricted - disconnected - permanent - unopened).max(0.0);
            Occupancy { connected, restricted, disconnected, permanent, unopened }
        };
        Series {
            replicates: sample.replicates,
            activity: sample.cells.iter().map(|cell| self.activity(cell)).collect(),
            occupancy: sample.away.iter().map(occupancy).collect(),
        }
    }

    fn activity(&self, cell: &crate::tally::SampleCell) -> ActivitySeries {
        let group = &self.scenario.groups[cell.group];
        let lives = cell.lives().max(1) as f64;
        let means = |sums: &[u64]| sums.iter().map(|&sum| sum as f64 / lives).collect();
        let total = |values: &Vec<u32>| values.iter().map(|&value| u64::from(value)).sum();
        let delivered: Vec<u64> = cell.delivered.iter().map(total).collect();
        let at = |q| cell.delivered.iter().map(|values| quantile::of_sorted(values, q)).collect();
        ActivitySeries {
            group: group.name.clone(),
            action: self.scenario.actions[cell.action].clone(),
            demanded: means(&cell.demanded),
            delivered: means(&delivered),
            q05: at(0.05),
            median: at(0.5),
            q95: at(0.95),
            waiting: means(&cell.waiting),
        }
    }

    fn warnings(&self, reason: StopReason) -> Vec<Warning> {
        let scope = &self.tally.scopes[0];
        let events = [
            ("flagged", &scope.flagged),
            ("restricted", &scope.restricted),
            ("restricted_permanently", &scope.permanent),
            ("disconnected", &scope.disconnected),
        ];
        let doubtful = events.into_iter().filter_map(|(event, events)| match events.total() {
            0 => Some(Warning::NoEventSeen { event: event.to_owned() }),
            seen @ 1..10 => Some(Warning::FewEventsSeen { event: event.to_owned(), seen }),
            _ => None,
        });
        let mut warnings: Vec<Warning> = doubtful.collect();
        match reason {
            StopReason::Interrupted => warnings.push(Warning::Interrupted),
            StopReason::NotPrecise { half_width, wanted } => {
                warnings.push(Warning::NotPrecise { half_width, wanted });
            }
            StopReason::Completed | StopReason::Precise => {}
        }
        warnings
    }
}

fn rest_of(horizon: f64, part: Estimate) -> Estimate {
    Estimate {
        value: horizon - part.value,
        low: (horizon - part.high).max(0.0),
        high: horizon - part.low,
        standard_error: part.standard_error,
    }
}
