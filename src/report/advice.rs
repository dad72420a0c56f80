//! What a team may do about it: send less, over more days, and keep connections alive by renewing and using them. Nothing
//! else is ever advised.

use super::verdict::window_name;
use super::{Report, pages, token_expiry};
use crate::numbers::{percent, share};
use crate::results::AccountResults;

/// A window is called near when the median of its largest count reaches this share of the limit.
const NEAR: f64 = 0.8;

/// Advice, the most pressing first; never empty.
pub(super) fn advice(report: &Report) -> Vec<String> {
    let account = &report.results.mean_account;
    let mut advice: Vec<String> =
        [volume(account), backlog(account), renewal(report), silence(report, account), pages::advice(report)]
            .into_iter()
            .flatten()
            .collect();
    if advice.is_empty() {
        advice.push(
            "Nothing comes near a limit: keep to the plan, and run it again when it changes.".to_owned(),
        );
    }
    advice
}

fn volume(account: &AccountResults) -> Option<String> {
    let nearest = *account.nearest_windows().first()?;
    let median = nearest.share(nearest.median);
    let name = window_name(&nearest.rule, &nearest.window.to_string());
    let reach = if median.is_finite() {
        format!("reach {} of its limit", share(median))
    } else {
        "go over its limit of 0".to_owned()
    };
    (median >= NEAR).then(|| {
        format!("Send less of what {name} counts, or spread it over more days: half of the accounts {reach} at some time.")
    })
}

fn backlog(account: &AccountResults) -> Option<String> {
    let most = account.actions.iter().filter(|action| action.waiting.value >= 1.0);
    let most = most.reduce(|a, b| if b.waiting.value > a.waiting.value { b } else { a })?;
    Some(format!(
        "Plan fewer {} or a longer campaign: the team's own caps leave a part of them waiting at the end.",
        most.action
    ))
}

fn renewal(report: &Report) -> Option<String> {
    let ages = token_expiry(report.scenario).into_iter().filter(|token| !token.refresh_on_use);
    let date = ages.filter(|token| token.within_horizon).filter_map(|token| token.expires).min()?;
    Some(format!("Renew every token before {date}, the day from which the first ones are dead of age."))
}

fn silence(report: &Report, account: &AccountResults) -> Option<String> {
    let limits = report.scenario.platforms.iter().filter_map(|platform| platform.token.in_effect().idle_days);
    let days = limits.min()?;
    let idle = account.first_disconnection.iter().find(|cause| cause.cause == "token_idle")?;
    let at_end = idle.by_day.last()?;
    (at_end.value > 0.0).then(|| {
        format!(
            "Use each account at least once in {days} days, or count on a reconnection: {} of accounts fall silent too long first.",
            percent(at_end)
        )
    })
}
