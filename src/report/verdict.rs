//! The verdict: one sentence that says how likely a flag is, for an account and for the team, and what binds first.

use super::Report;
use crate::numbers::{days, number, percent, percent_with_interval, share};
use crate::results::{AccountResults, Results, Warning};

/// A window of whose limit half of the accounts use no more than this share binds nobody.
const FAR: f64 = 0.5;

/// The run in one sentence: share of accounts flagged, chance that the team sees a flag, other disconnections where they
/// matter more, and the window that comes nearest to its limit.
#[must_use]
pub fn verdict(report: &Report) -> String {
    let results = report.results;
    let account = &results.mean_account;
    let partial = if results.warnings.contains(&Warning::Interrupted) { "partial results: " } else { "" };
    let mut parts = vec![format!("{partial}{}", flagged(results))];
    parts.extend(team(results));
    parts.extend(disconnected(account));
    parts.extend(binding(results));
    parts.join("; ")
}

fn flagged(results: &Results) -> String {
    let flagged = &results.mean_account.flagged;
    let within = days(results.horizon_days);
    if flagged.value == 0.0 {
        let team = match results.accounts {
            0 | 1 => String::new(),
            team => {
                let team = number(f64::from(team), 0);
                format!("; for the team of {team}: {}", percent(&results.team.flagged))
            }
        };
        format!("no account was flagged within {within} (risk {}{team})", percent(flagged))
    } else {
        format!("{} of accounts are flagged within {within}", percent_with_interval(flagged))
    }
}

fn team(results: &Results) -> Option<String> {
    let flagged = &results.team.flagged;
    (results.accounts > 1 && flagged.value > 0.0).then(|| {
        let team = number(f64::from(results.accounts), 0);
        format!("the team of {team} has a {} chance that at least one is", percent(flagged))
    })
}

/// Other causes are named when they disconnect more accounts than are flagged.
fn disconnected(account: &AccountResults) -> Option<String> {
    let cause = account.leading_cause()?;
    (account.disconnected.value > account.flagged.value).then(|| {
        format!(
            "{} are disconnected at least once, most often by {}",
            percent(&account.disconnected),
            cause.cause
        )
    })
}

fn binding(results: &Results) -> Option<String> {
    let row = results.nearest_windows().into_iter().next().filter(|row| row.window.max > 0)?;
    let nearest = row.window;
    let name = window_name(&nearest.rule, &nearest.window.to_string());
    let median = nearest.share(nearest.median);
    let near = if median.is_finite() {
        let of = row.group.map_or(String::new(), |group| format!(" of group {group}"));
        format!("median{of} {} of {}", share(median), if median < FAR { "it" } else { "its limit" })
    } else {
        "its limit is 0".to_owned()
    };
    let binds = if median < FAR { "comes nearest to its limit" } else { "binds first" };
    Some(format!("{name} {binds} ({near})"))
}

/// A rule and one of its windows; the window is left out when the rule's name holds it already.
pub(super) fn window_name(rule: &str, window: &str) -> String {
    let told = rule.replace(['_', ' '], "").ends_with(&window.replace(' ', ""));
    if told { rule.to_owned() } else { format!("{rule} {window}") }
}
