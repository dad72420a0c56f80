//! The tables of a report, one function each, shared by the terminal, Markdown and the page.

use std::fmt::Write as _;

use super::table::Table;
use super::{Report, limits, tokens};
use crate::numbers::{
    days, mean, mean_error, mean_interval, mean_with_interval, number, percent, percent_error,
    percent_interval, percent_with_interval, share,
};
use crate::results::{AccountResults, CauseIncidence, QuantileEstimate, Results};
use crate::scenario::{KeepAlive, Scenario};
use crate::stats::Estimate;

/// All tables, in the order of reading.
pub(super) fn of_report(report: &Report) -> Vec<Table> {
    let results = report.results;
    let account = &results.mean_account;
    let mut tables = vec![
        probabilities(results),
        means(results),
        causes(results),
        times(results),
        actions(results),
        waits(results),
    ];
    tables.extend([background(results), team_delivered(results), utilisation(results)]);
    tables.extend([rules(account), hazards(report.scenario, account), refusals(account), answers(account)]);
    tables.extend([super::hits::together(results), super::hits::at_least(results)]);
    tables.extend([super::pages::pages(results), super::pages::causes(results)]);
    tables.extend([super::blast::carried(results), super::blast::outages(results)]);
    tables.extend([super::aftermath::aftermath(report.scenario, account), super::aftermath::told(account)]);
    tables.push(keep_alive(report));
    tables.extend(report.curve.map(super::pace::curve_table));
    tables.extend(report.savings.map(|savings| super::remedies::costs(results, savings)));
    tables.push(super::causes::table(report));
    tables.push(warnings(report));
    tables.retain(|table| !table.rows.is_empty() || table.note.is_some());
    tables
}

/// The mean account, and each group where there are several.
fn scopes(results: &Results) -> Vec<(&str, &AccountResults)> {
    let mut scopes = vec![("mean account", &results.mean_account)];
    if results.groups.len() > 1 {
        scopes.extend(results.groups.iter().map(|group| (group.name.as_str(), &group.account)));
    }
    scopes
}

fn accounts(results: &Results) -> String {
    number(f64::from(results.accounts), 0)
}

fn level_text(results: &Results) -> String {
    format!("{} interval", share(results.level))
}

const OPENING: &str =
    " opening: an account is opened because another was restricted; to one that never is, nothing happens.";

/// Probabilities of the events within the horizon.
pub(super) fn probabilities(results: &Results) -> Table {
    let title = format!("Probability of at least one … within {}", days(results.horizon_days));
    let head = ["whose", "event", "probability", &level_text(results), "standard error"];
    let mut table = Table::new(title, 2, &head);
    for (name, account) in scopes(results) {
        let events =
            [&account.flagged, &account.restricted, &account.restricted_permanently, &account.disconnected];
        probability_rows(&mut table, name, events);
        if let Some(opened) = &account.opened {
            probability_row(&mut table, ["", "opening"], opened);
        }
    }
    if results.accounts > 1 {
        let team = &results.team;
        let events = [&team.flagged, &team.restricted, &team.restricted_permanently, &team.disconnected];
        probability_rows(&mut table, &format!("any of the {}", accounts(results)), events);
    }
    let opens = scopes(results).iter().any(|(_, account)| account.opened.is_some());
    table.note = Some(format!(
        "{} replicates of {}.{}",
        number(results.replicates as f64, 0),
        if results.accounts == 1 {
            "one account".to_owned()
        } else {
            format!("a team of {}", accounts(results))
        },
        if opens { OPENING } else { "" }
    ));
    table
}

fn probability_rows(table: &mut Table, whose: &str, events: [&Estimate; 4]) {
    let names = ["flag", "restriction", "permanent restriction", "disconnection"];
    for (name, estimate) in names.into_iter().zip(events) {
        let whose = if name == "flag" { whose } else { "" };
        probability_row(table, [whose, name], estimate);
    }
}

fn probability_row(table: &mut Table, labels: [&str; 2], estimate: &Estimate) {
    let [whose, event] = labels.map(str::to_owned);
    table.row(vec![whose, event, percent(estimate), percent_interval(estimate), percent_error(estimate)]);
}

/// Mean numbers of days and flags.
pub(super) fn means(results: &Results) -> Table {
    let mut table = Table::new(
        "Mean numbers within the horizon",
        2,
        &["whose", "number of", "mean", &level_text(results), "standard error"],
    );
    for (name, account) in scopes(results) {
        let quantities = [
            ("flags", &account.flags),
            ("days connected", &account.days_connected),
            ("days disconnected", &account.days_disconnected),
            ("  of these under restriction", &account.days_restricted),
        ];
        mean_rows(&mut table, name, &quantities);
    }
    if results.accounts > 1 {
        let quantities = [
            ("accounts restricted at all", &results.team.accounts_restricted),
            ("most restricted on one day", &results.team.most_restricted_on_one_day),
        ];
        mean_rows(&mut table, &format!("team of {}", accounts(results)), &quantities);
    }
    table
}

fn mean_rows(table: &mut Table, whose: &str, quantities: &[(&str, &Estimate)]) {
    for (place, (name, estimate)) in quantities.iter().enumerate() {
        let whose = if place == 0 { whose } else { "" };
        let cells = [whose, name, &mean(estimate), &mean_interval(estimate), &mean_error(estimate)];
        table.row(cells.map(str::to_owned).to_vec());
    }
}

/// Causes of the first disconnection by the days of the report.
pub(super) fn causes(results: &Results) -> Table {
    let shown = results.report_days();
    let mut head = vec!["cause".to_owned()];
    head.extend(shown.iter().map(|day| format!("by day {day}")));
    let mut table = Table::new("Causes of the first disconnection, share of accounts", 1, &[]);
    table.head = head;
    let account = &results.mean_account;
    let cells = |by_day: &[Estimate]| -> Vec<String> {
        shown
            .iter()
            .map(|day| by_day.get(*day as usize - 1).map_or("–".to_owned(), percent_with_interval))
            .collect()
    };
    for cause in &account.first_disconnection {
        table.row([vec![cause.cause.clone()], cells(&cause.by_day)].concat());
    }
    table.row([vec!["any cause".to_owned()], cells(&account.disconnected_by_day)].concat());
    table
}

/// Quantiles of the times to the first flag and disconnection.
pub(super) fn times(results: &Results) -> Table {
    let account = &results.mean_account;
    let mut table =
        Table::new("Day by which a share of the accounts had the event for the first time", 2, &[]);
    table.head = ["whose", "event"].map(str::to_owned).to_vec();
    table.head.extend(account.time_to_first_flag.iter().map(|quantile| share(quantile.q)));
    let flags = scopes(results).iter().any(|(_, account)| {
        account.time_to_first_flag.iter().any(|quantile| quantile.day.or(quantile.low).is_some())
    });
    for (name, account) in scopes(results) {
        let flag = flags.then_some(("flag", &account.time_to_first_flag));
        let events = [flag, Some(("disconnection", &account.time_to_first_disconnection))];
        for (place, (event, quantiles)) in events.into_iter().flatten().enumerate() {
            let whose = if place == 0 { name } else { "" };
            let mut row = vec![whose.to_owned(), event.to_owned()];
            row.extend(quantiles.iter().map(quantile_text));
            table.row(row);
        }
    }
    let rare = if flags { "" } else { " Flags are left out: all of these are later for them." };
    table.note = Some(format!("“–”: later than the {} simulated.{rare}", days(results.horizon_days)));
    table
}

fn quantile_text(quantile: &QuantileEstimate) -> String {
    let day = |day: Option<u32>| day.map_or("–".to_owned(), |day| day.to_string());
    if quantile.day.is_none() && quantile.low.is_none() {
        return "–".to_owned();
    }
    format!("{} [{}, {}]", day(quantile.day), day(quantile.low), day(quantile.high))
}

/// What became of the demand of the mean account.
pub(super) fn actions(results: &Results) -> Table {
    let head = ["action", "demanded", "delivered", "share", "waiting", "lost"];
    let mut table = Table::new("Actions of the mean account within the horizon", 1, &head);
    for action in &results.mean_account.actions {
        table.row(vec![
            action.action.clone(),
            mean(&action.demanded),
            mean_with_interval(&action.delivered),
            action.delivered_share().map_or("–".to_owned(), share),
            mean(&action.waiting),
            mean(&action.lost),
        ]);
    }
    table.note = (!table.rows.is_empty())
        .then(|| "waiting: in the backlog at the end; demanded = delivered + waiting + lost.".to_owned());
    table
}

/// How long what was put into the backlog waited; empty where nothing was.
pub(super) fn waits(results: &Results) -> Table {
    let head = ["action", "deferred", "days each waits"];
    let mut table = Table::new("Deferred actions of the mean account within the horizon", 1, &head);
    for action in &results.mean_account.actions {
        if let Some(days) = &action.mean_wait_days {
            table.row(vec![
                action.action.clone(),
                mean_with_interval(&action.deferred),
                mean_with_interval(days),
            ]);
        }
    }
    table.note = (!table.rows.is_empty()).then(|| {
        "deferred: put into the backlog at any time; what still waits at the end is counted until then."
            .to_owned()
    });
    table
}

/// What happened in the background of the mean account.
pub(super) fn background(results: &Results) -> Table {
    let mut table = Table::new("In the background of the mean account", 1, &["action", "happened"]);
    for row in &results.mean_account.background {
        table.row(vec![row.action.clone(), mean_with_interval(&row.mean)]);
    }
    table.note = (!table.rows.is_empty()).then(|| {
        "Counted by the platform's windows, and neither demanded nor delivered; `enabled = false` switches it off, and all other draws stay.".to_owned()
    });
    table
}

/// What the team delivers, with quantiles.
pub(super) fn team_delivered(results: &Results) -> Table {
    let head = ["action", "mean", "low (10 %)", "median", "high (90 %)"];
    let mut table = Table::new(format!("Delivered by the team of {}", accounts(results)), 1, &head);
    if results.accounts > 1 {
        for action in &results.team.delivered {
            let quantiles = [action.q10, action.median, action.q90].map(|count| number(count as f64, 0));
            table.row(
                [vec![action.action.clone(), mean_with_interval(&action.mean)], quantiles.to_vec()].concat(),
            );
        }
    }
    table
}

/// How near each window came to its limit, the nearest first.
pub(super) fn utilisation(results: &Results) -> Table {
    let mut head = vec!["rule", "window", "limit", "median", "95 %", "99 %", "max", "ever over"];
    let several = results.groups.len() > 1;
    let title = "Largest count of each window as a share of its limit, nearest first";
    if several {
        head.insert(2, "nearest in");
    }
    let mut table = Table::new(title, if several { 3 } else { 2 }, &head);
    let windows = results.nearest_windows();
    for nearest in windows.iter().filter(|nearest| nearest.window.max > 0) {
        let window = nearest.window;
        let mut row = vec![window.rule.clone(), window.window.to_string()];
        row.extend(nearest.group.map(str::to_owned));
        row.push(number(f64::from(window.limit), 0));
        row.extend(
            [window.median, window.q95, window.q99, window.max].map(|count| share(window.share(count))),
        );
        row.push(percent_with_interval(&window.over));
        table.row(row);
    }
    table.note = match windows.len() - table.rows.len() {
        0 => None,
        1 => Some("1 window counted nothing at all and is left out.".to_owned()),
        idle => Some(format!("{idle} windows counted nothing at all and are left out.")),
    };
    table
}

/// Breaches and flags by rule.
pub(super) fn rules(account: &AccountResults) -> Table {
    let head = ["rule", "breaches", "flags", "first flag", "first restriction"];
    let mut table = Table::new("Breaches and flags by rule", 1, &head);
    let counted = |name: &str| {
        let mut windows = account.utilisation.iter().filter(|window| window.rule == name).peekable();
        windows.peek().is_none() || windows.any(|window| window.max > 0)
    };
    for rule in account.rules.iter().filter(|rule| rule.breaches.value > 0.0 || counted(&rule.rule)) {
        table.row(vec![
            rule.rule.clone(),
            mean_with_interval(&rule.breaches),
            mean_with_interval(&rule.flags),
            percent_with_interval(&rule.first_flag),
            percent_with_interval(&rule.first_restriction),
        ]);
    }
    table.note = (!table.rows.is_empty()).then(|| {
        "breaches, flags: mean number an account; first flag, first restriction: share of accounts whose first one the rule caused."
            .to_owned()
    });
    table
}

/// What the platform did not let through, where a rule may refuse.
pub(super) fn refusals(account: &AccountResults) -> Table {
    let mut table = Table::new("Refused by the platform", 1, &["by", "actions an account"]);
    for refusal in &account.refusals {
        table.row(vec![refusal.cause.clone(), mean_with_interval(&refusal.refused)]);
    }
    table
}

/// How people answered, where the scenario says how they do.
pub(super) fn answers(account: &AccountResults) -> Table {
    let head = ["action", "accepted", "declined", "reported", "withdrawn", "pending at the end"];
    let mut table = Table::new("Answers to an account's actions", 1, &head);
    for answer in &account.answers {
        let cells = answer.quantities().into_iter().map(|(_, estimate)| mean(estimate));
        table.row(std::iter::once(answer.action.clone()).chain(cells).collect());
    }
    table
}

/// Flags by those traits and links that can flag.
pub(super) fn hazards(scenario: &Scenario, account: &AccountResults) -> Table {
    let head = ["trait or link", "flags an account", "caused the first flag of"];
    let mut table = Table::new("Flags by trait and link", 1, &head);
    let can_flag = |name: &str| super::remedies::can_flag(scenario, name);
    for hazard in account.hazards.iter().filter(|row| row.flags.value > 0.0 || can_flag(&row.name)) {
        let first = percent_with_interval(&hazard.first_flag);
        table.row(vec![
            hazard.name.clone(),
            mean_with_interval(&hazard.flags),
            format!("{first} of accounts"),
        ]);
    }
    table.note = account.innocent_share.as_ref().map(|innocent| {
        format!(
            "{} of the platform's own measures (flags and invalidated tokens) struck accounts for nothing that they did.",
            percent_with_interval(innocent)
        )
    });
    table
}

/// Which tokens lapse because nobody uses the account, and how often it must be used so that none does.
pub(super) fn keep_alive(report: &Report) -> Table {
    let (scenario, results) = (report.scenario, report.results);
    let head = ["group", "accounts", "first lapse of", "half by day", "use within", "days of use a year"];
    let mut table =
        Table::new("Tokens that lapse by silence, and the calendar that keeps them alive", 1, &head);
    let calendar = tokens::keep_alive(report);
    let mut all = 0.0;
    for row in &calendar {
        let group = results.groups.iter().find(|group| group.name == row.group);
        let lapses = group.and_then(|group| tokens::lapses(scenario, &group.name, &group.account));
        let share = lapses.and_then(|cause| cause.by_day.last()).map(percent_with_interval);
        let half = lapses.and_then(CauseIncidence::half_by).map(|day| day.to_string());
        let uses = row.uses_a_year(results.horizon_days);
        all += uses * f64::from(row.accounts);
        table.row(vec![
            row.group.clone(),
            row.accounts.to_string(),
            share.unwrap_or("–".to_owned()),
            half.unwrap_or("–".to_owned()),
            days(row.days_apart),
            number(uses, 1),
        ]);
    }
    table.note = (!calendar.is_empty()).then(|| keep_alive_note(&calendar, all));
    table
}

fn keep_alive_note(calendar: &[KeepAlive], all: f64) -> String {
    let mut note = format!(
        "first lapse: the first disconnection of so many accounts is a token that nobody used for too long. With a day of \
         ordinary use at least so often, on the working days of keep_alive.csv, none lapses: {} such days a year for all \
         accounts together, fewer where they are used anyway.",
        number(all, 0)
    );
    for row in calendar.iter().filter(|row| !row.lapses.is_empty()) {
        let (group, date) = (&row.group, row.lapses[0]);
        let _ = write!(
            note,
            " {group}: nobody works for longer than that before {date}; count on a reconnection on that date, or let the \
             account's own person use it once before."
        );
    }
    note
}

/// Reasons to read the numbers with care.
fn warnings(report: &Report) -> Table {
    let mut table = Table::new("Read with care", 1, &[]);
    let texts: Vec<String> = report.results.warnings.iter().map(limits::warning_text).collect();
    table.note = (!texts.is_empty()).then(|| texts.join(" "));
    table
}
