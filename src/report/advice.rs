//! What a team may do about it: remove the main causes, send less, over more days, and keep connections alive by renewing
//! and using them. Nothing else is ever advised.

use super::causes::{self, MainCause};
use super::verdict::window_name;
use super::{Report, pages, remedies, token_expiry};
use crate::numbers::{mean, percent, share};
use crate::results::{AccountResults, CauseKind, RefusalResults, Results};
use crate::scenario::{Group, Pacing, Scenario, TokenPolicy};

/// A window is called near when in some group the 95 % quantile of its largest count reaches this share of the limit.
const NEAR: f64 = 0.8;
/// The risks of a flag and of a disconnection are called small when in every group their intervals end below this.
const SMALL: f64 = 0.05;
/// Causes that are named where the risks are not small, at most.
const NAMED: usize = 3;

/// Advice, the most pressing first; never empty.
pub(super) fn advice(report: &Report) -> Vec<String> {
    with_causes(report).0
}

/// The advice, and the causes about which it says what to do.
pub(super) fn with_causes(report: &Report) -> (Vec<String>, Vec<MainCause>) {
    let results = report.results;
    let account = &results.mean_account;
    let (volume, renewal, silence) = (volume(results), renewal(report), silence(report, account));
    let said = |cause: &MainCause| match (cause.kind, cause.name.as_str()) {
        (CauseKind::Rule, name) => volume.is_some() && nearest_rule(results) == Some(name),
        (CauseKind::Token, "token_idle") => silence.is_some(),
        (CauseKind::Token, "token_expired") => renewal.is_some(),
        _ => false,
    };
    let (mut known, others): (Vec<_>, Vec<_>) = causes::main_causes(report).into_iter().partition(said);
    let small = is_small(results);
    let named: Vec<MainCause> = others.into_iter().take(if small { 0 } else { NAMED }).collect();
    let mut advice: Vec<String> = named.iter().map(|cause| cause.advice(report.scenario)).collect();
    advice.extend([volume, backlog(report), renewal, silence, pages::advice(report)].into_iter().flatten());
    if advice.is_empty() {
        advice.push(nothing(small));
    }
    known.extend(named);
    (advice, known)
}

fn nothing(small: bool) -> String {
    let text = if small {
        "Nothing comes near a limit, and flags and disconnections are rare: keep to the plan, and run it again when it changes."
    } else {
        "No cause stands out, but too few replicates were run to call the risk small: run more of them."
    };
    text.to_owned()
}

fn is_small(results: &Results) -> bool {
    let groups = results.groups.iter().map(|group| &group.account);
    let mut accounts = groups.chain([&results.mean_account]);
    accounts.all(|account| account.flagged.high < SMALL && account.disconnected.high < SMALL)
}

/// The rule whose window comes nearest to its limit.
fn nearest_rule(results: &Results) -> Option<&str> {
    results.nearest_windows().first().map(|row| row.window.rule.as_str())
}

fn volume(results: &Results) -> Option<String> {
    let row = *results.nearest_windows().first()?;
    let nearest = row.window;
    let (median, q95) = (nearest.share(nearest.median), nearest.share(nearest.q95));
    let name = window_name(&nearest.rule, &nearest.window.to_string());
    let (who, most) = if median >= NEAR { ("half", median) } else { ("one in twenty", q95) };
    let of = row.group.map_or("the accounts".to_owned(), |group| format!("the accounts of {group}"));
    let reach = if most.is_finite() {
        format!("reach {} of its limit", share(most))
    } else {
        "go over its limit of 0".to_owned()
    };
    (q95 >= NEAR).then(|| {
        format!("Send less of what {name} counts, or spread it over more days: {who} of {of} {reach} at some time.")
    })
}

/// Why so much waits: because the platform refuses it, else because of the team's own caps.
fn backlog(report: &Report) -> Option<String> {
    let (scenario, account) = (report.scenario, &report.results.mean_account);
    let most = account.actions.iter().filter(|action| action.waiting.value >= 1.0);
    let most = most.reduce(|a, b| if b.waiting.value > a.waiting.value { b } else { a })?;
    let action = &most.action;
    if let Some(refusal) = refusal(scenario, account, action) {
        let cause = &refusal.cause;
        let remedy = remedies::remedy(scenario, refusal.kind, cause);
        return Some(format!(
            "The platform refuses {action} because of {cause} ({} an account), and {} wait at the end: {remedy}.",
            mean(&refusal.refused),
            mean(&most.waiting)
        ));
    }
    let why = if is_capped(scenario, action) {
        "the team's own caps leave a part of them waiting at the end"
    } else {
        "a part of them still waits at the end"
    };
    Some(format!("Plan fewer {action} or a longer campaign: {why}."))
}

/// What refuses most of an action; none where nothing does.
fn refusal<'a>(scenario: &Scenario, account: &'a AccountResults, action: &str) -> Option<&'a RefusalResults> {
    let id = scenario.actions.iter().position(|known| known == action)?;
    let concerns = |row: &RefusalResults| match row.kind {
        CauseKind::Rule => {
            let mut rules = scenario.rules();
            let rule = rules.find(|(name, _)| *name == row.cause);
            rule.is_none_or(|(_, rule)| rule.rule.actions.contains(&id))
        }
        CauseKind::Trait => {
            let mut traits = scenario.platforms.iter().flat_map(|platform| &platform.traits);
            let bare = causes::bare(&row.cause);
            let hazard = traits.find(|hazard| hazard.name == bare && !hazard.refuses.is_empty());
            hazard.is_none_or(|hazard| hazard.refuses.contains(&id))
        }
        CauseKind::Credit => {
            let mut credits = scenario.credits();
            let credit = credits.find(|(_, name, _)| *name == row.cause);
            credit.is_none_or(|(_, _, credit)| credit.action == id)
        }
        _ => true,
    };
    let some = account.refusals.iter().filter(|row| row.refused.value > 0.0 && concerns(row));
    some.reduce(|a, b| if b.refused.value > a.refused.value { b } else { a })
}

fn is_capped(scenario: &Scenario, action: &str) -> bool {
    let caps = |pacing: &Pacing| {
        let caps = [pacing.per_hour, pacing.per_day, pacing.per_week];
        scenario.actions[pacing.action] == action
            && (caps.iter().any(Option::is_some) || !pacing.ramp_up.is_empty())
    };
    scenario.groups.iter().any(|group: &Group| group.pacing.iter().any(caps))
}

fn renewal(report: &Report) -> Option<String> {
    let ages = token_expiry(report.scenario).into_iter().filter(|token| !token.refresh_on_use);
    let date = ages.filter(|token| token.within_horizon).filter_map(|token| token.expires).min()?;
    Some(format!("Renew every token before {date}, the day from which the first ones are dead of age."))
}

fn silence(report: &Report, account: &AccountResults) -> Option<String> {
    let tokens = report.scenario.platforms.iter().map(|platform| platform.token);
    let idle = tokens.filter(|token| token.in_effect().idle_days.is_some());
    let days = idle.filter_map(TokenPolicy::longest_silence).min()?;
    let idle = account.first_disconnection.iter().find(|cause| cause.cause == "token_idle")?;
    let at_end = idle.by_day.last()?;
    (at_end.value > 0.0).then(|| {
        format!(
            "Use each account at least once in {days} days, or count on a reconnection: {} of accounts fall silent too long first.",
            percent(at_end)
        )
    })
}
